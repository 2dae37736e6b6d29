/**
 * Passes long contents on in pieces, through two buffers that are kept for the next time: while one piece is written, the
 * next is read or made.
 */
export class Pump {
  readonly #pieceBytes: number;
  readonly #buffers: Uint8Array[] = [];

  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
  }

  /** `read` gives bytes [at, at + length), in `into` or elsewhere. What fails first ends it. */
  async run(
    byteLength: number,
    read: (at: number, length: number, into: Uint8Array) => Promise<Uint8Array>,
    write: (bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const size = this.#pieceBytes;
    const piece = (at: number): Promise<Uint8Array> => {
      const buffer = (this.#buffers[(at / size) % 2] ??= new Uint8Array(size));
      const made = read(at, Math.min(size, byteLength - at), buffer);
      // A failed write ends it before anybody asks for this piece.
      made.catch(() => undefined);
      return made;
    };
    let next = byteLength > 0 ? piece(0) : undefined;
    for (let at = size; next !== undefined; at += size) {
      const bytes = await next;
      next = at < byteLength ? piece(at) : undefined;
      await write(bytes);
    }
  }
}

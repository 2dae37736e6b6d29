/** Random access to the bytes of a file, a Blob or a buffer. A source must not change while it is in use. */
export interface ByteSource {
  readonly byteLength: number;
  /** How messages call the source: a path or a URL. */
  readonly name: string;
  /**
   * Bytes [offset, offset + length), exactly; the caller keeps to `byteLength`, and does not write to the result unless it is
   * `into`: a buffer of at least that length that the source may fill and hand back.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** Lets go of what is held open; it opens again when it is read. */
  close?(): void;
}

/** A source that is in memory. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = 'model') {
    // A Buffer's `slice` is a view where that of every other array is a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.name = name;
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.#bytes.subarray(offset, offset + length);
  }
}

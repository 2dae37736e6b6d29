import { ModelError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { MAXIMUM_SPOOLED_BYTES } from './limits.ts';

/** Bytes that came in pieces and stay so: joining them would take their memory twice. */
export class PiecesSource implements ByteSource {
  readonly name: string;
  readonly byteLength: number;
  readonly #pieces: readonly Uint8Array[];
  /** Of the first byte of each piece. */
  readonly #offsets: readonly number[];

  /** `name` is what messages call the source. */
  constructor(pieces: readonly Uint8Array[], name: string) {
    let length = 0;
    this.#pieces = pieces;
    this.#offsets = pieces.map(({ byteLength }) => (length += byteLength) - byteLength);
    this.byteLength = length;
    this.name = name;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    let index = this.#indexOf(offset);
    const within = offset - (this.#offsets[index] ?? 0);
    const first = this.#pieces[index] ?? new Uint8Array(0);
    if (within + length <= first.byteLength) return first.subarray(within, within + length);
    const bytes = new Uint8Array(length);
    let at = Math.min(first.byteLength - within, length);
    bytes.set(first.subarray(within, within + at));
    while (at < length) {
      const piece = this.#pieces[++index] ?? new Uint8Array(0);
      const part = piece.subarray(0, length - at);
      bytes.set(part, at);
      at += part.byteLength;
    }
    return bytes;
  }

  /** The last piece that begins at `offset` or before. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Keeps in memory what comes out of a pipe. ModelError when it is more than MAXIMUM_SPOOLED_BYTES. */
export async function spool(chunks: AsyncIterable<Uint8Array>, name: string): Promise<PiecesSource> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > MAXIMUM_SPOOLED_BYTES)
      throw new ModelError(
        'more than 2 GiB come from the pipe, which no model has',
        { file: name },
        'name the file instead',
      );
    pieces.push(chunk);
  }
  return new PiecesSource(pieces, name);
}

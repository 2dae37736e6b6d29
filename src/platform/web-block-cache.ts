/**
 * The walk over a model asks for a few bytes between two weights, and small tensors lie side by side: a request for each
 * would be slow. What is read comes in blocks of this size; a larger one would fetch more weights than structure.
 */
export const BLOCK_BYTES = 16 * 1024;

/** Fetches the bytes [start, end). */
export type FetchRange = (start: number, end: number) => Promise<Uint8Array>;

/** Recently read blocks of a file: a bounded number of them, the one that was used last stays longest. */
export class BlockCache {
  readonly #byteLength: number;
  readonly #maximumBlocks: number;
  readonly #fetch: FetchRange;
  /** By number, least recently used first. A block may still be on its way. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(byteLength: number, cacheBytes: number, fetch: FetchRange) {
    this.#byteLength = byteLength;
    this.#maximumBlocks = Math.max(1, Math.floor(cacheBytes / BLOCK_BYTES));
    this.#fetch = fetch;
  }

  /** Takes in what was fetched anyway; only whole blocks are kept. `start` is a multiple of the block size. */
  put(start: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; at += BLOCK_BYTES) {
      const end = Math.min(at + BLOCK_BYTES, bytes.byteLength);
      if (end - at < BLOCK_BYTES && start + end < this.#byteLength) break;
      this.#keep((start + at) / BLOCK_BYTES, Promise.resolve(bytes.slice(at, end)));
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((offset + length - 1) / BLOCK_BYTES);
    const wanted: Promise<Uint8Array>[] = [];
    for (let number = first; number <= last; number++) {
      const known = this.#blocks.get(number);
      if (known === undefined) {
        let end = number + 1;
        while (end <= last && !this.#blocks.has(end)) end++;
        wanted.push(...this.#fetchBlocks(number, end));
        number = end - 1;
      } else {
        this.#keep(number, known);
        wanted.push(known);
      }
    }
    // Before the first await, so that what is wanted here cannot be the reason that something else is wanted twice.
    this.#shrink();
    const result = new Uint8Array(length);
    for (const [index, block] of (await Promise.all(wanted)).entries()) {
      const blockStart = (first + index) * BLOCK_BYTES;
      const from = Math.max(offset - blockStart, 0);
      const to = Math.min(offset + length - blockStart, block.byteLength);
      result.set(block.subarray(from, to), blockStart + from - offset);
    }
    return result;
  }

  /** One request for the blocks [first, end). */
  #fetchBlocks(first: number, end: number): Promise<Uint8Array>[] {
    const start = first * BLOCK_BYTES;
    const fetched = this.#fetch(start, Math.min(end * BLOCK_BYTES, this.#byteLength));
    return Array.from({ length: end - first }, (_, index) => {
      const number = first + index;
      // Copied, so that one block does not hold the memory of all.
      const block = fetched.then((bytes) => bytes.slice(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
      block.catch(() => {
        if (this.#blocks.get(number) === block) this.#blocks.delete(number);
      });
      this.#keep(number, block);
      return block;
    });
  }

  #keep(number: number, block: Promise<Uint8Array>): void {
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
  }

  #shrink(): void {
    for (const number of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#maximumBlocks) return;
      this.#blocks.delete(number);
    }
  }
}

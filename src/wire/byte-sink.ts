import type { ByteSource } from './byte-source.ts';
import { joinBytes } from './text.ts';

/** Takes the bytes of a file in order. */
export interface ByteSink {
  /** The sink does not keep `bytes`: the caller may reuse the buffer once the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes [offset, offset + length) of a source, where the sink knows a shorter way than reading and writing. */
  copy?(source: ByteSource, offset: number, length: number): Promise<void>;
}

/** A sink that only counts. */
export class CountingSink implements ByteSink {
  byteLength = 0;

  async write(bytes: Uint8Array): Promise<void> {
    this.byteLength += bytes.byteLength;
  }
}

/** A sink in memory. */
export class MemorySink implements ByteSink {
  readonly #pieces: Uint8Array[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes.slice());
  }

  get bytes(): Uint8Array {
    return joinBytes(this.#pieces);
  }
}

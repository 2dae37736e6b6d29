import { ModelError } from '../base/errors.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { CHUNK_BYTES } from '../wire/limits.ts';

/** What is asked of a Blob or a File. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): BlobLike;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A Blob or a File of the browser, read where it lies. */
export class BlobSource implements ByteSource {
  readonly name: string;
  readonly blob: BlobLike;

  constructor(blob: BlobLike, name: string) {
    this.blob = blob;
    this.name = name;
  }

  get byteLength(): number {
    return this.blob.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await this.blob.slice(offset, offset + length).arrayBuffer());
    } catch (error) {
      // Browsers say NotReadableError when the file behind a File has another size or date than when it was chosen.
      const reason = String((error as { message?: unknown }).message ?? error);
      throw new ModelError(
        `the file was changed or cannot be read: ${reason}`,
        { file: this.name, offset },
        chooseAgain,
      );
    }
    if (bytes.byteLength === length) return bytes;
    throw new ModelError('the file became shorter while it was read', { file: this.name, offset }, chooseAgain);
  }
}

const chooseAgain = 'choose the file again';

/** Bytes in memory are handed to the browser from this size on: it may keep them on the disk. */
const PART_BYTES = 4 * 1024 * 1024;

/** Gathers a file as a Blob. What comes from another Blob is referred to and not read. */
export class BlobSink implements ByteSink {
  byteLength = 0;
  readonly #parts: Blob[] = [];
  #pending: Uint8Array<ArrayBuffer>[] = [];
  #pendingBytes = 0;

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(new Uint8Array(bytes));
    this.#pendingBytes += bytes.byteLength;
    this.byteLength += bytes.byteLength;
    if (this.#pendingBytes >= PART_BYTES) this.#flush();
  }

  async copy(source: ByteSource, offset: number, length: number): Promise<void> {
    if (source instanceof BlobSource && source.blob instanceof Blob) {
      this.#flush();
      this.#parts.push(source.blob.slice(offset, offset + length));
      this.byteLength += length;
      return;
    }
    for (let done = 0; done < length; done += CHUNK_BYTES) {
      await this.write(await source.read(offset + done, Math.min(CHUNK_BYTES, length - done)));
    }
  }

  /** All that was written so far. */
  toBlob(): Blob {
    this.#flush();
    return new Blob(this.#parts, { type: 'application/octet-stream' });
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#parts.push(new Blob(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

import {
  closeSync,
  fdatasync,
  fchmodSync,
  fsyncSync,
  openSync,
  statSync,
  unlinkSync,
  write as writeCallback,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../base/errors.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { BACKGROUND_BYTES, FileSource, reasonOf } from './node-file-source.ts';
import { replaceFile } from './node-replace-file.ts';

const write = promisify(writeCallback);

/** From 256 KiB to 8 MiB copying is equally fast; what fits into a cache needs least memory. */
const COPY_BYTES = 512 * 1024;

const FLUSHED_BYTES = 16 * 1024 * 1024;

/**
 * A file that takes its target's place only when it is whole: bytes go to a temporary file in the target's folder,
 * `commit` syncs it and renames it, `discard` removes it. The mode of a file that is replaced is kept.
 */
export class FileSink implements ByteSink {
  /** The target. */
  readonly path: string;
  byteLength = 0;
  readonly #temporary: string | undefined;
  #descriptor: number | undefined;
  #buffer: Uint8Array | undefined;
  #flushing = false;
  #flushedBytes = 0;

  constructor(path: string) {
    this.path = path;
    try {
      const existing = statSync(path, { throwIfNoEntry: false });
      if (existing?.isDirectory() === true) throw new UsageError(`cannot write ${path}: it is a folder`);
      if (existing !== undefined && !existing.isFile()) {
        // A device or a pipe cannot be replaced and need not be.
        this.#temporary = undefined;
        this.#descriptor = openSync(path, 'w');
        return;
      }
      // Not from node:crypto, which takes 8 ms to load; `wx` opens no file that another has made.
      const unique = Math.random().toString(36).slice(2);
      this.#temporary = join(dirname(path), `.${basename(path)}.${unique}.tmp`);
      this.#descriptor = openSync(this.#temporary, 'wx');
      if (existing !== undefined) fchmodSync(this.#descriptor, existing.mode & 0o7777);
    } catch (error) {
      this.discard();
      throw cannotWrite(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength < BACKGROUND_BYTES) this.#writeAll(bytes, bytes.byteLength);
    else await this.#writeInBackground(bytes);
    this.#flushAhead();
  }

  /** Has the system write out what is dirty while more comes in, so that `sync` finds little to wait for. */
  #flushAhead(): void {
    if (this.#flushing || this.#descriptor === undefined || this.byteLength - this.#flushedBytes < FLUSHED_BYTES)
      return;
    this.#flushing = true;
    this.#flushedBytes = this.byteLength;
    // What fails here fails again in `sync`.
    fdatasync(this.#descriptor, () => (this.#flushing = false));
  }

  async copy(source: ByteSource, offset: number, length: number): Promise<void> {
    this.#buffer ??= new Uint8Array(COPY_BYTES);
    for (let done = 0; done < length; done += COPY_BYTES) {
      const size = Math.min(COPY_BYTES, length - done);
      if (source instanceof FileSource) {
        source.readInto(this.#buffer, offset + done, size);
        this.#writeAll(this.#buffer, size);
      } else {
        this.#writeAll(await source.read(offset + done, size), size);
      }
    }
  }

  /** Makes the bytes durable; they are not at the target yet. */
  sync(): void {
    if (this.#descriptor === undefined || this.#temporary === undefined) return;
    try {
      fsyncSync(this.#descriptor);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /** Puts the file in its target's place. */
  commit(): void {
    this.#close();
    if (this.#temporary === undefined) return;
    try {
      replaceFile(this.#temporary, this.path);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /** Leaves no trace, unless `commit` was called. */
  discard(): void {
    this.#close();
    if (this.#temporary === undefined) return;
    try {
      unlinkSync(this.#temporary);
    } catch {
      // It was renamed, or never made.
    }
  }

  async #writeInBackground(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.byteLength;) {
        const { bytesWritten } = await write(this.#descriptor ?? -1, bytes, done, bytes.byteLength - done);
        done += bytesWritten;
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.byteLength += bytes.byteLength;
  }

  #writeAll(bytes: Uint8Array, length: number): void {
    try {
      for (let done = 0; done < length;) done += writeSync(this.#descriptor ?? -1, bytes, done, length - done);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.byteLength += length;
  }

  #close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeSync(descriptor);
  }
}

function cannotWrite(path: string, error: unknown): UsageError {
  return error instanceof UsageError ? error : new UsageError(`cannot write ${path}: ${reasonOf(error)}`);
}

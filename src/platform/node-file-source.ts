import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  read as readCallback,
  readSync,
  type Stats,
} from 'node:fs';
import { promisify } from 'node:util';
import { ModelError, UsageError } from '../base/errors.ts';
import type { ByteSource } from '../wire/byte-source.ts';

const read = promisify(readCallback);

/**
 * A long copy whose pieces are worked on goes through the thread pool in pieces of at least this size, so that reading,
 * computing and writing overlap; for less, the trip costs more than the read.
 */
export const BACKGROUND_BYTES = 256 * 1024;

/** Absent on Windows; keeps a pipe that took a file's place from blocking the open. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0;

/**
 * A file, read where it lies. The descriptor is opened when it is needed and stays open until `close`; opening again
 * later makes sure that it is still the same file. Reads are synchronous inside: a cached page comes in microseconds,
 * a trip through the thread pool costs more than the read.
 */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly #path: string;
  readonly #identity: Identity;
  #descriptor: number | undefined;
  /** Reads in the background, which must not lose their descriptor: its number may be another file's by then. */
  #readers = 0;
  #isClosing = false;

  /** `path` is opened, `name` is what messages call it. UsageError when there is no regular file that may be read. */
  constructor(path: string, name = path) {
    this.#path = path;
    this.name = name;
    const descriptor = openForReading(path, name);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) {
      closeSync(descriptor);
      throw new UsageError(`${name} is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}`);
    }
    this.#descriptor = descriptor;
    this.#identity = identityOf(stats);
  }

  get byteLength(): number {
    return this.#identity.size;
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (into !== undefined) {
      if (length < BACKGROUND_BYTES) this.readInto(into, offset, length);
      else await this.#readInBackground(into, offset, length);
      return into.subarray(0, length);
    }
    // Every byte is written below, or the read fails.
    const bytes = Buffer.allocUnsafeSlow(length);
    this.readInto(bytes, offset, length);
    return new Uint8Array(bytes.buffer, 0, length);
  }

  /** Reads exactly [offset, offset + length) to the start of `buffer`. */
  readInto(buffer: Uint8Array, offset: number, length: number): void {
    const descriptor = this.#open();
    for (let done = 0; done < length;) {
      const count = readSync(descriptor, buffer, done, length - done, offset + done);
      if (count === 0) throw shortened(this.name);
      done += count;
    }
  }

  async #readInBackground(buffer: Uint8Array, offset: number, length: number): Promise<void> {
    const descriptor = this.#open();
    this.#readers++;
    try {
      for (let done = 0; done < length;) {
        const { bytesRead } = await read(descriptor, buffer, done, length - done, offset + done);
        if (bytesRead === 0) throw shortened(this.name);
        done += bytesRead;
      }
    } finally {
      this.#readers--;
      if (this.#isClosing) this.close();
    }
  }

  /** True when `path` names this very file now, links not followed. */
  isAt(path: string): boolean {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && isSameFile(identityOf(stats), this.#identity);
  }

  /** Closes the file once nothing reads it any more; it opens again when it is read. */
  close(): void {
    this.#isClosing = this.#readers > 0;
    if (this.#descriptor === undefined || this.#isClosing) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    const descriptor = openForReading(this.#path, this.name);
    if (!isSameFile(identityOf(fstatSync(descriptor)), this.#identity)) {
      closeSync(descriptor);
      throw new ModelError('the file was changed after it had been read', { file: this.name }, 'read the model again');
    }
    this.#descriptor = descriptor;
    return descriptor;
  }
}

function shortened(file: string): ModelError {
  return new ModelError('the file became shorter while it was read', { file });
}

interface Identity {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modified: number;
}

function identityOf(stats: Stats): Identity {
  return { device: stats.dev, inode: stats.ino, size: stats.size, modified: stats.mtimeMs };
}

function isSameFile(a: Identity, b: Identity): boolean {
  return a.device === b.device && a.inode === b.inode && a.size === b.size && a.modified === b.modified;
}

function openForReading(path: string, name: string): number {
  try {
    return openSync(path, constants.O_RDONLY | NON_BLOCKING);
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${reasonOf(error)}`);
  }
}

/** What the system says of a failed call, in a few words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'no space is left on the device',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  ELOOP: 'there are too many links',
  ENAMETOOLONG: 'the name is too long',
};

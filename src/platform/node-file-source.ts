import { constants } from 'node:fs';
import { ModelError, UsageError } from '../base/errors.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import {
  codeOf,
  type FileOperations,
  type FileStats,
  nodeFiles,
  readInBackground,
  reasonOf,
} from './node-file-operations.ts';

/**
 * A long copy whose pieces are worked on goes through the thread pool in pieces of at least this size, so that reading,
 * computing and writing overlap; for less, the trip costs more than the read.
 */
export const BACKGROUND_BYTES = 256 * 1024;

/** Absent on Windows; keeps a pipe that took a file's place from blocking the open. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0;

/** Absent on Windows too. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/**
 * After a read above this size the file is looked at: has it changed since it was opened, what was read may be of two
 * files. A look costs as much as a small read; who makes many of those looks once, by `checkUnchanged`.
 */
const WATCHED_BYTES = 4096;

export interface FileSourceOptions {
  readonly files?: FileOperations | undefined;
  /** The path holds no link at its end; one that took the file's place is not followed. */
  readonly isResolved?: boolean;
  /** Told of every descriptor that is opened. */
  readonly openFiles?: OpenFiles | undefined;
}

/**
 * Descriptors that one holder may have at once: a process is often given 1,024, and exporters write a data file for each
 * tensor of a large model.
 */
const MAXIMUM_OPEN_FILES = 64;

/** Files that share a number of descriptors: the one that was opened first is closed for one more. */
export class OpenFiles {
  readonly #files = new Set<FileSource>();

  add(file: FileSource): void {
    this.#files.delete(file);
    this.#files.add(file);
    for (const first of this.#files) {
      if (this.#files.size <= MAXIMUM_OPEN_FILES) break;
      this.#files.delete(first);
      first.close();
    }
  }
}

/**
 * A file, read where it lies. The descriptor is opened when it is needed and stays open until `close`; opening again
 * later makes sure that it is still the same file. Reads are synchronous inside: a cached page comes in microseconds,
 * a trip through the thread pool costs more than the read.
 */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly #path: string;
  readonly #identity: Identity;
  readonly #files: FileOperations;
  readonly #flags: number;
  readonly #openFiles: OpenFiles | undefined;
  #descriptor: number | undefined;
  /** Reads in the background, which must not lose their descriptor: its number may be another file's by then. */
  #readers = 0;
  #isClosing = false;

  /** `path` is opened, `name` is what messages call it. UsageError when there is no regular file that may be read. */
  constructor(path: string, name = path, { files = nodeFiles, isResolved = false, openFiles }: FileSourceOptions = {}) {
    this.#path = path;
    this.name = name;
    this.#files = files;
    this.#openFiles = openFiles;
    this.#flags = constants.O_RDONLY | NON_BLOCKING | (isResolved ? NO_LINK : 0);
    const descriptor = this.#openForReading();
    try {
      const stats = files.fstatSync(descriptor);
      if (!stats.isFile())
        throw new UsageError(`${name} is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}`);
      this.#identity = identityOf(stats);
    } catch (error) {
      files.closeSync(descriptor);
      throw error;
    }
    this.#descriptor = descriptor;
    openFiles?.add(this);
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
    try {
      for (let done = 0; done < length;) {
        const count = this.#files.readSync(descriptor, buffer, done, length - done, offset + done);
        if (count === 0) throw this.#shortened();
        done += count;
      }
    } catch (error) {
      throw this.#unreadable(error, offset);
    }
    if (length > WATCHED_BYTES) this.checkUnchanged();
  }

  async #readInBackground(buffer: Uint8Array, offset: number, length: number): Promise<void> {
    const descriptor = this.#open();
    this.#readers++;
    try {
      for (let done = 0; done < length;) {
        const count = await readInBackground(this.#files, descriptor, buffer, done, length - done, offset + done);
        if (count === 0) throw this.#shortened();
        done += count;
      }
      this.checkUnchanged();
    } catch (error) {
      throw this.#unreadable(error, offset);
    } finally {
      this.#readers--;
      if (this.#isClosing) this.close();
    }
  }

  /** ModelError when the file was written to since it was first opened. */
  checkUnchanged(): void {
    if (this.#descriptor === undefined) return;
    const { size } = this.#identity;
    const now = identityOf(this.#files.fstatSync(this.#descriptor));
    if (now.size < size) throw this.#shortened();
    if (!isSameFile(now, this.#identity)) {
      throw new ModelError('the file was changed while it was read', { file: this.name }, 'read the model again');
    }
  }

  #shortened(): ModelError {
    return new ModelError('the file became shorter while it was read', { file: this.name });
  }

  #unreadable(error: unknown, offset: number): unknown {
    if (codeOf(error) === undefined) return error;
    return new ModelError(`the file cannot be read here: ${reasonOf(error)}`, { file: this.name, offset });
  }

  /** True when `path` names this very file now, links not followed. */
  isAt(path: string): boolean {
    const stats = this.#files.lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && isSameFile(identityOf(stats), this.#identity);
  }

  /** Closes the file once nothing reads it any more; it opens again when it is read. */
  close(): void {
    this.#isClosing = this.#readers > 0;
    if (this.#descriptor === undefined || this.#isClosing) return;
    this.#files.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    const descriptor = this.#openForReading();
    try {
      if (!isSameFile(identityOf(this.#files.fstatSync(descriptor)), this.#identity))
        throw new ModelError(
          'the file was changed after it had been read',
          { file: this.name },
          'read the model again',
        );
    } catch (error) {
      this.#files.closeSync(descriptor);
      throw error;
    }
    this.#descriptor = descriptor;
    this.#openFiles?.add(this);
    return descriptor;
  }

  #openForReading(): number {
    try {
      return this.#files.openSync(this.#path, this.#flags);
    } catch (error) {
      throw new UsageError(`cannot read ${this.name}: ${reasonOf(error)}`);
    }
  }
}

interface Identity {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modified: number;
}

function identityOf(stats: FileStats): Identity {
  return { device: stats.dev, inode: stats.ino, size: stats.size, modified: stats.mtimeMs };
}

function isSameFile(a: Identity, b: Identity): boolean {
  return a.device === b.device && a.inode === b.inode && a.size === b.size && a.modified === b.modified;
}

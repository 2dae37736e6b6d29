import { dirname, join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import { codeOf, reasonOf, syncInBackground, writeInBackground } from './node-file-operations.ts';
import { BACKGROUND_BYTES } from './node-file-source.ts';
import { replaceFile } from './node-replace-file.ts';
import { type System, thisSystem } from './node-system.ts';
import { type OldFile, type Place, placeOf, placeOfName, unsupported } from './node-place.ts';

/** Large enough that the system has something to do, small enough that little is left for `sync`. */
const FLUSHED_BYTES = 16 * 1024 * 1024;

/** Signals are heard between two turns of the event loop, and copying alone would take none. */
const TURN_MILLISECONDS = 50;

/** A name that another process holds is tried again; so many of them in a row are no chance. */
const NAMING_ATTEMPTS = 20;

/**
 * Told of each temporary file before it is made and after it is gone. Who is ended early calls `discard` for those that
 * there are; it does nothing to what is complete. The library handles no signals itself.
 */
export interface Unfinished {
  add(file: { discard(): void }): void;
  delete(file: { discard(): void }): void;
}

export interface FileSinkOptions {
  /** The path was not named by the user: a link there is replaced, not followed, and nothing but a file may be there. */
  readonly isDerived?: boolean;
  /** The file whose mode and owner this one takes, where it is written under another name first. */
  readonly replaces?: string | undefined;
  readonly unfinished?: Unfinished | undefined;
  readonly system?: System | undefined;
}

/**
 * A file that takes its target's place only when it is whole: bytes go to a temporary file in the target's folder, `sync`
 * puts them on the disk, `commit` renames it, `discard` removes it. Mode and owner of a file that is replaced are kept as
 * far as the system lets us; a new one gets what the umask says. Other hard links of a replaced file keep its old content.
 *
 * Temporary files are called `.onnx-preflight-<process>-<random>.tmp`. Only kill -9 or a crash leaves one. None is ever
 * removed by a later run: on a shared disk nobody can tell whether the process that writes it is gone. None is ever taken
 * for a model either, or opened a second time.
 */
export class FileSink implements ByteSink {
  /** Where the file will be, links followed. */
  readonly path: string;
  byteLength = 0;
  readonly #system: System;
  readonly #unfinished: Unfinished | undefined;
  readonly #ownsDescriptor: boolean;
  #temporary: string | undefined;
  #descriptor: number | undefined;
  #flush: Promise<void> | undefined;
  #flushedBytes = 0;
  #flushError: unknown;
  #lastTurn = performance.now();

  /** UsageError when the target cannot be written. */
  constructor(path: string, { isDerived = false, replaces, unfinished, system = thisSystem }: FileSinkOptions = {}) {
    this.#system = system;
    const { files } = system;
    this.#unfinished = unfinished;
    let place: Place;
    try {
      place = isDerived ? placeOfName(path, files) : placeOf(path, files);
      this.path = place.kind === 'file' ? place.path : path;
      this.#ownsDescriptor = place.kind !== 'descriptor';
      if (place.kind === 'descriptor') this.#descriptor = place.descriptor;
      else if (place.kind === 'device') this.#descriptor = files.openSync(place.path, 'w');
      else this.#openTemporary(place.path, replaces === undefined ? place.old : placeOfName(replaces, files).old);
    } catch (error) {
      this.discard();
      throw cannotWrite(path, error);
    }
  }

  /** False for devices, pipes and descriptors: what is written there cannot be taken back. */
  get isFile(): boolean {
    return this.#temporary !== undefined;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength < BACKGROUND_BYTES) await this.#writeAll(bytes, bytes.byteLength);
    else await this.#writeInBackground(bytes);
    this.#flushAhead();
  }

  /** Has the system write out what is dirty while more comes in, so that `sync` finds little to wait for. */
  #flushAhead(): void {
    const isDue = this.byteLength - this.#flushedBytes >= FLUSHED_BYTES;
    if (!isDue || this.#flush !== undefined || this.#temporary === undefined) return;
    this.#flushedBytes = this.byteLength;
    this.#flush = new Promise((resolve) => {
      this.#system.files.fdatasync(this.#open(), (error) => {
        this.#flush = undefined;
        // The system tells of lost bytes once: a later sync would find nothing wrong.
        this.#flushError ??= error ?? undefined;
        resolve();
      });
    });
  }

  /** Makes the bytes durable; they are not at the target yet. */
  async sync(): Promise<void> {
    if (this.#descriptor === undefined || this.#temporary === undefined) return;
    await this.#flush;
    try {
      await syncInBackground(this.#system.files, this.#descriptor);
    } catch (error) {
      this.#flushError ??= error;
    }
    if (this.#flushError === undefined || unsupported.has(codeOf(this.#flushError) ?? '')) return;
    throw cannotWrite(this.path, this.#flushError);
  }

  /** Puts the file in its target's place, at once: a reader finds the old one or this. */
  commit(): void {
    try {
      this.#close();
      if (this.#temporary === undefined) return;
      replaceFile(this.#temporary, this.path, this.#system);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.#temporary = undefined;
    this.#unfinished?.delete(this);
  }

  /** Leaves no trace, unless `commit` was called. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // What the last bytes came to does not matter any more.
    }
    if (this.#temporary === undefined) return;
    try {
      this.#system.files.unlinkSync(this.#temporary);
    } catch {
      // It was never made.
    }
    this.#temporary = undefined;
    this.#unfinished?.delete(this);
  }

  #openTemporary(target: string, old: OldFile | undefined): void {
    for (let attempt = 1; this.#descriptor === undefined; attempt++) {
      this.#temporary = temporaryName(dirname(target));
      this.#unfinished?.add(this);
      try {
        // `wx` opens no file and no link that another has made. Until the owner is right, nobody may read more than before.
        this.#descriptor = this.#system.files.openSync(
          this.#temporary,
          'wx',
          old === undefined ? 0o666 : old.mode & 0o600,
        );
      } catch (error) {
        this.#temporary = undefined;
        this.#unfinished?.delete(this);
        if (codeOf(error) !== 'EEXIST' || attempt === NAMING_ATTEMPTS) throw error;
      }
    }
    if (old !== undefined) this.#take(this.#descriptor, old);
  }

  /** Not every file system has owners and modes, and only root gives files away. */
  #take(descriptor: number, { mode, owner, group }: OldFile): void {
    const files = this.#system.files;
    const attempt = (change: () => void): void => {
      try {
        change();
      } catch {
        // The file stays as narrow as it was made.
      }
    };
    const made = files.fstatSync(descriptor);
    if (made.uid !== owner) attempt(() => files.fchownSync(descriptor, owner, group));
    if (files.fstatSync(descriptor).gid !== group) attempt(() => files.fchownSync(descriptor, made.uid, group));
    // What one group was allowed, another may do only if everybody may.
    const isOtherGroup = files.fstatSync(descriptor).gid !== group;
    attempt(() => files.fchmodSync(descriptor, isOtherGroup ? (mode & 0o707) | ((mode & 0o007) << 3) : mode));
  }

  async #writeInBackground(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.byteLength;) {
        const count = await writeInBackground(this.#system.files, this.#open(), bytes, done, bytes.byteLength - done);
        done += accepted(count);
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.byteLength += bytes.byteLength;
  }

  async #writeAll(bytes: Uint8Array, length: number): Promise<void> {
    for (let done = 0; done < length;) {
      try {
        done += accepted(this.#system.files.writeSync(this.#open(), bytes, done, length - done));
      } catch (error) {
        // A pipe whose reader is slow, where somebody made it non-blocking.
        if (codeOf(error) !== 'EAGAIN') throw cannotWrite(this.path, error);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    this.byteLength += length;
    const now = performance.now();
    if (now - this.#lastTurn < TURN_MILLISECONDS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#lastTurn = now;
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new UsageError(`cannot write ${this.path}: it was given up`);
    return this.#descriptor;
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined && this.#ownsDescriptor) this.#system.files.closeSync(descriptor);
  }
}

/** Short, whatever the target is called: names end at 255 bytes. Not from node:crypto, which takes 8 ms to load. */
export function temporaryName(folder: string): string {
  return join(folder, `.onnx-preflight-${process.pid}-${Math.random().toString(36).slice(2)}.tmp`);
}

function accepted(count: number): number {
  if (count === 0) throw new UsageError('it takes no more bytes');
  return count;
}

export function cannotWrite(path: string, error: unknown): UsageError {
  return error instanceof UsageError && error.message.startsWith('cannot write')
    ? error
    : new UsageError(`cannot write ${path}: ${error instanceof UsageError ? error.message : reasonOf(error)}`);
}

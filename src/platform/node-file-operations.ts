import * as fs from 'node:fs';

/** What is asked of `stat`; named here, so that our types need nobody else's. */
export interface FileStats {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

type Failure = Error | null;
type Counted = (error: Failure, count: number) => void;
type Stat = (path: string, options: { readonly throwIfNoEntry: false }) => FileStats | undefined;

/**
 * What is asked of the file system, as node:fs has it; tests hand in one that fails, or that is changed by others at the
 * worst moment.
 */
export interface FileOperations {
  closeSync(descriptor: number): void;
  fchmodSync(descriptor: number, mode: number): void;
  fchownSync(descriptor: number, owner: number, group: number): void;
  fdatasync(descriptor: number, done: (error: Failure) => void): void;
  fstatSync(descriptor: number): FileStats;
  fsync(descriptor: number, done: (error: Failure) => void): void;
  fsyncSync(descriptor: number): void;
  linkSync(existing: string, path: string): void;
  readonly lstatSync: Stat;
  openSync(path: string, flags: string | number, mode?: number): number;
  read(descriptor: number, bytes: Uint8Array, at: number, length: number, position: number, done: Counted): void;
  readlinkSync(path: string): string;
  readSync(descriptor: number, bytes: Uint8Array, at: number, length: number, position: number): number;
  realpathSync(path: string): string;
  renameSync(from: string, to: string): void;
  readonly statSync: Stat;
  unlinkSync(path: string): void;
  write(descriptor: number, bytes: Uint8Array, at: number, length: number, position: null, done: Counted): void;
  writeSync(descriptor: number, bytes: Uint8Array, at?: number, length?: number): number;
}

export const nodeFiles: FileOperations = fs;

/** Reads in the thread pool; gives the number of bytes. */
export function readInBackground(
  files: FileOperations,
  ...[descriptor, buffer, start, length, position]: readonly [number, Uint8Array, number, number, number]
): Promise<number> {
  return new Promise((resolve, reject) => {
    files.read(descriptor, buffer, start, length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}

/** Writes in the thread pool; gives the number of bytes. */
export function writeInBackground(
  files: FileOperations,
  ...[descriptor, buffer, start, length]: readonly [number, Uint8Array, number, number]
): Promise<number> {
  return new Promise((resolve, reject) => {
    files.write(descriptor, buffer, start, length, null, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}

/** Waits in the thread pool until a file is on the disk. */
export function syncInBackground(files: FileOperations, descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    files.fsync(descriptor, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** What the system says of a failed call, in a few words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error) ?? '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file system takes no file that large',
  EIO: 'the device reports an input/output error',
  EPIPE: 'nobody reads the pipe any more',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  ELOOP: 'there are too many links',
  ENAMETOOLONG: 'the name is too long',
  ESTALE: 'the file is gone from its server',
};

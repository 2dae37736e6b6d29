import * as fs from 'node:fs';

/** What is asked of the file system; tests hand in one that fails, or that is changed by others at the worst moment. */
export type FileOperations = Pick<
  typeof fs,
  | 'closeSync'
  | 'fdatasync'
  | 'fchmodSync'
  | 'fchownSync'
  | 'fstatSync'
  | 'fsync'
  | 'fsyncSync'
  | 'linkSync'
  | 'lstatSync'
  | 'openSync'
  | 'read'
  | 'readlinkSync'
  | 'readSync'
  | 'realpathSync'
  | 'renameSync'
  | 'statSync'
  | 'unlinkSync'
  | 'write'
  | 'writeSync'
>;

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

import { linkSync, lstatSync, realpathSync, renameSync, type Stats } from 'node:fs';
import path, { type PlatformPath } from 'node:path';
import { FileSource } from './node-file-source.ts';

/** What differs between systems, and the calls whose outcome does: tests hand in another system than the one they run on. */
export interface System {
  readonly isWindows: boolean;
  readonly path: PlatformPath;
  /** The path with its links resolved; throws what the system says. */
  realpath(path: string): string;
  /** Undefined when there is nothing of that name. */
  lstat(path: string): Stats | undefined;
  open(path: string, name: string): FileSource;
  rename(from: string, to: string): void;
  link(existing: string, path: string): void;
  /** Milliseconds since some moment. */
  now(): number;
  sleep(milliseconds: number): void;
}

/**
 * On Windows a path may have more than 260 characters only as `\\?\C:\...` or `\\?\UNC\server\...`; `toNamespacedPath`
 * makes that of any path, and leaves paths alone elsewhere.
 */
const long = path.toNamespacedPath;

export const thisSystem: System = {
  isWindows: path.sep === '\\',
  path,
  realpath: (file) => realpathSync(long(file)),
  lstat: (file) => lstatSync(long(file), { throwIfNoEntry: false }),
  open: (file, name) => new FileSource(long(file), name),
  rename: (from, to) => renameSync(long(from), long(to)),
  link: (existing, file) => linkSync(long(existing), long(file)),
  now: () => performance.now(),
  sleep: (milliseconds) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds),
};

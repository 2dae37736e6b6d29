import path from 'node:path';
import { type FileOperations, nodeFiles } from './node-file-operations.ts';
import { FileSource, type OpenFiles } from './node-file-source.ts';

/** What is asked of `path.posix` or `path.win32`; spelled out, so that our types need none of Node's. */
export interface PathFlavour {
  readonly sep: string;
  basename(path: string): string;
  dirname(path: string): string;
  isAbsolute(path: string): boolean;
  join(...parts: string[]): string;
  relative(from: string, to: string): string;
  toNamespacedPath(path: string): string;
}

/** Calls of the file system whose paths or outcomes differ between systems. */
export interface FileCalls {
  /** The path with its links resolved; throws what the system says. */
  realpath(path: string): string;
  /** Undefined when there is nothing of that name. */
  lstat(path: string): { isFile(): boolean } | undefined;
  /** Opens a file whose links were resolved; a link that took its place since is not followed. */
  open(path: string, name: string, openFiles?: OpenFiles): FileSource;
  /** True when the path names this very file now, links not followed. */
  isAt(source: FileSource, path: string): boolean;
  rename(from: string, to: string): void;
  /** Gives a file a second name. */
  link(existing: string, path: string): void;
}

/** What differs between systems: tests hand in another than the one they run on. */
export interface System extends FileCalls {
  readonly isWindows: boolean;
  readonly path: PathFlavour;
  /** The calls that are the same everywhere; tests let some fail. */
  readonly files: FileOperations;
  /** Milliseconds since some moment. */
  now(): number;
  sleep(milliseconds: number): void;
}

/**
 * The system with paths of that flavour. On Windows a path may have more than 260 characters only as `\\?\C:\...` or
 * `\\?\UNC\server\...`; `toNamespacedPath` makes that of any path, and leaves paths alone elsewhere.
 */
export function systemOf(flavour: PathFlavour, calls: FileCalls, files: FileOperations = nodeFiles): System {
  const long = (file: string): string => flavour.toNamespacedPath(file);
  return {
    isWindows: flavour.sep === '\\',
    path: flavour,
    files,
    // Node puts the prefix before each part that it looks at, and the result is to be without.
    realpath: (file) => calls.realpath(file),
    lstat: (file) => calls.lstat(long(file)),
    open: (file, name, openFiles) => calls.open(long(file), name, openFiles),
    isAt: (source, file) => calls.isAt(source, long(file)),
    rename: (from, to) => calls.rename(long(from), long(to)),
    link: (existing, file) => calls.link(long(existing), long(file)),
    now: () => performance.now(),
    sleep: (milliseconds) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds),
  };
}

/** This system, by way of `files`. */
export function systemWith(files: FileOperations): System {
  return systemOf(
    path,
    {
      realpath: (file) => files.realpathSync(file),
      lstat: (file) => files.lstatSync(file, { throwIfNoEntry: false }),
      open: (file, name, openFiles) => new FileSource(file, name, { files, isResolved: true, openFiles }),
      isAt: (source, file) => source.isAt(file),
      rename: (from, to) => files.renameSync(from, to),
      link: (existing, file) => files.linkSync(existing, file),
    },
    files,
  );
}

export const thisSystem: System = systemWith(nodeFiles);

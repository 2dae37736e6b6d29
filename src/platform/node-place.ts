import { basename, dirname, isAbsolute, join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { codeOf, type FileOperations, reasonOf } from './node-file-operations.ts';

/** A file that is made or replaced; mode and owner of one that is there are for the new one. */
export interface FilePlace {
  readonly kind: 'file';
  readonly path: string;
  readonly old: OldFile | undefined;
}

/** Where the bytes for a path go. */
export type Place =
  | FilePlace
  /** A device or a pipe, which cannot be replaced and need not be. */
  | { readonly kind: 'device'; readonly path: string }
  /** A descriptor of this process, such as /dev/stdout: another one of the same file would write over what it wrote. */
  | { readonly kind: 'descriptor'; readonly descriptor: number };

export interface OldFile {
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
}

/** As many as Linux follows. */
const MAXIMUM_LINKS = 40;

/**
 * Finds what writing to a path means. Links are followed, also one that leads to no file yet: the file they lead to is the
 * one that is written, and they stay. UsageError for a folder, or links without end.
 */
export function placeOf(path: string, files: FileOperations): Place {
  const target = files.statSync(path, { throwIfNoEntry: false });
  if (target?.isDirectory() === true) throw new UsageError(`cannot write ${path}: it is a folder`);
  const { end, descriptor } = followLinks(path, files);
  if (descriptor !== undefined) return { kind: 'descriptor', descriptor };
  if (target === undefined) return { kind: 'file', path: end, old: undefined };
  if (!target.isFile()) return { kind: 'device', path };
  return { kind: 'file', path: end, old: { mode: target.mode & 0o7777, owner: target.uid, group: target.gid } };
}

/** The same for a name that was not given by the user: a link there may lead to anything, so it is replaced itself. */
export function placeOfName(path: string, files: FileOperations): FilePlace {
  const target = files.lstatSync(path, { throwIfNoEntry: false });
  if (target === undefined || target.isSymbolicLink()) return { kind: 'file', path, old: undefined };
  if (target.isFile()) {
    return { kind: 'file', path, old: { mode: target.mode & 0o7777, owner: target.uid, group: target.gid } };
  }
  const what = target.isDirectory() ? 'a folder' : 'not a regular file';
  throw new UsageError(`cannot write ${path}: it is ${what}`);
}

/** A descriptor as Linux and others show it in the file system. */
const descriptorPath = /^(?:\/proc\/self|\/proc\/thread-self|\/dev)\/fd\/(\d+)$/;

function followLinks(path: string, files: FileOperations): { readonly end: string; readonly descriptor?: number } {
  let current = path;
  for (let links = 0; links < MAXIMUM_LINKS; links++) {
    const descriptor = descriptorPath.exec(current)?.[1];
    if (descriptor !== undefined) return { end: current, descriptor: Number(descriptor) };
    const found = files.lstatSync(current, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() !== true) return { end: links === 0 ? path : realPath(current, files) };
    const next = files.readlinkSync(current);
    current = isAbsolute(next) ? next : join(files.realpathSync(dirname(current)), next);
  }
  throw new UsageError(`cannot write ${path}: there are too many links`);
}

/** The file itself need not be there. */
function realPath(path: string, files: FileOperations): string {
  return join(files.realpathSync(dirname(path)), basename(path));
}

/**
 * Makes the entries of a folder durable: a rename is kept by a crash once its folder is on the disk. Does nothing where the
 * system has no such thing.
 */
export function syncFolder(folder: string, files: FileOperations): void {
  try {
    const descriptor = files.openSync(folder, 'r');
    try {
      files.fsyncSync(descriptor);
    } finally {
      files.closeSync(descriptor);
    }
  } catch (error) {
    // A folder that may not be read cannot be opened; Windows opens none, and network file systems sync none.
    if (!unsupported.has(codeOf(error) ?? '')) throw new UsageError(`cannot sync ${folder}: ${reasonOf(error)}`);
  }
}

/** What a system answers that cannot sync a file or a folder of this kind. */
export const unsupported: ReadonlySet<string> = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
]);

/** A file system that fails, and folders to compare before and after. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type FileOperations, nodeFiles } from '../../src/platform/node-file-operations.ts';

type Name = keyof FileOperations;
type Call = (...values: unknown[]) => unknown;

/** Operations that give their result to a callback. */
const inBackground: ReadonlySet<Name> = new Set<Name>(['fdatasync', 'fsync', 'read', 'write']);
/** Waiting for the disk takes most of the time of a test, and no test pulls the plug. */
const syncs: ReadonlySet<Name> = new Set<Name>(['fdatasync', 'fsync', 'fsyncSync']);

/** Does something before an operation: throws to let it fail, or returns what comes of it instead. */
export type Interference = (name: Name, values: readonly unknown[]) => unknown;

/** File operations that `interfere` sees first; those that wait for the disk do not. */
export function interferedFiles(interfere: Interference): FileOperations {
  const operation = (name: Name): Call => {
    const real = nodeFiles[name] as Call;
    if (!inBackground.has(name)) {
      return (...values) => interfere(name, values) ?? (syncs.has(name) ? undefined : real(...values));
    }
    return (...values) => {
      const done = values.at(-1) as (error: unknown, result?: unknown) => void;
      try {
        const result = interfere(name, values);
        if (result !== undefined) done(null, result);
        else if (syncs.has(name)) done(null);
        else real(...values);
      } catch (error) {
        done(error);
      }
    };
  };
  const names = Object.keys(nodeFiles).filter((name): name is Name => typeof nodeFiles[name as Name] === 'function');
  return Object.fromEntries(names.map((name) => [name, operation(name)])) as unknown as FileOperations;
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** The operations, of which the one with number `at`, counted from 0, fails with `code`. */
export function failingAt(at: number, code: string): { readonly files: FileOperations; readonly calls: Name[] } {
  const calls: Name[] = [];
  const files = interferedFiles((name) => {
    calls.push(name);
    if (calls.length - 1 === at) throw systemError(code);
    return undefined;
  });
  return { files, calls };
}

/**
 * What kill -9 leaves: before operation `at` the process is gone, so that one and all later ones come to nothing. A write
 * gets half of its bytes out.
 */
export function killedAt(at: number): { readonly files: FileOperations; readonly calls: Name[] } {
  const calls: Name[] = [];
  const files = interferedFiles((name, values) => {
    calls.push(name);
    if (calls.length <= at) return undefined;
    if (calls.length - 1 === at && (name === 'writeSync' || name === 'write')) {
      const [descriptor, bytes, start, length] = values as [number, Uint8Array, number, number];
      nodeFiles.writeSync(descriptor, bytes, start, length >> 1);
    }
    throw new Error('killed');
  });
  return { files, calls };
}

/** A disk that takes `room` bytes more. */
export function diskOf(room: number): FileOperations {
  let left = room;
  return interferedFiles((name, values) => {
    if (name !== 'writeSync' && name !== 'write') return undefined;
    const [descriptor, bytes, start, length] = values as [number, Uint8Array, number, number];
    if (left === 0) throw systemError('ENOSPC');
    const count = nodeFiles.writeSync(descriptor, bytes, start, Math.min(length, left));
    left -= count;
    return count;
  });
}

/** Every file and link below a folder, with what is in it. */
export function contentsOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(folder, path), contentOf(path)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function contentOf(path: string): string {
  try {
    return `-> ${readlinkSync(path)}`;
  } catch {
    return readFileSync(path, 'latin1');
  }
}

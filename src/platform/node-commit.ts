import { dirname } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { type FileOperations, nodeFiles, reasonOf } from './node-file-operations.ts';
import { type FileSink, temporaryName } from './node-file-sink.ts';
import { syncFolder } from './node-place.ts';

/** A file on its way to its place, and what was there, under a name that only we know. */
interface Move {
  readonly sink: FileSink;
  readonly old: string | undefined;
  isDone: boolean;
}

/**
 * Puts files in their places that belong together: all, or none when this throws. The one that refers to the others comes
 * last, and its rename is the moment that counts.
 *
 * A process that is killed in between, which no code can see, leaves the others in place and the last one old. So where
 * the others have new names, the old files are still what they were. Where another replaces a file that the old last one
 * refers to, there is a moment, two renames long, after which the old one finds the new data; what it replaced then lies
 * beside it as a temporary file.
 */
export function commitTogether(sinks: readonly FileSink[], files: FileOperations = nodeFiles): void {
  const last = sinks.at(-1);
  if (last === undefined) return;
  const lastFolder = last.isFile ? dirname(last.path) : undefined;
  const moves: Move[] = [];
  try {
    for (const sink of sinks.slice(0, -1)) {
      const move = { sink, old: setAside(sink.path, files), isDone: false };
      moves.push(move);
      sink.commit();
      move.isDone = true;
    }
    for (const folder of new Set(moves.map(({ sink }) => dirname(sink.path)))) syncFolder(folder, files);
    last.commit();
  } catch (error) {
    for (const move of moves.reverse()) putBack(move, files);
    throw error;
  }
  for (const { old } of moves) if (old !== undefined) remove(old, files);
  if (lastFolder !== undefined) syncFolder(lastFolder, files);
}

/** Gives the file at a path a second name, or moves it there where a file can have but one. */
function setAside(path: string, files: FileOperations): string | undefined {
  const found = files.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const aside = temporaryName(dirname(path));
  try {
    // Some systems would link to what a link leads to.
    if (found.isFile()) {
      files.linkSync(path, aside);
      return aside;
    }
  } catch {
    // No hard links on this file system, or not to a file of another user.
  }
  try {
    files.renameSync(path, aside);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${reasonOf(error)}`);
  }
  return aside;
}

function putBack({ sink, old, isDone }: Move, files: FileOperations): void {
  if (old === undefined) {
    if (isDone) remove(sink.path, files);
    return;
  }
  try {
    files.renameSync(old, sink.path);
  } catch (error) {
    throw new UsageError(`cannot put ${sink.path} back: ${reasonOf(error)}`, `it is in ${old}`);
  }
  // Renaming between two names of one file does nothing.
  remove(old, files);
}

function remove(path: string, files: FileOperations): void {
  try {
    files.unlinkSync(path);
  } catch {
    // It is gone.
  }
}

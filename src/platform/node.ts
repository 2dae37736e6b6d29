import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadModel, type LoadOptions } from '../api/load.ts';
import { saveModelAs } from '../api/save-form.ts';
import { invariant, UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { formOfName, type ModelFormat } from '../wire/forms/form.ts';
import { FolderResolver } from './node-external-data.ts';
import { FileSink } from './node-file-sink.ts';
import { FileSource, reasonOf } from './node-file-source.ts';

export { FolderResolver } from './node-external-data.ts';
export { FileSink } from './node-file-sink.ts';
export { FileSource } from './node-file-source.ts';

/** A file as a byte source. UsageError when it is not there, may not be read or is no regular file. */
export function openFile(path: string): FileSource {
  return new FileSource(path);
}

/**
 * Reads the model of a file; its external data is looked for in the file's folder. No file stays open: weights are read
 * from where they are when they are needed, and a file that changed since is a ModelError. See `loadModel` for errors.
 */
export async function readModelFile(path: string, options: Omit<LoadOptions, 'external'> = {}): Promise<Model> {
  const source = openFile(path);
  const external = new FolderResolver(path);
  try {
    return await loadModel(source, { ...options, external });
  } finally {
    source.close();
    external.close();
  }
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

export interface WriteResult {
  /** The model, then its external data file when one was written. */
  readonly files: readonly WrittenFile[];
  /** What the user should be told. */
  readonly notes: readonly string[];
}

export interface WriteOptions {
  /** Default: what the extension says (`.onnxtxt`, `.textproto`, `.json`), else binary. A name in `.gz` is compressed. */
  readonly format?: ModelFormat | undefined;
  /** A file that holds the model in that form already, to be copied as it is. */
  readonly copyOf?: ByteSource | undefined;
}

/**
 * Writes a model to a file, in place of one that is there; on an error the target and the model's own files are as they
 * were. External data of another folder is gathered into `<path>.data`, which replaces a file of that name; what lies in
 * the target's folder already stays where it is. Through a link, the file it leads to is replaced. UsageError when a file cannot be written.
 */
export async function writeModelFile(model: Model, path: string, options: WriteOptions = {}): Promise<WriteResult> {
  const folder = folderOf(path);
  const sinks = [new FileSink(throughLink(path))];
  const target = {
    folder,
    name: basename(path),
    async openExternal(location: string): Promise<FileSink> {
      // A link of that name is replaced, not followed: it may lead to the data of another model.
      const sink = new FileSink(join(dirname(path), location));
      sinks.push(sink);
      return sink;
    },
  };
  try {
    const [modelSink] = sinks;
    invariant(modelSink !== undefined, 'the model has a sink');
    const named = formOfName(path);
    const form = { format: options.format ?? named.format ?? 'binary', isGzip: named.isGzip };
    const { notes } = await saveModelAs(model, modelSink, { form, copyOf: options.copyOf, target });
    for (const sink of sinks) sink.sync();
    // The data first: a model without its data is worse than data without its model.
    for (const sink of [...sinks].reverse()) sink.commit();
    return { files: sinks.map(({ path: written, byteLength }) => ({ path: written, bytes: byteLength })), notes };
  } catch (error) {
    for (const sink of sinks) sink.discard();
    throw error;
  }
}

function folderOf(path: string): string {
  try {
    return realpathSync(dirname(resolve(path)));
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

function throughLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadModel, type LoadOptions } from '../api/load.ts';
import { saveModel } from '../api/save.ts';
import { UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import { commitTogether } from './node-commit.ts';
import { FolderResolver } from './node-external-data.ts';
import { type FileOperations, nodeFiles, reasonOf } from './node-file-operations.ts';
import { FileSink, type Unfinished } from './node-file-sink.ts';
import { FileSource } from './node-file-source.ts';

export { FolderResolver } from './node-external-data.ts';
export { FileSink, type Unfinished } from './node-file-sink.ts';
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
    const model = await loadModel(source, { ...options, external });
    source.checkUnchanged();
    return model;
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
  /** Told of temporary files, for who may be ended early. */
  readonly unfinished?: Unfinished | undefined;
  readonly files?: FileOperations | undefined;
}

/**
 * Writes a model to a file, in place of one that is there; on an error the target and the model's own files are as they
 * were. External data of another folder is gathered into `<path>.data`, which replaces a file of that name; what lies in
 * the target's folder already stays where it is. Through a link, the file it leads to is replaced. A device or a pipe is
 * written to. UsageError when a file cannot be written.
 */
export async function writeModelFile(
  model: Model,
  path: string,
  { unfinished, files = nodeFiles }: WriteOptions = {},
): Promise<WriteResult> {
  const folder = folderOf(path);
  const modelSink = new FileSink(path, { unfinished, files });
  const dataSinks: FileSink[] = [];
  const target = {
    folder,
    name: basename(path),
    async openExternal(location: string): Promise<FileSink> {
      if (!modelSink.isFile) {
        throw new UsageError(`${path} is no file, and the model's data has no place beside it`, 'name a file');
      }
      const sink = new FileSink(join(dirname(path), location), { isDerived: true, unfinished, files });
      dataSinks.push(sink);
      return sink;
    },
  };
  const sinks = (): FileSink[] => [...dataSinks, modelSink];
  try {
    const { notes } = await saveModel(model, modelSink, { target });
    for (const sink of sinks()) await sink.sync();
    commitTogether(sinks(), files);
    return {
      files: [modelSink, ...dataSinks].map(({ path: written, byteLength }) => ({ path: written, bytes: byteLength })),
      notes,
    };
  } catch (error) {
    for (const sink of sinks()) sink.discard();
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

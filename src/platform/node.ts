import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadModel, type LoadOptions } from '../api/load.ts';
import { releaseFiles, sourceOfModel } from '../api/model-files.ts';
import type { ExternalDataOptions } from '../api/external-options.ts';
import { measureModel } from '../api/save.ts';
import { saveModelAs } from '../api/save-form.ts';
import { UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import { type ByteSink, CountingSink } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { formToWrite, type ModelFormat } from '../wire/forms/form.ts';
import { FolderResolver } from './node-external-data.ts';
import { reasonOf } from './node-file-operations.ts';
import type { Unfinished } from './node-file-sink.ts';
import { FileSource } from './node-file-source.ts';
import { ModelFiles, type WrittenFile } from './node-model-files.ts';
import { type System, thisSystem } from './node-system.ts';

export { FolderResolver } from './node-external-data.ts';
export { FileSink, type Unfinished } from './node-file-sink.ts';
export { FileSource } from './node-file-source.ts';
export type { WrittenFile } from './node-model-files.ts';

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

export interface WriteOptions extends ExternalDataOptions {
  /** Default: what the extension says (`.onnxtxt`, `.textproto`, `.json`), else binary. A name in `.gz` is compressed. */
  readonly format?: ModelFormat | undefined;
  /** A file that holds the model in that form already, to be copied as it is. */
  readonly copyOf?: ByteSource | undefined;
  /** May a data file that is there be replaced? If not, that is a UsageError. Default true. */
  readonly replaceData?: boolean | undefined;
  /** Told of temporary files, for who may be ended early. */
  readonly unfinished?: Unfinished | undefined;
  readonly system?: System | undefined;
}

export interface WriteResult {
  /** The model, then its external data file when one was written. */
  readonly files: readonly WrittenFile[];
  /** Files of external data that were there and that the written model goes on using, relative to its folder. */
  readonly kept: readonly string[];
  /** What the user should be told. */
  readonly notes: readonly string[];
}

/**
 * Writes a model to a file, in place of one that is there; on an error the target and the model's own files are as they
 * were. A data file that is written (see `ExternalDataOptions`) is called `<path>.data`, and replaces a file of that name
 * unless the model goes on using that. Through a link, the file it leads to is replaced; a device or a pipe is written to.
 * UsageError when a file cannot be written.
 */
export async function writeModelFile(model: Model, path: string, options: WriteOptions = {}): Promise<WriteResult> {
  const { format, replaceData = true, unfinished, system = thisSystem, ...others } = options;
  const folder = folderOf(path);
  const files = new ModelFiles(path, { unfinished, system });
  try {
    const { kept, notes } = await saveModelAs(model, files.model, {
      ...others,
      form: formToWrite(path, format),
      target: {
        folder,
        name: basename(path),
        isSource: isSource(model, files.model.path),
        isSameFile: sameFileIn(dirname(path), system),
        exists: (location) => system.lstat(join(dirname(path), location)) !== undefined,
        findExternal: finderIn(path),
        openExternal: async (location) => files.openData(location, replaceData),
        openInterim: () => files.openInterim(),
      },
    });
    for (const source of [sourceOfModel(model), others.copyOf]) {
      if (source instanceof FileSource) source.checkUnchanged();
    }
    // Everything is written. Windows replaces no file that is open.
    releaseFiles(model);
    const committed = await files.commit();
    return { files: committed.files, kept, notes: [...notes, ...committed.notes] };
  } catch (error) {
    files.discard();
    throw error;
  } finally {
    releaseFiles(model);
  }
}

/** What `writeModelFile` would write. UsageError and ModelError as there; weights are only read for a text or compressed form. */
export async function measureModelFile(
  model: Model,
  path: string,
  options: ExternalDataOptions = {},
): Promise<{ readonly bytes: number; readonly kept: readonly string[] }> {
  try {
    const target = {
      folder: folderOf(path),
      name: basename(path),
      isSource: isSource(model, throughLink(path)),
      isSameFile: sameFileIn(dirname(path), thisSystem),
      findExternal: finderIn(path),
    };
    const form = formToWrite(path);
    if (form.format === 'binary' && !form.isGzip) return await measureModel(model, { ...options, target });
    const sink = new CountingSink();
    const openExternal = async (): Promise<ByteSink> => sink;
    const { kept } = await saveModelAs(model, sink, { ...options, form, target: { ...target, openExternal } });
    return { bytes: sink.byteLength, kept };
  } finally {
    releaseFiles(model);
  }
}

/** Opens external data beside a model that need not be there, for a look at its size. */
function finderIn(path: string): (location: string) => Promise<FileSource> {
  return async (location) => {
    const source = await new FolderResolver(path).open(location);
    source.close();
    return source;
  };
}

/** Two hard links of one file count as well: that a system tells upper from lower case cannot be seen otherwise. */
function sameFileIn(folder: string, { files }: System): (a: string, b: string) => boolean {
  const identity = (name: string): string | undefined => {
    try {
      const found = files.statSync(join(folder, name), { throwIfNoEntry: false });
      return found && `${found.dev} ${found.ino}`;
    } catch {
      // What cannot be looked at is not what is written.
      return undefined;
    }
  };
  return (a, b) => {
    const first = identity(a);
    return first !== undefined && first === identity(b);
  };
}

/** True when the path is the file that the model was read from, and that file has no other name. */
function isSource(model: Model, path: string): boolean {
  const source = sourceOfModel(model);
  return source instanceof FileSource && source.isAt(path) && lstatSync(path).nlink === 1;
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

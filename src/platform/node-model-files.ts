import { basename, dirname, join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { cannotWrite, FileSink, type FileSinkOptions, temporaryName } from './node-file-sink.ts';
import { reasonOf } from './node-file-operations.ts';
import { syncFolder } from './node-place.ts';
import { replaceFile } from './node-replace-file.ts';
import { type System, thisSystem } from './node-system.ts';

type SharedOptions = Pick<FileSinkOptions, 'unfinished' | 'system'>;

/**
 * A model and its data file, written so that whoever looks at the model's path finds the old model with its old data or the
 * new one with its new data, whenever the process ends.
 *
 * No file system renames two files at once. A data file of a new name goes first: nothing refers to it yet. Where a data
 * file of that name is there, the old model may refer to it, so it must not change before the model does, and the new model
 * must not come before its data. Hence an interim name:
 *
 * 1. the data goes to the interim name, which nothing refers to;
 * 2. a model that refers to the interim name takes the place of the old one: from here on all is new;
 * 3. a second name of the new data (a hard link) takes the place of the old data file, which nobody needs any more;
 * 4. a model that refers to that name takes the place of the interim one;
 * 5. the interim name is removed.
 *
 * Everything is written and synced before step 1, so the rest is renames, and the folder is synced after each, so that a
 * crash cannot turn them round. What fails before step 2 leaves everything as it was; what fails from step 3 on (a file
 * system without hard links) leaves a whole new model whose data has the interim name.
 */
export class ModelFiles {
  readonly #folder: string;
  readonly #name: string;
  readonly #system: System;
  readonly #options: SharedOptions;
  readonly #model: FileSink;
  #data: FileSink | undefined;
  /** Set when a data file is there. */
  #interim: { readonly location: string; readonly replaces: string; sink: FileSink | undefined } | undefined;

  /** `path` is where the user sees the model; links there are followed, and data lies beside them. */
  constructor(path: string, options: SharedOptions = {}) {
    this.#folder = dirname(path);
    this.#name = basename(path);
    this.#system = options.system ?? thisSystem;
    this.#options = options;
    this.#model = new FileSink(path, options);
  }

  get model(): FileSink {
    return this.#model;
  }

  /** UsageError when a file of that name is there and may not be replaced, or the model is written to a device. */
  openData(location: string, mayReplace: boolean): FileSink {
    if (!this.#model.isFile) {
      throw new UsageError(
        `the model has data in a file of its own, which has no place beside ${this.#model.path}`,
        'name a file, or take the data into the model with --external-data inline',
      );
    }
    const replaces = join(this.#folder, location);
    // A link of that name is replaced, not followed: it may lead to the data of another model.
    const isThere = this.#isThere(replaces);
    if (isThere && !mayReplace)
      throw new UsageError(`${location} exists beside the output`, '--force overwrites it, --output names another');
    if (!isThere) return (this.#data = new FileSink(replaces, { ...this.#options, isDerived: true }));
    const interim = this.#freeName();
    this.#interim = { location: interim, replaces, sink: undefined };
    const path = join(this.#folder, interim);
    return (this.#data = new FileSink(path, { ...this.#options, isDerived: true, replaces }));
  }

  openInterim(): { readonly location: string; readonly sink: FileSink } | undefined {
    if (this.#interim === undefined) return undefined;
    this.#interim.sink = new FileSink(this.#model.path, this.#options);
    return { location: this.#interim.location, sink: this.#interim.sink };
  }

  /** The files that are in place afterwards, and a note when the data could not have its own name. */
  async commit(): Promise<{ readonly files: readonly WrittenFile[]; readonly notes: readonly string[] }> {
    for (const sink of this.#sinks) await sink.sync();
    const data = this.#data;
    const interim = this.#interim;
    if (data === undefined) {
      const { isFile } = this.#model;
      this.#model.commit();
      if (isFile) syncFolder(dirname(this.#model.path), this.#system.files);
      return { files: [written(this.#model)], notes: [] };
    }
    const dataFolder = (): void => syncFolder(this.#folder, this.#system.files);
    const modelFolder = (): void => syncFolder(dirname(this.#model.path), this.#system.files);
    data.commit();
    try {
      dataFolder();
      (interim?.sink ?? this.#model).commit();
    } catch (error) {
      this.#remove(data.path);
      throw error;
    }
    if (interim?.sink === undefined) {
      modelFolder();
      return { files: [written(this.#model), written(data)], notes: [] };
    }
    try {
      modelFolder();
      this.#giveName(data.path, interim.replaces);
      dataFolder();
      this.#model.commit();
      modelFolder();
    } catch (error) {
      this.#model.discard();
      const reason = error instanceof UsageError ? error.message : reasonOf(error);
      const note = `the data is in ${interim.location}, since the old data file could not be replaced: ${reason}`;
      return { files: [written(interim.sink), written(data)], notes: [note] };
    }
    this.#remove(data.path);
    return { files: [written(this.#model), { path: interim.replaces, bytes: data.byteLength }], notes: [] };
  }

  discard(): void {
    for (const sink of this.#sinks) sink.discard();
  }

  get #sinks(): FileSink[] {
    return [this.#data, this.#interim?.sink, this.#model].filter((sink) => sink !== undefined);
  }

  /** Gives a file a second name, in place of the file that had it. */
  #giveName(path: string, name: string): void {
    const temporary = temporaryName(this.#folder);
    this.#system.link(path, temporary);
    try {
      replaceFile(temporary, name, this.#system);
    } catch (error) {
      this.#remove(temporary);
      throw error;
    }
  }

  #isThere(path: string): boolean {
    try {
      return this.#system.lstat(path) !== undefined;
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  #remove(path: string): void {
    try {
      this.#system.files.unlinkSync(path);
    } catch {
      // It is gone already.
    }
  }

  #freeName(): string {
    for (let number = 1; ; number++) {
      const location = `${this.#name}.${number}.data`;
      if (!this.#isThere(join(this.#folder, location))) return location;
    }
  }
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

function written({ path, byteLength }: FileSink): WrittenFile {
  return { path, bytes: byteLength };
}

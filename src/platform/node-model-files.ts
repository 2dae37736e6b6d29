import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { FileSink } from './node-file-sink.ts';
import { replaceFile } from './node-replace-file.ts';
import { type System, thisSystem } from './node-system.ts';

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
 * Everything is written and synced before step 1, so the rest is renames. What fails from step 3 on (a file system
 * without hard links) leaves a whole new model whose data has the interim name.
 */
export class ModelFiles {
  readonly #folder: string;
  readonly #name: string;
  readonly #system: System;
  readonly #model: FileSink;
  #data: FileSink | undefined;
  /** Set when a data file is there. */
  #interim: { readonly location: string; readonly replaces: string; sink: FileSink | undefined } | undefined;

  /** `folder` and `name` are where the user sees the model, `path` is the file that is written, links followed. */
  constructor(folder: string, name: string, path: string, system = thisSystem) {
    this.#folder = folder;
    this.#name = name;
    this.#system = system;
    this.#model = new FileSink(path);
  }

  get model(): FileSink {
    return this.#model;
  }

  /** UsageError when a file of that name is there and may not be replaced. */
  openData(location: string, mayReplace: boolean): FileSink {
    // A link of that name is replaced, not followed: it may lead to the data of another model.
    const replaces = join(this.#folder, location);
    const old = lstatSync(replaces, { throwIfNoEntry: false });
    if (old !== undefined && !old.isFile() && !old.isSymbolicLink())
      throw new UsageError(`cannot write ${replaces}: it is not a file`);
    if (old === undefined) return (this.#data = new FileSink(replaces));
    if (!mayReplace)
      throw new UsageError(`${location} exists beside the output`, '--force overwrites it, --output names another');
    const interim = this.#freeName();
    this.#interim = { location: interim, replaces, sink: undefined };
    return (this.#data = new FileSink(join(this.#folder, interim)));
  }

  openInterim(): { readonly location: string; readonly sink: FileSink } | undefined {
    if (this.#interim === undefined) return undefined;
    this.#interim.sink = new FileSink(this.#model.path);
    return { location: this.#interim.location, sink: this.#interim.sink };
  }

  /** The files that are in place afterwards, and a note when the data could not have its own name. */
  async commit(): Promise<{ readonly files: readonly WrittenFile[]; readonly notes: readonly string[] }> {
    for (const sink of this.#sinks) await sink.sync();
    const data = this.#data;
    const interim = this.#interim;
    if (data === undefined) {
      this.#model.commit();
      return { files: [written(this.#model)], notes: [] };
    }
    data.commit();
    try {
      (interim?.sink ?? this.#model).commit();
    } catch (error) {
      remove(data.path);
      throw error;
    }
    if (interim?.sink === undefined) return { files: [written(this.#model), written(data)], notes: [] };
    try {
      this.#giveName(data.path, interim.replaces);
      this.#model.commit();
    } catch (error) {
      this.#model.discard();
      const reason = error instanceof Error ? error.message : String(error);
      const note = `the data is in ${interim.location}, since the old data file could not be replaced: ${reason}`;
      return { files: [written(interim.sink), written(data)], notes: [note] };
    }
    remove(data.path);
    return { files: [written(this.#model), { path: interim.replaces, bytes: data.byteLength }], notes: [] };
  }

  discard(): void {
    for (const sink of this.#sinks) sink.discard();
  }

  get #sinks(): FileSink[] {
    return [this.#data, this.#interim?.sink, this.#model].filter((sink) => sink !== undefined);
  }

  /** Gives a file a second name, in place of the file that had it and with that file's mode. */
  #giveName(path: string, name: string): void {
    const old = lstatSync(name, { throwIfNoEntry: false });
    if (old?.isFile() === true) chmodSync(path, old.mode & 0o7777);
    const temporary = join(this.#folder, `.${Math.random().toString(36).slice(2)}.tmp`);
    this.#system.link(path, temporary);
    try {
      replaceFile(temporary, name, this.#system);
    } catch (error) {
      remove(temporary);
      throw error;
    }
  }

  #freeName(): string {
    for (let number = 1; ; number++) {
      const location = `${this.#name}.${number}.data`;
      if (lstatSync(join(this.#folder, location), { throwIfNoEntry: false }) === undefined) return location;
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

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already.
  }
}

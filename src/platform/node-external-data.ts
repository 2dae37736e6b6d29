import { ModelError, UsageError } from '../base/errors.ts';
import { checkLocation, type ExternalResolver, refusedLocation } from '../wire/external-data.ts';
import { codeOf, reasonOf } from './node-file-operations.ts';
import { type FileSource, OpenFiles } from './node-file-source.ts';
import { type System, thisSystem } from './node-system.ts';
import { windowsObjection } from './windows-names.ts';

/**
 * Opens external data of a model file, which need not be there itself. A file must lie, links resolved, in the folder of
 * the model as it was named or in the folder of the real model file: caches of models are made of links into a store, and
 * both must work.
 *
 * A hard link is read like any file. It is a second name of one, and no system says what the other names are; that there
 * are some tells nothing, since stores of models and packages are made of hard links too. Who can make one could read the
 * file anyway: Linux lets nobody link to a file that is not his and that he may not write (fs.protected_hardlinks).
 */
export class FolderResolver implements ExternalResolver {
  readonly folder: string;
  readonly #system: System;
  readonly #namedFolder: string;
  readonly #realFolder: string;
  readonly #open = new Map<string, FileSource>();
  readonly #openFiles = new OpenFiles();

  constructor(modelPath: string, system = thisSystem) {
    const { basename, dirname, join } = system.path;
    this.#system = system;
    this.#namedFolder = dirname(modelPath);
    this.folder = system.realpath(this.#namedFolder);
    this.#realFolder = dirname(realPathOr(join(this.folder, basename(modelPath)), system));
  }

  async open(location: string): Promise<FileSource> {
    checkLocation(location);
    const objection = this.#system.isWindows ? windowsObjection(location) : undefined;
    if (objection !== undefined) throw refusedLocation(location, objection);
    // Models written on Windows separate with backslashes; a slash is right everywhere.
    const path = this.#system.path.join(this.#namedFolder, location.replaceAll('\\', '/'));
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    const real = this.#check(path, location);
    let source: FileSource;
    try {
      source = this.#system.open(real, path, this.#openFiles);
    } catch (error) {
      if (error instanceof UsageError) throw new ModelError(error.message, { file: path });
      throw error;
    }
    // Again, now that the file is open: a link may have been turned meanwhile.
    try {
      if (!this.#system.isAt(source, this.#check(path, location))) {
        throw new ModelError(`the external data '${location}' was replaced while it was opened`, { file: path });
      }
    } catch (error) {
      source.close();
      throw error;
    }
    this.#open.set(path, source);
    return source;
  }

  /** The path with its links resolved. ModelError when it leads out of the model's folder or to no regular file. */
  #check(path: string, location: string): string {
    const real = this.#resolveLinks(path, location);
    if (!this.#isInside(this.folder, real) && !this.#isInside(this.#realFolder, real)) {
      throw new ModelError(
        `the external data '${location}' is a link that leads out of the model's folder`,
        { file: path },
        'put the data file, not a link, beside the model',
      );
    }
    // Looked at before it is opened: opening a device may do something.
    if (this.#system.lstat(real)?.isFile() !== true) {
      throw new ModelError(`the external data '${location}' is not a regular file`, { file: path });
    }
    return real;
  }

  #resolveLinks(path: string, location: string): string {
    try {
      return this.#system.realpath(path);
    } catch (error) {
      const isMissing = codeOf(error) === 'ENOENT';
      throw new ModelError(
        isMissing
          ? `the external data file '${location}' is missing`
          : `the external data file '${location}' cannot be read: ${reasonOf(error)}`,
        { file: path },
        isMissing ? 'copy it beside the model, under the name the model has for it' : undefined,
      );
    }
  }

  #isInside(folder: string, path: string): boolean {
    const { relative, isAbsolute, sep } = this.#system.path;
    const way = relative(folder, path);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  }

  /** Closes the files; they open again when they are read. */
  close(): void {
    for (const source of this.#open.values()) source.close();
  }
}

/** A model that is still to be written has no links. */
function realPathOr(path: string, system: System): string {
  try {
    return system.realpath(path);
  } catch {
    return path;
  }
}

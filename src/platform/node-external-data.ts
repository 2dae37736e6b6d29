import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ModelError, UsageError } from '../base/errors.ts';
import { checkLocation, type ExternalResolver } from '../wire/external-data.ts';
import { codeOf, type FileOperations, nodeFiles, reasonOf } from './node-file-operations.ts';
import { FileSource } from './node-file-source.ts';

/**
 * Opens external data of a model file. A file must lie, links resolved, in the folder of the model as it was named or
 * in the folder of the real model file: caches of models are made of links into a store, and both must work.
 *
 * A hard link is read like any file. It is a second name of one, and no system says what the other names are; that there
 * are some tells nothing, since stores of models and packages are made of hard links too. Who can make one could read the
 * file anyway: Linux lets nobody link to a file that is not his and that he may not write (fs.protected_hardlinks).
 */
export class FolderResolver implements ExternalResolver {
  readonly folder: string;
  readonly #namedFolder: string;
  readonly #realFolder: string;
  readonly #files: FileOperations;
  readonly #open = new Map<string, FileSource>();

  constructor(modelPath: string, files: FileOperations = nodeFiles) {
    this.#files = files;
    this.#namedFolder = dirname(modelPath);
    this.folder = files.realpathSync(this.#namedFolder);
    this.#realFolder = dirname(files.realpathSync(modelPath));
  }

  async open(location: string): Promise<FileSource> {
    checkLocation(location);
    // Models written on Windows separate with backslashes.
    const path = join(this.#namedFolder, location.replaceAll('\\', '/'));
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    const real = this.#check(path, location);
    let source: FileSource;
    try {
      source = new FileSource(real, path, { files: this.#files, isResolved: true });
    } catch (error) {
      if (error instanceof UsageError) throw new ModelError(error.message, { file: path });
      throw error;
    }
    // Again, now that the file is open: a link may have been turned meanwhile.
    try {
      if (!source.isAt(this.#check(path, location))) {
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
    if (!isInside(this.folder, real) && !isInside(this.#realFolder, real)) {
      throw new ModelError(
        `the external data '${location}' is a link that leads out of the model's folder`,
        { file: path },
        'put the data file, not a link, beside the model',
      );
    }
    // Looked at before it is opened: opening a device may do something.
    if (this.#files.lstatSync(real, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new ModelError(`the external data '${location}' is not a regular file`, { file: path });
    }
    return real;
  }

  #resolveLinks(path: string, location: string): string {
    try {
      return this.#files.realpathSync(path);
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

  /** Closes the files; they open again when they are read. */
  close(): void {
    for (const source of this.#open.values()) source.close();
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

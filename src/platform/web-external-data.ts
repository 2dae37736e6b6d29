import { ModelError, UsageError } from '../base/errors.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { checkLocation, type ExternalResolver } from '../wire/external-data.ts';
import { type BlobLike, BlobSource } from './web-blob.ts';
import { type HttpOptions, openUrl } from './web-http-source.ts';

/** A File that the user chose; one of a folder says its path in it. */
export interface ChosenFile extends BlobLike {
  readonly name: string;
  readonly webkitRelativePath?: string;
}

/** The names on the way to a file, wherever the model was written. */
function partsOf(path: string): string[] {
  return path.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
}

/**
 * Opens external data among files that the user chose together with the model: by the path below the model's folder where
 * a whole folder was chosen, else by name.
 */
export class FilesResolver implements ExternalResolver {
  /** Each choice is a folder of its own. */
  readonly folder = `files:${Math.random().toString(36).slice(2)}`;
  readonly #byPath = new Map<string, ChosenFile>();
  readonly #byName = new Map<string, ChosenFile>();
  readonly #open = new Map<ChosenFile, BlobSource>();

  constructor(files: Iterable<ChosenFile>, model?: ChosenFile) {
    const folder = partsOf(model?.webkitRelativePath ?? '').slice(0, -1);
    for (const file of files) {
      const path = partsOf(file.webkitRelativePath ?? '');
      if (path.length === 0) this.#byName.set(file.name, file);
      else if (folder.every((part, index) => part === path[index])) {
        this.#byPath.set(path.slice(folder.length).join('/'), file);
      }
    }
  }

  async open(location: string): Promise<ByteSource> {
    checkLocation(location);
    const parts = partsOf(location);
    const file = this.#byPath.get(parts.join('/')) ?? this.#byName.get(parts.at(-1) ?? '');
    if (file === undefined) {
      throw new ModelError(
        `the external data file '${location}' is missing`,
        {},
        'choose it together with the model, or choose the folder that holds both',
      );
    }
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const source = new BlobSource(file, parts.join('/'));
    this.#open.set(file, source);
    return source;
  }
}

/**
 * Opens external data beside a model that was read from a URL. A redirect is followed wherever it leads, as for the model
 * itself: the server that has the folder says where its files are, and hubs of models keep the large ones at other origins.
 * fetch hands no Authorization on to those.
 */
export class UrlResolver implements ExternalResolver {
  readonly folder: string;
  readonly isRemote = true;
  readonly #options: HttpOptions;
  readonly #open = new Map<string, Promise<ByteSource>>();

  /** `modelUrl` must be absolute. */
  constructor(modelUrl: string, options: HttpOptions = {}) {
    this.folder = new URL('.', modelUrl).href;
    this.#options = options;
  }

  async open(location: string): Promise<ByteSource> {
    checkLocation(location);
    // Every part is one name of the path, whatever '?', '#' or '%' it has.
    const url = new URL(partsOf(location).map(encodeURIComponent).join('/'), this.folder).href;
    let source = this.#open.get(url);
    if (source === undefined) {
      source = openUrl(url, this.#options);
      // Tried again when it is asked for again.
      source.catch(() => this.#open.delete(url));
      this.#open.set(url, source);
    }
    try {
      return await source;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new ModelError(`the external data '${location}' cannot be read: ${error.message}`, {}, error.hint);
    }
  }
}

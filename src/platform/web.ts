import { folderOfModel } from '../api/model-files.ts';
import type { ExternalDataOptions } from '../api/external-options.ts';
import { loadModel, type LoadOptions } from '../api/load.ts';
import { saveModelAs } from '../api/save-form.ts';
import type { Model } from '../ir/model.ts';
import { formToWrite } from '../wire/forms/form.ts';
import { BlobSink, BlobSource } from './web-blob.ts';
import { type ChosenFile, FilesResolver, UrlResolver } from './web-external-data.ts';
import { type HttpOptions, openUrl } from './web-http-source.ts';

export { type BlobLike, BlobSink, BlobSource } from './web-blob.ts';
export { type ChosenFile, FilesResolver, UrlResolver } from './web-external-data.ts';
export { type Fetch, type HttpOptions, openUrl } from './web-http-source.ts';

/** Reads the model of a File; its external data is looked for among `files`. See `loadModel` for errors. */
export async function readModelBlob(
  file: ChosenFile,
  files: Iterable<ChosenFile> = [],
  options: Omit<LoadOptions, 'external'> = {},
): Promise<Model> {
  return loadModel(new BlobSource(file, file.name), { ...options, external: new FilesResolver(files, file) });
}

/** Reads the model behind an absolute URL, and external data beside it. See `openUrl` and `loadModel` for errors. */
export async function readModelUrl(
  url: string,
  options: HttpOptions & Omit<LoadOptions, 'external'> = {},
): Promise<Model> {
  return loadModel(await openUrl(url, options), { ...options, external: new UrlResolver(url, options) });
}

export interface WrittenBlobs {
  /** The model, then its data file when one is to lie beside it. */
  readonly files: readonly { readonly name: string; readonly blob: Blob }[];
  /** Files of external data that the model goes on using: it must be put beside them. */
  readonly kept: readonly string[];
  /** What the user should be told. */
  readonly notes: readonly string[];
}

/** The files that a model is saved as, in the format that the name's extension says. Elements that lie in Blobs are referred to, not read. See `saveModel` for errors. */
export async function writeModelBlobs(
  model: Model,
  name: string,
  options: ExternalDataOptions = {},
): Promise<WrittenBlobs> {
  const files = [{ name, sink: new BlobSink() }];
  const [first] = files;
  const { kept, notes } = await saveModelAs(model, first?.sink ?? new BlobSink(), {
    ...options,
    form: formToWrite(name),
    target: {
      // The user puts the file where it came from.
      folder: folderOfModel(model) ?? '',
      name,
      async openExternal(location) {
        const sink = new BlobSink();
        files.push({ name: location, sink });
        return sink;
      },
    },
  });
  return { files: files.map(({ name: written, sink }) => ({ name: written, blob: sink.toBlob() })), kept, notes };
}

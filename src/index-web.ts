/**
 * The library's door for browsers: the same verbs, on Files, Blobs and URLs.
 *
 *     const model = await readModelBlob(file, otherFiles);
 *     const { targets, findings } = lint(model, { targets: ['tensorrt@8.6'] });
 *     simplify(model);
 *     const { files } = await writeModelBlobs(model, 'model.simplified.onnx');
 */

export { readModelBlob, readModelUrl, writeModelBlobs, type WrittenBlobs } from './platform/web.ts';
export { type BlobLike, BlobSink, BlobSource } from './platform/web.ts';
export { type ChosenFile, FilesResolver, UrlResolver } from './platform/web.ts';
export { type HttpOptions, openUrl } from './platform/web.ts';
export * from './index-common.ts';

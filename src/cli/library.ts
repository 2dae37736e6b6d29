/** What every command uses of the library: one module, so that it becomes one part of the bundle, loaded on first use. */
export { diffModels } from '../api/diff.ts';
export { externalFilesOf } from '../api/external-files.ts';
export { inspect } from '../api/inspect.ts';
export { isPlacedAs } from '../api/place-data.ts';
export { simplifyFully } from '../api/simplify.ts';
export { measureModelFile, readModelFile, writeModelFile } from '../platform/node.ts';
export { convertModel, readModelStream, writeModelStream } from '../platform/node-convert.ts';
export { writeTextFile } from '../platform/node-text-file.ts';
export { printModel } from '../text/print.ts';

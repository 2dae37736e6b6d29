import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { Services } from './services.ts';

/** Loading it costs more than most commands do. */
const library = () => import('./library.ts');

/** Tensors of `inspect --text` are cut short after as many elements. */
const PRINTED_ELEMENTS = 16;

/** Takes bytes without keeping them, and copies without reading. */
const nowhere: ByteSink = { write: async () => undefined, copy: async () => undefined };

export const libraryServices: Services = {
  readModel: async (path) => (await library()).readModelFile(path),
  writeModel: async (model, path) => (await library()).writeModelFile(model, path),
  async measureModel(model, path) {
    const target = { folder: await realpath(dirname(path)), name: basename(path), openExternal: async () => nowhere };
    const { byteLength, externalByteLength = 0 } = await (await library()).saveModel(model, nowhere, { target });
    return byteLength + externalByteLength;
  },
  externalFiles: async (model) => (await library()).externalFilesOf(model),
  simplify: async (model, options) => (await library()).simplify(model, options),
  async targets(texts) {
    const targets = (await library()).parseTargets(texts);
    const names = targets.map(({ name }) => name);
    if (texts !== undefined) return { names, decisive: names };
    const newest = targets.reduce((a, b) => (b.version > a.version ? b : a));
    return { names, decisive: [newest.name] };
  },
  lint: async (model, targets) => (await library()).lint(model, { targets }),
  lintAsIs: async (model, targets) => (await library()).lintAsIs(model, { targets }),
  inspect: async (model) => (await library()).inspect(model),
  print: async (model) => (await library()).printModel(model, { maxElements: PRINTED_ELEMENTS }),
  rules: async () => (await library()).allRules(),
};

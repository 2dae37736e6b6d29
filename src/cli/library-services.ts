import { statSync } from 'node:fs';
import type { Unfinished } from '../platform/node.ts';
import type { Services } from './services.ts';

/** Loading it costs more than most commands do. */
const library = () => import('./library.ts');
const linter = () => import('./library-lint.ts');
const verifier = () => import('./library-verify.ts');

/** Reading and writing such a file takes so long that collecting garbage more often does not count. */
const LARGE_FILE_BYTES = 64 * 1024 * 1024;

/** Tensors of `inspect --text` are cut short after as many elements. */
const PRINTED_ELEMENTS = 16;

/** The library itself; `unfinished` is told of the temporary files it makes. */
export const libraryServicesWith = (unfinished?: Unfinished): Services => ({
  async readModel(path, options) {
    const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (size >= LARGE_FILE_BYTES) (await import('./young-generation.ts')).keepYoungGenerationSmall();
    return (await library()).readModelFile(path, options);
  },
  readStream: async (chunks, options) => (await library()).readModelStream(chunks, options),
  writeModel: async (model, path, options) => (await library()).writeModelFile(model, path, { ...options, unfinished }),
  writeStream: async (model, sink, options) => (await library()).writeModelStream(model, sink, options),
  writeText: async (path, text) => (await library()).writeTextFile(path, text, unfinished),
  convert: async (from, to, options) => (await library()).convertModel(from, to, { ...options, unfinished }),
  measureModel: async (model, path, options) => (await library()).measureModelFile(model, path, options),
  isPlacedAs: async (model, location, options) => (await library()).isPlacedAs(model, location, options),
  externalFiles: async (model) => (await library()).externalFilesOf(model),
  simplify: async (model, options) => (await library()).simplifyFully(model, options),
  async targets(texts, machine) {
    const targets = (await linter()).parseTargets(texts, machine);
    const names = targets.map(({ name }) => name);
    if (texts !== undefined) return { names, decisive: names, areNamed: true };
    const newest = targets.reduce((a, b) => (b.version > a.version ? b : a));
    return { names, decisive: [newest.name], areNamed: false };
  },
  lint: async (model, { names, areNamed }, bindings, machine) =>
    (await linter()).lint(model, {
      ...(areNamed && { targets: names }),
      isSpare: true,
      ...(bindings !== undefined && { bindings }),
      ...(machine !== undefined && { machine }),
    }),
  lintAsIs: async (model, targets) => (await linter()).lintAsIs(model, { targets }),
  repair: async (model) => (await linter()).repair(model),
  diff: async (before, after) => (await library()).diffModels(before, after),
  inspect: async (model, bindings) => (await library()).inspect(model, { bindings }),
  print: async (model) => (await library()).printModel(model, { maxElements: PRINTED_ELEMENTS }),
  rules: async () => (await linter()).allRules(),
  readData: async (bytes, file) => (await verifier()).readData(bytes, file),
  dataFor: async (model, entries) => (await verifier()).dataFor(model, entries),
  copy: async (model) => (await verifier()).cloneModel(model),
  async verify(original, simplified, report, { folder, runner, ...options }) {
    const { findRunners, verify } = await verifier();
    return verify(original, simplified, report, {
      ...options,
      runners: findRunners({ folder, only: runner, unfinished }),
    });
  },
  async compare(a, b, { folder, runner, ...options }) {
    const { compare, findRunners } = await verifier();
    return compare(a, b, { ...options, runners: findRunners({ folder, only: runner, unfinished }) });
  },
});

export const libraryServices = libraryServicesWith();

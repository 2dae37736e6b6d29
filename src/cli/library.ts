/** What the commands use of the library: one module, so that it becomes one part of the bundle, loaded on first use. */
export { allRules } from '../api/explain.ts';
export { externalFilesOf } from '../api/external-files.ts';
export { inspect } from '../api/inspect.ts';
export { lint, lintAsIs } from '../api/lint.ts';
export { saveModel } from '../api/save.ts';
export { simplify } from '../api/simplify.ts';
export { parseTargets } from '../lint/target.ts';
export { readModelFile, writeModelFile } from '../platform/node.ts';
export { printModel } from '../text/print.ts';

/**
 * The library's door.
 *
 *     const model = await readModelFile('model.onnx');
 *     const report = simplify(model);
 *     await writeModelFile(model, 'model.simplified.onnx');
 *     const { targets, findings } = lint(model, { targets: ['tensorrt@8.6'] });
 */

export { readModelFile, writeModelFile, type WriteOptions, type WriteResult } from './platform/node.ts';
export { findRunners, type FindRunnersOptions } from './platform/node-runners.ts';
export { convertModel } from './platform/node-convert.ts';
export * from './index-common.ts';

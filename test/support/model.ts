/** Models as ONNX text, for tests. */
import { expect } from '@jest/globals';
import type { Model } from '../../src/ir/model.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { type CompareOptions, sameModel } from '../../src/text/compare.ts';
import { parseModel, type ParseOptions } from '../../src/text/parse.ts';
import { printModel } from '../../src/text/print.ts';

/**
 * A model from text: `model('agraph (float[2] x) => (float[2] y) { y = Relu (x) }')`.
 * Without a header its opset is 21 and its IR version 10, unless `options` say otherwise.
 */
export function model(text: string, options: ParseOptions = {}): Model {
  const parsed = parseModel(text, options);
  expect(verifyModel(parsed)).toEqual([]);
  return parsed;
}

/**
 * Expects that a model is sound and the same as the one that `text` describes. Names of inner values, of nodes and of
 * initializers do not matter, nor does the order in which initializers are stored; the order of nodes does.
 * A text without header takes opset and IR version from the model.
 */
export function expectGraph(actual: Model, text: string, options: CompareOptions = {}): void {
  expect(verifyModel(actual)).toEqual([]);
  const opset = Object.fromEntries(actual.opsetImports);
  const difference = sameModel(actual, parseModel(text, { opset, irVersion: actual.irVersion }), options);
  if (difference !== undefined)
    throw new Error(`${difference}\n\nThe model is:\n${printModel(actual, { maxElements: 16 })}`);
}

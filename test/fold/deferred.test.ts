import { describe, expect, test } from '@jest/globals';
import { arrayOf, bytesOfArray } from '../../src/fold/array.ts';
import { readArray } from '../../src/fold/deferred.ts';
import { type Fold, foldNode } from '../../src/fold/policy.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Payload } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';

/** The bytes of a weight that is left in its file. */
class StoredPayload implements Payload {
  readonly bytes = undefined;
  readonly byteLength: number;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.byteLength = data.byteLength;
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const part = this.#data.slice(offset, offset + length);
    into?.set(part);
    return part;
  }
}

/** The same model with `w` out of memory. */
function stored(model: Model): Model {
  for (const value of model.graph.initializers) {
    const { initializer } = value;
    if (value.name !== 'w' || initializer === undefined) continue;
    value.initializer = initializer.withPayload(new StoredPayload(initializer.bytes));
  }
  return model;
}

function foldLast(model: Model): Fold {
  const facts = inferModel(model);
  const node = [...model.graph.nodes].at(-1);
  const fold = node && foldNode(node, facts, model);
  if (fold === undefined || 'refusal' in fold) throw new Error(`not folded: ${fold?.refusal ?? 'no candidate'}`);
  return fold;
}

const weight = 'float[2,3,2] w = {1, -2, 3.5, 4, -5, 6, 0.25, 8, 9, -1, 0, 12}';
const matrix = 'float[3,4] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}';

describe('what is computed while saving is what would have been computed at once', () => {
  test.each([
    ['ReduceMean', `${weight}, int64[2] axes = {1, -1}`, 'y = ReduceMean (w, axes)'],
    ['ReduceMax', `${weight}, int64[1] axes = {0}`, 'y = ReduceMax <keepdims = 0> (w, axes)'],
    ['ReduceL2', weight, 'y = ReduceL2 (w)'],
    ['ReduceSum', `${weight}, int64[0] axes = {}`, 'y = ReduceSum <noop_with_empty_axes = 1> (w, axes)'],
    ['Pow', `${weight}, float two = {2}`, 'y = Pow (w, two)'],
    ['Max', `${weight}, float z = {0}`, 'y = Max (w, z)'],
    ['Exp', weight, 'y = Exp (w)'],
    ['Tanh', weight, 'y = Tanh (w)'],
    ['MatMul', `${matrix}, float[4,2] b = {1, 0, 0, 1, 2, 0, 0, 2}`, 'y = MatMul (w, b)'],
    ['Split', `${matrix}, int64[2] sizes = {1, 3}`, 'y, z = Split <axis = 1> (w, sizes)'],
    ['Split into equal parts', matrix, 'y, z = Split <axis = -1, num_outputs = 2> (w)'],
    [
      'BatchNormalization in training',
      `${weight}, float[3] s = {1, 2, 3}, float[3] zero = {0, 0, 0}, float[3] one = {1, 1, 1}`,
      'y, m, v = BatchNormalization <training_mode = 1> (w, s, zero, zero, one)',
    ],
    [
      'BatchNormalization',
      `${weight}, float[3] s = {1, 2, 3}, float[3] zero = {0, 0, 0}, float[3] one = {1, 1, 1}`,
      'y = BatchNormalization (w, s, zero, zero, one)',
    ],
  ])('%s', async (_, constants, node) => {
    const outputs = node.startsWith('y, z') ? 'float[3,P] y, float[3,Q] z' : 'float y';
    const text = `agraph () => (${outputs}) <${constants}> { ${node} }`;
    const now = foldLast(parseModel(text, { opset: 18 }));
    const later = foldLast(stored(parseModel(text, { opset: 18 })));
    expect(later.outputs[0]?.isResident).toBe(false);
    for (const [index, tensor] of later.outputs.entries()) {
      if (tensor === undefined) continue;
      const expected = now.outputs[index];
      const array = await readArray(tensor);
      expect(tensor.dims).toEqual(expected?.dims);
      expect(bytesOfArray(array)).toEqual(expected && bytesOfArray(arrayOf(expected)));
    }
    expect(later.exactness === 'exact' ? now.exactness : 'exact').toBe('exact');
  });

  test.each([
    ['parts that do not add up', `${matrix}, int64[2] sizes = {1, 2}`, 'y, z = Split <axis = 1> (w, sizes)'],
    ['a product that does not fit', `${matrix}, float[3,2] b = {1, 0, 0, 1, 2, 0}`, 'y = MatMul (w, b)'],
    [
      'parameters that do not fit the channels',
      `${weight}, float[2] s = {1, 2}`,
      'y = BatchNormalization <training_mode = 1> (w, s, s, s, s)',
    ],
  ])('%s is not put off', (_, constants, node) => {
    const outputs = node.startsWith('y, z') ? 'float[3,P] y, float[3,Q] z' : 'float y';
    const model = stored(parseModel(`agraph () => (${outputs}) <${constants}> { ${node} }`, { opset: 18 }));
    expect(() => foldLast(model)).toThrow('not folded');
  });
});

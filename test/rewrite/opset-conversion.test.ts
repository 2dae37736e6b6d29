import { describe, expect, test } from '@jest/globals';
import { simplify } from '../../src/api/simplify.ts';
import { evaluateValues } from '../../src/fold/evaluate-model.ts';
import { arrayOf } from '../../src/fold/array.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { convertOpset } from '../../src/rewrite/opset/convert.ts';
import { parseModel } from '../../src/text/parse.ts';
import { printModel } from '../../src/text/print.ts';
import { randomInputs } from '../support/random-inputs.ts';
import { differentValue } from '../support/soundness.ts';

/** The model in another opset, which must compute the same to the bit. */
async function converted(text: string, from: number, to: number): Promise<string> {
  const original = parseModel(text, { opset: { '': from } });
  const model = parseModel(text, { opset: { '': from } });
  convertOpset(model, to, inferModel(model));
  expect(verifyModel(model)).toEqual([]);
  const inputs = new Map([...randomInputs(original, 2)].map(([name, tensor]) => [name, arrayOf(tensor)]));
  const results = await evaluateValues(model, inputs);
  for (const [name, value] of await evaluateValues(original, inputs))
    expect(differentValue(results.get(name), value, true)).toBeUndefined();
  return printModel(model);
}

function expectRefusal(text: string, from: number, to: number, why: string): void {
  const model = parseModel(text, { opset: { '': from } });
  expect(() => {
    convertOpset(model, to, inferModel(model));
  }).toThrow(why);
}

describe('up', () => {
  test('attributes that became inputs', async () => {
    const text = `agraph (float[2,1,4] x) => (float[2,2] b, float[1] m) {
      y = Squeeze <axes = [1]> (x)
      a, b = Split <axis = 1, split = [2, 2]> (y)
      c = Unsqueeze <axes = [2]> (a)
      m = ReduceSum <axes = [0, 1], keepdims = 0> (c)
    }`;
    const result = await converted(text, 11, 18);
    expect(result).not.toMatch(/(axes|split) = \[/);
  });

  test('Clip, Dropout, Pad, Slice and TopK of old opsets', async () => {
    const text = `agraph (float[4,6] x) => (float[4,4] y) {
      a = Clip <min = -0.5, max = 0.5> (x)
      b = Dropout <ratio = 0.25> (a)
      c = Pad <pads = [0, 1, 0, 1], value = 2.0> (b)
      d = Slice <axes = [1], starts = [1], ends = [7]> (c)
      y, i = TopK <axis = 1, k = 4> (d)
    }`;
    await converted(text, 9, 13);
  });

  test('Softmax over several axes is written as one over a flat one', async () => {
    const text = (axis: number): string =>
      `agraph (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax <axis = ${axis}> (x) }`;
    expect(await converted(text(1), 11, 13)).toContain('Flatten');
    expect(await converted(text(2), 11, 13)).not.toContain('Flatten');
  });

  test('Upsample becomes Resize', async () => {
    const text = `agraph (float[1,1,2,3] x) => (float[1,1,4,6] y) { y = Upsample <mode = "nearest", scales = [1.0, 1.0, 2.0, 2.0]> (x) }`;
    expect(await converted(text, 8, 18)).toContain('Resize');
  });

  test('nodes of branches as well', async () => {
    const text = `agraph (bool c, float[2,1] x) => (float[2] y) {
      y = If (c) <then_branch = yes () => (float[2] t) { t = Squeeze <axes = [1]> (x) }, else_branch = no () => (float[2] e) { e = ReduceMax <axes = [1], keepdims = 0> (x) }>
    }`;
    expect(await converted(text, 11, 21)).not.toContain('axes = [');
  });
});

describe('down', () => {
  test('constant inputs become attributes', async () => {
    const text = `agraph (float[2,1,4] x) => (float[2,4] y, float[2] m) <int64[1] one = {1}> {
      y = Squeeze (x, one)
      m = ReduceMean <keepdims = 0> (y, one)
    }`;
    const result = await converted(text, 18, 11);
    expect(result).toMatch(/Squeeze <axes = \[1\]>[^]*ReduceMean <keepdims = 0, axes = \[1\]>/);
  });

  test('an attribute that says what was always meant goes', async () => {
    const text = `agraph (float[2,3] x) => (float[6] y) <int64[1] flat = {-1}> { y = Reshape <allowzero = 0> (x, flat) }`;
    expect(await converted(text, 14, 13)).not.toContain('allowzero');
  });

  test('says which node cannot follow, and why', () => {
    expectRefusal(
      `agraph (float[2] x) => (float[2] y) { [act] y = Gelu (x) }`,
      20,
      17,
      'Gelu cannot be written in opset 17: the operator came with opset 20',
    );
    expectRefusal(
      `agraph (float[2,3] x, int64[1] axes) => (float[K] y) { y = Squeeze (x, axes) }`,
      13,
      11,
      'its input axes is not constant',
    );
    expectRefusal(
      `agraph (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax <axis = 1> (x) }`,
      13,
      12,
      'along an axis that is not the last one',
    );
    expectRefusal(`agraph (bfloat16[2] x) => (bfloat16[2] y) { y = Relu (x) }`, 14, 12, 'it has no bfloat16 there');
  });
});

test('simplify goes by the opset that was asked for, and says what there is', () => {
  const text = `agraph (float[2,1] x) => (float[2] y) <int64[1] one = {1}> { y = Squeeze (x, one) }`;
  const model = parseModel(text, { opset: { '': 13 } });
  const { notes, changed } = simplify(model, { opset: 11 });
  expect(notes).toContain('converted from opset 13 to 11');
  expect(changed).toBe(true);
  expect(model.opsetVersion('')).toBe(11);
  expect(simplify(model, { opset: 11 }).changed).toBe(false);
  expect(() => simplify(model, { opset: 3 })).toThrow('the opset is 3, but must be one of 11 to');
});

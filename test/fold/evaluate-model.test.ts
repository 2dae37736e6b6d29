import { describe, expect, test } from '@jest/globals';
import { arrayOf, tensorOf } from '../../src/fold/array.ts';
import { evaluateModel } from '../../src/fold/evaluate-model.ts';
import { parseModel } from '../../src/text/parse.ts';
import { textOfArray } from './evaluate.ts';

const floats = (...values: number[]): ReturnType<typeof tensorOf> =>
  tensorOf({ dataType: 'float', dims: [values.length], data: Float32Array.from(values) });
const scalar = (value: bigint): ReturnType<typeof tensorOf> =>
  tensorOf({ dataType: 'int64', dims: [], data: BigInt64Array.of(value) });

async function outputs(
  text: string,
  inputs: Record<string, ReturnType<typeof tensorOf>>,
): Promise<Record<string, string>> {
  const results = await evaluateModel(parseModel(text), new Map(Object.entries(inputs)));
  return Object.fromEntries([...results].map(([name, tensor]) => [name, textOfArray(arrayOf(tensor))]));
}

describe('evaluateModel', () => {
  test('If takes one branch, which sees the values around it', async () => {
    const text = `agraph (float[N] x, bool c) => (float[N] y) {
      d = Add (x, x)
      y = If (c) <then_branch = t () => (float[N] p) { p = Neg (d) }, else_branch = e () => (float[N] q) { q = Identity (x) }>
    }`;
    const flag = (value: number): ReturnType<typeof tensorOf> =>
      tensorOf({ dataType: 'bool', dims: [], data: Uint8Array.of(value) });
    expect(await outputs(text, { x: floats(1, 2), c: flag(1) })).toEqual({ y: 'float[2] {-2, -4}' });
    expect(await outputs(text, { x: floats(1, 2), c: flag(0) })).toEqual({ y: 'float[2] {1, 2}' });
  });

  test('Loop carries values, stacks scan outputs, and runs no time at all', async () => {
    const text = `agraph (float[1] x, int64 n) => (float[1] last, float[K,1] all) {
      last, all = Loop (n, , x) <body = b (int64 i, bool c, float[1] v) => (bool d, float[1] w, float[1] s) {
        d = Identity (c)
        w = Add (v, x)
        s = Identity (v)
      }>
    }`;
    expect(await outputs(text, { x: floats(3), n: scalar(2n) })).toEqual({
      last: 'float[1] {9}',
      all: 'float[2,1] {3, 6}',
    });
    expect(await outputs(text, { x: floats(3), n: scalar(0n) })).toEqual({
      last: 'float[1] {3}',
      all: 'float[0,1] {}',
    });
  });

  test('Scan walks backwards when told so', async () => {
    const text = `agraph (float[3] x) => (float total, float[3] sums) <float zero = {0}> {
      total, sums = Scan (zero, x) <num_scan_inputs = 1, scan_input_directions = [1], body = b (float s, float v) => (float t, float u) {
        t = Add (s, v)
        u = Identity (t)
      }>
    }`;
    expect(await outputs(text, { x: floats(1, 2, 3) })).toEqual({ total: 'float[] {6}', sums: 'float[3] {3, 5, 6}' });
  });

  test('functions of the model: attributes, defaults, calls of calls, and overrides of the standard', async () => {
    const text = `<ir_version: 10, opset_import: ["" : 21, "f" : 1]>
      agraph (float[2] x) => (float[2] y, float[2] z) {
        y = f.Scaled <factor = 3.0> (x)
        z = f.Scaled (x)
      }
      <domain: "f", opset_import: ["" : 21, "f" : 1]>
      Scaled <factor: float = 2.0> (a) => (b) {
        k = Constant <value_float: float = @factor> ()
        b = f.Times (a, k)
      }
      <domain: "f", opset_import: ["" : 21]>
      Times (a, b) => (c) { c = Mul (a, b) }`;
    expect(await outputs(text, { x: floats(1, 2) })).toEqual({ y: 'float[2] {3, 6}', z: 'float[2] {2, 4}' });
  });

  test('sequences', async () => {
    const text = `agraph (float[3] x) => (float[3] y, int64 n) {
      s = SplitToSequence (x)
      n = SequenceLength (s)
      y = ConcatFromSequence <axis = 0> (s)
    }`;
    expect(await outputs(text, { x: floats(1, 2, 3) })).toEqual({ y: 'float[3] {1, 2, 3}', n: 'int64[] {3}' });
  });

  test('a default is taken when an input is left out', async () => {
    const text = 'agraph (float[2] x, float[1] w = {5}) => (float[2] y) { y = Mul (x, w) }';
    expect(await outputs(text, { x: floats(1, 2) })).toEqual({ y: 'float[2] {5, 10}' });
    expect(await outputs(text, { x: floats(1, 2), w: floats(2) })).toEqual({ y: 'float[2] {2, 4}' });
    await expect(outputs(text, {})).rejects.toThrow("input 'x' is not given");
  });

  test('deep graphs do not exhaust the stack', async () => {
    const body = Array.from({ length: 20000 }, (_, i) => `v${i + 1} = Neg (v${i})`).join('\n');
    expect(await outputs(`agraph (float[1] v0) => (float[1] v20000) { ${body} }`, { v0: floats(1) })).toEqual({
      v20000: 'float[1] {1}',
    });
  });

  test('what cannot be computed is named', async () => {
    await expect(
      outputs('agraph (float[2] x) => (float[2] y) { y = Bernoulli (x) }', { x: floats(1, 2) }),
    ).rejects.toThrow('Bernoulli cannot be computed: there is no kernel');
  });
});

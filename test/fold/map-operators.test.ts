import { describe, expect, test } from '@jest/globals';
import { evaluateValues } from '../../src/fold/evaluate-model.ts';
import { mapOf } from '../../src/fold/map-operators.ts';
import { isArray, isMap, isSequence, type RuntimeValue } from '../../src/fold/runtime-value.ts';
import { bytesOf } from '../../src/ir/attribute.ts';
import { parseModel } from '../../src/text/parse.ts';
import { textOfArray } from './evaluate.ts';

/** The value as text: maps as {keys: values}, sequences in brackets. */
function textOfValue(value: RuntimeValue | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (isArray(value)) return textOfArray(value);
  if (isMap(value)) return `{${textOfArray(value.keys)}: ${textOfArray(value.values)}}`;
  return isSequence(value) ? `[${value.map(textOfValue).join(', ')}]` : 'nothing';
}

async function run(text: string, inputs: Readonly<Record<string, RuntimeValue>>): Promise<string> {
  const model = parseModel(`<ir_version: 10, opset_import: ["" : 21, "ai.onnx.ml" : 3]> ${text}`);
  return textOfValue((await evaluateValues(model, new Map(Object.entries(inputs)))).get('y'));
}

const sparse = mapOf('int64', 'float', [
  [5n, 0.5],
  [2n, 0.25],
]);

describe('maps of ai.onnx.ml', () => {
  test('ZipMap makes one map of each row', async () => {
    const x: RuntimeValue = { dataType: 'float', dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
    expect(
      await run(
        'agraph (float[2,2] x) => (seq(map(int64, float)) y) { y = ai.onnx.ml.ZipMap <classlabels_int64s = [7, 9]> (x) }',
        { x },
      ),
    ).toBe('[{int64[2] {7, 9}: float[2] {1, 2}}, {int64[2] {7, 9}: float[2] {3, 4}}]');
  });

  test('CastMap gives the values in the order of their keys, or at their places', async () => {
    const call = (rest: string): string =>
      `agraph (map(int64, float) x) => (float[1,N] y) { y = ai.onnx.ml.CastMap ${rest} (x) }`;
    expect(await run(call(''), { x: sparse })).toBe('float[1,2] {0.25, 0.5}');
    expect(await run(call('<map_form = "SPARSE", max_map = 7>'), { x: sparse })).toBe(
      'float[1,7] {0, 0, 0.25, 0, 0, 0.5, 0}',
    );
    await expect(run(call('<map_form = "SPARSE", max_map = 3>'), { x: sparse })).rejects.toThrow('key 5');
  });

  test('DictVectorizer puts values where the vocabulary has their keys', async () => {
    const x = mapOf('string', 'int64', [
      [bytesOf('a'), 4n],
      [bytesOf('c'), 8n],
    ]);
    expect(
      await run(
        'agraph (map(string, int64) x) => (int64[1,4] y) { y = ai.onnx.ml.DictVectorizer <string_vocabulary = ["a", "c", "b", "z"]> (x) }',
        { x },
      ),
    ).toBe('int64[1,4] {4, 8, 0, 0}');
  });
});

test('FlexAttention runs its graphs on scores and probabilities', async () => {
  const model = parseModel(`<ir_version: 10, opset_import: ["" : 21, "ai.onnx.preview" : 1]>
  agraph (float[1,1,1,2] q, float[1,1,3,2] k, float[1,1,3,1] v) => (float[1,1,1,1] y) {
    y = ai.onnx.preview.FlexAttention <
      scale = 1.0,
      score_mod = s (float[1,1,1,3] a) => (float[1,1,1,3] b) <float zero = {0}> { b = Mul (a, zero) },
      prob_mod = p (float[1,1,1,3] c) => (float[1,1,1,3] d) <float three = {3}> { d = Mul (c, three) }
    > (q, k, v)
  }`);
  const array = (dims: number[], ...values: number[]): RuntimeValue => ({
    dataType: 'float',
    dims,
    data: Float32Array.from(values),
  });
  const inputs = new Map([
    ['q', array([1, 1, 1, 2], 1, 2)],
    ['k', array([1, 1, 3, 2], 1, 2, 3, 4, 5, 6)],
    ['v', array([1, 1, 3, 1], 1, 2, 4)],
  ]);
  // All scores are equal, so each value counts a third, times three.
  expect(textOfValue((await evaluateValues(model, inputs)).get('y'))).toBe('float[1,1,1,1] {7}');
});

import { describe, expect, test } from '@jest/globals';
import { bindDims, refreshTypes, type ShapeBindings } from '../../src/api/bind-dims.ts';
import { inspect } from '../../src/api/inspect.ts';
import { lint } from '../../src/api/lint.ts';
import { simplify } from '../../src/api/simplify.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { printType } from '../../src/text/print-type.ts';
import { printModel } from '../../src/text/print.ts';
import { model } from '../support/model.ts';

const pair = `agraph (float[batch, seq] a, float[batch, "2*seq"] b, float[?, 3] c) => (float[batch, k] y, float[m, 3] z) {
  y = Concat <axis = 1> (a, b)
  z = Relu (c)
}`;

function bound(bindings: ShapeBindings): string[] {
  const parsed = model(pair);
  const { ranges } = bindDims(parsed, bindings);
  refreshTypes(parsed, inferModel(parsed, { ranges }));
  return [...parsed.graph.inputs, ...parsed.graph.outputs].map(({ type }) =>
    type === undefined ? '' : printType(type),
  );
}

describe('bindDims', () => {
  test('freezes a dim wherever it is named, and what follows from it', () => {
    expect(bound({ dims: { batch: 4, seq: 5 } })).toEqual([
      'float[4,5]',
      'float[4,10]',
      'float[?,3]',
      'float[4,15]',
      'float[m,3]',
    ]);
  });

  test('freezes the dims of an input, those of one name in all inputs', () => {
    expect(bound({ inputShapes: { b: [null, 6], c: [2, null] } })).toEqual([
      'float[batch,3]',
      'float[batch,6]',
      'float[2,3]',
      'float[batch,9]',
      'float[2,3]',
    ]);
  });

  test.each<[string, ShapeBindings, string]>([
    ['an unknown dim', { dims: { bach: 1 } }, "no input has a dim 'bach'"],
    ['an unknown input', { inputShapes: { d: [1] } }, "no input is named 'd'"],
    ['another rank', { inputShapes: { a: [1] } }, "input 'a' has rank 2, but its given shape has 1 sizes"],
    ['another size', { inputShapes: { c: [1, 4] } }, "dimension 1 of 'c' is 3 in the model, not 4"],
    ['a half', { inputShapes: { b: [null, 5] } }, "dimension 1 of 'b' is 2*seq, which cannot be 5"],
    [
      'two sizes of one dim',
      { dims: { batch: 1 }, inputShapes: { a: [2, null] } },
      "dimension 0 of 'a' is 2, but dim 'batch' is 1, and both are 'batch'",
    ],
    ['an empty range', { dims: { batch: [3, 2] } }, "dim 'batch' cannot be 3..2, which is empty"],
    ['less than nothing', { dims: { batch: -1 } }, "dim 'batch' must be whole numbers from 0 on, not -1"],
  ])('refuses %s', (_, bindings, message) => {
    expect(() => bindDims(model(pair), bindings)).toThrow(message);
  });
});

const chooses = `agraph (float[n, 2] x) => (float[n, 2] y) {
  s = Shape <start = 0, end = 1> (x)
  limit = Constant <value = int64[1] {8}> ()
  small = LessOrEqual (s, limit)
  axis = Constant <value = int64[1] {0}> ()
  flag = Squeeze (small, axis)
  y = If (flag) <
    then_branch = a () => (float[n, 2] p) { p = Relu (x) },
    else_branch = b () => (float[n, 2] q) { q = Sigmoid (x) }
  >
}`;

test('a bounded dim decides a comparison', () => {
  const free = model(chooses);
  simplify(free);
  expect(printModel(free)).toContain('If');
  const limited = model(chooses);
  const { notes } = simplify(limited, { bindings: { dims: { n: [1, 8] } } });
  expect([...limited.graph.nodes].map(({ opType }) => opType)).toEqual(['Relu']);
  expect(notes).toContain('5 of 6 values are static; dynamic dims left: n');
});

test('simplify writes what is frozen, and says what became static', () => {
  const parsed = model(
    'agraph (float[n, 2] x) => (float[m] y) { s = Shape (x) f = ReduceProd <keepdims = 1> (s) y = Reshape (x, f) }',
  );
  const report = simplify(parsed, { bindings: { dims: { n: 3 } } });
  expect(report.changed).toBe(true);
  expect(report.notes).toEqual(['input x is float[3,2]', 'all values are static (3)']);
  expect(parsed.graph.outputs.map(({ type }) => type && printType(type))).toEqual(['float[6]']);
});

test('lint and inspect leave the model as it is', () => {
  const parsed = model(pair);
  const before = printModel(parsed);
  expect(inspect(parsed, { bindings: { dims: { batch: 1 } } }).inputs[0]?.type).toBe('float[1,seq]');
  lint(parsed, { targets: ['tensorrt@8.6'], bindings: { dims: { batch: 1 } } });
  expect(printModel(parsed)).toBe(before);
});

import { expect, test } from '@jest/globals';
import { simplify, type SimplifyOptions } from '../../src/api/simplify.ts';
import type { SimplifyReport } from '../../src/rewrite/report.ts';
import { parseModel } from '../../src/text/parse.ts';
import { judgeSimplification } from '../support/soundness.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { arrayOf } from '../../src/fold/array.ts';
import { randomInputs } from '../support/random-inputs.ts';

const text = `agraph (float[N,3,4] x) => (float[N,3,4] y, float[N,3,4] z) <float[4] scale = {1, 2, 3, 4}, float[4] bias = {1, 0, 1, 0}> {
  a = LayerNormalization <axis = -1> (x, scale, bias)
  b = HardSwish (a)
  y = Mish (b)
  s = ReduceMax (x)
  z = Add (y, s)
}`;

interface Result {
  readonly opset: number | undefined;
  readonly operators: readonly string[];
  readonly report: SimplifyReport;
}

function result(opset: number, options: SimplifyOptions, source = text): Result {
  const model = parseModel(source, { opset });
  const report = simplify(model, options);
  return { opset: model.opsetVersion(''), operators: [...model.graph.nodes].map(({ opType }) => opType), report };
}

test('for TensorRT 8.5 normalizations are written out, and the opset is one that it was written for', () => {
  const { opset, operators, report } = result(21, { preset: 'tensorrt', targets: ['tensorrt@8.5'] });
  expect(opset).toBe(17);
  expect(operators.join(' ')).toBe(
    'ReduceMean Sub Mul ReduceMean Add Sqrt Div Mul Add HardSwish Softplus Tanh Mul ReduceMax Add',
  );
  expect(report.notes).toContain('converted from opset 21 to 17, the newest that the target is written for');
});

test('from the release on that has an operator it stays', () => {
  const at = (target: string): readonly string[] => result(18, { preset: 'tensorrt', targets: [target] }).operators;
  expect(at('tensorrt@8.6')).toContain('LayerNormalization');
  expect(at('tensorrt@8.6')).not.toContain('Mish');
  expect(at('tensorrt@8.3')).not.toContain('HardSwish');
  expect(at('tensorrt@10.3')).toEqual(['LayerNormalization', 'HardSwish', 'Mish', 'ReduceMax', 'Add']);
});

test('no other preset, and no unnamed target, touches the opset', () => {
  for (const options of [{ preset: 'tensorrt' }, { targets: ['tensorrt@8.5'] }, {}] as const)
    expect(result(21, options).opset).toBe(21);
  expect(result(21, { preset: 'tensorrt', targets: ['tensorrt@8.5'], opset: 20 }).opset).toBe(20);
});

test('where an operator has no older form, the opset stays and the report says why', () => {
  const { opset, report } = result(
    20,
    { preset: 'tensorrt', targets: ['tensorrt@8.6'] },
    `agraph (float[N,4] x) => (bool[N,4] y) { y = IsNaN (x) }`,
  );
  expect([opset, report.notes]).toEqual([
    17,
    ['converted from opset 20 to 17, the newest that the target is written for'],
  ]);
  const kept = result(
    20,
    { preset: 'tensorrt', targets: ['tensorrt@8.6'] },
    `agraph (float[N,2,3] x) => (float[N,2,4,2] y, int64[4] z) <int64[4] size = {1, 1, 2, 4}> { y = AffineGrid (x, size)  z = Shape (y) }`,
  );
  expect(kept.opset).toBe(20);
  expect(kept.report.notes.join()).toContain(
    'opset 20 is newer than 17, which the target is written for, and stays: AffineGrid',
  );
});

test.each(['tensorrt@8.0', 'tensorrt@8.5', 'tensorrt@8.6', 'tensorrt@10.0'])(
  'it computes the same for %s',
  async (target) => {
    const judgement = await judgeSimplification(
      await modelToBytes(parseModel(text, { opset: 21 })),
      (model) =>
        [2, 1].map((size) => new Map([...randomInputs(model, size)].map(([name, value]) => [name, arrayOf(value)]))),
      { preset: 'tensorrt', targets: [target] },
    );
    expect([judgement.fault, judgement.computed]).toEqual([undefined, 2]);
  },
);

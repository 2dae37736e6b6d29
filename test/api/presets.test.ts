import { describe, expect, test } from '@jest/globals';
import { presetHas, selectRules } from '../../src/api/presets.ts';
import { targetRefusal } from '../../src/api/target-refusal.ts';
import { lint, lintAsIs } from '../../src/api/lint.ts';
import { presets } from '../../src/api/config.ts';
import { simplify, type SimplifyOptions } from '../../src/api/simplify.ts';
import { createNode } from '../../src/ir/node.ts';
import { parseModel } from '../../src/text/parse.ts';

describe('presets are computed from what rules say of themselves', () => {
  test.each([
    [{ exact: true }, ['default', 'exact', 'smallest', 'tensorrt']],
    [{ exact: 'within a bound' }, ['default', 'smallest', 'tensorrt']],
    [{ exact: true, costs: 'layers' }, ['default', 'exact', 'smallest']],
    [{ exact: 'within a bound', costs: 'nodes' }, ['tensorrt']],
  ] as const)('%j', (rule, expected) => {
    const presets = (['default', 'exact', 'smallest', 'tensorrt'] as const).filter((preset) => presetHas(preset, rule));
    expect(presets).toEqual(expected);
  });

  test('a rule is named to be used or not, whatever the preset', () => {
    const bounded = 'fuse-batch-normalization-into-conv';
    const idsOf = (selection: Parameters<typeof selectRules>[0]): string[] =>
      selectRules(selection).map(({ id }) => id);
    expect(idsOf({ preset: 'exact' })).not.toContain(bounded);
    expect(idsOf({ preset: 'exact', enable: [bounded] })).toContain(bounded);
    expect(idsOf({ preset: 'tensorrt', disable: [bounded] })).not.toContain(bounded);
    expect(() => selectRules({ enable: ['eliminate-identiti'] })).toThrow(
      "there is no simplify rule 'eliminate-identiti'",
    );
  });
});

test.each([
  ['default', 'N', ['Split', 'Mul']],
  ['tensorrt', 'N', ['Reshape', 'Gather', 'Gather', 'Mul']],
  ['tensorrt', '5', ['Split', 'Mul']],
] as const)('where fewer nodes would cost layers, preset %s decides for a batch of %s', (preset, batch, expected) => {
  const model = parseModel(`agraph (float[${batch},4] x) => (float[${batch},2] y) <
    int64[3] parts = {0, 2, 2}, int64 zero = {0}, int64 one = {1}> {
    p = Reshape (x, parts)
    a = Gather <axis = 1> (p, zero)
    b = Gather <axis = 1> (p, one)
    y = Mul (a, b)
  }`);
  simplify(model, { preset });
  expect([...model.graph.nodes].map(({ opType }) => opType)).toEqual(expected);
});

test('a target is asked for operators that a rewrite would bring in', () => {
  const refuse = targetRefusal(['tensorrt@8.5', 'tensorrt@10.3']);
  const nodeOf = (opType: string): ReturnType<typeof createNode> => createNode(opType, [], ['y']);
  expect(refuse(nodeOf('LayerNormalization'), 17)).toBe('tensorrt@8.5 has no LayerNormalization');
  expect(refuse(nodeOf('Relu'), 21)).toBeUndefined();
  expect(targetRefusal(['tensorrt@8.6'])(nodeOf('LayerNormalization'), 17)).toBeUndefined();
});

describe('targets that are named refuse operators, whatever the preset', () => {
  const text = `agraph (float[2,8] x) => (float[2,8] y) <int64[1] axes = {-1}, float eps = {1e-5}, float[1] one = {1}, int64[2] shape = {2, 8}> {
    mean = ReduceMean<axes = [-1]>(x)
    d = Sub(x, mean)
    squares = Mul(d, d)
    variance = ReduceMean<axes = [-1]>(squares)
    sum = Add(variance, eps)
    root = Sqrt(sum)
    z = Div(d, root)
    y = Dropout(z)
  }`;

  test('simplify', () => {
    const operatorsOf = (options: SimplifyOptions): string[] => {
      const model = parseModel(text, { opset: 17 });
      simplify(model, options);
      return [...model.graph.nodes].map(({ opType }) => opType);
    };
    expect(operatorsOf({})).toEqual(['LayerNormalization']);
    expect(operatorsOf({ targets: ['tensorrt@8.6'] })).toEqual(['LayerNormalization']);
    for (const preset of presets)
      expect(operatorsOf({ preset, targets: ['tensorrt@8.5'] })).not.toContain('LayerNormalization');
  });

  test('lint', () => {
    const targets = ['tensorrt@8.5'];
    const accepted = { verdict: 'accepted', stage: null };
    expect(lint(parseModel(text, { opset: 17 }), { targets }).targets).toEqual([
      { target: 'tensorrt@8.5', ...accepted, afterSimplify: accepted },
    ]);
    const fused = parseModel(text, { opset: 17 });
    simplify(fused);
    expect(lintAsIs(fused, { targets }).targets[0]?.verdict).not.toBe('accepted');
  });
});

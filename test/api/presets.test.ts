import { describe, expect, test } from '@jest/globals';
import { presetHas, selectRules } from '../../src/api/presets.ts';
import { targetRefusal } from '../../src/api/target-refusal.ts';
import { createNode } from '../../src/ir/node.ts';

describe('presets are computed from what rules say of themselves', () => {
  test.each([
    [{ exact: true }, ['default', 'exact', 'smallest', 'tensorrt']],
    [{ exact: 'within a bound' }, ['default', 'smallest', 'tensorrt']],
    [{ exact: true, costs: 'layers' }, ['smallest']],
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

test('a target is asked for operators that a rewrite would bring in', () => {
  const refuse = targetRefusal(['tensorrt@8.5', 'tensorrt@10.3']);
  const nodeOf = (opType: string): ReturnType<typeof createNode> => createNode(opType, [], ['y']);
  expect(refuse(nodeOf('LayerNormalization'))).toBe('tensorrt@8.5 has no LayerNormalization');
  expect(refuse(nodeOf('Relu'))).toBeUndefined();
  expect(targetRefusal(['tensorrt@8.6'])(nodeOf('LayerNormalization'))).toBeUndefined();
});

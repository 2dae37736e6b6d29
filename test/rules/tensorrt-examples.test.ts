import { describe, expect, test } from '@jest/globals';
import { tensorrtRules } from '../../rules/index.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { lintModel } from '../../src/lint/run-lint.ts';
import { defaultTargetNames, parseTargets } from '../../src/lint/target.ts';
import { parseModel } from '../../src/text/parse.ts';

const OBSERVED = 'tensorrt@11.4';

describe.each(tensorrtRules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test.each(rule.examples.map((example) => [example.title, example] as const))('%s', (_title, example) => {
    const model = parseModel(example.model, { opset: example.opset ?? 17 });
    const named = example.target ?? OBSERVED;
    // What goes with none of the targets that a user names may still go with a default one.
    const targets = defaultTargetNames.includes(named)
      ? parseTargets(undefined, example.machine).filter(({ name }) => name === named)
      : parseTargets([named], example.machine);
    const ranges = new Map(
      Object.entries(example.ranges ?? {}).map(([name, [low, high]]) => [
        name,
        { low: BigInt(low), high: BigInt(high) },
      ]),
    );
    const { findings } = lintModel(model, inferModel(model, { ranges }), { targets, rules: [rule], ranges });
    expect(findings.map(({ messageId }) => messageId)).toEqual(example.reports);
    for (const { message, advice } of findings) {
      expect(message).not.toMatch(/\{\w+\}/);
      expect(advice).not.toMatch(/\{\w+\}/);
    }
  });

  test('shows where it reports and where it does not, and every message it has', () => {
    const reported = new Set(rule.examples.flatMap(({ reports }) => reports));
    expect(rule.examples.some(({ reports }) => reports.length === 0)).toBe(true);
    expect(Object.keys(rule.messages).filter((id) => !reported.has(id))).toEqual([]);
  });
});

test('ids are the paths of the files, and unique', () => {
  const ids = tensorrtRules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^tensorrt\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
});

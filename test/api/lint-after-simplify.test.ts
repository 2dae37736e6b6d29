import { expect, test } from '@jest/globals';
import { tensorrtRules } from '../../rules/index.ts';
import { lint, lintAsIs } from '../../src/api/lint.ts';
import { simplify } from '../../src/api/simplify.ts';
import { mergeAfterSimplify } from '../../src/lint/run-lint.ts';
import { parseModel } from '../../src/text/parse.ts';

const models = tensorrtRules.flatMap(({ examples }) =>
  examples.map(
    ({ model, opset = 17 }) =>
      () =>
        parseModel(model, { opset }),
  ),
);
const targets = ['tensorrt@8.6', 'tensorrt@11.4', 'tensorrt-rtx@1.4'];

test('a spare model is judged as one that is kept', () => {
  for (const make of models) expect(lint(make(), { targets, isSpare: true })).toEqual(lint(make(), { targets }));
});

test('what is said without a second look is what that would have shown', () => {
  let compared = 0;
  for (const make of models) {
    const fast = lint(make(), { targets });
    const simplified = make();
    try {
      simplify(simplified, { targets });
    } catch {
      // What simplify refuses has no form after it.
      continue;
    }
    const slow = mergeAfterSimplify(lintAsIs(make(), { targets }), lintAsIs(simplified, { targets }));
    expect(fast.targets).toEqual(slow.targets);
    expect(fast.findings.filter(({ rule }) => rule.startsWith('tensorrt/'))).toEqual(slow.findings);
    compared++;
  }
  expect(compared).toBeGreaterThan(100);
});

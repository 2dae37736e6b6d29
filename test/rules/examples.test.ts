import { describe, expect, test } from '@jest/globals';
import { simplifyRules } from '../../rules/index.ts';
import { checkExample } from '../support/rewrite-example.ts';

describe.each(simplifyRules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test.each(rule.examples.map((example) => [example.title, example] as const))('%s', async (_title, example) => {
    expect(await checkExample(rule, example)).toBeUndefined();
  });
});

test('every simplify rule shows where it applies and where it does not', () => {
  const oneSided = simplifyRules.filter(
    ({ examples }) =>
      !examples.some(({ after }) => after === 'unchanged') || !examples.some(({ after }) => after !== 'unchanged'),
  );
  expect(oneSided.map(({ id }) => id)).toEqual([]);
});

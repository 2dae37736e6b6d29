import { expect, test } from '@jest/globals';
import { tensorrtRules } from '../../rules/index.ts';
import { parserCauses, rulesForCause } from './parser-causes.ts';

test('every rule that the map of causes names exists', () => {
  const ids = new Set(tensorrtRules.map(({ id }) => id));
  const named = parserCauses.flatMap(({ rules }) => rules.map((rule) => `tensorrt/${rule}`));
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});

test('what one function raises is told apart by its text', () => {
  expect(rulesForCause('INVALID_NODE', 'parseNode', 'unsqueeze axis is not a constant')).toEqual([
    'tensorrt/non-constant-input',
  ]);
  expect(rulesForCause('INVALID_NODE', 'parseNode', 'SUM must have same input types.')).toEqual([
    'tensorrt/mixed-types',
  ]);
  expect(rulesForCause('INVALID_NODE', 'parseNode', 'something new')).toEqual([]);
});

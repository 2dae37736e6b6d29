import { expect, test } from '@jest/globals';
import eliminateIdentity from '../../rules/simplify/eliminate-identity.ts';
import { op, rewrite, value } from '../../src/rule-kit.ts';
import { checkExample } from '../support/rewrite-example.ts';

const before = `agraph (float[2] x) => (float[2] y) {
  a = Neg (x)
  b = Identity (a)
  y = Exp (b)
}`;

test('an example with another result than the rule gives fails', async () => {
  const lie = { title: 'a lie', before, after: before.replace('Exp', 'Log') };
  expect(await checkExample(eliminateIdentity, lie)).toMatch(/Log|Exp|Identity/);
});

test('an example that says unchanged fails when the rule applies', async () => {
  expect(await checkExample(eliminateIdentity, { title: 'a lie', before, after: 'unchanged' })).toBeDefined();
});

test('a rewrite that changes a result fails although the texts agree', async () => {
  const wrong = rewrite({
    id: 'eliminate-neg',
    summary: 'Remove a Neg.',
    why: 'It should not.',
    exact: true,
    pattern: op('Neg', 'neg', value('x')),
    rewrite: ({ neg, x }, context) => context.replace(neg, context.node('Abs', [x])),
    examples: [],
  });
  const example = {
    title: 'not the same',
    before: 'agraph (float[4] x) => (float[4] y) { y = Neg (x) }',
    after: 'agraph (float[4] x) => (float[4] y) { y = Abs (x) }',
  };
  expect(await checkExample(wrong, example)).toMatch(/element \d+ is/);
});

test('a wrong reason for a refusal fails', async () => {
  const example = {
    title: 'a wrong reason',
    before: 'agraph (float[2] x) => (float[2] y) { y = Identity (x) }',
    after: 'unchanged',
    because: 'it is Tuesday',
  };
  expect(await checkExample(eliminateIdentity, example)).toMatch(/gave these reasons/);
});

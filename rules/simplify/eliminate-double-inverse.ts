import { op, rewrite, wouldSaveNothing } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-double-inverse',
  summary: 'Remove a Not of a Not, a Neg of a Neg, a BitwiseNot of a BitwiseNot.',
  why: 'A mask is negated where it is made and where it is used.',
  exact: true,

  pattern: op(['Not', 'Neg', 'BitwiseNot'], 'outer'),

  rewrite({ outer }, context) {
    const inner = outer.inputs[0]?.producer;
    const x = inner?.inputs[0];
    if (inner?.operator !== outer.operator || x === undefined || !context.isReadable(inner)) return undefined;
    return wouldSaveNothing(outer, inner, x) ? undefined : context.replace(outer, x);
  },

  examples: [
    {
      title: 'not not',
      before: `agraph (bool[2] x, float[2] a, float[2] b) => (float[2] y) {
        n = Not (x)
        m = Not (n)
        y = Where (m, a, b)
      }`,
      after: `agraph (bool[2] x, float[2] a, float[2] b) => (float[2] y) {
        y = Where (x, a, b)
      }`,
    },
    {
      title: 'between an input and an output of the graph',
      before: `agraph (float[2] x) => (float[2] y) {
        n = Neg (x)
        y = Neg (n)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Identity (x)
      }`,
    },
    {
      title: 'two that are no inverse of one another',
      before: `agraph (float[2] x) => (float[2] y) {
        n = Neg (x)
        a = Abs (n)
        y = Neg (a)
      }`,
      after: 'unchanged',
    },
  ],
});

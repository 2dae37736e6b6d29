import { op, permutationOf, rewrite, value, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-transpose',
  summary: 'Remove a Transpose that leaves every axis in its place.',
  why: 'A permutation that happens to be the identity is still a layer.',
  exact: true,

  pattern: op('Transpose', 'transpose', value('x')),

  rewrite({ transpose, x }, context) {
    const perm = permutationOf(transpose, context);
    if (perm === undefined || perm.some((from, to) => from !== to)) return undefined;
    return wouldKeepIdentity(transpose.output, x) ? undefined : context.replace(transpose, x);
  },

  examples: [
    {
      title: 'perm is 0, 1',
      before: `agraph (float[2,3] x) => (float[2,3] y) {
        a = Transpose <perm = [0, 1]> (x)
        y = Neg (a)
      }`,
      after: `agraph (float[2,3] x) => (float[2,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'without perm the axes are reversed',
      before: `agraph (float[2,2] x) => (float[2,2] y) {
        a = Transpose (x)
        y = Neg (a)
      }`,
      after: 'unchanged',
    },
  ],
});

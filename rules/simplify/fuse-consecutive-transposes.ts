import { attribute, op, permutationOf, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-consecutive-transposes',
  summary: 'Fuse a Transpose of a Transpose into one.',
  why: 'Layout changes of neighbouring blocks meet; often they cancel.',
  exact: true,

  pattern: op('Transpose', 'outer', op('Transpose', 'inner', value('x'))),

  rewrite({ outer, inner, x }, context) {
    const first = permutationOf(inner, context);
    const second = permutationOf(outer, context);
    if (first === undefined || second === undefined) return undefined;
    const perm = second.map((axis) => first[axis] ?? 0);
    return context.replace(outer, context.like(outer, [x], { perm: attribute.ints('perm', perm) }));
  },

  examples: [
    {
      title: 'two permutations become one',
      before: `agraph (float[2,3,4] x) => (float[4,2,3] y) {
        a = Transpose <perm = [1, 0, 2]> (x)
        y = Transpose <perm = [2, 1, 0]> (a)
      }`,
      after: `agraph (float[2,3,4] x) => (float[4,2,3] y) {
        y = Transpose <perm = [2, 0, 1]> (x)
      }`,
    },
    {
      title: 'the first stays for its other user',
      before: `agraph (float[2,3] x) => (float[3,2] z, float[2,3] y) {
        z = Transpose <perm = [1, 0]> (x)
        y = Transpose <perm = [1, 0]> (z)
      }`,
      after: `agraph (float[2,3] x) => (float[3,2] z, float[2,3] y) {
        z = Transpose <perm = [1, 0]> (x)
        y = Transpose <perm = [0, 1]> (x)
      }`,
    },
    {
      title: 'something in between keeps them apart',
      before: `agraph (float[2,3] x) => (float[2,3] y) {
        a = Transpose <perm = [1, 0]> (x)
        b = Softmax <axis = 0> (a)
        y = Transpose <perm = [1, 0]> (b)
      }`,
      after: 'unchanged',
    },
  ],
});

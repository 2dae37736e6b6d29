import { anyNode, outputReplacements, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'merge-duplicate-node',
  summary: 'Compute once what is computed twice from the same inputs.',
  why: 'Each use of a size or a mask is exported as a computation of its own.',
  exact: true,

  pattern: anyNode('node'),

  rewrite({ node }, context) {
    const twin = context.duplicateOf(node);
    if (twin === undefined) return undefined;
    const replacements = outputReplacements(node, twin.outputs);
    if (replacements.some(({ old, by }) => wouldKeepIdentity(old, by))) return undefined;
    return context.replaceAll(replacements);
  },

  examples: [
    {
      title: 'the same Shape twice',
      before: `agraph (float[N,3] x) => (int64[2] y) {
        a = Shape (x)
        b = Shape (x)
        y = Add (a, b)
      }`,
      after: `agraph (float[N,3] x) => (int64[2] y) {
        a = Shape (x)
        y = Add (a, a)
      }`,
    },
    {
      title: 'random numbers are not the same twice',
      before: `agraph (float[2] x) => (float[2] y) {
        a = RandomNormalLike (x)
        b = RandomNormalLike (x)
        y = Sub (a, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'other attributes, another node',
      before: `agraph (float[2,2] x) => (float[2,2] y) {
        a = Softmax <axis = 0> (x)
        b = Softmax <axis = 1> (x)
        y = Add (a, b)
      }`,
      after: 'unchanged',
    },
  ],
});

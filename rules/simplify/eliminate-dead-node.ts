import { anyNode, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-dead-node',
  summary: 'Remove a node whose results nobody reads.',
  why: 'Exporters leave the remains of code paths that were traced and never used.',
  exact: true,

  pattern: anyNode('node'),

  rewrite({ node }, context) {
    const isUsed = node.outputs.some((output) => output?.isUsed === true);
    return isUsed || node.outputs.length === 0 ? undefined : context.removeDead(node);
  },

  examples: [
    {
      title: 'a branch that leads nowhere goes as a whole',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Neg (x)
        b = Exp (a)
        y = Abs (x)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Abs (x)
      }`,
    },
    {
      title: 'one output of several is enough to stay',
      before: `agraph (float[4] x, int64[1] k) => (int64[K] i) {
        v, i = TopK (x, k)
      }`,
      after: 'unchanged',
    },
  ],
});

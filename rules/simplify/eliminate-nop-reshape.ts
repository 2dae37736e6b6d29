import { op, rewrite, sameShape, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-reshape',
  summary: 'Remove a Reshape, Flatten, Squeeze, Unsqueeze, Expand or Tile that gives back the shape it got.',
  why: 'A view that changes nothing is free in PyTorch and a layer in TensorRT.',
  exact: true,

  pattern: op(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Expand', 'Tile'], 'node'),

  rewrite({ node }, context) {
    const [x] = node.inputs;
    if (x === undefined || !sameShape(context.shape(x), context.shape(node.output))) return undefined;
    return wouldKeepIdentity(node.output, x) ? undefined : context.replace(node, x);
  },

  examples: [
    {
      title: 'the shape is the one it has',
      before: `agraph (float[N,3] x) => (float[N,3] y) <int64[2] shape = {-1, 3}> {
        a = Reshape (x, shape)
        y = Neg (a)
      }`,
      after: `agraph (float[N,3] x) => (float[N,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'an Expand to the own shape',
      before: `agraph (float[2,3] x) => (float[2,3] y) <int64[2] shape = {1, 3}> {
        a = Expand (x, shape)
        y = Neg (a)
      }`,
      after: `agraph (float[2,3] x) => (float[2,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'two dims trade places and it stays',
      before: `agraph (float[2,3] x) => (float[3,2] y) <int64[2] shape = {3, 2}> {
        a = Reshape (x, shape)
        y = Neg (a)
      }`,
      after: 'unchanged',
    },
  ],
});

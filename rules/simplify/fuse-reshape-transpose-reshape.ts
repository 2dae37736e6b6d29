import { attribute, op, refuse, rewrite, turnedFirst, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-reshape-transpose-reshape',
  summary:
    'Transpose before a Reshape that merges axes, so that it meets the Reshape after the Transpose and becomes one with it.',
  why: 'x.flatten(2).permute(...).view(...) is a permutation of the axes of x and one view.',
  exact: true,
  since: 5,

  pattern: op('Reshape', 'outer', op('Transpose', 'transpose', op(['Reshape', 'Flatten'], 'inner')), value('shape')),

  rewrite({ outer, transpose, inner }, context) {
    const plan = turnedFirst(inner, transpose, outer, context);
    const [x] = inner.inputs;
    if (plan === undefined || x === undefined) return undefined;
    if (typeof plan === 'string') return refuse(plan);
    const moved = context.node('Transpose', [x], { attributes: [attribute.ints('perm', plan.perm)], from: transpose });
    const vector = context.vector(plan.target, `${outer.output.name}_shape`);
    return context.replace(outer, context.node('Reshape', [moved, vector], { from: outer }));
  },

  examples: [
    {
      title: 'flatten the picture, put the channels last, split them',
      before: `agraph (float[N,8,H,W] x) => (float[N,H,W,4,2] y) <
        int64[3] flat = {0, 8, -1}, int64[1] a = {2}, int64[1] b = {9223372036854775807}, int64[1] axis = {0},
        int64[1] n = {0}, int64[2] split = {4, 2}> {
        f = Reshape (x, flat)
        t = Transpose <perm = [0, 2, 1]> (f)
        s = Shape (x)
        hw = Slice (s, a, b, axis)
        shape = Concat <axis = 0> (n, hw, split)
        y = Reshape (t, shape)
      }`,
      after: `agraph (float[N,8,H,W] x) => (float[N,H,W,4,2] y) <int64[5] shape = {0, 0, 0, 4, 2}> {
        t = Transpose <perm = [0, 2, 3, 1]> (x)
        y = Reshape (t, shape)
      }`,
    },
    {
      title: 'the transposed value is needed by itself',
      before: `agraph (float[1,2,4,4] x, float[1,5,16] z) => (float[1,4,4,2] y, float[1,5,2] m) <
        int64[3] flat = {1, 2, 16}, int64[4] shape = {1, 4, 4, 2}> {
        f = Reshape (x, flat)
        t = Transpose <perm = [0, 2, 1]> (f)
        y = Reshape (t, shape)
        m = MatMul (z, t)
      }`,
      after: 'unchanged',
      because: 'what is transposed is used elsewhere, too',
    },
    {
      title: 'channel shuffle splits first, which cannot be moved',
      before: `agraph (float[1,6,4] x) => (float[1,6,4] y) <int64[4] split = {1, 2, 3, 4}, int64[3] join = {1, 6, 4}> {
        g = Reshape (x, split)
        t = Transpose <perm = [0, 2, 1, 3]> (g)
        y = Reshape (t, join)
      }`,
      after: 'unchanged',
      because: 'the first Reshape does more than merge neighbouring axes',
    },
  ],
});

import { op, refuse, reshapeTarget, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-reshape-shape',
  summary: 'Write the shape of a Reshape as a constant, however it was computed.',
  why: 'Exporters break a plain reshape into Shape, Gather, Slice, Unsqueeze, Mul and Concat; TensorRT makes layers of all of them, or refuses them.',
  exact: true,
  since: 5,

  pattern: op('Reshape', 'reshape', value('x'), value('shape')),

  rewrite({ reshape, x, shape }, context) {
    if (context.tensor(shape) !== undefined) return undefined;
    const to = context.shape(reshape.output);
    if (to === undefined) return refuse('the rank of its result is not known');
    const target = reshapeTarget(context, context.shape(x), to);
    if (target === undefined)
      return refuse('two or more of its dims are neither constant nor copied from the same axis');
    if (typeof target === 'string') return refuse(target);
    const vector = context.vector(target, `${reshape.output.name}_shape`);
    // With allowzero a 0 would no longer copy.
    return context.replace(reshape, context.like(reshape, [x, vector], { allowzero: undefined }));
  },

  examples: [
    {
      title: 'x.reshape(x.size(0), x.size(1) * x.size(2))',
      before: `agraph (float[N,3,4] x) => (float[N,12] y)
        <int64 zero = {0}, int64 one = {1}, int64 two = {2}, int64[1] axes = {0}> {
        s = Shape (x)
        n = Gather (s, zero)
        c = Gather (s, one)
        w = Gather (s, two)
        cw = Mul (c, w)
        n1 = Unsqueeze (n, axes)
        cw1 = Unsqueeze (cw, axes)
        shape = Concat <axis = 0> (n1, cw1)
        y = Reshape (x, shape)
      }`,
      after: `agraph (float[N,3,4] x) => (float[N,12] y) <int64[2] shape = {0, 12}> {
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'a slice of the shape and a -1',
      before: `agraph (float[N,C,H,W] x) => (float[N,C,L] y)
        <int64[1] start = {0}, int64[1] end = {2}, int64[1] axes = {0}, int64[1] rest = {-1}> {
        s = Shape (x)
        nc = Slice (s, start, end, axes)
        shape = Concat <axis = 0> (nc, rest)
        y = Reshape (x, shape)
      }`,
      after: `agraph (float[N,C,H,W] x) => (float[N,C,L] y) <int64[3] shape = {0, 0, -1}> {
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'two products at once need the runtime',
      before: `agraph (float[A,B,C,D] x) => (float[P,Q] y)
        <int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3}, int64[1] axes = {0}> {
        s = Shape (x)
        a = Gather (s, zero)
        b = Gather (s, one)
        c = Gather (s, two)
        d = Gather (s, three)
        ab = Mul (a, b)
        cd = Mul (c, d)
        shape = Concat <axis = 0> (ab, cd)
        y = Reshape (x, shape)
      }`,
      after: 'unchanged',
      because: 'two or more of its dims are neither constant nor copied from the same axis',
    },
  ],
});

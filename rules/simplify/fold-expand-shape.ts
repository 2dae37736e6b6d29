import { op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-expand-shape',
  summary: 'Write the shape of an Expand as a constant, with 1 for the dims that its input has already.',
  why: 'Expand broadcasts both ways, so a dim that stays as it is need not be read at run time.',
  exact: true,

  pattern: op('Expand', 'expand', value('x'), value('shape')),

  rewrite({ expand, x, shape }, context) {
    if (context.tensor(shape) !== undefined) return undefined;
    const from = context.shape(x);
    const to = context.shape(expand.output);
    if (from === undefined || to === undefined) return refuse('the rank of its input or result is not known');
    const offset = to.length - from.length;
    const target = to.map((dim, axis) => (from[axis - offset]?.equals(dim) === true ? 1n : dim.constant));
    if (!target.every((size) => size !== undefined)) return refuse('a new dim is known at run time only');
    return context.replace(expand, context.like(expand, [x, context.vector(target, `${expand.output.name}_shape`)]));
  },

  examples: [
    {
      title: 'the batch size is kept as it is',
      before: `agraph (float[N,1] x) => (float[N,4] y) <int64[1] start = {0}, int64[1] end = {1}, int64[1] axes = {0}, int64[1] four = {4}> {
        s = Shape (x)
        n = Slice (s, start, end, axes)
        shape = Concat <axis = 0> (n, four)
        y = Expand (x, shape)
      }`,
      after: `agraph (float[N,1] x) => (float[N,4] y) <int64[2] shape = {1, 4}> {
        y = Expand (x, shape)
      }`,
    },
    {
      title: 'a size of another value is read at run time',
      before: `agraph (float[1,4] x, float[N,4] z) => (float[N,4] y) {
        s = Shape (z)
        y = Expand (x, s)
      }`,
      after: 'unchanged',
      because: 'a new dim is known at run time only',
    },
  ],
});

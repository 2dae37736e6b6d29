import { op, rewrite, sameShape, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-slice',
  summary: 'Remove a Slice that takes everything.',
  why: 'Indexing with a full range is written out by exporters.',
  exact: true,

  pattern: op('Slice', 'slice'),

  rewrite({ slice }, context) {
    const [x, , , , steps] = slice.inputs;
    if (x === undefined || !sameShape(context.shape(x), context.shape(slice.output))) return undefined;
    // A step of -1 keeps the shape, too, and turns the elements round.
    if (steps !== undefined && context.integers(steps)?.every((step) => step > 0n) !== true) return undefined;
    return wouldKeepIdentity(slice.output, x) ? undefined : context.replace(slice, x);
  },

  examples: [
    {
      title: 'from 0 to the end',
      before: `agraph (float[N,3] x) => (float[N,3] y)
        <int64[1] start = {0}, int64[1] end = {9223372036854775807}, int64[1] axis = {1}> {
        a = Slice (x, start, end, axis)
        y = Neg (a)
      }`,
      after: `agraph (float[N,3] x) => (float[N,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'backwards is not the same',
      before: `agraph (float[3] x) => (float[3] y)
        <int64[1] start = {-1}, int64[1] end = {-9223372036854775807}, int64[1] axis = {0}, int64[1] step = {-1}> {
        y = Slice (x, start, end, axis, step)
      }`,
      after: 'unchanged',
    },
  ],
});

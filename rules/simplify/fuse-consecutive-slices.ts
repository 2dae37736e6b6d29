import { INT64_MAX, op, refuse, rewrite, sliceBounds, sliced, type SliceBound } from '../../src/rule-kit.ts';

/** What remains of an axis when `outer` is taken of what `inner` took; undefined when an end counts past what is known. */
function composed(inner: SliceBound, outer: SliceBound): SliceBound {
  const start = inner.start + outer.start * inner.step;
  const end = outer.end === INT64_MAX ? INT64_MAX : inner.start + outer.end * inner.step;
  return {
    axis: inner.axis,
    start: start > INT64_MAX ? INT64_MAX : start,
    end: end < inner.end ? end : inner.end,
    step: inner.step * outer.step,
  };
}

export default rewrite({
  id: 'fuse-consecutive-slices',
  summary: 'Slice once where a Slice is sliced again.',
  why: 'x[:, 1:][:, :, :8] is one Slice for each pair of brackets, and each axis of an index comes as a Slice of its own.',
  exact: true,
  since: 10,

  pattern: op('Slice', 'outer'),

  rewrite({ outer }, context) {
    const inner = outer.inputs[0]?.producer;
    const x = inner?.inputs[0];
    if (inner?.operator !== 'Slice' || x === undefined || !context.isReadable(inner)) return undefined;
    if (inner.output.onlyUser !== outer) return refuse('what it slices is used elsewhere, too');
    const first = sliceBounds(inner, context);
    const second = sliceBounds(outer, context);
    if (first === undefined || second === undefined)
      return refuse('the bounds of one are computed, go backwards, or count from an end that is not known');
    const bounds = new Map(first.map((bound) => [bound.axis, bound]));
    for (const bound of second) {
      const before = bounds.get(bound.axis);
      bounds.set(bound.axis, before === undefined ? bound : composed(before, bound));
    }
    return context.replace(outer, sliced(x, [...bounds.values()], context, outer));
  },

  examples: [
    {
      title: 'two axes',
      before: `agraph (float[N,8,8] x) => (float[N,4,4] y) <
        int64[1] two = {2}, int64[1] six = {6}, int64[1] four = {4}, int64[1] end = {9223372036854775807}, int64[1] one = {1}> {
        a = Slice (x, two, six, one)
        y = Slice (a, four, end, two)
      }`,
      after: `agraph (float[N,8,8] x) => (float[N,4,4] y) <
        int64[2] starts = {2, 4}, int64[2] ends = {6, 9223372036854775807}, int64[2] axes = {1, 2}> {
        y = Slice (x, starts, ends, axes)
      }`,
    },
    {
      title: 'every other of every other',
      before: `agraph (float[16] x) => (float[3] y) <
        int64[1] one = {1}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}, int64[1] step = {2}, int64[1] stop = {7}> {
        a = Slice (x, one, end, axis, step)
        y = Slice (a, one, stop, axis, step)
      }`,
      after: `agraph (float[16] x) => (float[3] y) <
        int64[1] three = {3}, int64[1] fifteen = {15}, int64[1] axis = {0}, int64[1] four = {4}> {
        y = Slice (x, three, fifteen, axis, four)
      }`,
    },
    {
      title: 'from the end of an axis that is not known',
      before: `agraph (float[N] x) => (float[M] y) <
        int64[1] one = {1}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}, int64[1] minus = {-2}> {
        a = Slice (x, one, end, axis)
        y = Slice (a, minus, end, axis)
      }`,
      after: 'unchanged',
      because: 'the bounds of one are computed, go backwards, or count from an end that is not known',
    },
  ],
});

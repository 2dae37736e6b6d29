import { axisPart, INT64_MAX, type Node, op, refuse, rewrite, splitInto } from '../../src/rule-kit.ts';

/** More readers of one value are not compared with one another. */
const MAXIMUM_SIBLINGS = 64;

export default rewrite({
  id: 'fuse-slices-into-split',
  summary: 'Split a value that is cut into Slices which meet and leave nothing over.',
  why: 'Gates, boxes and rotary halves are sliced out one by one.',
  exact: true,
  since: 10,

  pattern: op('Slice', 'slice'),

  rewrite({ slice }, context) {
    const own = axisPart(slice.output, context);
    const total = own === undefined ? undefined : context.shape(own.whole)?.[own.axis]?.constant;
    if (own === undefined || own.whole.userCount < 2 || own.whole.userCount > MAXIMUM_SIBLINGS) return undefined;
    if (total === undefined) return undefined;
    const pieces: { readonly node: Node; readonly start: bigint; readonly end: bigint }[] = [];
    for (const node of own.whole.users) {
      if (node.operator !== 'Slice' || node.graph !== slice.graph || node.inputs[0] !== own.whole) continue;
      const part = axisPart(node.output, context);
      if (part?.axis !== own.axis) continue;
      // The Split must come before all of them: it is written at the first.
      if (node.position < slice.position) return undefined;
      pieces.push({ node, start: part.start, end: part.end === INT64_MAX ? total : part.end });
    }
    pieces.sort((a, b) => Number(a.start - b.start));
    let at = 0n;
    for (const { start, end } of pieces) {
      if (start !== at) return pieces.length > 2 ? refuse('the Slices overlap or leave something over') : undefined;
      at = end;
    }
    if (pieces.length < 2 || at !== total) return undefined;
    const sizes = pieces.map(({ start, end }) => end - start);
    const parts = splitInto(own.whole, own.axis, sizes, context, slice);
    return context.replaceAll(
      pieces.flatMap(({ node }, index) => {
        const by = parts[index];
        return by === undefined ? [] : [{ old: node.output, by }];
      }),
    );
  },

  examples: [
    {
      title: 'two halves that trade places',
      before: `agraph (float[N,4] x) => (float[N,4] y) <
        int64[1] zero = {0}, int64[1] two = {2}, int64[1] end = {9223372036854775807}, int64[1] axis = {1}> {
        a = Slice (x, zero, two, axis)
        b = Slice (x, two, end, axis)
        n = Neg (b)
        y = Concat <axis = 1> (n, a)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) <int64[2] sizes = {2, 2}> {
        a, b = Split <axis = 1> (x, sizes)
        n = Neg (b)
        y = Concat <axis = 1> (n, a)
      }`,
    },
    {
      title: 'something is left over',
      before: `agraph (float[N,6] x) => (float[N,2] y) <
        int64[1] zero = {0}, int64[1] two = {2}, int64[1] four = {4}, int64[1] axis = {1}> {
        a = Slice (x, zero, two, axis)
        b = Slice (x, two, four, axis)
        y = Sub (a, b)
      }`,
      after: 'unchanged',
    },
  ],
});

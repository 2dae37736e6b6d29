import { attribute, op, rewrite, sliceBounds } from '../../src/rule-kit.ts';

/** The most dims that TensorRT's tensors have; longer vectors are data. */
const MAXIMUM_LENGTH = 8n;

export default rewrite({
  id: 'fold-slice-of-shape',
  summary: 'Gather the elements that a Slice takes of a shape.',
  why: 'TensorRT makes about 27 layers of a Slice, which normalize its bounds, and two of a Gather.',
  exact: true,
  since: 10,
  isLate: true,

  pattern: op('Slice', 'slice'),

  rewrite({ slice }, context) {
    const [shape] = slice.inputs;
    if (shape?.producer?.operator !== 'Shape' || !context.isReadable(shape.producer)) return undefined;
    const length = context.shape(shape)?.[0]?.constant;
    const [bound] = sliceBounds(slice, context) ?? [];
    if (length === undefined || length > MAXIMUM_LENGTH || bound === undefined) return undefined;
    const end = bound.end < length ? bound.end : length;
    const indices: bigint[] = [];
    for (let index = bound.start; index < end; index += bound.step) indices.push(index);
    if (indices.length === 0) return undefined;
    const operand = context.vector(indices, `${slice.output.name}_indices`);
    const attributes = [attribute.int('axis', 0)];
    return context.replace(slice, context.node('Gather', [shape, operand], { attributes, from: slice }));
  },

  examples: [
    {
      title: 'the spatial dims',
      before: `agraph (float[N,3,H,W] x) => (int64[2] y) <int64[1] start = {2}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}> {
        s = Shape (x)
        y = Slice (s, start, end, axis)
      }`,
      after: `agraph (float[N,3,H,W] x) => (int64[2] y) <int64[2] indices = {2, 3}> {
        s = Shape (x)
        y = Gather <axis = 0> (s, indices)
      }`,
    },
    {
      title: 'a part of other data',
      before: `agraph (int64[4] s) => (int64[2] y) <int64[1] start = {2}, int64[1] end = {4}, int64[1] axis = {0}> {
        y = Slice (s, start, end, axis)
      }`,
      after: 'unchanged',
    },
    {
      title: 'nothing',
      before: `agraph (float[N,3,H,W] x) => (int64[0] y) <int64[1] start = {4}, int64[1] end = {5}, int64[1] axis = {0}> {
        s = Shape (x)
        y = Slice (s, start, end, axis)
      }`,
      after: 'unchanged',
    },
  ],
});

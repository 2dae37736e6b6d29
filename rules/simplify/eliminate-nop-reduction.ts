import { integersOrAttribute, normalizedAxes, op, rewrite, squeezed, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-reduction',
  summary:
    'Remove a reduction over axes of size 1, or write it as a Squeeze; and one that is told to do nothing for no axes.',
  why: 'Global pooling of a map that is 1 by 1 already, and losses over batches of 1.',
  exact: true,

  pattern: op(
    ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'GlobalAveragePool', 'GlobalMaxPool'],
    'node',
  ),

  rewrite({ node }, context) {
    const [x] = node.inputs;
    const shape = x === undefined ? undefined : context.shape(x);
    if (x === undefined || shape === undefined) return undefined;
    const attributes = context.attributes(node);
    const isPool = node.opType.startsWith('Global');
    const all = shape.map((_, axis) => axis);
    const given = isPool ? all.slice(2) : integersOrAttribute(node, context, 'axes', 1);
    // Axes that are computed are neither none nor known.
    if (given === undefined && !isPool && node.inputs[1] !== undefined) return undefined;
    const isNone = given === undefined || given.length === 0;
    const isNop = isNone && attributes.int('noop_with_empty_axes') === 1n;
    const axes = isNop ? [] : isNone ? all : normalizedAxes(given, shape.length);
    if (axes?.every((axis) => shape[axis]?.constant === 1n) !== true) return undefined;
    if (isPool || isNop || attributes.int('keepdims') === 1n)
      return wouldKeepIdentity(node.output, x) ? undefined : context.replace(node, x);
    return axes.length > 0 ? context.replace(node, squeezed(x, axes, context)) : undefined;
  },

  examples: [
    {
      title: 'the mean of a map of one element',
      before: `agraph (float[N,8,1,1] x) => (float[N,8,1,1] y) <int64[2] axes = {2, 3}> {
        a = ReduceMean <keepdims = 1> (x, axes)
        y = Neg (a)
      }`,
      after: `agraph (float[N,8,1,1] x) => (float[N,8,1,1] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'the axis goes',
      before: `agraph (float[N,1] x) => (float[N] y) <int64[1] axes = {-1}> {
        y = ReduceMax <keepdims = 0> (x, axes)
      }`,
      after: `agraph (float[N,1] x) => (float[N] y) <int64[1] axes = {1}> {
        y = Squeeze (x, axes)
      }`,
    },
    {
      title: 'an axis whose size is not known',
      before: `agraph (float[N,M] x) => (float[N,1] y) <int64[1] axes = {1}> {
        y = ReduceSum (x, axes)
      }`,
      after: 'unchanged',
    },
  ],
});

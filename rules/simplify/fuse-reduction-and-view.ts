import {
  EXACT_REDUCTIONS,
  ROUNDED_REDUCTIONS,
  attribute,
  integersOrAttribute,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  sameShape,
} from '../../src/rule-kit.ts';

const REDUCTIONS = [...EXACT_REDUCTIONS, ...ROUNDED_REDUCTIONS, 'ReduceLogSum'];

export default rewrite({
  id: 'fuse-reduction-and-view',
  summary:
    'Let a reduction or ArgMax keep or drop its axes itself, where a Squeeze, Unsqueeze or Reshape behind it does.',
  why: 'mean(-1).unsqueeze(-1), and global pooling followed by flatten.',
  exact: true,

  pattern: op(['Squeeze', 'Unsqueeze', 'Reshape', 'Flatten'], 'view'),

  rewrite({ view }, context) {
    const reduction = view.inputs[0]?.producer;
    const x = reduction?.inputs[0];
    const isArgument = reduction?.operator === 'ArgMax' || reduction?.operator === 'ArgMin';
    if (reduction === undefined || x === undefined || !context.isReadable(reduction)) return undefined;
    if (!isArgument && !REDUCTIONS.includes(reduction.operator)) return undefined;
    const shape = context.shape(x);
    const wanted = context.shape(view.output);
    const attributes = context.attributes(reduction);
    const given = isArgument ? [attributes.int('axis') ?? 0n] : integersOrAttribute(reduction, context, 'axes', 1);
    if (shape === undefined || wanted === undefined || given === undefined || given.length === 0) return undefined;
    const axes = normalizedAxes(given, shape.length);
    if (axes === undefined) return undefined;
    const keeps = attributes.int('keepdims') === 1n;
    const rest = shape.filter((_, axis) => !axes.includes(axis));
    const isOther = keeps
      ? sameShape(rest, wanted)
      : wanted.length === shape.length &&
        wanted.every((dim, axis) => (axes.includes(axis) ? dim.constant === 1n : shape[axis]?.equals(dim) === true));
    if (!isOther) return undefined;
    if (reduction.output.onlyUser !== view) return refuse('the result is used in its other shape, too');
    const keepdims = attribute.int('keepdims', keeps ? 0 : 1);
    return context.replace(view, context.like(reduction, reduction.inputs, { keepdims }));
  },

  examples: [
    {
      title: 'mean(-1).unsqueeze(-1)',
      before: `agraph (float[N,4] x) => (float[N,1] y) <int64[1] axes = {-1}> {
        a = ReduceMean <keepdims = 0> (x, axes)
        y = Unsqueeze (a, axes)
      }`,
      after: `agraph (float[N,4] x) => (float[N,1] y) <int64[1] axes = {-1}> {
        y = ReduceMean <keepdims = 1> (x, axes)
      }`,
    },
    {
      title: 'pool and flatten',
      before: `agraph (float[N,8,2,2] x) => (float[N,8] y) <int64[2] axes = {2, 3}> {
        a = ReduceMax <keepdims = 1> (x, axes)
        y = Flatten <axis = 1> (a)
      }`,
      after: `agraph (float[N,8,2,2] x) => (float[N,8] y) <int64[2] axes = {2, 3}> {
        y = ReduceMax <keepdims = 0> (x, axes)
      }`,
    },
    {
      title: 'another axis comes back',
      before: `agraph (float[2,4] x) => (float[1,2] y) <int64[1] axes = {1}, int64[1] front = {0}> {
        a = ReduceSum <keepdims = 0> (x, axes)
        y = Unsqueeze (a, front)
      }`,
      after: 'unchanged',
    },
    {
      title: 'both shapes are wanted',
      before: `agraph (float[2,4] x) => (float[2] a, float[2,1] y) <int64[1] axes = {1}> {
        a = ReduceSum <keepdims = 0> (x, axes)
        y = Unsqueeze (a, axes)
      }`,
      after: 'unchanged',
      because: 'the result is used in its other shape, too',
    },
  ],
});

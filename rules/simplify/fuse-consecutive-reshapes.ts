import { op, refuse, reshapeTarget, rewrite, sameShape, wouldSaveNothing } from '../../src/rule-kit.ts';

const VIEWS = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

export default rewrite({
  id: 'fuse-consecutive-reshapes',
  summary: 'Fuse a Reshape, Flatten, Squeeze or Unsqueeze with the one before it.',
  why: 'Exporters flatten and unflatten around every block; only the last shape matters.',
  exact: true,
  since: 5,

  pattern: op(VIEWS, 'outer'),

  rewrite({ outer }, context) {
    const inner = outer.inputs[0]?.producer;
    const x = inner?.inputs[0];
    if (inner === undefined || x === undefined || !VIEWS.includes(inner.operator) || !context.isReadable(inner))
      return undefined;
    const from = context.shape(x);
    const to = context.shape(outer.output);
    if (to === undefined) return undefined;
    if (sameShape(from, to)) return wouldSaveNothing(outer, inner, x) ? undefined : context.replace(outer, x);
    const target = reshapeTarget(context, from, to);
    if (target === undefined)
      return refuse('two or more dims of the result are neither constant nor copied from the same axis');
    if (typeof target === 'string') return refuse(target);
    const vector = context.vector(target, `${outer.output.name}_shape`);
    return context.replace(outer, context.node('Reshape', [x, vector], { from: outer }));
  },

  examples: [
    {
      title: 'the inner shape is forgotten',
      before: `agraph (float[2,3,4] x) => (float[4,6] y) <int64[1] flat = {24}, int64[2] shape = {4, 6}> {
        t = Reshape (x, flat)
        y = Reshape (t, shape)
      }`,
      after: `agraph (float[2,3,4] x) => (float[4,6] y) <int64[2] shape = {4, 6}> {
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'there and back again is nothing',
      before: `agraph (float[N,4] x) => (float[N,4] y) <int64[1] axes = {1}> {
        t = Unsqueeze (x, axes)
        u = Squeeze (t, axes)
        y = Neg (u)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a 0 that copies an axis of the inner result',
      before: `agraph (float[N,3,4] x) => (float[P,2] y) <int64[2] flat = {-1, 4}, int64[3] shape = {0, 2, 2}> {
        t = Reshape (x, flat)
        y = Reshape (t, shape)
      }`,
      after: `agraph (float[N,3,4] x) => (float[P,2] y) <int64[3] shape = {-1, 2, 2}> {
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'two dims that only the runtime knows',
      before: `agraph (float[N,M,4] x, int64[3] shape) => (float[P,Q,R] y) <int64[2] flat = {-1, 4}> {
        t = Reshape (x, flat)
        y = Reshape (t, shape)
      }`,
      after: 'unchanged',
      because: 'two or more dims of the result are neither constant nor copied from the same axis',
    },
  ],
});

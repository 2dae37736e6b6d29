import { op, refuse, reshapeTarget, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-flatten',
  summary: 'Write a Flatten of a dynamic shape as a Reshape to a constant one.',
  why: 'TensorRT computes the shape of a Flatten in six layers at run time where it is not fixed; a Reshape that copies or solves for the dim is one.',
  exact: true,
  since: 5,

  pattern: op('Flatten', 'flatten', value('x')),

  rewrite({ flatten, x }, context) {
    const from = context.shape(x);
    const to = context.shape(flatten.output);
    if (from === undefined || to === undefined || from.every((dim) => dim.constant !== undefined)) return undefined;
    const target = reshapeTarget(context, from, to);
    if (target === undefined) return refuse('both dims of its result are products that only the runtime knows');
    if (typeof target === 'string') return refuse(target);
    const shape = context.vector(target, `${flatten.output.name}_shape`);
    return context.replace(flatten, context.node('Reshape', [x, shape], { from: flatten }));
  },

  examples: [
    {
      title: 'what a classifier reads',
      before: `agraph (float[N,2,3] x) => (float[N,6] y) {
        y = Flatten <axis = 1> (x)
      }`,
      after: `agraph (float[N,2,3] x) => (float[N,6] y) <int64[2] shape = {0, 6}> {
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'a dim that the Reshape solves for',
      before: `agraph (float[N,L,3] x) => (float[P,3] y) {
        y = Flatten <axis = 2> (x)
      }`,
      after: `agraph (float[N,L,3] x) => (float[P,3] y) <int64[2] shape = {-1, 3}> {
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'two products',
      before: `agraph (float[A,B,C,D] x) => (float[P,Q] y) {
        y = Flatten <axis = 2> (x)
      }`,
      after: 'unchanged',
      because: 'both dims of its result are products that only the runtime knows',
    },
    {
      title: 'a fixed shape',
      before: `agraph (float[2,3,4] x) => (float[2,12] y) {
        y = Flatten (x)
      }`,
      after: 'unchanged',
    },
  ],
});

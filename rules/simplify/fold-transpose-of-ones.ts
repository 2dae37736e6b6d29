import { op, permutationOf, refuse, reshapeTarget, rewrite, value } from '../../src/rule-kit.ts';

const VIEWS = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

export default rewrite({
  id: 'fold-transpose-of-ones',
  summary: 'Write a Transpose that moves only axes of size 1 as a Reshape, where it meets a view to become one with.',
  why: 'One channel, one head or one picture: no element changes its place in memory.',
  exact: true,
  since: 5,

  pattern: op('Transpose', 'transpose', value('x')),

  rewrite({ transpose, x }, context) {
    const shape = context.shape(x);
    const to = context.shape(transpose.output);
    const perm = permutationOf(transpose, context);
    if (shape === undefined || to === undefined || perm === undefined) return undefined;
    const large = perm.filter((axis) => shape[axis]?.constant !== 1n);
    if (large.length === perm.length || large.some((axis, index) => index > 0 && axis < (large[index - 1] ?? 0)))
      return undefined;
    const user = transpose.output.onlyUser;
    const meetsView =
      (x.producer !== undefined && VIEWS.includes(x.producer.operator)) ||
      (user !== undefined && VIEWS.includes(user.operator) && user.inputs[0] === transpose.output);
    if (!meetsView) return undefined;
    const target = reshapeTarget(context, shape, to);
    if (target === undefined || typeof target === 'string')
      return refuse(target ?? 'two or more dims are known at run time only');
    const vector = context.vector(target, `${transpose.output.name}_shape`);
    return context.replace(transpose, context.node('Reshape', [x, vector], { from: transpose }));
  },

  examples: [
    {
      title: 'one channel in front of a Flatten',
      before: `agraph (float[N,1,4,5] x) => (float[N,20] y) {
        t = Transpose <perm = [0, 2, 3, 1]> (x)
        y = Flatten <axis = 1> (t)
      }`,
      after: `agraph (float[N,1,4,5] x) => (float[N,20] y) <int64[4] shape = {0, 4, 5, 1}> {
        t = Reshape (x, shape)
        y = Flatten <axis = 1> (t)
      }`,
    },
    {
      title: 'two channels are moved',
      before: `agraph (float[N,2,4,5] x) => (float[N,40] y) {
        t = Transpose <perm = [0, 2, 3, 1]> (x)
        y = Flatten <axis = 1> (t)
      }`,
      after: 'unchanged',
    },
  ],
});

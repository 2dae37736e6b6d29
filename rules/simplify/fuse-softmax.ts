import { attribute, oneOf, op, partProblem, reducedAxes, refuse, rewrite, value } from '../../src/rule-kit.ts';

const exponential = op(
  'Exp',
  'exp',
  oneOf(
    op('Sub', 'shifted', value('x'), op('ReduceMax', 'maximum', value('x'), value('maximumAxes'))),
    op('Sub', 'shifted', value('x'), op('ReduceMax', 'maximum', value('x'))),
  ),
);

export default rewrite({
  id: 'fuse-softmax',
  summary: 'Put a Softmax back together, of which the largest element is taken away first.',
  why: 'Hand-written softmax, as in attention of old code, is five nodes.',
  exact: 'sums are rounded in another order: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 13,

  pattern: op('Div', 'root', exponential, op('ReduceSum', 'total', exponential, value('totalAxes'))),

  rewrite(captures, context) {
    const { root, x, maximum, total } = captures;
    if (x === undefined || maximum === undefined) return undefined;
    for (const reduce of [maximum, total])
      if (context.attributes(reduce).int('keepdims') === 0n) return refuse('a reduction drops its axis');
    const axes = reducedAxes(total, context);
    const rank = context.shape(x)?.length;
    if (axes?.length !== 1 || rank === undefined) return refuse('it is not over one axis');
    if (String(reducedAxes(maximum, context)) !== String(axes))
      return refuse('the largest is taken along another axis');
    const type = context.dataType(x);
    if (type !== 'float' && type !== 'double' && type !== 'float16' && type !== 'bfloat16') return undefined;
    const problem = partProblem(root, x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const attributes = [attribute.int('axis', (axes[0] ?? 0) - rank)];
    return context.replace(root, context.node('Softmax', [x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'over the last axis',
      before: `agraph (float[N,4] x) => (float[N,4] y) <int64[1] axes = {-1}, int64[1] last = {1}> {
        m = ReduceMax (x, axes)
        d = Sub (x, m)
        e = Exp (d)
        t = ReduceSum (e, last)
        y = Div (e, t)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Softmax <axis = -1> (x)
      }`,
    },
    {
      title: 'the sum over another axis',
      before: `agraph (float[N,4] x) => (float[N,4] y) <int64[1] axes = {-1}, int64[1] first = {0}> {
        m = ReduceMax (x, axes)
        d = Sub (x, m)
        e = Exp (d)
        t = ReduceSum (e, first)
        y = Div (e, t)
      }`,
      after: 'unchanged',
      because: 'the largest is taken along another axis',
    },
  ],
});

import { near, oneOf, oneOfNodes, op, optional, refuse, rewrite, strayValue, value } from '../../src/rule-kit.ts';

const squares = oneOf(op('Mul', 'square', value('x'), value('x')), op('Pow', 'square', value('x'), near(2)));

export default rewrite({
  id: 'fuse-reduce-l2',
  summary: 'Put a ReduceL2 or a ReduceSumSquare back together.',
  why: 'The length of a vector is exported as its squares, their sum and the root.',
  exact: 'sums are rounded in another order: a relative error of about 1e-6 for float, 1e-3 for float16',

  pattern: oneOfNodes(
    op('Sqrt', 'root', op('ReduceSumSquare', 'reduce')),
    op('ReduceSum', 'root', squares),
    op('ReduceSum', 'root', squares, optional('axes')),
  ),

  rewrite(captures, context) {
    const { root, reduce, x } = captures;
    if (root === undefined) return undefined;
    if (strayValue(root, captures) !== undefined) return refuse('a part of it is used elsewhere, too');
    if (reduce !== undefined) {
      const attributes = [...reduce.attributes.values()];
      return context.replace(root, context.node('ReduceL2', reduce.inputs, { attributes, from: root }));
    }
    // ReduceSum takes its axes as an input from opset 13 on, the others from 18 on.
    if (x === undefined || context.dataType(x) === undefined || (context.opset >= 13 && context.opset < 18))
      return undefined;
    const type = context.dataType(x);
    if (type !== 'float' && type !== 'double' && type !== 'float16') return undefined;
    const attributes = [...root.attributes.values()];
    const inputs = [x, ...root.inputs.slice(1)];
    return context.replace(root, context.node('ReduceSumSquare', inputs, { attributes, from: root }));
  },

  examples: [
    {
      title: 'the length of a vector',
      before: `agraph (float[N,4] x) => (float[N,1] y) <int64[1] axes = {-1}, float two = {2}> {
        p = Pow (x, two)
        s = ReduceSum (p, axes)
        y = Sqrt (s)
      }`,
      after: `agraph (float[N,4] x) => (float[N,1] y) <int64[1] axes = {-1}> {
        y = ReduceL2 (x, axes)
      }`,
    },
    {
      title: 'the squares are wanted, too',
      before: `agraph (float[N,4] x) => (float[N,4] p, float[N,1] y) <int64[1] axes = {-1}> {
        p = Mul (x, x)
        y = ReduceSum (p, axes)
      }`,
      after: 'unchanged',
      because: 'a part of it is used elsewhere, too',
    },
  ],
});

import {
  attribute,
  constant,
  numberOf,
  oneOfNodes,
  op,
  partProblem,
  refuse,
  rewrite,
  value,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-swish',
  summary: 'Put a Swish (SiLU) back together.',
  why: 'Before opset 24 there was no Swish; it is x times the Sigmoid of x.',
  exact: 'rounded once and not twice: a relative error of about 1e-7 for float, 1e-3 for float16',
  since: 24,
  costs: 'layers',

  pattern: oneOfNodes(
    op('Mul', 'root', value('x'), op('Sigmoid', 'gate', value('x'))),
    op('Mul', 'root', value('x'), op('Sigmoid', 'gate', op('Mul', 'scaled', value('x'), constant('alpha')))),
  ),

  rewrite(captures, context) {
    const { root, x, alpha } = captures;
    if (root === undefined || x === undefined) return undefined;
    const slope = alpha === undefined ? 1 : numberOf(context.tensor(alpha));
    if (slope === undefined || !Number.isFinite(slope)) return refuse('the slope is not one number');
    const problem = partProblem(root, x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const attributes = slope === 1 ? [] : [attribute.float('alpha', slope)];
    return context.replace(root, context.node('Swish', [x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'SiLU',
      opset: 24,
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        s = Sigmoid (x)
        y = Mul (s, x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Swish (x)
      }`,
    },
    {
      title: 'with a slope',
      opset: 24,
      before: `agraph (float[N,4] x) => (float[N,4] y) <float alpha = {1.702}> {
        a = Mul (x, alpha)
        s = Sigmoid (a)
        y = Mul (x, s)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Swish <alpha = 1.702> (x)
      }`,
    },
    {
      title: 'the gate of a neighbour',
      opset: 24,
      before: `agraph (float[N,4] x, float[N,4] z) => (float[N,4] y) {
        s = Sigmoid (z)
        y = Mul (x, s)
      }`,
      after: 'unchanged',
    },
  ],
});

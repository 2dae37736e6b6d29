import { attribute, near, oneOf, oneOfNodes, op, partProblem, refuse, rewrite, value } from '../../src/rule-kit.ts';

const clipped = oneOf(
  op('Clip', 'clip', op('Add', 'shifted', value('x'), near(3)), near(0), near(6)),
  op('Min', 'clip', op('Relu', 'relu', op('Add', 'shifted', value('x'), near(3))), near(6)),
);

export default rewrite({
  id: 'fuse-hard-sigmoid',
  summary: 'Put a HardSigmoid back together.',
  why: 'It is exported as x + 3, cut off at 0 and 6, over 6.',
  exact: 'rounded in another order: an absolute error of about 1e-7 for float, 1e-3 for float16',
  since: 11,

  pattern: oneOfNodes(op('Div', 'root', clipped, near(6)), op('Mul', 'root', clipped, near(1 / 6))),

  rewrite(captures, context) {
    const { root, x } = captures;
    if (root === undefined || x === undefined) return undefined;
    const problem = partProblem(root, x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const attributes = [attribute.float('alpha', Math.fround(1 / 6)), attribute.float('beta', 0.5)];
    return context.replace(root, context.node('HardSigmoid', [x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'as PyTorch exports it',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float three = {3}, float zero = {0}, float six = {6}> {
        a = Add (x, three)
        c = Clip (a, zero, six)
        y = Div (c, six)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)
      }`,
    },
    {
      title: 'cut off by Relu and Min',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float three = {3}, float sixth = {0.16666667}, float six = {6}> {
        a = Add (three, x)
        r = Relu (a)
        c = Min (r, six)
        y = Mul (sixth, c)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)
      }`,
    },
    {
      title: 'cut off elsewhere',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float three = {3}, float zero = {0}, float five = {5}, float six = {6}> {
        a = Add (x, three)
        c = Clip (a, zero, five)
        y = Div (c, six)
      }`,
      after: 'unchanged',
    },
  ],
});

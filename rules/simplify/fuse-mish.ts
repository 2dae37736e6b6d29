import { op, partProblem, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-mish',
  summary: 'Put a Mish back together.',
  why: 'Before opset 18 there was no Mish; it is x times the Tanh of its Softplus.',
  exact: 'rounded once and not three times: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 18,

  pattern: op('Mul', 'root', value('x'), op('Tanh', 'tanh', op('Softplus', 'softplus', value('x')))),

  rewrite(captures, context) {
    const { root, x } = captures;
    const problem = partProblem(root, x, captures, context);
    return problem === undefined ? context.replace(root, context.node('Mish', [x], { from: root })) : refuse(problem);
  },

  examples: [
    {
      title: 'as exported',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        s = Softplus (x)
        t = Tanh (s)
        y = Mul (x, t)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Mish (x)
      }`,
    },
    {
      title: 'of another value',
      before: `agraph (float[N,4] x, float[N,4] z) => (float[N,4] y) {
        s = Softplus (z)
        t = Tanh (s)
        y = Mul (x, t)
      }`,
      after: 'unchanged',
    },
  ],
});

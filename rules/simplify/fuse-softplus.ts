import { near, op, partProblem, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-softplus',
  summary: 'Put a Softplus back together.',
  why: 'log(exp(x) + 1) overflows where Softplus does not.',
  exact:
    'an absolute error of about 1e-7 for float, 1e-3 for float16; where exp(x) is beyond the type, x and not infinity',

  pattern: op('Log', 'root', op('Add', 'sum', op('Exp', 'exp', value('x')), near(1))),

  rewrite(captures, context) {
    const { root, x } = captures;
    const type = context.dataType(x);
    // ONNX Runtime has no Softplus of bfloat16, and the standard none before opset 22.
    if (type !== 'float' && type !== 'double' && type !== 'float16') return undefined;
    const problem = partProblem(root, x, captures, context);
    return problem === undefined
      ? context.replace(root, context.node('Softplus', [x], { from: root }))
      : refuse(problem);
  },

  examples: [
    {
      title: 'as exported',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float one = {1}> {
        e = Exp (x)
        s = Add (one, e)
        y = Log (s)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Softplus (x)
      }`,
    },
    {
      title: 'another number',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float two = {2}> {
        e = Exp (x)
        s = Add (two, e)
        y = Log (s)
      }`,
      after: 'unchanged',
    },
  ],
});

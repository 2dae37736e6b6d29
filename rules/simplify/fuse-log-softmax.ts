import { op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-log-softmax',
  summary: 'Put the Log of a Softmax together as a LogSoftmax.',
  why: 'It is one node, and right where a probability is too small to be written.',
  exact:
    'a relative error of about 1e-6 for float, 1e-3 for float16; where a probability is rounded to 0, its logarithm and not minus infinity',

  pattern: op('Log', 'root', op('Softmax', 'softmax', value('x'))),

  rewrite({ root, softmax, x }, context) {
    if (softmax.output.onlyUser !== root) return refuse('the probabilities are used elsewhere, too');
    const attributes = [...softmax.attributes.values()];
    return context.replace(root, context.node('LogSoftmax', [x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'along any axis',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        s = Softmax <axis = 0> (x)
        y = Log (s)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = LogSoftmax <axis = 0> (x)
      }`,
    },
    {
      title: 'the probabilities are wanted, too',
      before: `agraph (float[N,4] x) => (float[N,4] s, float[N,4] y) {
        s = Softmax (x)
        y = Log (s)
      }`,
      after: 'unchanged',
      because: 'the probabilities are used elsewhere, too',
    },
  ],
});

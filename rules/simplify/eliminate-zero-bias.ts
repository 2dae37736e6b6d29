import { constant, op, rewrite, uniformElement, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-zero-bias',
  summary: 'Leave out a bias of zeros of a Conv, ConvTranspose or Gemm.',
  why: 'A bias that was never trained is exported like any other; TensorRT adds that of a Gemm in layers of its own.',
  exact: true,
  // From here on the bias of a Gemm may be left out.
  since: 11,

  pattern: op(['Conv', 'ConvTranspose', 'Gemm'], 'linear', value('x'), constant('weight'), constant('bias')),

  rewrite({ linear, x, weight, bias }, context) {
    const element = uniformElement(context.tensor(bias));
    // The sign of a sum that is 0 is left open by the standard, so that adding 0 or -0 cannot be seen in it.
    if (element === undefined || Number(element) !== 0) return undefined;
    return context.replace(linear, context.like(linear, [x, weight]));
  },

  examples: [
    {
      title: 'a classifier that starts at zero',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        y = Gemm <transB = 1> (x, w, b)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}> {
        y = Gemm <transB = 1> (x, w)
      }`,
    },
    {
      title: 'of a Conv',
      before: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        y = Conv (x, w, b)
      }`,
      after: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}> {
        y = Conv (x, w)
      }`,
    },
    {
      title: 'a bias for one of two channels',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {0, 1}> {
        y = Gemm (x, w, b)
      }`,
      after: 'unchanged',
    },
  ],
});

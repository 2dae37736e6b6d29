import { op, refuse, rewrite, uniformElement } from '../../src/rule-kit.ts';

/** Operators with a bias that may be left out, where it stands, and since when. */
const BIAS: Readonly<Record<string, { readonly index: number; readonly since: number }>> = {
  Conv: { index: 2, since: 1 },
  ConvTranspose: { index: 2, since: 1 },
  DeformConv: { index: 4, since: 19 },
  Gemm: { index: 2, since: 11 },
  QLinearConv: { index: 8, since: 10 },
};

export default rewrite({
  id: 'eliminate-zero-bias',
  summary: 'Leave out a bias of zeros.',
  why: 'Layers made without a bias get one when they are converted, and it hides them from what looks for none.',
  exact: true,

  pattern: op(Object.keys(BIAS), 'node'),

  rewrite({ node }, context) {
    const place = BIAS[node.opType];
    const bias = place === undefined ? undefined : node.inputs[place.index];
    if (place === undefined || bias === undefined || context.opset < place.since) return undefined;
    if (Number(uniformElement(context.tensor(bias))) !== 0) return undefined;
    if (node.opType === 'Gemm') {
      const attributes = context.attributes(node);
      // Otherwise what is added may be NaN, or a product of -0 stays one.
      if (!Number.isFinite(attributes.float('beta')) || (attributes.float('alpha') ?? 0) <= 0)
        return refuse('its factors make more of 0 than 0');
    }
    return context.replace(node, context.like(node, node.inputs.with(place.index, undefined)));
  },

  examples: [
    {
      title: 'a Conv',
      before: `agraph (float[N,2,3,3] x) => (float[N,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        y = Conv (x, w, b)
      }`,
      after: `agraph (float[N,2,3,3] x) => (float[N,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}> {
        y = Conv (x, w)
      }`,
    },
    {
      title: 'a Gemm with a bias that broadcasts',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[1,2] b = {0, 0}> {
        y = Gemm <beta = 3.0> (x, w, b)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}> {
        y = Gemm <beta = 3.0> (x, w)
      }`,
    },
    {
      title: 'not all are 0',
      before: `agraph (float[N,2,3,3] x) => (float[N,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2] b = {0, 1}> {
        y = Conv (x, w, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a negative factor makes -0 of an empty sum',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        y = Gemm <alpha = -1.0> (x, w, b)
      }`,
      after: 'unchanged',
      because: 'its factors make more of 0 than 0',
    },
    {
      title: 'before opset 11 a Gemm has a bias',
      opset: 9,
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        y = Gemm (x, w, b)
      }`,
      after: 'unchanged',
    },
  ],
});

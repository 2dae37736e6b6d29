import {
  channelNumbers,
  constant,
  floatTensor,
  linearOf,
  oneOfNodes,
  op,
  doublesOf,
  refuse,
  rewrite,
  sameShape,
  value,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-add-into-bias',
  summary: 'Add a constant for each channel to the bias of the Conv, ConvTranspose or Gemm before it.',
  why: 'These operators add a bias anyway.',
  exact:
    'two constants are added first, and sums are rounded in another order: a relative error of about 1e-7 for float, 1e-3 for float16, of the largest term',
  since: 7,
  isLate: true,

  pattern: oneOfNodes(op('Add', 'sum', value('x'), constant('shift')), op('Sub', 'sum', value('x'), constant('shift'))),

  rewrite({ sum, x, shift }, context) {
    if (sum === undefined || x === undefined || shift === undefined) return undefined;
    const linear = linearOf(x.producer, context);
    if (linear?.takesBias !== true || x === shift) return undefined;
    const { node, outputs, bias, tensor } = linear;
    if (x.onlyUser !== sum) return refuse('the result without the constant is used elsewhere, too');
    const rank = node.operator === 'Gemm' ? 2 : tensor.dims.length;
    if (context.shape(x)?.length !== rank) return refuse('its rank is not known');
    const shifts = channelNumbers(context.tensor(shift), rank, outputs);
    if (shifts === undefined || !sameShape(context.shape(x), context.shape(sum.output)))
      return refuse('the constant is not one number for each channel');
    const before = bias === undefined ? new Float64Array(outputs.count) : doublesOf(context.tensor(bias));
    // A Gemm may have a bias of other shapes than a vector of the channels.
    const isVector =
      before?.length === outputs.count && (bias === undefined || context.tensor(bias)?.dims.length === 1);
    if (before === undefined || !isVector) return refuse('the bias is not a constant vector');
    const sign = sum.operator === 'Sub' ? -1 : 1;
    const values = before.map((number, channel) => number + sign * (shifts[channel] ?? shifts[0] ?? 0));
    const added = floatTensor(tensor.dataType, [outputs.count], values);
    if (doublesOf(added)?.every(Number.isFinite) !== true) return refuse('the bias would not be finite');
    const by = context.constant(added, bias?.name ?? `${x.name}_bias`);
    return context.replace(sum, context.like(node, [node.inputs[0], node.inputs[1], by]));
  },

  examples: [
    {
      title: 'a bias of its own node',
      before: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2,1,1] b = {5, 6}> {
        c = Conv (x, w)
        y = Add (b, c)
      }`,
      after: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2] b = {5, 6}> {
        y = Conv (x, w, b)
      }`,
    },
    {
      title: 'a number taken from all channels of a Gemm that has a bias',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {5, 6}, float two = {2}> {
        g = Gemm <transB = 1> (x, w, b)
        y = Sub (g, two)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {3, 4}> {
        y = Gemm <transB = 1> (x, w, b)
      }`,
    },
    {
      title: 'a vector along the width',
      before: `agraph (float[1,2,2,2] x) => (float[1,2,2,2] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2] b = {5, 6}> {
        c = Conv (x, w)
        y = Add (c, b)
      }`,
      after: 'unchanged',
      because: 'the constant is not one number for each channel',
    },
    {
      title: 'a bias that is multiplied',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {5, 6}> {
        g = Gemm <beta = 2.0> (x, w, b)
        y = Add (g, b)
      }`,
      after: 'unchanged',
    },
  ],
});

import {
  channelScale,
  linearOf,
  op,
  refuse,
  rewrite,
  scaledTensor,
  sharedTensor,
  shiftedBias,
  value,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-batch-normalization-into-conv',
  summary: 'Fold a BatchNormalization into the Conv, ConvTranspose, Gemm or MatMul before it.',
  why: 'At inference it is a scale and a shift for each channel, which the weights can carry.',
  exact:
    'each weight is rounded once more: a relative error of about 1e-7 for float, 1e-3 for float16, summed over the kernel',

  pattern: op(
    'BatchNormalization',
    'normalization',
    value('y'),
    value('scale'),
    value('shift'),
    value('mean'),
    value('variance'),
  ),

  rewrite({ normalization, y, scale, shift, mean, variance }, context) {
    const conv = y.producer;
    if (conv === undefined || !['Conv', 'ConvTranspose', 'Gemm', 'MatMul'].includes(conv.operator)) return undefined;
    const attributes = context.attributes(normalization);
    if (y.onlyUser !== normalization) return refuse(`the result of the ${conv.opType} is used elsewhere, too`);
    if (normalization.outputs.slice(1).some((output) => output !== undefined))
      return refuse('it also puts out its statistics');
    if (attributes.int('training_mode') === 1n || (context.opset < 7 && attributes.int('is_test') !== 1n))
      return refuse('it is in training mode');
    if (context.opset < 9 && attributes.int('spatial') === 0n) return refuse('it normalizes each element by itself');
    const linear = linearOf(conv, context);
    const offset = context.tensor(linear?.bias);
    if (linear === undefined || (linear.bias !== undefined && offset === undefined))
      return refuse(`the weights of the ${conv.opType} are not constant`);
    const isMatrix = conv.opType === 'Gemm' || conv.opType === 'MatMul';
    if (isMatrix && (context.opset < 11 || context.shape(y)?.length !== 2))
      return refuse('the channels that it normalizes are not those of the weight');
    if (offset !== undefined && offset.dims.length !== 1) return refuse('the bias is not a vector');
    const [gamma, beta, average, spread] = [scale, shift, mean, variance].map((input) => context.tensor(input));
    if (gamma === undefined || beta === undefined || average === undefined || spread === undefined)
      return refuse('its parameters are not constant');
    const factors = channelScale(gamma, spread, attributes.float('epsilon') ?? 1e-5);
    if (factors === undefined) return refuse('its parameters are not finite floats that are at hand');
    const { tensor, weight, outputs, data } = linear;
    if (factors.length !== outputs.count) return refuse(`it has another number of channels than the ${conv.opType}`);
    if (sharedTensor(tensor, weight, conv))
      return refuse('the weight is read elsewhere, too, and would have to be stored twice');
    const scaled = scaledTensor(tensor, factors, outputs.at);
    const biases = shiftedBias(tensor.dataType, factors, offset, average, beta);
    if (scaled === undefined || biases === undefined)
      return refuse(`the weights of the ${conv.opType} are of a type that is not scaled, or would be beyond it`);
    const inputs = [data, context.constant(scaled, weight.name), context.constant(biases, `${y.name}_bias`)];
    return context.replace(
      normalization,
      conv.opType === 'MatMul' ? context.node('Gemm', inputs, { from: conv }) : context.like(conv, inputs),
    );
  },

  examples: [
    {
      title: 'scale and shift move into the weights',
      before: `agraph (float[1,1,2,2] x) => (float[1,2,2,2] y) <
        float[2,1,1,1] w = {1, 2}, float[2] scale = {2, 4}, float[2] shift = {1, 0}, float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        c = Conv (x, w)
        y = BatchNormalization <epsilon = 0.0> (c, scale, shift, mean, variance)
      }`,
      after: `agraph (float[1,1,2,2] x) => (float[1,2,2,2] y) <float[2,1,1,1] w = {2, 4}, float[2] b = {1, -2}> {
        y = Conv (x, w, b)
      }`,
    },
    {
      title: 'groups of a ConvTranspose',
      before: `agraph (float[1,2,2,2] x) => (float[1,4,2,2] y) <
        float[2,2,1,1] w = {1, 2, 3, 4}, float[4] scale = {2, 4, 6, 8}, float[4] shift = {1, 0, 1, 0},
        float[4] mean = {0, 1, 0, 1}, float[4] variance = {1, 4, 1, 4}> {
        c = ConvTranspose <group = 2> (x, w)
        y = BatchNormalization <epsilon = 0.0> (c, scale, shift, mean, variance)
      }`,
      after: `agraph (float[1,2,2,2] x) => (float[1,4,2,2] y) <
        float[2,2,1,1] w = {2, 4, 18, 16}, float[4] b = {1, -2, 1, -4}> {
        y = ConvTranspose <group = 2> (x, w, b)
      }`,
    },
    {
      title: 'a linear layer',
      before: `agraph (float[N,2] x) => (float[N,2] y) <
        float[2,2] w = {1, 2, 3, 4}, float[2] scale = {2, 4}, float[2] shift = {1, 0}, float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        m = MatMul (x, w)
        y = BatchNormalization <epsilon = 0.0> (m, scale, shift, mean, variance)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {2, 4, 6, 8}, float[2] b = {1, -2}> {
        y = Gemm (x, w, b)
      }`,
    },
    {
      title: 'channels of the second axis, where a MatMul has rows',
      before: `agraph (float[1,2,2] x) => (float[1,2,2] y) <
        float[2,2] w = {1, 2, 3, 4}, float[2] scale = {2, 4}, float[2] shift = {1, 0}, float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        m = MatMul (x, w)
        y = BatchNormalization (m, scale, shift, mean, variance)
      }`,
      after: 'unchanged',
      because: 'the channels that it normalizes are not those of the weight',
    },
    {
      title: 'the plain result is wanted, too',
      before: `agraph (float[1,1,2,2] x) => (float[1,1,2,2] c, float[1,1,2,2] y) <
        float[1,1,1,1] w = {1}, float[1] scale = {2}, float[1] shift = {1}, float[1] mean = {0}, float[1] variance = {1}> {
        c = Conv (x, w)
        y = BatchNormalization <epsilon = 0.0> (c, scale, shift, mean, variance)
      }`,
      after: 'unchanged',
      because: 'the result of the Conv is used elsewhere, too',
    },
  ],
});

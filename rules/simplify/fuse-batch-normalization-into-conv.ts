import { channelScale, op, optional, refuse, rewrite, scaledTensor, shiftedBias, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-batch-normalization-into-conv',
  summary: 'Fold a BatchNormalization into the Conv before it.',
  why: 'At inference it is a scale and a shift for each channel, which the weights can carry.',
  exact:
    'each weight is rounded once more: a relative error of about 1e-7 for float, 1e-3 for float16, summed over the kernel',

  pattern: op(
    'BatchNormalization',
    'normalization',
    op('Conv', 'conv', value('x'), value('weight'), optional('bias')),
    value('scale'),
    value('shift'),
    value('mean'),
    value('variance'),
  ),

  rewrite({ normalization, conv, x, weight, bias, scale, shift, mean, variance }, context) {
    if (conv.output.onlyUser !== normalization) return refuse('the result of the Conv is used elsewhere, too');
    const attributes = context.attributes(normalization);
    if (normalization.outputs.slice(1).some((output) => output !== undefined))
      return refuse('it also puts out its statistics');
    if (attributes.int('training_mode') === 1n || (context.opset < 7 && attributes.int('is_test') !== 1n))
      return refuse('it is in training mode');
    if (context.opset < 9 && attributes.int('spatial') === 0n) return refuse('it normalizes each element by itself');
    const filters = context.tensor(weight);
    const [gamma, beta, average, spread] = [scale, shift, mean, variance].map((input) => context.tensor(input));
    const offset = context.tensor(bias);
    if (filters === undefined || (bias !== undefined && offset === undefined))
      return refuse('the weights of the Conv are not constant');
    if (gamma === undefined || beta === undefined || average === undefined || spread === undefined)
      return refuse('its parameters are not constant');
    const factors = channelScale(gamma, spread, attributes.float('epsilon') ?? 1e-5);
    if (factors === undefined) return refuse('its parameters are not finite floats that are at hand');
    const [channels] = filters.dims;
    if (channels === undefined || factors.length !== channels)
      return refuse('it has another number of channels than the Conv');
    const scaled = scaledTensor(filters, factors);
    const biases = shiftedBias(filters.dataType, factors, offset, average, beta);
    if (scaled === undefined || biases === undefined)
      return refuse('the weights of the Conv are of a type that is not scaled, or would be beyond it');
    const fused = context.like(conv, [
      x,
      context.constant(scaled, weight.name),
      context.constant(biases, `${conv.output.name}_bias`),
    ]);
    return context.replace(normalization, fused);
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

import {
  channelScale,
  doublesOf,
  floatTensor,
  linearOf,
  op,
  refuse,
  rewrite,
  scaledTensor,
  sharedTensor,
  value,
  weightSums,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-batch-normalization-into-next-conv',
  summary: 'Fold a BatchNormalization into the Conv, Gemm or MatMul after it, which pads nothing.',
  why: 'Where the layer before it does not take it (pre-activation blocks, normalized inputs), the layer after it often does.',
  exact:
    'weights are rounded once more, and the shift is summed up over the kernel beforehand: a relative error of about 1e-6 for float, 1e-3 for float16, of the largest term',
  since: 7,
  isLate: true,

  pattern: op(
    'BatchNormalization',
    'normalization',
    value('x'),
    value('scale'),
    value('shift'),
    value('mean'),
    value('variance'),
  ),

  rewrite({ normalization, x, scale, shift, mean, variance }, context) {
    const layer = normalization.output.onlyUser;
    if (layer === undefined || !['Conv', 'Gemm', 'MatMul'].includes(layer.operator)) return undefined;
    const attributes = context.attributes(normalization);
    if (normalization.outputs.slice(1).some((output) => output !== undefined)) return undefined;
    if (attributes.int('training_mode') === 1n || (context.opset < 9 && attributes.int('spatial') === 0n))
      return undefined;
    const linear = linearOf(layer, context);
    if (linear?.data !== normalization.output || layer.inputs.indexOf(normalization.output, 1) > 0) return undefined;
    if (layer.graph !== context.graph || !context.graph.allowsInitializers) return undefined;
    const { tensor, weight, inputs, outputs, bias } = linear;
    // In a matrix the channels are the second and last axis at once; a MatMul takes no shift in any case.
    const isMatrix = layer.opType !== 'Conv';
    if (isMatrix && (context.shape(x)?.length !== 2 || (layer.opType === 'MatMul' && context.opset < 11)))
      return undefined;
    const padding = context.attributes(layer);
    if (!isMatrix && (padding.string('auto_pad') ?? 'NOTSET') !== 'NOTSET' && padding.string('auto_pad') !== 'VALID')
      return refuse('the Conv pads with zeros, which the shift is not added to');
    if (!isMatrix && padding.ints('pads')?.some((pad) => pad !== 0n) === true && padding.string('auto_pad') !== 'VALID')
      return refuse('the Conv pads with zeros, which the shift is not added to');
    const [gamma, beta, average, spread] = [scale, shift, mean, variance].map((input) => context.tensor(input));
    if (gamma === undefined || beta === undefined || average === undefined || spread === undefined)
      return refuse('its parameters are not constant');
    const factors = channelScale(gamma, spread, attributes.float('epsilon') ?? 1e-5);
    const [centers, offsets] = [doublesOf(average), doublesOf(beta)];
    const before = bias === undefined ? new Float64Array(outputs.count) : doublesOf(context.tensor(bias));
    if (factors?.length !== inputs.count || centers === undefined || offsets === undefined) return undefined;
    if (before?.length !== outputs.count || (bias !== undefined && context.tensor(bias)?.dims.length !== 1))
      return refuse('the bias is not a constant vector');
    if (sharedTensor(tensor, weight, layer))
      return refuse('the weight is read elsewhere, too, and would have to be stored twice');
    const shifts = factors.map((factor, channel) => (offsets[channel] ?? 0) - (centers[channel] ?? 0) * factor);
    const sums = weightSums(tensor, shifts, inputs.at, outputs);
    const scaled = scaledTensor(tensor, factors, inputs.at);
    if (sums === undefined || scaled === undefined)
      return refuse('the weight is not at hand, or of a type that is not scaled, or would be beyond it');
    const biases = floatTensor(
      tensor.dataType,
      [outputs.count],
      before.map((number, channel) => number + (sums[channel] ?? 0)),
    );
    if (doublesOf(biases)?.every(Number.isFinite) !== true) return refuse('the bias would not be finite');
    const operands = [x, context.constant(scaled, weight.name), context.constant(biases, `${layer.output.name}_bias`)];
    return context.replace(
      layer,
      layer.opType === 'MatMul' ? context.node('Gemm', operands, { from: layer }) : context.like(layer, operands),
    );
  },

  examples: [
    {
      title: 'a normalized input',
      before: `agraph (float[1,2,3,3] x) => (float[1,1,2,2] y) <
        float[1,2,2,2] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[2] scale = {2, 4}, float[2] shift = {1, 0},
        float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        n = BatchNormalization <epsilon = 0.0> (x, scale, shift, mean, variance)
        y = Conv (n, w)
      }`,
      after: `agraph (float[1,2,3,3] x) => (float[1,1,2,2] y) <
        float[1,2,2,2] w = {2, 4, 6, 8, 10, 12, 14, 16}, float[1] b = {-42}> {
        y = Conv (x, w, b)
      }`,
    },
    {
      title: 'a border of zeros is not shifted',
      before: `agraph (float[1,2,3,3] x) => (float[1,1,4,4] y) <
        float[1,2,2,2] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[2] scale = {2, 4}, float[2] shift = {1, 0},
        float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        n = BatchNormalization (x, scale, shift, mean, variance)
        y = Conv <pads = [1, 1, 0, 0]> (n, w)
      }`,
      after: 'unchanged',
      because: 'the Conv pads with zeros, which the shift is not added to',
    },
    {
      title: 'the normalized value is wanted, too',
      before: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] n, float[1,1,2,2] y) <
        float[1,2,2,2] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[2] scale = {2, 4}, float[2] shift = {1, 0},
        float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        n = BatchNormalization (x, scale, shift, mean, variance)
        y = Conv (n, w)
      }`,
      after: 'unchanged',
    },
  ],
});

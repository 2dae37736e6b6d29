/** Attribute values that an importer or its static checker refuses. Sources: the constraint of each row. */
import { version } from '../../../src/rule-kit.ts';
import { isIota, smallestChunk } from './attribute-arithmetic.ts';
import { type AttributeRow, type RowContext as Context, words } from './row.ts';

const pools = words('AveragePool MaxPool LpPool');
const recurrent = words('RNN GRU LSTM');
const quantization = words('QuantizeLinear DequantizeLinear');

/** A string attribute outside a set. */
const outside =
  (name: string, accepted: string) =>
  ({ attributes }: Context): string | undefined => {
    const value = attributes.string(name);
    return value === undefined || words(accepted).includes(value) ? undefined : value;
  };

/** An int attribute outside a set. */
const outsideInts =
  (name: string, ...accepted: readonly bigint[]) =>
  ({ attributes }: Context): string | undefined => {
    const value = attributes.int(name);
    return value === undefined || accepted.includes(value) ? undefined : String(value);
  };

const ACTIVATIONS = 'Relu Tanh Sigmoid LeakyRelu ThresholdedRelu ScaledTanh HardSigmoid Elu Softsign Softplus';

export const attributeRows: readonly AttributeRow[] = [
  {
    operators: pools,
    constraint: 'helper-pool-dilations',
    attribute: 'dilations',
    accepted: 'dilations of 1',
    refused: ({ attributes }) => {
      const dilations = attributes.ints('dilations');
      return dilations?.some((dilation) => dilation !== 1n) === true ? `[${dilations.join(', ')}]` : undefined;
    },
  },
  {
    operators: pools,
    constraint: 'helper-pool-kernel-rank',
    attribute: 'kernel_shape',
    accepted: 'kernels of 2 or 3 dimensions, and of 1 for an input of rank 3',
    refused: ({ attributes, input }) => {
      const kernel = attributes.ints('kernel_shape');
      if (kernel === undefined || kernel.length === 2 || kernel.length === 3) return undefined;
      return kernel.length === 1 && (input(0)?.rank ?? 3) === 3 ? undefined : `[${kernel.join(', ')}]`;
    },
  },
  {
    operators: ['AveragePool'],
    constraint: 'helper-pool-asym-pads',
    attribute: 'pads',
    accepted: 'equal pads on both sides',
    refused: ({ attributes }) => {
      const pads = attributes.ints('pads');
      const half = (pads?.length ?? 0) / 2;
      return pads?.some((pad, index) => index < half && pad !== pads[index + half]) === true
        ? `[${pads.join(', ')}]`
        : undefined;
    },
  },
  {
    operators: words('Conv ConvTranspose AveragePool MaxPool LpPool'),
    constraint: 'helper-autopad-with-pads',
    attribute: 'pads',
    accepted: 'no pads beside auto_pad SAME_UPPER or SAME_LOWER',
    refused: ({ attributes }) =>
      attributes.has('pads') && attributes.string('auto_pad')?.startsWith('SAME_') === true
        ? `[${attributes.ints('pads')?.join(', ') ?? ''}]`
        : undefined,
  },
  {
    operators: ['LpPool'],
    constraint: 'lppool-p',
    attribute: 'p',
    accepted: 'p = 1 and 2',
    refused: outsideInts('p', 1n, 2n),
  },
  {
    operators: ['LpNormalization'],
    constraint: 'lpnorm-p',
    attribute: 'p',
    accepted: 'p = 1 and 2',
    refused: outsideInts('p', 1n, 2n),
  },
  {
    operators: words('Resize Upsample'),
    constraint: 'resize-mode',
    attribute: 'mode',
    accepted: 'nearest, linear and (from 8.5 on) cubic',
    refused: (context) =>
      outside(
        'mode',
        context.target.version >= version('8.5') ? 'nearest linear bilinear cubic' : 'nearest linear bilinear',
      )(context),
  },
  {
    operators: ['Resize'],
    constraint: 'resize-ctm',
    attribute: 'coordinate_transformation_mode',
    accepted: 'half_pixel, pytorch_half_pixel, tf_half_pixel_for_nn, asymmetric and align_corners',
    refused: outside(
      'coordinate_transformation_mode',
      'half_pixel pytorch_half_pixel tf_half_pixel_for_nn asymmetric align_corners',
    ),
  },
  {
    operators: ['Resize'],
    constraint: 'resize-antialias',
    attribute: 'antialias',
    accepted: 'antialias = 0',
    refused: outsideInts('antialias', 0n),
  },
  {
    operators: ['Resize'],
    constraint: 'resize-aspect',
    attribute: 'keep_aspect_ratio_policy',
    accepted: 'stretch',
    refused: outside('keep_aspect_ratio_policy', 'stretch'),
  },
  {
    operators: ['Resize'],
    constraint: 'resize-axes-pre10',
    attribute: 'axes',
    accepted: 'no axes',
    refused: ({ attributes }) =>
      attributes.has('axes') ? `[${attributes.ints('axes')?.join(', ') ?? ''}]` : undefined,
  },
  {
    operators: ['Resize'],
    constraint: 'resize-axes-runtime-scales',
    attribute: 'axes',
    accepted: 'all axes in order when scales are no initializer',
    refused: ({ attributes, input }) => {
      const axes = attributes.numbers('axes');
      const scales = input(2);
      if (axes === undefined || scales === undefined || scales.isWeights || scales.elementCount === 0) return undefined;
      return isIota(axes, input(0)?.rank) ? undefined : `[${axes.join(', ')}]`;
    },
  },
  {
    operators: ['ScatterND'],
    constraint: 'scatternd-reduction',
    attribute: 'reduction',
    accepted: 'reduction = none',
    // 10.0 to 10.8 refuse the attribute whatever it says.
    refused: (context) =>
      context.target.version < version('10.9') && context.attributes.has('reduction')
        ? (context.attributes.string('reduction') ?? '')
        : outside('reduction', 'none')(context),
  },
  {
    operators: ['ScatterElements'],
    constraint: 'scatterelements-plugin',
    attribute: 'reduction',
    accepted: 'reduction = none where the ScatterElements plugin is not shipped (TensorRT-RTX)',
    refused: (context) =>
      context.target.product === 'tensorrt-rtx' ? outside('reduction', 'none')(context) : undefined,
  },
  {
    operators: recurrent,
    constraint: 'rnn-bidirectional-activations',
    attribute: 'activations',
    accepted: 'the same activations in both directions',
    refused: ({ attributes }) => {
      const names = attributes.strings('activations');
      if (attributes.string('direction') !== 'bidirectional' || names === undefined) return undefined;
      const half = names.length / 2;
      return names.some((name, index) => index < half && name !== names[index + half]) ? names.join(', ') : undefined;
    },
  },
  {
    operators: recurrent,
    constraint: 'rnn-activation-names',
    attribute: 'activations',
    accepted: `${ACTIVATIONS.replaceAll(' ', ', ')}, in this spelling`,
    refused: ({ attributes }) => attributes.strings('activations')?.find((name) => !words(ACTIVATIONS).includes(name)),
  },
  {
    operators: ['LSTM'],
    constraint: 'lstm-input-forget',
    attribute: 'input_forget',
    accepted: 'input_forget = 0',
    refused: outsideInts('input_forget', 0n),
  },
  {
    operators: ['Pad'],
    constraint: 'pad-const0-only',
    attribute: 'mode',
    accepted: 'constant',
    refused: outside('mode', 'constant'),
  },
  {
    operators: ['Pad'],
    constraint: 'pad-mode',
    attribute: 'mode',
    accepted: 'constant, reflect, edge and (from 10.0 on) wrap',
    refused: (context) =>
      outside(
        'mode',
        context.target.version >= version('10.0') ? 'constant reflect edge wrap' : 'constant reflect edge',
      )(context),
  },
  {
    operators: ['TopK'],
    constraint: 'topk-k-limit',
    attribute: 'K',
    accepted: 'K up to 3840',
    stage: 'build',
    refused: ({ attributes, input }) => {
      const k = input(1)?.knownIntegers?.[0] ?? attributes.int('k');
      return k !== undefined && k > 3840n ? String(k) : undefined;
    },
  },
  {
    operators: ['BatchNormalization'],
    constraint: 'batchnorm-training',
    attribute: 'training_mode',
    accepted: 'training_mode = 0',
    refused: outsideInts('training_mode', 0n),
  },
  {
    operators: ['Dropout'],
    constraint: 'dropout-training-true',
    attribute: 'training_mode',
    accepted: 'training_mode = false',
    refused: ({ input }) => (input(2)?.integers?.[0] === 1n ? 'true' : undefined),
  },
  {
    operators: ['Dropout'],
    constraint: 'dropout-is-test',
    attribute: 'is_test',
    accepted: 'is_test = 1',
    refused: ({ attributes, opset }) =>
      opset < 7 && attributes.has('is_test') && attributes.int('is_test') === 0n ? '0' : undefined,
  },
  {
    operators: ['Gelu'],
    constraint: 'gelu-approximate',
    attribute: 'approximate',
    accepted: 'none and tanh',
    refused: outside('approximate', 'none tanh'),
  },
  {
    operators: ['RoiAlign'],
    constraint: 'roialign-mode',
    attribute: 'mode',
    accepted: 'avg and max',
    refused: outside('mode', 'avg max'),
  },
  {
    operators: ['NonMaxSuppression'],
    constraint: 'nms-center-point',
    attribute: 'center_point_box',
    accepted: '0 and 1',
    refused: outsideInts('center_point_box', 0n, 1n),
  },
  {
    operators: words('RandomUniform RandomNormal RandomUniformLike RandomNormalLike'),
    constraint: 'random-dtype',
    attribute: 'dtype',
    accepted: 'float and float16',
    refused: outsideInts('dtype', 1n, 10n),
  },
  {
    operators: words('HammingWindow HannWindow BlackmanWindow'),
    constraint: 'window-dtype',
    attribute: 'output_datatype',
    accepted: 'float',
    refused: outsideInts('output_datatype', 1n),
  },
  {
    operators: quantization,
    constraint: 'qdq-output-dtype',
    attribute: 'output_dtype',
    accepted: 'float, float16, bfloat16, int8, float8e4m3fn, int4 and (from 10.8 on) float4e2m1',
    refused: outsideInts('output_dtype', 0n, 1n, 3n, 10n, 16n, 17n, 22n, 23n),
  },
  {
    operators: ['Attention'],
    constraint: 'attention-softcap',
    attribute: 'softcap',
    accepted: 'softcap = 0',
    refused: ({ attributes }) => {
      const softcap = attributes.float('softcap') ?? 0;
      return softcap === 0 ? undefined : String(softcap);
    },
  },
  {
    operators: ['Attention'],
    constraint: 'attention-softmax-precision',
    attribute: 'softmax_precision',
    accepted: 'no softmax_precision',
    refused: ({ attributes }) =>
      attributes.has('softmax_precision') ? String(attributes.int('softmax_precision')) : undefined,
  },
  {
    operators: ['Attention'],
    constraint: 'attention-causal-mask',
    attribute: 'is_causal',
    accepted: 'is_causal = 0 beside an attn_mask',
    refused: ({ attributes, input }) =>
      attributes.int('is_causal') === 1n && input(3) !== undefined ? '1' : undefined,
  },
  {
    operators: ['Split'],
    constraint: 'split-last-negative',
    attribute: 'num_outputs',
    accepted: 'a num_outputs that leaves something for the last output',
    refused: ({ attributes, input }) => {
      const parts = attributes.number('num_outputs');
      const dims = input(0)?.dims;
      if (parts === undefined || dims === undefined || input(1) !== undefined) return undefined;
      const extent = dims.at(attributes.number('axis') ?? 0) ?? -1;
      return extent >= 0 && smallestChunk(extent, parts) < 0 ? String(parts) : undefined;
    },
  },
  {
    operators: ['TensorScatter'],
    constraint: 'tensorscatter-shape',
    attribute: 'mode',
    accepted: 'linear',
    refused: outside('mode', 'linear'),
  },
  {
    operators: ['TensorScatter'],
    constraint: 'tensorscatter-shape',
    attribute: 'axis',
    accepted: 'axis = -2 of a cache of rank 4',
    refused: ({ attributes, input }) => {
      const rank = input(0)?.rank;
      const axis = attributes.number('axis') ?? -2;
      if (rank === undefined) return undefined;
      if (rank !== 4) return `${axis} of rank ${rank}`;
      return axis === -2 || axis === 2 ? undefined : String(axis);
    },
  },
  {
    operators: ['Einsum'],
    constraint: 'einsum-ellipsis',
    attribute: 'equation',
    accepted: 'equations without ...',
    refused: ({ attributes }) =>
      attributes.string('equation')?.includes('...') === true ? attributes.string('equation') : undefined,
  },
  {
    operators: ['Einsum'],
    constraint: 'einsum-diagonal',
    attribute: 'equation',
    accepted: 'each letter once in a term',
    refused: ({ attributes }) => {
      const equation = attributes.string('equation');
      const terms = equation?.split('->')[0]?.split(',') ?? [];
      return terms.some((term) => /([A-Za-z]).*\1/.test(term)) ? equation : undefined;
    },
  },
  {
    operators: ['Constant'],
    constraint: 'constant-attrs',
    attribute: 'value',
    accepted: 'tensors and numbers',
    refused: ({ attributes }) => ['sparse_value', 'value_string', 'value_strings'].find((name) => attributes.has(name)),
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-dilation-7.0',
    attribute: 'dilations',
    accepted: 'dilations of 1',
    refused: ({ attributes }) =>
      attributes
        .ints('dilations')
        ?.find((dilation) => dilation !== 1n)
        ?.toString(),
  },
];

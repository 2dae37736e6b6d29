/** What a DLA takes of a layer; what it does not take runs on the GPU. Sources: the constraint of each row. */
import { type AttributeRow, type RowContext, words } from './row.ts';

export interface DlaRow extends Pick<AttributeRow, 'operators' | 'constraint' | 'accepted'> {
  /** What the node has instead, in words; undefined when it is fine or not known. */
  readonly exceeds: (context: RowContext) => string | undefined;
}

const listed = (values: readonly (number | bigint)[] | undefined): string => `[${(values ?? []).join(', ')}]`;

/** An attribute whose ints leave a range. */
const intsOutside =
  (name: string, least: number, most: number) =>
  ({ attributes, node }: RowContext): string | undefined => {
    const values = node.attributes.has(name) ? attributes.numbers(name) : undefined;
    return values?.some((value) => value < least || value > most) === true ? `${name} = ${listed(values)}` : undefined;
  };

function kernelOf({ attributes, input, node }: RowContext): readonly number[] {
  return (
    (node.attributes.has('kernel_shape') ? attributes.numbers('kernel_shape') : undefined) ??
    input(1)?.dims?.slice(2) ??
    []
  );
}

const unaries = words('Acos Asin Atan Ceil Cos Cosh Erf Exp Floor Log Neg Not Reciprocal Round Sign Sin Sinh Sqrt Tan');
const activations = words('Elu Selu Softplus Softsign HardSigmoid ThresholdedRelu Gelu Mish HardSwish Swish Celu');

export const dlaRows: readonly DlaRow[] = [
  {
    operators: ['Conv'],
    constraint: 'dla-conv-kernel',
    accepted: '2-D kernels of 1 to 32',
    exceeds: (context) => {
      const kernel = kernelOf(context);
      return kernel.length > 2 || kernel.some((extent) => extent > 32) ? `kernel ${listed(kernel)}` : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'dla-conv-stride',
    accepted: 'strides of 1 to 8',
    exceeds: intsOutside('strides', 1, 8),
  },
  {
    operators: ['Conv'],
    constraint: 'dla-conv-dilation',
    accepted: 'dilations of 1 to 32',
    exceeds: intsOutside('dilations', 1, 32),
  },
  {
    operators: ['Conv'],
    constraint: 'dla-conv-padding',
    accepted: 'pads of 0 to 31 that are below the kernel',
    exceeds: (context) => {
      const pads = context.attributes.numbers('pads') ?? [];
      const kernel = kernelOf(context);
      return pads.some((pad, index) => pad > 31 || pad >= (kernel[index % Math.max(kernel.length, 1)] ?? 32))
        ? `pads = ${listed(pads)}`
        : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'dla-conv-maps',
    accepted: '1 to 8192 output maps',
    exceeds: ({ input }) =>
      (input(1)?.dims?.[0] ?? 0) > 8192 ? `${input(1)?.dims?.[0] ?? ''} output maps` : undefined,
  },
  {
    operators: ['Conv'],
    constraint: 'dla-conv-groups',
    accepted: 'up to 8192 groups',
    exceeds: ({ attributes }) =>
      (attributes.number('group') ?? 1) > 8192 ? `group = ${attributes.number('group') ?? ''}` : undefined,
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'dla-deconv-groups',
    accepted: 'one group, and kernels and strides of 1 to 32',
    exceeds: (context) =>
      (context.attributes.number('group') ?? 1) > 1 || kernelOf(context).some((extent) => extent > 32)
        ? `group = ${context.attributes.number('group') ?? 1}, kernel ${listed(kernelOf(context))}`
        : undefined,
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'dla-deconv-padding',
    accepted: 'no pads',
    exceeds: intsOutside('pads', 0, 0),
  },
  {
    operators: activations,
    constraint: 'dla-activation',
    accepted: 'Relu, Sigmoid, Tanh and Clip',
    exceeds: ({ node }) => node.opType,
  },
  {
    operators: words('LpPool GlobalLpPool'),
    constraint: 'dla-pool-type',
    accepted: 'max and average pooling',
    exceeds: ({ node }) => node.opType,
  },
  {
    operators: ['MaxPool', 'AveragePool'],
    constraint: 'dla-pool-window',
    accepted: 'windows of 1 to 8, strides of 1 to 16 and pads of 0 to 7',
    exceeds: (context) =>
      intsOutside('kernel_shape', 1, 8)(context) ??
      intsOutside('strides', 1, 16)(context) ??
      intsOutside('pads', 0, 7)(context),
  },
  {
    operators: ['LRN'],
    constraint: 'dla-lrn',
    accepted: 'sizes 3, 5, 7 and 9',
    exceeds: ({ attributes }) =>
      [3, 5, 7, 9].includes(attributes.number('size') ?? 0) ? undefined : `size = ${attributes.number('size') ?? ''}`,
  },
  {
    operators: ['Softmax'],
    constraint: 'dla-softmax',
    accepted: 'up to 8192 elements along the axis',
    exceeds: ({ attributes, input }) => {
      const extent = input(0)?.dims?.at(attributes.number('axis') ?? -1) ?? 0;
      return extent > 8192 ? `${extent} elements` : undefined;
    },
  },
  {
    operators: ['Concat'],
    constraint: 'dla-concat',
    accepted: 'concatenation of channels',
    exceeds: ({ attributes, input }) => {
      const rank = input(0)?.rank ?? 4;
      const axis = attributes.number('axis') ?? 0;
      const from = axis < 0 ? axis : axis - rank;
      return from === -3 ? undefined : `axis = ${axis}`;
    },
  },
  {
    operators: words('Pow Mod Div Equal Greater Less And Or Xor'),
    constraint: 'dla-elementwise',
    accepted: 'sum, product, maximum, minimum and difference',
    exceeds: ({ node }) => node.opType,
  },
  { operators: unaries, constraint: 'dla-unary', accepted: 'Abs', exceeds: ({ node }) => node.opType },
  {
    operators: ['PRelu'],
    constraint: 'dla-prelu',
    accepted: 'slopes that are stored',
    exceeds: ({ input }) => (input(1)?.isWeights === false ? 'a computed slope' : undefined),
  },
  {
    operators: ['Resize'],
    constraint: 'dla-resize-output',
    accepted: 'scales, not sizes',
    exceeds: ({ input }) => ((input(3)?.elementCount ?? 0) > 0 ? 'sizes' : undefined),
  },
  {
    operators: ['Resize'],
    constraint: 'dla-resize-scales',
    accepted: 'whole scales of the last two of four dims, up to 32 (nearest) or 4 (linear)',
    exceeds: ({ input, attributes }) => {
      const scales = input(2)?.floats;
      if (scales === undefined || scales.length === 0) return undefined;
      const most = (attributes.string('mode') ?? 'nearest') === 'nearest' ? 32 : 4;
      const fits =
        scales.length === 4 &&
        scales[0] === 1 &&
        scales[1] === 1 &&
        scales.slice(2).every((scale) => Number.isInteger(scale) && scale >= 1 && scale <= most);
      return fits ? undefined : `scales ${listed(scales)}`;
    },
  },
  {
    operators: ['Resize'],
    constraint: 'dla-resize-modes',
    accepted: 'nearest with asymmetric or half_pixel coordinates, and linear with half_pixel ones',
    exceeds: ({ attributes }) => {
      const mode = attributes.string('mode') ?? 'nearest';
      const coordinates = attributes.string('coordinate_transformation_mode') ?? 'half_pixel';
      const accepted = mode === 'nearest' ? ['asymmetric', 'half_pixel'] : mode === 'linear' ? ['half_pixel'] : [];
      return accepted.includes(coordinates) ? undefined : `${mode} with ${coordinates}`;
    },
  },
  {
    operators: ['Slice'],
    constraint: 'dla-slice',
    accepted: 'slices of 4 dims by step 1, with bounds that are stored',
    exceeds: ({ input }) => {
      if (input(0)?.rank !== undefined && input(0)?.rank !== 4) return `rank ${input(0)?.rank ?? ''}`;
      if (input(4)?.integers?.some((step) => step !== 1n) === true) return `steps ${listed(input(4)?.integers)}`;
      return input(1)?.isWeights === false ? 'computed bounds' : undefined;
    },
  },
];

/** Operators that a DLA runs, within the rows above. */
export const dlaOperators: ReadonlySet<string> = new Set([
  ...words(
    'Conv ConvTranspose MaxPool AveragePool GlobalAveragePool GlobalMaxPool Relu LeakyRelu Sigmoid Tanh Clip Add Sub Mul Max Min Sum Abs ' +
      'Concat LRN Softmax Resize Upsample Slice PRelu BatchNormalization ReduceMean ReduceMax Reshape Transpose Flatten Identity Constant Gemm MatMul ' +
      'QuantizeLinear DequantizeLinear Dropout Split',
  ),
]);

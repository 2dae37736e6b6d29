/** Scales and zero points that the importers of QuantizeLinear and DequantizeLinear refuse. */
import { version } from '../../../src/rule-kit.ts';
import { dimsText, type InputRow, type RowContext, words } from './row.ts';

const quantization = words('QuantizeLinear DequantizeLinear');

/** Axes along which the scale has fewer elements than the data. */
function blockedAxes({ input }: RowContext): readonly number[] {
  const data = input(0)?.dims;
  const scale = input(1)?.dims;
  if (data === undefined || scale?.length !== data.length || data.length < 2) return [];
  return data.flatMap((extent, axis) =>
    extent >= 0 && (scale[axis] ?? -1) >= 0 && extent !== scale[axis] ? [axis] : [],
  );
}

const isInt8 = ({ node, input, output }: RowContext): boolean =>
  (node.opType === 'QuantizeLinear' ? output(0)?.type : input(0)?.type) === 'INT8';

export const quantizationRows: readonly InputRow[] = [
  {
    operators: quantization,
    constraint: 'qdq-three-inputs-86',
    input: 2,
    accepted: 'an int8 zero point that is written out',
    refused: (context) => (context.node.inputs[2] === undefined && isInt8(context) ? 'left out' : undefined),
  },
  {
    operators: quantization,
    constraint: 'qdq-scale-nonempty',
    input: 1,
    accepted: 'at least one scale',
    refused: ({ input }) => (input(1)?.elementCount === 0 ? 'empty' : undefined),
  },
  {
    operators: quantization,
    constraint: 'qdq-scale-type',
    input: 1,
    accepted: 'float scales (float16 and bfloat16 from 9.0 on)',
    refused: ({ input, target }) => {
      const type = input(1)?.isWeights === true ? input(1)?.type : undefined;
      const accepted = target.version >= version('9.0') ? ['FLOAT', 'HALF', 'BF16', 'FP8'] : ['FLOAT'];
      return type === undefined || accepted.includes(type) ? undefined : `of type ${type}`;
    },
  },
  {
    operators: quantization,
    constraint: 'qdq-uint8-8',
    input: 2,
    accepted: 'int8 zero points',
    refused: ({ input }) => (input(2)?.dataType === 'uint8' ? 'uint8' : undefined),
  },
  {
    operators: quantization,
    constraint: 'qdq-zp-count',
    input: 2,
    accepted: 'as many zero points as scales',
    refused: ({ input }) => {
      const zeros = input(2)?.elementCount;
      const scales = input(1)?.elementCount;
      return zeros !== undefined && scales !== undefined && zeros !== scales ? `of ${zeros} elements` : undefined;
    },
  },
  {
    operators: quantization,
    constraint: 'qdq-axis-scale-length',
    input: 1,
    accepted: 'as many scales as the axis is long',
    refused: ({ input, attributes, node }) => {
      const scale = input(1);
      const data = input(0)?.dims;
      const count = scale?.rank === 1 ? (scale.elementCount ?? 1) : 1;
      if (!node.attributes.has('axis')) return undefined;
      const axis = attributes.number('axis') ?? 1;
      const extent = data?.at(axis) ?? -1;
      return count > 1 && extent >= 0 && count !== extent ? `of ${count} elements` : undefined;
    },
  },
  {
    operators: quantization,
    constraint: 'qdq-block-rank',
    input: 1,
    accepted: 'scales of rank 0, 1 or that of the data',
    refused: ({ input }) => {
      const rank = input(1)?.rank;
      return rank === undefined || rank <= 1 || rank === (input(0)?.rank ?? rank) ? undefined : `of rank ${rank}`;
    },
  },
  {
    operators: quantization,
    constraint: 'qdq-block-single',
    input: 1,
    accepted: 'blocks along one axis',
    refused: (context) =>
      blockedAxes(context).length > 1 ? `of shape ${dimsText(context.input(1)?.dims)}` : undefined,
  },
  {
    operators: quantization,
    constraint: 'qdq-block-divisible',
    input: 1,
    accepted: 'blocks that divide the axis',
    refused: (context) => {
      const data = context.input(0)?.dims ?? [];
      const scale = context.input(1)?.dims ?? [];
      return blockedAxes(context).some((axis) => (data[axis] ?? 0) % (scale[axis] ?? 1) !== 0)
        ? `of shape ${dimsText(scale)}`
        : undefined;
    },
  },
  {
    operators: quantization,
    constraint: 'net-q-block-axis',
    input: 1,
    accepted: 'blocks along the last axis or the one before',
    stage: 'build',
    refused: (context) => {
      const rank = context.input(0)?.rank ?? 0;
      return blockedAxes(context).some((axis) => axis < rank - 2)
        ? `of shape ${dimsText(context.input(1)?.dims)}`
        : undefined;
    },
  },
  {
    operators: quantization,
    constraint: 'net-q-block-types',
    input: 1,
    accepted: 'blocks of 4-bit and 8-bit float types only',
    stage: 'build',
    refused: (context) =>
      isInt8(context) && blockedAxes(context).length > 0 ? `of shape ${dimsText(context.input(1)?.dims)}` : undefined,
  },
  {
    operators: quantization,
    constraint: 'qdq-scale-dynamic-shape',
    input: 1,
    accepted: 'scales of a shape that is known',
    refused: ({ input }) => {
      const scale = input(1);
      return scale?.isWeights === false && scale.dims?.includes(-1) === true
        ? `of shape ${dimsText(scale.dims)}`
        : undefined;
    },
  },
  {
    operators: ['DequantizeLinear'],
    constraint: 'qdq-input-uint8',
    input: 0,
    accepted: 'int8 data',
    refused: ({ input }) => (input(0)?.dataType === 'uint8' && input(0)?.isWeights === false ? 'uint8' : undefined),
  },
];

/**
 * Extents that a layer wants to know before the data is there. Where the parser compares two of them it compares -1 as it stands:
 * two unknown extents agree, an unknown and a known one do not.
 */
import { dimsText, type InputRow, type RowContext } from './row.ts';

/** The extents differ as numbers, and one of them is not known. */
function unlike(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b && (a < 0 || b < 0);
}

const shapeOf = ({ input }: RowContext, index: number): string => `of shape ${dimsText(input(index)?.dims)}`;

/** Refused while one of the axes is not known. */
function unknownAt(index: number, ...axes: readonly number[]): InputRow['refused'] {
  return (context) => {
    const dims = context.input(index)?.dims;
    return dims !== undefined && axes.some((axis) => dims.at(axis) === -1) ? shapeOf(context, index) : undefined;
  };
}

function headSize(context: RowContext, index: number, heads: string): number | undefined {
  const dims = context.input(index)?.dims;
  const last = dims?.at(-1);
  if (last === undefined || last < 0 || dims?.length === 4) return last;
  const count = context.attributes.number(heads);
  return count === undefined ? undefined : last / count;
}

export const unknownExtentRows: readonly InputRow[] = [
  {
    operators: ['Attention'],
    constraint: 'attention-unknown-heads',
    input: 1,
    accepted: 'Q and K whose head sizes are both known, or both not',
    refused: (context) =>
      unlike(headSize(context, 0, 'q_num_heads'), headSize(context, 1, 'kv_num_heads'))
        ? shapeOf(context, 1)
        : undefined,
  },
  {
    operators: ['Attention'],
    constraint: 'attention-unknown-heads',
    input: 2,
    accepted: 'K and V of which the same extents are known',
    refused: (context) => {
      const [key, value] = [context.input(1)?.dims, context.input(2)?.dims];
      return key?.some((dim, axis) => unlike(dim, value?.[axis])) === true ? shapeOf(context, 2) : undefined;
    },
  },
  {
    operators: ['RotaryEmbedding'],
    constraint: 'rotary-unknown-extents',
    input: 0,
    accepted: 'heads of known size',
    refused: unknownAt(0, -1),
  },
  {
    operators: ['RotaryEmbedding'],
    constraint: 'rotary-unknown-extents',
    input: 0,
    accepted: 'positions and data whose batch is known for both, or for neither',
    refused: (context) => {
      const { input } = context;
      const positions = input(3)?.dims ?? (input(1)?.rank === 3 ? input(1)?.dims : undefined);
      return unlike(input(0)?.dims?.[0], positions?.[0]) ? shapeOf(context, 0) : undefined;
    },
  },
  {
    operators: ['NonMaxSuppression'],
    constraint: 'nms-unknown-extents',
    input: 0,
    accepted: 'boxes of four numbers',
    refused: unknownAt(0, -1),
  },
  {
    operators: ['NonMaxSuppression'],
    constraint: 'nms-unknown-extents',
    input: 2,
    accepted: 'limits of one element',
    refused: (context) => {
      const open = [2, 3, 4].find((index) => context.input(index)?.dims?.includes(-1) === true);
      return open === undefined ? undefined : shapeOf(context, open);
    },
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-unknown-extents',
    input: 0,
    accepted: 'a known number of channels',
    refused: unknownAt(0, 1),
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-unknown-extents',
    input: 1,
    accepted: 'filters of known shape',
    refused: (context) => (context.input(1)?.dims?.includes(-1) === true ? shapeOf(context, 1) : undefined),
  },
  {
    operators: ['Conv'],
    constraint: 'conv-unknown-channels',
    input: 0,
    accepted: 'a known number of channels beside computed filters of several groups',
    refused: (context) => {
      const { attributes, input } = context;
      const isComputed = input(1)?.isWeights === false && (attributes.number('group') ?? 1) > 1;
      return isComputed && input(0)?.dims?.[1] === -1 ? shapeOf(context, 0) : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'conv-unknown-channels',
    input: 2,
    accepted: 'a bias of known length',
    refused: unknownAt(2, 0),
  },
  {
    operators: ['TensorScatter'],
    constraint: 'tensorscatter-unknown-length',
    input: 0,
    accepted: 'a cache of known length',
    refused: unknownAt(0, -2),
  },
  {
    operators: ['GatherND'],
    constraint: 'gathernd-unknown-depth',
    input: 1,
    accepted: 'indices whose last extent is known',
    refused: unknownAt(1, -1),
  },
  {
    operators: ['STFT'],
    constraint: 'stft-unknown-parts',
    input: 0,
    accepted: 'a signal of which it is known that it is real',
    refused: (context) => (context.input(0)?.rank === 3 ? unknownAt(0, -1)(context) : undefined),
  },
  {
    operators: ['Pad'],
    constraint: 'pad-unknown-axes',
    input: 3,
    accepted: 'a known number of axes',
    refused: unknownAt(3, 0),
  },
  {
    operators: ['QuantizeLinear', 'DequantizeLinear'],
    constraint: 'qdq-unknown-extents',
    input: 1,
    accepted: 'a scale of known shape',
    refused: (context) => (context.input(1)?.dims?.includes(-1) === true ? shapeOf(context, 1) : undefined),
  },
  {
    operators: ['QuantizeLinear', 'DequantizeLinear'],
    constraint: 'qdq-unknown-extents',
    input: 2,
    accepted: 'a zero point of known shape',
    // The one of a float8 is not looked at.
    refused: (context) => {
      const zero = context.input(2);
      return zero?.dims?.includes(-1) === true && zero.type !== 'FP8' ? shapeOf(context, 2) : undefined;
    },
  },
];

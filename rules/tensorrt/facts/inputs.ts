/** Ranks, extents and values of inputs that an importer or its layer refuses. Sources: the constraint of each row. */
import { integersOf, version } from '../../../src/rule-kit.ts';
import { dimsText, type InputRow, type RowContext as Context, words } from './row.ts';

const quantization = words('QuantizeLinear DequantizeLinear');

/** The rank of an input outside a set. */
const rankOutside =
  (input: number, ...accepted: readonly number[]) =>
  (context: Context): string | undefined => {
    const rank = context.input(input)?.rank;
    return rank === undefined || accepted.includes(rank) ? undefined : `of rank ${rank}`;
  };

function differ(a: readonly number[] | undefined, b: readonly number[] | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.length !== b.length || a.some((dim, axis) => dim >= 0 && (b[axis] ?? -1) >= 0 && dim !== b[axis]);
}

/** The extents of Attention by name; undefined where they are not known. */
function attentionExtents({ attributes, input }: Context): readonly (number | undefined)[] | undefined {
  const query = input(0)?.dims;
  const key = input(1)?.dims;
  if (query === undefined || key === undefined) return undefined;
  if (query.length === 4) return [query[0], query[1], query[2], key[2]];
  return [query[0], attributes.number('q_num_heads'), query[1], key[1]];
}

export const inputRows: readonly InputRow[] = [
  {
    operators: words('Cast CastLike Identity Reshape DequantizeLinear Transpose Concat Slice Gather Squeeze Unsqueeze'),
    constraint: 'four-bit-odd-count',
    input: 0,
    accepted: 'an even number of 4-bit elements',
    refused: ({ input }) => {
      const stored = input(0);
      const isFourBit = stored?.isWeights === true && (stored.type === 'INT4' || stored.type === 'FP4');
      return isFourBit && (stored.elementCount ?? 0) % 2 === 1 ? `of ${stored.elementCount ?? ''} elements` : undefined;
    },
  },
  {
    operators: ['Attention'],
    constraint: 'attention-head-sizes',
    input: 2,
    accepted: 'a V of the shape of K',
    refused: ({ input }) =>
      differ(input(1)?.dims, input(2)?.dims) ? `of shape ${dimsText(input(2)?.dims)}` : undefined,
  },
  {
    operators: ['Attention'],
    constraint: 'attention-mask-shape',
    input: 3,
    accepted: 'a mask that broadcasts to [batch, heads, queries, keys]',
    refused: (context) => {
      const mask = context.input(3)?.dims;
      const extents = attentionExtents(context);
      if (mask === undefined || extents === undefined) return undefined;
      const clash = mask.some((dim, axis) => {
        const extent = extents[axis + 4 - mask.length] ?? -1;
        return dim > 1 && extent >= 0 && dim !== extent;
      });
      return clash || mask.length > 4 ? `of shape ${dimsText(mask)}` : undefined;
    },
  },
  {
    operators: ['Attention'],
    constraint: 'attention-past',
    input: 4,
    accepted: 'no past keys and values',
    refused: ({ input }) => (input(4) === undefined ? undefined : 'given'),
  },
  {
    operators: quantization,
    constraint: 'qdq-zero-point-nonzero',
    input: 2,
    accepted: 'zero points of zero (symmetric quantization)',
    refused: ({ view, input }) => {
      const seen = input(2);
      const weights = seen === undefined ? undefined : view.resolveWeights(seen.value);
      const zero = weights === undefined ? undefined : integersOf(weights)?.find((element) => element !== 0n);
      return zero === undefined ? undefined : String(zero);
    },
  },
  {
    operators: quantization,
    constraint: 'qdq-scale-positive',
    input: 1,
    accepted: 'scales above zero',
    refused: ({ input }) =>
      input(1)
        ?.floats?.find((scale) => !(scale > 0))
        ?.toString(),
  },
  {
    operators: quantization,
    constraint: 'qdq-4bit-even',
    input: 0,
    accepted: 'an even number of elements for 4-bit types',
    refused: ({ input, output, node }) => {
      const quantized = node.opType === 'QuantizeLinear' ? output(0)?.type : input(0)?.type;
      const count = input(0)?.elementCount;
      if (quantized !== 'INT4' && quantized !== 'FP4') return undefined;
      return count !== undefined && count % 2 === 1 ? `of ${count} elements` : undefined;
    },
  },
  {
    operators: ['MatMul'],
    constraint: 'matmul-vector-batch',
    input: 0,
    accepted: 'a vector only beside a matrix, batched by 1 at most',
    refused: ({ input }) => {
      const batch = input(1)?.dims?.slice(0, -2) ?? [];
      return input(0)?.rank === 1 && batch.some((dim) => dim > 1) ? 'a vector' : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'conv-unknown-filters',
    input: 1,
    accepted: 'filters of a known number of output channels',
    refused: ({ input }) => {
      const filters = input(1);
      return filters !== undefined && !filters.isWeights && filters.dims?.[0] === -1
        ? `of shape ${dimsText(filters.dims)}`
        : undefined;
    },
  },
  {
    operators: ['Dropout'],
    constraint: 'dropout-mask-weights',
    input: 0,
    accepted: 'a mask of computed data only',
    refused: ({ input, node }) =>
      input(0)?.isWeights === true && node.outputs[1] !== undefined ? 'an initializer' : undefined,
  },
  {
    operators: ['GridSample'],
    constraint: 'net-gridsample-rank',
    input: 0,
    accepted: 'rank 4 (and rank 5 from 11.2 on)',
    refused: rankOutside(0, 4),
  },
  {
    operators: ['DepthToSpace'],
    constraint: 'depthtospace-rank',
    input: 0,
    accepted: 'rank 4',
    refused: rankOutside(0, 4),
  },
  {
    operators: ['SpaceToDepth'],
    constraint: 'spacetodepth-rank',
    input: 0,
    accepted: 'rank 4',
    refused: rankOutside(0, 4),
  },
  { operators: ['Gemm'], constraint: 'gemm-rank', input: 0, accepted: 'rank 2', refused: rankOutside(0, 2) },
  { operators: ['EyeLike'], constraint: 'eyelike-rank', input: 0, accepted: 'rank 2', refused: rankOutside(0, 2) },
  {
    operators: ['EyeLike'],
    constraint: 'eyelike-static',
    input: 0,
    accepted: 'a shape that is known',
    refused: ({ input }) =>
      input(0)?.dims?.includes(-1) === true ? `of shape ${dimsText(input(0)?.dims)}` : undefined,
  },
  {
    operators: ['GroupNormalization', 'InstanceNormalization'],
    constraint: 'normalization-rank',
    input: 0,
    accepted: 'rank 3 and more',
    refused: (context) => ((context.input(0)?.rank ?? 3) < 3 ? `of rank ${context.input(0)?.rank ?? ''}` : undefined),
  },
  {
    operators: ['InstanceNormalization'],
    constraint: 'instancenorm-rank-7',
    input: 0,
    accepted: 'rank 3 to 5',
    refused: rankOutside(0, 3, 4, 5),
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-rank',
    input: 0,
    accepted: 'rank 3 to 5',
    refused: rankOutside(0, 3, 4, 5),
  },
  {
    operators: ['GatherElements'],
    constraint: 'gatherelements-dynamic-7',
    input: 0,
    accepted: 'shapes that are known',
    refused: ({ input }) =>
      [input(0), input(1)].some((value) => value?.dims?.includes(-1) === true)
        ? 'of a shape that is known at run time'
        : undefined,
  },
  {
    operators: ['Squeeze'],
    constraint: 'squeeze-no-axes',
    input: 0,
    accepted: 'a known shape where axes are left out',
    refused: ({ input, attributes, opset }) => {
      const axes = opset >= 13 ? input(1) !== undefined : attributes.has('axes');
      return !axes && input(0)?.dims?.includes(-1) === true ? `of shape ${dimsText(input(0)?.dims)}` : undefined;
    },
  },
  {
    operators: ['STFT'],
    constraint: 'stft-real',
    input: 0,
    accepted: 'a real signal of type float',
    refused: ({ input }) => (input(0)?.dims?.at(-1) === 2 && input(0)?.rank === 3 ? 'complex' : undefined),
  },
  {
    operators: quantization,
    constraint: 'qdq-block-pre10',
    input: 1,
    accepted: 'scales of one dimension at most',
    refused: (context) => rankOutside(1, 0, 1)(context),
  },
  {
    operators: quantization,
    constraint: 'qdq-three-inputs-8',
    input: 2,
    accepted: 'a zero point that is written out',
    refused: ({ node }) => (node.inputs[2] === undefined ? 'left out' : undefined),
  },
  {
    operators: ['Conv', 'ConvTranspose'],
    constraint: 'conv-rank',
    input: 0,
    accepted: '1 to 3 spatial dimensions',
    refused: ({ input, target }) => {
      const rank = input(0)?.rank;
      return target.version >= version('7.0') && rank !== undefined && (rank < 3 || rank > 5)
        ? `of rank ${rank}`
        : undefined;
    },
  },
];

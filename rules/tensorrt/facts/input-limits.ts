/** More ranks, extents and counts of inputs that an importer or its layer refuses. */
import { dimsText, type InputRow, type RowContext, words } from './row.ts';

const rankBelow =
  (input: number, least: number) =>
  (context: RowContext): string | undefined => {
    const rank = context.input(input)?.rank;
    return rank !== undefined && rank < least ? `of rank ${rank}` : undefined;
  };

const rankOther =
  (input: number, ...accepted: readonly number[]) =>
  (context: RowContext): string | undefined => {
    const rank = context.input(input)?.rank;
    return rank === undefined || accepted.includes(rank) ? undefined : `of rank ${rank}`;
  };

/** More than one element where a single one is read. */
const notScalar =
  (...inputs: readonly number[]) =>
  (context: RowContext): string | undefined => {
    for (const index of inputs) {
      const count = context.input(index)?.elementCount;
      if (count !== undefined && count !== 1) return `of ${count} elements`;
    }
    return undefined;
  };

const dynamic =
  (...inputs: readonly number[]) =>
  (context: RowContext): string | undefined => {
    const open = inputs.map((index) => context.input(index)).find((seen) => seen?.dims?.includes(-1) === true);
    return open === undefined ? undefined : `of shape ${dimsText(open.dims)}`;
  };

export const inputLimitRows: readonly InputRow[] = [
  {
    operators: ['Attention'],
    constraint: 'attention-rank',
    input: 1,
    accepted: 'Q, K and V of one rank',
    refused: ({ input }) => {
      const ranks = [0, 1, 2].flatMap((index) => input(index)?.rank ?? []);
      return new Set(ranks).size > 1 ? `of ranks ${ranks.join(', ')}` : undefined;
    },
  },
  {
    operators: ['Attention'],
    constraint: 'attention-mask-rank',
    input: 3,
    accepted: 'masks of rank 4 at most',
    refused: ({ input }) => ((input(3)?.rank ?? 0) > 4 ? `of rank ${input(3)?.rank ?? ''}` : undefined),
  },
  {
    operators: ['BatchNormalization'],
    constraint: 'batchnorm-param-rank',
    input: 1,
    accepted: 'parameters of rank 1',
    refused: ({ input }) => {
      const rank = [1, 2, 3, 4].flatMap((index) => input(index)?.rank ?? []).find((found) => found !== 1);
      return rank === undefined ? undefined : `of rank ${rank}`;
    },
  },
  {
    operators: ['BatchNormalization'],
    constraint: 'batchnorm-param-size',
    input: 1,
    accepted: 'parameters of one length',
    refused: ({ input }) => {
      const counts = [1, 2, 3, 4].flatMap((index) =>
        input(index)?.isWeights === true ? (input(index)?.elementCount ?? []) : [],
      );
      return new Set(counts).size > 1 ? `of ${counts.join(', ')} elements` : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'conv-bias-shape',
    input: 2,
    accepted: 'a bias of one dimension',
    refused: ({ input }) => {
      const bias = input(2);
      return bias?.isWeights === true && bias.rank !== 1 ? `of rank ${bias.rank ?? ''}` : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'conv-1d-multi-input',
    input: 1,
    accepted: 'filters of 1-D convolutions as initializers',
    refused: ({ input }) => (input(0)?.rank === 3 && input(1)?.isWeights === false ? 'computed' : undefined),
  },
  {
    operators: ['CumSum'],
    constraint: 'cumsum-dynamic-7.2',
    input: 0,
    accepted: 'shapes that are known',
    refused: dynamic(0),
  },
  {
    operators: ['CumSum'],
    constraint: 'cumsum-axis-buildtime',
    input: 1,
    accepted: 'an axis that is constant when the engine is built',
    stage: 'build',
    refused: ({ input }) => (input(1) !== undefined && input(1)?.isConstant === false ? 'computed' : undefined),
  },
  {
    operators: ['DeformConv'],
    constraint: 'deformconv-rank',
    input: 0,
    accepted: 'rank 3 and 4',
    refused: rankOther(0, 3, 4),
  },
  {
    operators: ['DeformConv'],
    constraint: 'deformconv-dtypes',
    input: 1,
    accepted: 'inputs that are all float or all float16',
    refused: ({ input, node }) => {
      const types = new Set(node.inputs.flatMap((_, index) => input(index)?.type ?? []));
      const [type] = types;
      return types.size > 1 || (type !== undefined && type !== 'FLOAT' && type !== 'HALF')
        ? `of type ${[...types].join(', ')}`
        : undefined;
    },
  },
  {
    operators: ['Expand'],
    constraint: 'expand-shape-rank',
    input: 1,
    accepted: 'a shape of one dimension',
    refused: rankOther(1, 1),
  },
  {
    operators: ['GridSample'],
    constraint: 'gridsample-rank',
    input: 1,
    accepted: 'input and grid of one rank',
    refused: ({ input }) => {
      const grid = input(1)?.rank;
      return grid !== undefined && input(0)?.rank !== undefined && grid !== input(0)?.rank
        ? `of rank ${grid}`
        : undefined;
    },
  },
  {
    operators: ['GroupNormalization'],
    constraint: 'groupnorm-opset21-scale',
    input: 1,
    accepted: 'one scale for each group',
    refused: ({ input, attributes, opset }) => {
      const count = input(1)?.elementCount;
      return opset >= 21 && count !== undefined && count !== attributes.number('num_groups')
        ? `of ${count} elements`
        : undefined;
    },
  },
  {
    operators: ['Hardmax'],
    constraint: 'hardmax-axis-extent',
    input: 0,
    accepted: 'an axis whose extent is known',
    stage: 'build',
    refused: ({ input, attributes }) =>
      input(0)?.dims?.at(attributes.number('axis') ?? -1) === -1 ? `of shape ${dimsText(input(0)?.dims)}` : undefined,
  },
  {
    operators: ['If'],
    constraint: 'if-cond-scalar',
    input: 0,
    accepted: 'a condition of one element',
    refused: notScalar(0),
  },
  {
    operators: ['Loop'],
    constraint: 'loop-trip-scalar',
    input: 0,
    accepted: 'a trip count of one element',
    refused: notScalar(0, 1),
  },
  {
    operators: ['InstanceNormalization'],
    constraint: 'instancenorm-static-7',
    input: 0,
    accepted: 'shapes that are known',
    refused: dynamic(0),
  },
  {
    operators: ['InstanceNormalization'],
    constraint: 'instancenorm-dtype',
    input: 1,
    accepted: 'a scale and bias of the type of the data',
    refused: ({ input }) => {
      const type = input(0)?.type;
      const other = [1, 2].map((index) => input(index)?.type).find((found) => found !== undefined && found !== type);
      return type !== undefined && other !== undefined ? `of type ${other}` : undefined;
    },
  },
  {
    operators: ['NonMaxSuppression'],
    constraint: 'nms-inputs',
    input: 0,
    accepted: 'boxes and scores of rank 3',
    refused: (context) => rankOther(0, 3)(context) ?? rankOther(1, 3)(context),
  },
  {
    operators: ['NonMaxSuppression'],
    constraint: 'nms-scalars',
    input: 2,
    accepted: 'limits of one element',
    refused: notScalar(2, 3, 4),
  },
  {
    operators: ['OneHot'],
    constraint: 'onehot-depth-buildtime',
    input: 1,
    accepted: 'a depth of one element',
    refused: notScalar(1),
  },
  {
    operators: ['Pad'],
    constraint: 'pad-value-scalar',
    input: 2,
    accepted: 'a value of one element',
    refused: notScalar(2),
  },
  {
    operators: ['Pad'],
    constraint: 'pad-pads-shape',
    input: 1,
    accepted: 'a vector of twice as many pads as axes',
    refused: ({ input, opset }) => {
      if (opset < 11) return undefined;
      const dims = input(1)?.dims;
      const axes = input(3) === undefined ? input(0)?.rank : input(3)?.elementCount;
      if (dims === undefined) return undefined;
      if (dims.length !== 1) return `of rank ${dims.length}`;
      return axes !== undefined && (dims[0] ?? -1) >= 0 && dims[0] !== 2 * axes
        ? `of ${dims[0] ?? ''} elements`
        : undefined;
    },
  },
  {
    operators: ['PRelu'],
    constraint: 'helper-broadcast-rank',
    input: 1,
    accepted: 'a slope of no higher rank than the data',
    refused: ({ input }) =>
      (input(1)?.rank ?? 0) > (input(0)?.rank ?? 8) ? `of rank ${input(1)?.rank ?? ''}` : undefined,
  },
  {
    operators: ['Range'],
    constraint: 'range-scalars',
    input: 0,
    accepted: 'start, limit and delta of one element',
    refused: notScalar(0, 1, 2),
  },
  {
    operators: ['Range'],
    constraint: 'range-dynamic-int',
    input: 1,
    accepted: 'int32 where its inputs are computed',
    refused: ({ input }) => {
      const computed = [0, 1, 2].map((index) => input(index)).find((seen) => seen?.isWeights === false);
      return computed?.type === 'FLOAT' ? 'float and computed' : undefined;
    },
  },
  {
    operators: ['RandomUniformLike', 'RandomNormalLike'],
    constraint: 'random-like-const',
    input: 0,
    accepted: 'a computed input',
    refused: ({ input }) => (input(0)?.isWeights === true ? 'an initializer' : undefined),
  },
  {
    operators: ['Reshape'],
    constraint: 'reshape-one-wildcard',
    input: 1,
    accepted: 'one -1 at most',
    refused: ({ input }) =>
      (input(1)?.integers?.filter((extent) => extent === -1n).length ?? 0) > 1 ? 'two of -1' : undefined,
  },
  {
    operators: ['Resize'],
    constraint: 'resize-scalar',
    input: 0,
    accepted: 'rank 1 and more',
    refused: rankBelow(0, 1),
  },
  {
    operators: ['Resize'],
    constraint: 'resize-scales-length',
    input: 2,
    accepted: 'a scale or size for each dim',
    refused: ({ input, opset, node, attributes }) => {
      const rank = node.attributes.has('axes') ? attributes.ints('axes')?.length : input(0)?.rank;
      const given = opset >= 11 ? [2, 3] : [1];
      for (const index of given) {
        const count = input(index)?.elementCount;
        if (count !== undefined && count > 0 && rank !== undefined && count !== rank) return `of ${count} elements`;
      }
      return undefined;
    },
  },
  {
    operators: ['Resize', 'Upsample'],
    constraint: 'resize-linear-dims',
    input: 2,
    accepted: 'linear scales on the last three dims, and cubic ones on the last two',
    refused: ({ input, opset, attributes, node }) => {
      const mode = attributes.string('mode') ?? 'nearest';
      const most = mode === 'cubic' ? 2 : mode.includes('linear') ? 3 : undefined;
      const scales = input(node.opType === 'Resize' && opset >= 11 ? 2 : 1)?.floats;
      if (most === undefined || scales === undefined || node.attributes.has('axes')) return undefined;
      return scales.slice(0, -most).some((scale) => scale !== 1) ? `[${scales.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['ReverseSequence'],
    constraint: 'reversesequence-static',
    input: 1,
    accepted: 'lengths of a known number',
    refused: dynamic(1),
  },
  {
    operators: ['RoiAlign'],
    constraint: 'roialign-rois',
    input: 1,
    accepted: 'regions of shape [n, 4]',
    refused: ({ input }) => {
      const dims = input(1)?.dims;
      return dims !== undefined && (dims.length !== 2 || dims[1] !== 4) ? `of shape ${dimsText(dims)}` : undefined;
    },
  },
  {
    operators: ['ScatterElements'],
    constraint: 'scatterelements-indices',
    input: 1,
    accepted: 'no more indices along an axis than data',
    refused: ({ input }) => {
      const data = input(0)?.dims;
      const indices = input(1)?.dims;
      if (data?.length !== indices?.length) return undefined;
      return indices?.some(
        (extent, axis) => extent >= 0 && (data?.[axis] ?? -1) >= 0 && extent > (data?.[axis] ?? 0),
      ) === true
        ? `of shape ${dimsText(indices)}`
        : undefined;
    },
  },
  {
    operators: ['Slice'],
    constraint: 'slice-lengths',
    input: 1,
    accepted: 'as many starts as ends and axes',
    refused: ({ input, opset }) => {
      if (opset < 10) return undefined;
      const counts = [1, 2, 3, 4].flatMap((index) => input(index)?.elementCount ?? []);
      return new Set(counts).size > 1 ? `of ${counts.join(', ')} elements` : undefined;
    },
  },
  {
    operators: ['Slice'],
    constraint: 'slice-duplicate-axes',
    input: 3,
    accepted: 'each axis once',
    refused: ({ input, opset }) => {
      const axes = opset >= 10 ? input(3)?.integers : undefined;
      return axes !== undefined && new Set(axes).size < axes.length ? `[${axes.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['Slice'],
    constraint: 'slice-axis-range',
    input: 3,
    accepted: 'axes within the rank',
    refused: ({ input, opset }) => {
      const rank = BigInt(input(0)?.rank ?? 64);
      const axes = opset >= 10 ? input(3)?.integers : undefined;
      return axes?.some((axis) => axis >= rank || axis < -rank) === true ? `[${axes.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['Split'],
    constraint: 'split-count',
    input: 1,
    accepted: 'a size for each output',
    refused: ({ input, opset, node }) => {
      const count = opset >= 13 ? input(1)?.elementCount : undefined;
      return count !== undefined && count !== node.outputs.length ? `of ${count} elements` : undefined;
    },
  },
  {
    operators: ['Tile'],
    constraint: 'tile-repeats-length',
    input: 1,
    accepted: 'a repeat for each dim',
    refused: ({ input, opset }) => {
      const count = opset >= 6 ? input(1)?.elementCount : undefined;
      const rank = input(0)?.rank;
      return count !== undefined && rank !== undefined && count !== rank ? `of ${count} elements` : undefined;
    },
  },
  { operators: ['Trilu'], constraint: 'trilu-rank', input: 0, accepted: 'rank 2 and more', refused: rankBelow(0, 2) },
  {
    operators: words('HammingWindow HannWindow BlackmanWindow'),
    constraint: 'window-size-rank',
    input: 0,
    accepted: 'a scalar size',
    refused: ({ input }) => ((input(0)?.rank ?? 0) > 0 ? `of rank ${input(0)?.rank ?? ''}` : undefined),
  },
  {
    operators: ['GatherND'],
    constraint: 'gathernd-batch-dims',
    input: 1,
    accepted: 'batch_dims below both ranks',
    refused: ({ input, attributes }) => {
      const batch = attributes.number('batch_dims') ?? 0;
      const rank = Math.min(input(0)?.rank ?? 9, input(1)?.rank ?? 9);
      return batch < 0 || batch >= rank ? `of rank ${rank}` : undefined;
    },
  },
  {
    operators: ['TRT_QuantizedAttention'],
    constraint: 'trt-quantized-attention',
    input: 0,
    accepted: 'five to seven inputs',
    refused: ({ node }) =>
      node.inputs.length >= 5 && node.inputs.length <= 7 ? undefined : `one of ${node.inputs.length}`,
  },
];

/** More attribute values that an importer refuses: those of opsets, equations, types and old releases. */
import { dataTypeOfCode, parserTypeOf, version } from '../../../src/rule-kit.ts';
import { type AttributeRow, type RowContext, words } from './row.ts';

const convolutions = words('Conv ConvTranspose AveragePool MaxPool LpPool');

const onlyInts =
  (name: string, ...accepted: readonly bigint[]) =>
  ({ attributes, node }: RowContext): string | undefined => {
    const value = node.attributes.has(name) ? attributes.int(name) : undefined;
    return value === undefined || accepted.includes(value) ? undefined : String(value);
  };

/** The pads of both ends of each spatial dim. */
function padPairs({ attributes }: RowContext): readonly (readonly [bigint, bigint])[] {
  const pads = attributes.ints('pads') ?? [];
  const half = pads.length / 2;
  return pads.slice(0, half).map((pad, index) => [pad, pads[index + half] ?? 0n]);
}

function paddedDims({ input, opset, attributes }: RowContext): readonly bigint[] {
  return (opset >= 11 ? input(1)?.integers : attributes.ints('pads')) ?? [];
}

export const attributeLimitRows: readonly AttributeRow[] = [
  {
    operators: ['ArgMax', 'ArgMin'],
    constraint: 'argmax-select-last-opset',
    attribute: 'select_last_index',
    accepted: 'select_last_index from opset 12 on',
    refused: ({ attributes, node, opset }) =>
      opset < 12 && node.attributes.has('select_last_index') && attributes.int('select_last_index') === 1n
        ? '1'
        : undefined,
  },
  {
    operators: ['Concat'],
    constraint: 'concat-axis-required',
    attribute: 'axis',
    accepted: 'an axis that is written out',
    refused: ({ node }) => (node.attributes.has('axis') ? undefined : 'left out'),
  },
  {
    operators: ['Constant'],
    constraint: 'constant-value-attrs-opset',
    attribute: 'value',
    accepted: 'value_int and its kin from opset 12 on',
    refused: ({ node, opset }) =>
      opset < 12 && !node.attributes.has('value')
        ? [...node.attributes.keys()].find((name) => name.startsWith('value_'))
        : undefined,
  },
  {
    operators: ['ConstantOfShape'],
    constraint: 'constantofshape-uint8',
    attribute: 'value',
    accepted: 'values of other types than uint8',
    refused: ({ attributes }) => (attributes.tensor('value')?.dataType === 'uint8' ? 'of type uint8' : undefined),
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-asym-3d',
    attribute: 'pads',
    accepted: 'equal pads on both sides in 3 dimensions',
    refused: (context) => {
      const pairs = padPairs(context);
      return pairs.length === 3 && pairs.some(([before, after]) => before !== after)
        ? `[${context.attributes.ints('pads')?.join(', ') ?? ''}]`
        : undefined;
    },
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-negative-pre-pad',
    attribute: 'output_shape',
    accepted: 'an output_shape that needs no negative pads',
    refused: (context) => {
      const { attributes, input } = context;
      const shape = attributes.numbers('output_shape');
      const spatial = input(0)?.dims?.slice(2);
      const kernel = input(1)?.dims?.slice(2);
      if (shape === undefined || spatial === undefined || kernel === undefined) return undefined;
      const strides = attributes.numbers('strides');
      const clash = shape.some((size, axis) => {
        const extent = spatial[axis] ?? -1;
        const full = (extent - 1) * (strides?.[axis] ?? 1) + (kernel[axis] ?? 1);
        // Half of the surplus is cut off on each side; less than nothing cannot be.
        return extent >= 0 && size > full + 1;
      });
      return clash ? `[${shape.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-output-padding-8',
    attribute: 'output_padding',
    accepted: 'output_padding on the first two spatial dims',
    refused: ({ attributes }) => {
      const padding = attributes.ints('output_padding');
      return padding?.slice(2).some((pad) => pad !== 0n) === true ? `[${padding.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['Einsum'],
    constraint: 'einsum-chars',
    attribute: 'equation',
    accepted: 'lower-case letters',
    refused: ({ attributes }) => {
      const equation = attributes.string('equation');
      return equation !== undefined && /[^a-z.,> -]/.test(equation) ? equation : undefined;
    },
  },
  {
    operators: ['Einsum'],
    constraint: 'einsum-broadcast',
    attribute: 'equation',
    accepted: 'equal extents for equal letters',
    refused: ({ attributes, input }) => {
      const equation = attributes.string('equation')?.replaceAll(' ', '');
      const terms = equation?.split('->')[0]?.split(',') ?? [];
      const extents = new Map<string, number>();
      for (const [index, term] of terms.entries()) {
        const dims = input(index)?.dims;
        if (dims?.length !== term.length) continue;
        for (const [axis, letter] of [...term].entries()) {
          const extent = dims[axis] ?? -1;
          const known = extents.get(letter);
          if (extent < 0) continue;
          if (known !== undefined && known !== extent) return equation;
          extents.set(letter, extent);
        }
      }
      return undefined;
    },
  },
  {
    operators: ['EyeLike'],
    constraint: 'eyelike-dtype',
    attribute: 'dtype',
    accepted: 'types that it has',
    refused: ({ attributes, target }) => {
      const code = attributes.number('dtype');
      const type = code === undefined ? undefined : dataTypeOfCode(code);
      return type !== undefined && parserTypeOf(type, target.version) === undefined ? type : undefined;
    },
  },
  {
    operators: ['LRN'],
    constraint: 'lrn-window',
    attribute: 'size',
    accepted: 'odd sizes up to 15',
    refused: ({ attributes }) => {
      const size = attributes.int('size');
      return size !== undefined && (size % 2n === 0n || size > 15n) ? String(size) : undefined;
    },
  },
  {
    operators: words('RNN GRU LSTM'),
    constraint: 'rnn-bidirectional-7',
    attribute: 'direction',
    accepted: 'forward and reverse',
    refused: ({ attributes }) => (attributes.string('direction') === 'bidirectional' ? 'bidirectional' : undefined),
  },
  {
    operators: ['Pad'],
    constraint: 'pad-2d-only',
    attribute: 'pads',
    accepted: 'pads of the last two dims',
    refused: (context) => {
      const pads = paddedDims(context);
      const rank = pads.length / 2;
      const wide = pads.some((pad, index) => pad !== 0n && index % rank < rank - 2);
      return wide ? `[${pads.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['Pad'],
    constraint: 'pad-reflect-extent',
    attribute: 'pads',
    accepted: 'reflect pads below the extent',
    stage: 'build',
    refused: (context) => {
      if (context.attributes.string('mode') !== 'reflect' || context.input(3) !== undefined) return undefined;
      const pads = paddedDims(context);
      const dims = context.input(0)?.dims ?? [];
      const wide = pads.some((pad, index) => {
        const extent = dims[index % dims.length] ?? -1;
        return extent >= 0 && pad >= BigInt(extent);
      });
      return wide ? `[${pads.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['Attention'],
    constraint: 'attention-3d-heads',
    attribute: 'q_num_heads',
    accepted: 'head counts that divide the hidden sizes of inputs of rank 3',
    refused: ({ attributes, input }) => {
      const dims = input(0)?.dims;
      const heads = attributes.number('q_num_heads') ?? 0;
      const hidden = dims?.[2] ?? -1;
      if (dims?.length !== 3) return undefined;
      return heads === 0 || (hidden >= 0 && hidden % heads !== 0) ? String(heads) : undefined;
    },
  },
  {
    operators: ['RotaryEmbedding'],
    constraint: 'rope-3d',
    attribute: 'num_heads',
    accepted: 'a num_heads that divides the hidden size of an input of rank 3',
    refused: ({ attributes, input }) => {
      const dims = input(0)?.dims;
      const heads = attributes.number('num_heads') ?? 0;
      const hidden = dims?.[2] ?? -1;
      if (dims?.length !== 3) return undefined;
      return heads === 0 || (hidden >= 0 && hidden % heads !== 0) ? String(heads) : undefined;
    },
  },
  {
    operators: words('QuantizeLinear DequantizeLinear'),
    constraint: 'qdq-precision-attr',
    attribute: 'precision',
    accepted: 'a precision of float, float16 or bfloat16, on QuantizeLinear only',
    refused: ({ attributes, node }) => {
      if (!node.attributes.has('precision')) return undefined;
      const code = attributes.number('precision') ?? 0;
      return node.opType === 'QuantizeLinear' && [0, 1, 10, 16].includes(code) ? undefined : String(code);
    },
  },
  {
    operators: ['QuantizeLinear'],
    constraint: 'qdq-zp-dtype-vs-output',
    attribute: 'output_dtype',
    accepted: 'the type of the zero point',
    refused: ({ attributes, node, input }) => {
      const code = node.attributes.has('output_dtype') ? attributes.number('output_dtype') : undefined;
      const zero = input(2)?.dataType;
      const type = code === undefined || code === 0 ? undefined : dataTypeOfCode(code);
      return type !== undefined && zero !== undefined && type !== zero ? type : undefined;
    },
  },
  {
    operators: ['Resize'],
    constraint: 'resize-ctm-7.0',
    attribute: 'coordinate_transformation_mode',
    accepted: 'asymmetric',
    refused: ({ attributes, opset }) => {
      const mode = attributes.string('coordinate_transformation_mode') ?? 'half_pixel';
      return opset >= 11 && mode !== 'asymmetric' ? mode : undefined;
    },
  },
  {
    operators: ['Resize'],
    constraint: 'resize-ctm-7',
    attribute: 'coordinate_transformation_mode',
    accepted: 'asymmetric for nearest, and half_pixel or asymmetric for linear',
    refused: ({ attributes, opset }) => {
      if (opset < 11) return undefined;
      const mode = attributes.string('coordinate_transformation_mode') ?? 'half_pixel';
      const accepted =
        (attributes.string('mode') ?? 'nearest') === 'nearest'
          ? ['asymmetric', 'align_corners']
          : ['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners'];
      return accepted.includes(mode) ? undefined : mode;
    },
  },
  {
    operators: ['Resize'],
    constraint: 'resize-tf-half-pixel-nn',
    attribute: 'nearest_mode',
    accepted: 'round_prefer_floor beside tf_half_pixel_for_nn',
    refused: ({ attributes }) => {
      const rounding = attributes.string('nearest_mode') ?? 'round_prefer_floor';
      return attributes.string('coordinate_transformation_mode') === 'tf_half_pixel_for_nn' &&
        rounding !== 'round_prefer_floor'
        ? rounding
        : undefined;
    },
  },
  {
    operators: ['Resize'],
    constraint: 'resize-axes-unique',
    attribute: 'axes',
    accepted: 'each axis once',
    refused: ({ attributes }) => {
      const axes = attributes.ints('axes');
      return axes !== undefined && new Set(axes).size < axes.length ? `[${axes.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['Upsample'],
    constraint: 'upsample-mode',
    attribute: 'mode',
    accepted: 'nearest and linear',
    refused: ({ attributes, target }) => {
      const mode = attributes.string('mode') ?? 'nearest';
      const accepted = target.version >= version('8.4') ? ['nearest', 'linear', 'bilinear'] : ['nearest', 'linear'];
      return accepted.includes(mode) ? undefined : mode;
    },
  },
  {
    operators: ['ReverseSequence'],
    constraint: 'reversesequence-ranks',
    attribute: 'batch_axis',
    accepted: 'two different axes',
    refused: ({ attributes }) => {
      const batch = attributes.int('batch_axis') ?? 1n;
      return batch === (attributes.int('time_axis') ?? 0n) ? String(batch) : undefined;
    },
  },
  {
    operators: ['Split'],
    constraint: 'split-num-outputs',
    attribute: 'num_outputs',
    accepted: 'a num_outputs without the input split, equal to the number of outputs',
    refused: ({ attributes, node, input }) => {
      if (!node.attributes.has('num_outputs')) return undefined;
      const parts = attributes.number('num_outputs') ?? 0;
      return input(1) !== undefined || parts !== node.outputs.length ? String(parts) : undefined;
    },
  },
  {
    operators: ['DeformConv'],
    constraint: 'deformconv-pads',
    attribute: 'pads',
    accepted: 'equal pads on both sides',
    refused: (context) =>
      padPairs(context).some(([before, after]) => before !== after)
        ? `[${context.attributes.ints('pads')?.join(', ') ?? ''}]`
        : undefined,
  },
  {
    operators: ['DeformConv'],
    constraint: 'deformconv-kernel-shape',
    attribute: 'kernel_shape',
    accepted: 'an extent for each spatial dim',
    refused: ({ attributes, input }) => {
      const kernel = attributes.ints('kernel_shape');
      const rank = input(0)?.rank;
      return kernel !== undefined && rank !== undefined && kernel.length !== rank - 2
        ? `[${kernel.join(', ')}]`
        : undefined;
    },
  },
  {
    operators: ['Scan'],
    constraint: 'scan-opset8',
    attribute: 'opset',
    accepted: 'Scan from opset 9 on, or without sequence_lens',
    refused: ({ opset, input }) => (opset < 9 && input(0) !== undefined ? String(opset) : undefined),
  },
  {
    operators: ['Scan'],
    constraint: 'scan-no-state',
    attribute: 'num_scan_inputs',
    accepted: 'at least one state variable',
    refused: ({ attributes, node, opset }) =>
      opset >= 9 && attributes.number('num_scan_inputs') === node.inputs.length
        ? String(node.inputs.length)
        : undefined,
  },
  {
    operators: ['Scan'],
    constraint: 'scan-negative-axes',
    attribute: 'scan_input_axes',
    accepted: 'axes counted from the front',
    refused: ({ attributes }) => {
      const axes = [...(attributes.ints('scan_input_axes') ?? []), ...(attributes.ints('scan_output_axes') ?? [])];
      return axes.some((axis) => axis < 0n) ? `[${axes.join(', ')}]` : undefined;
    },
  },
  {
    operators: ['TRT_FP4DynamicQuantize'],
    constraint: 'trt-fp4-dynamic',
    attribute: 'block_size',
    accepted: 'blocks of 16',
    refused: onlyInts('block_size', 16n),
  },
  {
    operators: ['TRT_MXFP8DynamicQuantize'],
    constraint: 'trt-mxfp8-dynamic',
    attribute: 'block_size',
    accepted: 'blocks of 32',
    refused: onlyInts('block_size', 32n),
  },
  {
    operators: words('TRT_BlockQuantize TRT_BlockDequantize'),
    constraint: 'trt-block-quant',
    attribute: 'block_shape',
    accepted: '1 to 8 extents',
    refused: ({ node }) => {
      const shape = node.attributes.get('block_shape');
      const count = shape?.kind === 'ints' ? shape.value.length : undefined;
      return count !== undefined && (count < 1 || count > 8) ? `of ${count} extents` : undefined;
    },
  },
  {
    operators: convolutions,
    constraint: 'helper-pool-kernel-missing',
    attribute: 'kernel_shape',
    accepted: 'a kernel_shape that is written out',
    refused: ({ node }) =>
      node.opType.endsWith('Pool') && !node.attributes.has('kernel_shape') ? 'left out' : undefined,
  },
];

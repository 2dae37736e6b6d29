/** More models that are accepted and compute something else. Sources: the constraint of each row. */
import type { SilenceRow } from './silences.ts';

const words = (text: string): string[] => text.split(' ');
const INT32_LARGE = 2 ** 24;
const NOT_READ = 'does not read it';

export const ignoredSettingRows: readonly SilenceRow[] = [
  {
    operators: words('ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare'),
    constraint: 'helper-reduce-noop-composite',
    setting: 'noop_with_empty_axes and no axes',
    effect: 'returns the input unchanged, without the square or absolute value',
    remedy: 'Write the elementwise part out.',
    applies: ({ attributes, node }) => attributes.int('noop_with_empty_axes') === 1n && node.inputs[1] === undefined,
  },
  {
    operators: words('Conv ConvTranspose AveragePool MaxPool LpPool'),
    constraint: 'helper-autopad-valid-pads',
    setting: 'auto_pad VALID beside pads',
    effect: 'pads nevertheless',
    remedy: 'Remove the pads.',
    applies: ({ attributes }) =>
      attributes.string('auto_pad') === 'VALID' && attributes.ints('pads')?.some((pad) => pad !== 0n) === true,
  },
  {
    operators: words('Conv ConvTranspose AveragePool MaxPool LpPool'),
    constraint: 'helper-autopad-unknown',
    setting: 'an auto_pad that the standard does not have',
    effect: 'takes it for NOTSET',
    remedy: 'Correct the spelling.',
    applies: ({ attributes }) =>
      !['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(attributes.string('auto_pad') ?? 'NOTSET'),
  },
  {
    operators: ['ArgMax', 'ArgMin'],
    constraint: 'argmax-int-fp32',
    setting: 'int32 data',
    effect: `compares in FP32, which tells integers apart up to ${INT32_LARGE} only`,
    remedy: 'Use TensorRT 9.3 or later where the values are larger.',
    applies: ({ input }) => input(0)?.type === 'INT32',
  },
  {
    operators: ['TopK'],
    constraint: 'topk-int32-rounding',
    setting: 'int32 data',
    effect: `sorts in FP32, which tells integers apart up to ${INT32_LARGE} only`,
    remedy: 'Use TensorRT 9.0 or later where the values are larger.',
    applies: ({ input }) => input(0)?.type === 'INT32',
  },
  {
    operators: ['TopK'],
    constraint: 'topk-sorted',
    setting: 'sorted = 0',
    effect: 'sorts nevertheless, which is allowed',
    remedy: 'Nothing needs to be done.',
    applies: ({ attributes }) => attributes.int('sorted') === 0n,
  },
  {
    operators: ['Attention'],
    constraint: 'attention-nonpad',
    setting: 'nonpad_kv_seqlen',
    effect: NOT_READ,
    remedy: 'Mask the padding by attn_mask.',
    applies: ({ node }) => node.inputs[6] !== undefined,
  },
  {
    operators: ['Cast', 'CastLike'],
    constraint: 'cast-saturate',
    setting: 'saturate = 0',
    effect: 'saturates',
    remedy: 'Clip before the cast, if the values may be out of range.',
    applies: ({ attributes, node }) => node.attributes.has('saturate') && attributes.int('saturate') === 0n,
  },
  {
    operators: ['Cast', 'CastLike'],
    constraint: 'cast-round-mode',
    setting: 'a round_mode',
    effect: NOT_READ,
    remedy: 'Leave it at its default.',
    applies: ({ attributes, node }) => node.attributes.has('round_mode') && attributes.string('round_mode') !== 'up',
  },
  {
    operators: ['QuantizeLinear'],
    constraint: 'qdq-saturate',
    setting: 'saturate = 0',
    effect: 'saturates',
    remedy: 'Nothing, if the values are in range.',
    applies: ({ attributes, node }) => node.attributes.has('saturate') && attributes.int('saturate') === 0n,
  },
  {
    operators: words('QuantizeLinear DequantizeLinear'),
    constraint: 'qdq-uint8-zero-point',
    setting: 'a uint8 zero point',
    effect: 'quantizes to int8 in its place',
    remedy: 'Quantize to int8 with a zero point of 0.',
    applies: ({ input }) => input(2)?.dataType === 'uint8' && input(2)?.integers?.every((zero) => zero === 0n) === true,
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-output-shape-dynamic',
    setting: 'an output_shape for an input of dynamic size',
    effect: 'works the pads out for one size only',
    remedy: 'Write pads and output_padding out.',
    applies: ({ attributes, node, input }) =>
      node.attributes.has('output_shape') &&
      attributes.has('output_shape') &&
      input(0)?.dims?.slice(2).includes(-1) === true,
  },
  {
    operators: ['CumSum'],
    constraint: 'cumsum-merged',
    setting: 'the input of another CumSum, which differs in axis, reverse or exclusive',
    effect: 'has been seen to give both the same result',
    remedy: 'Compare the results of the engine with the model; an Identity in front of one of them helped.',
    applies: ({ node }) =>
      [...(node.inputs[0]?.users ?? [])].some(
        (other) =>
          other !== node &&
          other.opType === 'CumSum' &&
          (other.inputs[1] !== node.inputs[1] ||
            ['reverse', 'exclusive'].some(
              (name) => JSON.stringify(valueOf(other, name)) !== JSON.stringify(valueOf(node, name)),
            )),
      ),
  },
  {
    operators: ['DepthToSpace'],
    constraint: 'depthtospace-mode',
    setting: 'a mode other than DCR and CRD',
    effect: 'takes it for CRD',
    remedy: 'Write DCR or CRD.',
    applies: ({ attributes }) => !['DCR', 'CRD'].includes(attributes.string('mode') ?? 'DCR'),
  },
  {
    operators: ['Gather'],
    constraint: 'gather-index-range',
    setting: 'an index beyond the data',
    effect: 'reads 0 there and says nothing',
    remedy: 'Correct the indices.',
    applies: ({ attributes, input }) => {
      const extent = input(0)?.dims?.at(attributes.number('axis') ?? 0) ?? -1;
      const indices = input(1)?.integers ?? [];
      return extent >= 0 && indices.some((index) => index >= BigInt(extent) || index < -BigInt(extent));
    },
  },
  {
    operators: ['GatherElements'],
    constraint: 'gatherelements-negative-7',
    setting: 'negative indices',
    effect: 'reads other elements',
    remedy: 'Make the indices positive.',
    applies: ({ input }) => input(1)?.integers?.some((index) => index < 0n) === true,
  },
  {
    operators: ['OneHot'],
    constraint: 'onehot-negative',
    setting: 'negative indices',
    effect: 'may leave their rows off',
    remedy: 'Make the indices positive.',
    applies: ({ input }) => input(0)?.integers?.some((index) => index < 0n) === true,
  },
  {
    operators: ['GridSample'],
    constraint: 'gridsample-padding',
    setting: 'a padding_mode that the standard does not have',
    effect: 'takes it for zeros',
    remedy: 'Correct the spelling.',
    applies: ({ attributes }) =>
      !['zeros', 'border', 'reflection'].includes(attributes.string('padding_mode') ?? 'zeros'),
  },
  {
    operators: ['Mean'],
    constraint: 'mean-half-scale',
    setting: '16-bit operands',
    effect: 'may multiply by 0 instead of one over their number',
    remedy: 'Write Sum and Mul, or compute in float.',
    applies: ({ node, input }) => node.inputs.length > 1 && ['HALF', 'BF16'].includes(input(0)?.type ?? ''),
  },
  {
    operators: ['NonMaxSuppression'],
    constraint: 'nms-default-max',
    setting: 'no max_output_boxes_per_class',
    effect: 'selects no boxes, as the standard says',
    remedy: 'Write the number out.',
    applies: ({ node }) => node.inputs[2] === undefined,
  },
  {
    operators: words('RandomUniform RandomNormal RandomUniformLike RandomNormalLike'),
    constraint: 'random-seed',
    setting: 'a seed',
    effect: NOT_READ,
    remedy: 'Feed the noise to the model as an input.',
    applies: ({ node }) => node.attributes.has('seed'),
  },
  {
    operators: ['Resize'],
    constraint: 'resize-tf-half-pixel-sizes',
    setting: 'sizes beside tf_half_pixel_for_nn',
    effect: 'does not read the sizes',
    remedy: 'Give scales instead.',
    applies: ({ attributes, node }) =>
      attributes.string('coordinate_transformation_mode') === 'tf_half_pixel_for_nn' && node.inputs[3] !== undefined,
  },
  {
    operators: ['Resize'],
    constraint: 'resize-nearest-mode-unknown',
    setting: 'a nearest_mode that the standard does not have',
    effect: 'ignores it',
    remedy: 'Correct the spelling.',
    applies: ({ attributes }) =>
      !['floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'].includes(
        attributes.string('nearest_mode') ?? 'round_prefer_floor',
      ),
  },
  {
    operators: ['Clip'],
    constraint: 'clip-scalar-bounds',
    setting: 'bounds of more than one element',
    effect: 'reads the first only',
    remedy: 'Write Max and Min in its place.',
    applies: ({ input, opset }) =>
      opset >= 11 && [1, 2].some((index) => input(index)?.isWeights === true && (input(index)?.elementCount ?? 1) > 1),
  },
  {
    operators: ['Loop'],
    constraint: 'loop-scan-with-cond',
    setting: 'scan outputs and a condition that may end it early',
    effect: 'gives them the length of the trip count',
    remedy: 'Cut the result off outside, or leave the condition out.',
    applies: ({ node, input }) =>
      node.outputs.slice(node.inputs.length - 2).some((value) => value !== undefined) &&
      node.inputs[0] !== undefined &&
      node.inputs[1] !== undefined &&
      input(1)?.isWeights === false,
  },
  {
    operators: ['Pad'],
    constraint: 'pad-int-fill',
    setting: 'int64 data and no constant_value',
    effect: 'fills with an int32 constant',
    remedy: 'Write the value out.',
    applies: ({ node, input, opset, attributes }) =>
      opset >= 11 &&
      (attributes.string('mode') ?? 'constant') === 'constant' &&
      node.inputs[2] === undefined &&
      input(0)?.type === 'INT64',
  },
  {
    operators: ['Pad'],
    constraint: 'pad-bool',
    setting: 'bool data',
    effect: 'may fill with other values',
    remedy: 'Pad in int32 and cast back.',
    applies: ({ input, attributes }) =>
      (attributes.string('mode') ?? 'constant') === 'constant' && input(0)?.type === 'BOOL',
  },
  {
    operators: words('ScatterElements ScatterND'),
    constraint: 'scatterelements-duplicates',
    setting: 'an index twice',
    effect: 'keeps any of the updates',
    remedy: 'Make the indices distinct.',
    applies: ({ node, input }) => {
      const indices = input(1)?.integers;
      return (
        node.opType === 'ScatterND' &&
        input(1)?.dims?.at(-1) === 1 &&
        indices !== undefined &&
        new Set(indices).size < indices.length
      );
    },
  },
];

function valueOf(node: Parameters<SilenceRow['applies']>[0]['node'], name: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? String(attribute.value) : '0';
}

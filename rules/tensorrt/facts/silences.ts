/** Models that are accepted and compute something else, without a word. Sources: the constraint of each row. */
import type { NodeContext } from '../../../src/rule-kit.ts';
import { smallestChunk } from './attribute-arithmetic.ts';
import type { ConstraintId } from './constraints.ts';

type Context = Pick<NodeContext<Record<string, string>>, 'node' | 'attributes' | 'input' | 'opset'>;

export interface SilenceRow {
  readonly operators: readonly string[];
  readonly constraint: ConstraintId;
  /** The setting, as in "{op} has SETTING". */
  readonly setting: string;
  /** What TensorRT does instead, as in "TensorRT ... ". */
  readonly effect: string;
  readonly remedy: string;
  readonly applies: (context: Context) => boolean;
}

const words = (text: string): string[] => text.split(' ');
const quantization = words('QuantizeLinear DequantizeLinear');

export const silenceRows: readonly SilenceRow[] = [
  {
    operators: ['GridSample'],
    constraint: 'gridsample-mode-opset20',
    setting: 'a mode in the spelling of opset 20',
    effect: 'samples the nearest point instead',
    remedy: 'Write bilinear or bicubic, as opset 16 spells them, or export with opset 16.',
    applies: ({ node, attributes }) =>
      node.attributes.has('mode') && ['linear', 'cubic'].includes(attributes.string('mode') ?? ''),
  },
  {
    operators: quantization,
    constraint: 'qdq-axis-default',
    setting: 'scales for each slice and no axis',
    effect: 'takes axis 0, where the standard takes 1',
    remedy: 'Write the axis out.',
    applies: ({ attributes, input }) =>
      !attributes.has('axis') && input(1)?.rank === 1 && (input(1)?.elementCount ?? 0) > 1,
  },
  {
    operators: ['Resize'],
    constraint: 'resize-antialias-ignored',
    setting: 'antialias or keep_aspect_ratio_policy',
    effect: 'ignores it',
    remedy: 'Export without it, or use TensorRT 10.0 or later, which says so.',
    applies: ({ attributes }) =>
      attributes.int('antialias') === 1n || (attributes.string('keep_aspect_ratio_policy') ?? 'stretch') !== 'stretch',
  },
  {
    operators: ['Shape'],
    constraint: 'shape-start-end-ignored',
    setting: 'start or end',
    effect: 'gives the whole shape',
    remedy: 'Use a Slice of the whole shape instead.',
    applies: ({ attributes }) => (attributes.int('start') ?? 0n) !== 0n || attributes.has('end'),
  },
  {
    operators: ['ScatterElements'],
    constraint: 'scatterelements-reduction',
    setting: 'a reduction',
    effect: 'overwrites instead',
    remedy: 'Use TensorRT 10.0 or later, which has it as a plugin.',
    applies: ({ attributes }) => (attributes.string('reduction') ?? 'none') !== 'none',
  },
  {
    operators: ['ScatterND'],
    constraint: 'scatternd-reduction-ignored',
    setting: 'a reduction',
    effect: 'overwrites instead',
    remedy: 'Express the reduction by other operators.',
    applies: ({ attributes }) => (attributes.string('reduction') ?? 'none') !== 'none',
  },
  {
    operators: ['Split'],
    constraint: 'split-num-outputs-old',
    setting: 'a num_outputs that does not divide the dimension',
    effect: 'splits into equal parts',
    remedy: 'Write the sizes out in the input split.',
    applies: ({ attributes, input }) => {
      const parts = attributes.number('num_outputs');
      const extent = input(0)?.dims?.at(attributes.number('axis') ?? 0) ?? -1;
      return parts !== undefined && extent >= 0 && smallestChunk(extent, parts) !== Math.ceil(extent / parts);
    },
  },
  {
    operators: words('RNN GRU LSTM'),
    constraint: 'rnn-layout',
    setting: 'layout = 1 (batch first)',
    effect: 'reads the tensors as if the sequence came first',
    remedy: 'Export with layout = 0 and Transpose around the node.',
    applies: ({ attributes }) => attributes.int('layout') === 1n,
  },
  {
    operators: ['RoiAlign'],
    constraint: 'roialign-sampling-default',
    setting: 'no sampling_ratio (adaptive)',
    effect: 'takes one sample a bin',
    remedy: 'Write the sampling_ratio out.',
    applies: ({ attributes }) => (attributes.int('sampling_ratio') ?? 0n) === 0n,
  },
  {
    operators: ['LayerNormalization'],
    constraint: 'layernorm-missing-scale',
    setting: 'no scale',
    effect: 'multiplies by 0 where the type is float or bfloat16',
    remedy: 'Write a scale of ones.',
    applies: ({ node }) => node.inputs[1] === undefined,
  },
];

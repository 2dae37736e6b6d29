/** Inputs that must be weights, and until when. */
import type { ConstraintId } from './constraints.ts';

export interface ConstantInputRow {
  readonly operators: readonly string[];
  readonly inputs: readonly number[];
  readonly constraint: ConstraintId;
  /** A Cast or Identity of weights will do as well, from this constraint's first version on. */
  readonly resolvedFrom?: ConstraintId;
}

const words = (text: string): string[] => text.split(' ');

export const constantInputRows: readonly ConstantInputRow[] = [
  { operators: ['Conv'], inputs: [1], constraint: 'conv-weights-const-7' },
  { operators: ['Conv'], inputs: [2], constraint: 'conv-bias-const' },
  { operators: ['ConvTranspose'], inputs: [1], constraint: 'convtranspose-weights-const' },
  { operators: ['ConvTranspose'], inputs: [2], constraint: 'convtranspose-bias-const' },
  { operators: words('QuantizeLinear DequantizeLinear'), inputs: [1, 2], constraint: 'qdq-const-7' },
  { operators: ['Pad'], inputs: [1], constraint: 'pad-pads-const-7' },
  { operators: ['Pad'], inputs: [3], constraint: 'pad-axes-dynamic' },
  { operators: ['Split'], inputs: [1], constraint: 'split-const' },
  { operators: ['Resize'], inputs: [2], constraint: 'resize-scales-const-8' },
  { operators: ['Upsample'], inputs: [1], constraint: 'upsample-scales-const' },
  { operators: ['Clip'], inputs: [1, 2], constraint: 'clip-minmax-const-8.0' },
  { operators: ['NonMaxSuppression'], inputs: [2, 3, 4], constraint: 'nms-const-8' },
  { operators: ['OneHot'], inputs: [1], constraint: 'onehot-depth-8' },
  { operators: ['TopK'], inputs: [1], constraint: 'topk-k-const' },
  { operators: ['InstanceNormalization'], inputs: [1, 2], constraint: 'instancenorm-plugin-const' },
  { operators: ['BatchNormalization'], inputs: [1, 2, 3, 4], constraint: 'batchnorm-param-const-old' },
  {
    operators: words(
      'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    ),
    inputs: [1],
    constraint: 'helper-reduce-axes-const',
    resolvedFrom: 'reduce-axes-resolved',
  },
  { operators: ['CumSum'], inputs: [1], constraint: 'cumsum-axis-const' },
  { operators: ['Slice'], inputs: [3], constraint: 'slice-axes-const' },
  { operators: ['Dropout'], inputs: [2], constraint: 'dropout-training-const' },
  { operators: ['STFT'], inputs: [1, 2, 3], constraint: 'stft-const' },
  { operators: ['If'], inputs: [0], constraint: 'if-const-cond-7' },
];

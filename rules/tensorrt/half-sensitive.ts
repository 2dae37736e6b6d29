import { lint, type Node, version } from '../../src/rule-kit.ts';
import { dispatch } from './facts/dispatch.ts';

/** Sums and powers that leave the range of half on common data. */
const sums: ReadonlySet<string> = new Set([
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
  'ReduceSum',
  'ReduceMean',
]);
const NORMALIZATION_SINCE = version('8.6');
const SQUARES = ['Pow', 'Mul'];

/** ReduceMean of squares of what a mean was taken from: the heart of a LayerNormalization that was taken apart. */
function isVariance(node: Node): boolean {
  const squared = node.inputs[0]?.producer;
  if (node.opType !== 'ReduceMean' || squared === undefined || !SQUARES.includes(squared.opType)) return false;
  if (squared.opType === 'Mul' && squared.inputs[0] !== squared.inputs[1]) return false;
  const centred = squared.inputs[0]?.producer;
  return centred?.opType === 'Sub' && centred.inputs[1]?.producer?.opType === 'ReduceMean';
}

export default lint({
  id: 'tensorrt/half-sensitive',
  summary: 'An operator that leaves the range of half on common data runs in half precision.',
  why: 'Squares of activations above 256 overflow half, and so do long sums of them; a LayerNormalization that the exporter took apart squares and sums in FP16 ("Running layernorm after self-attention with FP16 Reduce or Pow may cause overflow.").',
  severity: 'warning',
  stage: 'build',
  errors: ['Running layernorm after self-attention with FP16 Reduce or Pow may cause overflow.'],
  messages: {
    variance:
      '{op} {node} takes the mean of squares in FP16, as part of a LayerNormalization in pieces; it overflows where activations exceed 256.',
    power: '{op} {node} computes in FP16; a square overflows where its operand exceeds 256.',
    exponential: '{op} {node} computes in FP16; it overflows from 11.1 on.',
    sum: '{op} {node} sums {count} elements in FP16, which may overflow.',
  },
  advice: {
    variance:
      'Export with opset 17 or later, so that the exporter writes LayerNormalization (TensorRT 8.6 and later take it), or keep the nodes in FP32.',
    power: 'Keep the node in FP32 (--layerPrecisions, or casts around it in a strongly typed network).',
    exponential: 'Keep the node in FP32, or subtract the maximum first, as Softmax does.',
    sum: 'Keep the node in FP32.',
  },
  operators: ['Pow', 'Exp', ...sums],

  check(node, { model, target, view, input, output, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const data = input(0);
    const type = data === undefined ? undefined : view.importedType(data.value);
    const isHalf = type === 'HALF' || (type === 'FLOAT' && target.precisions.has('fp16'));
    if (!isHalf || data?.isWeights === true) return;
    if (isVariance(node)) {
      report('variance', {}, target.version < NORMALIZATION_SINCE ? {} : { confidence: 'certain' });
      return;
    }
    // The square of the pattern above is spoken of there.
    if (node.opType === 'Pow') {
      const users = [...(node.outputs[0]?.users ?? [])];
      if (!users.some(isVariance) && (input(1)?.floats?.[0] ?? 0) >= 2) report('power', {}, { confidence: 'likely' });
    } else if (node.opType === 'Exp') report('exponential', {}, { confidence: 'likely', severity: 'info' });
    else if (['ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'].includes(node.opType)) {
      const count = (data?.elementCount ?? 0) / Math.max(output(0)?.elementCount ?? 1, 1);
      if (count > 0) report('sum', { count }, { confidence: 'likely', severity: 'info' });
    }
  },

  examples: [
    {
      title: 'a LayerNormalization in pieces (16384 are the bits of 2 in float16)',
      model: `agraph (float16[1, 8, 64] x) => (float16[1, 8, 64] y) <float16 two = {16384}, float16 epsilon = {168}> {
        mean = ReduceMean <axes = [-1]> (x)
        centred = Sub (x, mean)
        squared = Pow (centred, two)
        variance = ReduceMean <axes = [-1]> (squared)
        raised = Add (variance, epsilon)
        deviation = Sqrt (raised)
        y = Div (centred, deviation)
      }`,
      reports: ['variance'],
    },
    {
      title: 'squares, exponentials and norms in an FP16 build',
      model: `agraph (float[2, 64] x) => (float[2, 64] a, float[2, 64] b, float[2, 1] c) <float two = {2}, int64[1] axis = {1}> {
        a = Pow (x, two)
        b = Exp (x)
        c = ReduceL2 (x, axis)
      }`,
      opset: 18,
      target: 'tensorrt@10.16',
      machine: { precision: ['fp16'] },
      reports: ['power', 'exponential', 'sum'],
    },
    {
      title: 'in FP32',
      model: `agraph (float[2] x) => (float[2] y) <float two = {2}> { y = Pow (x, two) }`,
      reports: [],
    },
  ],
});

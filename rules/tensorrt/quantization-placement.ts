import { lint, type ParserView, type Value, version } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Layers that the builder runs in INT8 when Q/DQ pairs stand before their operands. */
const consumers: ReadonlySet<string> = new Set(
  'Conv ConvTranspose MatMul Gemm Add AveragePool GlobalAveragePool MaxPool'.split(' '),
);
/** What a DequantizeLinear may pass on its way to such a layer. */
const movements: ReadonlySet<string> = new Set('Reshape Transpose Squeeze Unsqueeze Flatten Cast'.split(' '));

export default lint({
  id: 'tensorrt/quantization-placement',
  summary: 'QuantizeLinear and DequantizeLinear stand where the builder makes no use of them, or refuses them.',
  why: 'The builder wants zero points that are stored, scales per channel on weights only, and fuses a DequantizeLinear into the layer that follows; a pair around anything else costs time and gives nothing.',
  severity: 'error',
  stage: 'build',
  errors: [
    'IQuantizeLayer/IDequantizeLayer {node} has `zero_point` which is not an initializer.',
    'Per-channel quantization of activations is not supported',
  ],
  messages: {
    zeroPoint: '{op} {node} takes its zero point from {value}, which is computed; {tensorrt} wants it stored.',
    perChannel: '{op} {node} scales an activation by {count} factors; {tensorrt} takes more than one for weights only.',
    idle: '{op} {node} feeds {consumers}, none of which {tensorrt} runs in the quantized type.',
  },
  advice: {
    zeroPoint: 'Store the zero point (all zeros) as an initializer.',
    perChannel: 'Quantize activations with one scale for the tensor.',
    idle: 'Take the pair out there, or move it before the next convolution or matrix product.',
  },
  operators: ['QuantizeLinear', 'DequantizeLinear'],

  check(node, { model, target, view, input, output, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const zeroPoint = input(2);
    const scale = input(1);
    const data = input(0);
    const isComputedZero = zeroPoint !== undefined && view.resolveWeights(zeroPoint.value) === undefined;
    const quantizedType = node.opType === 'QuantizeLinear' ? output(0)?.type : data?.type;
    if (isComputedZero) {
      const seen = evidence('qdq-zero-point-initializer', target.version);
      const read = evidence('qdq-zero-point-const', target.version);
      // Zero points of 8-bit floats are not looked at.
      if (seen !== undefined && quantizedType !== 'FP8')
        report('zeroPoint', { value: zeroPoint.name }, { value: zeroPoint.value, ...seen });
      else if (read !== undefined && quantizedType !== 'FP8')
        report('zeroPoint', { value: zeroPoint.name }, { value: zeroPoint.value, ...read, severity: 'warning' });
    }
    const channels = scale?.rank === 1 ? (scale.elementCount ?? 0) : 0;
    const isOfWeights =
      data === undefined ||
      data.isConstant ||
      (node.opType === 'DequantizeLinear' &&
        data.value.producer?.opType === 'QuantizeLinear' &&
        isStored(data.value.producer.inputs[0], view));
    const row = evidence('qdq-per-channel-activation', target.version);
    if (channels > 1 && !isOfWeights && row !== undefined)
      report('perChannel', { count: channels }, { value: scale?.value, ...row, severity: 'warning' });
    if (node.opType !== 'DequantizeLinear' || isOfWeights || target.version < version('8.0')) return;
    const made = node.outputs[0];
    if (made === undefined || made.isGraphOutput) return;
    const users = [...made.users];
    const isIdle = users.every(
      (user) => !consumers.has(user.opType) && !movements.has(user.opType) && user.opType !== 'QuantizeLinear',
    );
    if (users.length > 0 && isIdle)
      report(
        'idle',
        { consumers: [...new Set(users.map(({ opType }) => opType))].join(', ') },
        { value: made, severity: 'info', confidence: 'likely' },
      );
  },

  examples: [
    {
      title: 'a zero point at run time',
      model: `agraph (float[2] x, int8 zero) => (int8[2] y) <float scale = {1}> { y = QuantizeLinear (x, scale, zero) }`,
      reports: ['zeroPoint'],
    },
    {
      title: 'an activation with a scale for each channel',
      model: `agraph (float[1, 2, 4] x) => (int8[1, 2, 4] y) <float[2] scale = {1, 2}, int8[2] zero = {0, 0}> {
        y = QuantizeLinear <axis = 1> (x, scale, zero)
      }`,
      target: 'tensorrt@10.3',
      reports: ['perChannel'],
    },
    {
      title: 'a pair before a Sigmoid',
      model: `agraph (float[2] x) => (float[2] y) <float scale = {1}, int8 zero = {0}> {
        q = QuantizeLinear (x, scale, zero)
        d = DequantizeLinear (q, scale, zero)
        y = Sigmoid (d)
      }`,
      reports: ['idle'],
    },
    {
      title: 'a pair before a product',
      model: `agraph (float[2, 2] x) => (float[2, 2] y) <float scale = {1}, int8 zero = {0}, float[2, 2] w = {1, 2, 3, 4}> {
        q = QuantizeLinear (x, scale, zero)
        d = DequantizeLinear (q, scale, zero)
        y = MatMul (d, w)
      }`,
      reports: [],
    },
  ],
});

function isStored(value: Value | undefined, view: ParserView): boolean {
  return value !== undefined && view.value(value).isConstant;
}

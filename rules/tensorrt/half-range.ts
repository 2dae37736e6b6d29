import { floatsOf, lint, type NodeContext, type Value } from '../../src/rule-kit.ts';

const HALF_MAX = 65504;
/** The least normal half; below it bits of the fraction are lost. */
const HALF_NORMAL = 2 ** -14;
/** Half of the least subnormal: what is below becomes 0. */
const HALF_LEAST = 2 ** -25;
/** A share of weights that is worth a word. */
const NOTABLE_SHARE = 0.01;

type Context = Pick<NodeContext<Record<string, string>>, 'node' | 'target' | 'attributes' | 'input'>;

/** True where the constant will be held as half: in an FP16 build, or by a Cast to float16. */
function becomesHalf({ node, target, attributes }: Context): boolean {
  if (node.opType === 'Cast') return attributes.number('to') === 10;
  return target.precisions.has('fp16') && !node.opType.startsWith('Cast');
}

export default lint({
  id: 'tensorrt/half-range',
  summary: 'A float constant does not fit half precision.',
  why: 'Half ends at 65504. A mask constant such as -1e9 or the least float becomes -inf, and a row that is masked throughout gives NaN in a Softmax; what is below 6.1e-5 loses bits, and below 3e-8 becomes 0 ("Subnormal FP16 values detected.").',
  severity: 'warning',
  stage: 'build',
  errors: [
    'Weights [name=W] had the following issues when converted to FP16',
    'Subnormal FP16 values detected.',
    'Values less than smallest positive FP16 Subnormal value detected.',
  ],
  messages: {
    overflow: '{op} {node} reads {value}, which holds {number}: in FP16 that is {becomes}.',
    vanishing: '{op} {node} reads {value}, of which {count} of {total} elements become 0 in FP16.',
    subnormal: '{op} {node} reads {value}, of which {count} of {total} elements are subnormal in FP16.',
  },
  advice: {
    overflow: 'Write the constant within ±65504 (a mask of -1e4 does), or keep the layer in FP32.',
    vanishing: 'Scale {value} up, or keep the layer in FP32 or BF16.',
    subnormal: 'Nothing, if the accuracy is fine; otherwise keep the layer in FP32 or BF16.',
  },

  check(node, context) {
    if (!becomesHalf(context)) return;
    node.inputs.forEach((value, index) => {
      if (value === undefined) return;
      const weights = context.input(index)?.weights;
      if (weights?.dataType !== 'float' && weights?.dataType !== 'double') return;
      const elements = floatsOf(weights);
      if (elements !== undefined) reportRange(value, elements, context.report);
    });
  },

  examples: [
    {
      title: 'a mask of -1e9',
      model: `agraph (bool[2, 2] mask, float[2, 2] scores) => (float[2, 2] y) <float hidden = {-1000000000}> {
        masked = Where (mask, scores, hidden)
        y = Softmax (masked)
      }`,
      target: 'tensorrt@10.16',
      machine: { precision: ['fp16'] },
      reports: ['overflow'],
    },
    {
      title: 'weights that vanish',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = {0.000000001, 1}> { y = Mul (x, w) }`,
      target: 'tensorrt@10.16',
      machine: { precision: ['fp16'] },
      reports: ['vanishing'],
    },
    {
      title: 'subnormal weights, cast by the model itself',
      model: `agraph (float16[2] x) => (float16[2] y) <float[2] w = {0.00001, 1}> {
        half = Cast <to = 10> (w)
        y = Mul (x, half)
      }`,
      reports: ['subnormal'],
    },
    {
      title: 'FP32 holds all of these',
      model: `agraph (bool[2, 2] mask, float[2, 2] scores) => (float[2, 2] y) <float hidden = {-1000000000}> {
        masked = Where (mask, scores, hidden)
        y = Softmax (masked)
      }`,
      target: 'tensorrt@10.16',
      reports: [],
    },
  ],
});

function reportRange(
  value: Value,
  elements: readonly number[],
  report: NodeContext<{
    overflow: '{value} {number} {becomes}';
    vanishing: '{value} {count} {total}';
    subnormal: '{value} {count} {total}';
  }>['report'],
): void {
  const over = elements.find((element) => Number.isFinite(element) && Math.abs(element) > HALF_MAX + 16);
  if (over !== undefined) {
    report('overflow', { value: value.name, number: over, becomes: over < 0 ? '-inf' : 'inf' }, { value });
    return;
  }
  const total = elements.length;
  const vanishing = elements.filter((element) => element !== 0 && Math.abs(element) < HALF_LEAST).length;
  const small = elements.filter((element) => element !== 0 && Math.abs(element) < HALF_NORMAL).length;
  if (vanishing / total >= NOTABLE_SHARE)
    report('vanishing', { value: value.name, count: vanishing, total }, { value });
  else if (small / total >= NOTABLE_SHARE)
    report('subnormal', { value: value.name, count: small, total }, { value, severity: 'info' });
}

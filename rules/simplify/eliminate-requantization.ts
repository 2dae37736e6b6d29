import {
  type DataType,
  doublesOf,
  type Node,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  type Tensor,
  uniformElement,
  type Value,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

/** Bits of the integers that are quantized to. */
const BITS: Partial<Record<DataType, number>> = {
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int4: 4,
  uint4: 4,
  int2: 2,
  uint2: 2,
};

/** Types of a scale: significant bits, the least normal number, and the largest. */
const SCALES: Partial<Record<DataType, readonly [digits: number, least: number, largest: number]>> = {
  float: [24, 2 ** -126, 2 ** 127],
  float16: [11, 2 ** -14, 2 ** 15],
  bfloat16: [8, 2 ** -126, 2 ** 127],
};

/** Whether a number of steps of this size is that number again when it is divided by the size and rounded. */
function isReversible(scale: Tensor, bits: number): boolean {
  const [digits, least, largest] = SCALES[scale.dataType] ?? [0, Infinity, 0];
  // Two roundings, of half a unit in the last place each, must stay below half a step of up to 2 ** bits.
  if (bits + 1 >= digits) return false;
  return doublesOf(scale)?.every((step) => step >= least && step * 2 ** (bits + 1) <= largest) === true;
}

/** Whether both take the same scale and zero point, along the same axis and in the same blocks. */
function isSameGrid(q: Node, dq: Node, context: RewriteContext): boolean {
  const [scaleOfQ, scaleOfDq] = [q.inputs[1], dq.inputs[1]];
  if (!isSame(scaleOfQ, scaleOfDq, context)) return false;
  if (!isSame(q.inputs[2], dq.inputs[2], context) && !(isZero(q.inputs[2], context) && isZero(dq.inputs[2], context)))
    return false;
  if (context.tensor(scaleOfQ)?.elementCount === 1 && context.tensor(scaleOfQ)?.dims.length === 0) return true;
  const rank = context.shape(q.output)?.length;
  const places = [q, dq].map((node) => {
    const attributes = context.attributes(node);
    const axis = attributes.number('axis') ?? 1;
    return `${rank === undefined || axis >= 0 ? axis : axis + rank} ${attributes.number('block_size') ?? 0}`;
  });
  return places[0] === places[1];
}

/** One value, or constants of one type, shape and content. */
function isSame(a: Value | undefined, b: Value | undefined, context: RewriteContext): boolean {
  if (a === b) return true;
  const [left, right] = [context.tensor(a), context.tensor(b)];
  if (left?.isResident !== true || right?.isResident !== true) return false;
  return (
    left.dataType === right.dataType &&
    String(left.dims) === String(right.dims) &&
    left.bytes.every((byte, index) => byte === right.bytes[index])
  );
}

/** A zero point that is left out is 0. */
function isZero(zeroPoint: Value | undefined, context: RewriteContext): boolean {
  return zeroPoint === undefined || Number(uniformElement(context.tensor(zeroPoint))) === 0;
}

export default rewrite({
  id: 'eliminate-requantization',
  summary: 'Skip a DequantizeLinear and a QuantizeLinear of the same scale and zero point.',
  why: 'Each quantized layer ends with a pair and the next one begins with a pair; one of the two is enough.',
  exact: true,
  since: 10,

  pattern: op('QuantizeLinear', 'quantize'),

  rewrite({ quantize }, context) {
    const dequantize = quantize.inputs[0]?.producer;
    const x = dequantize?.inputs[0];
    if (dequantize?.operator !== 'DequantizeLinear' || x === undefined || !context.isReadable(dequantize))
      return undefined;
    const [type, made] = [context.dataType(x), context.dataType(quantize.output)];
    const bits = type === undefined ? undefined : BITS[type];
    if (bits === undefined || type !== made) return refuse('it is quantized to another type');
    if (!isSameGrid(quantize, dequantize, context)) return refuse('it is quantized with another scale or zero point');
    const scale = context.tensor(quantize.inputs[1]);
    if (scale === undefined || !isReversible(scale, bits)) return refuse('its scale is not known to keep every number');
    if ((context.attributes(quantize).int('precision') ?? 0n) !== 0n) return refuse('it divides in another precision');
    return wouldKeepIdentity(quantize.output, x) ? undefined : context.replace(quantize, x);
  },

  examples: [
    {
      title: 'two pairs that meet',
      before: `agraph (float[N] x) => (float[N] y) <float scale = {0.1}, uint8 zero = {128}, float same = {0.1}, uint8 same_zero = {128}> {
        a = QuantizeLinear (x, scale, zero)
        b = DequantizeLinear (a, scale, zero)
        c = QuantizeLinear (b, same, same_zero)
        y = DequantizeLinear (c, same, same_zero)
      }`,
      after: `agraph (float[N] x) => (float[N] y) <float scale = {0.1}, uint8 zero = {128}, float same = {0.1}, uint8 same_zero = {128}> {
        a = QuantizeLinear (x, scale, zero)
        y = DequantizeLinear (a, same, same_zero)
      }`,
    },
    {
      title: 'a scale for each channel, and zero points that are 0 or left out',
      before: `agraph (int8[2,N] q) => (int8[2,N] y) <float[2] scale = {0.1, 3}, int8[2] zero = {0, 0}> {
        x = DequantizeLinear <axis = 0> (q, scale)
        r = QuantizeLinear <axis = -2> (x, scale, zero)
        y = Neg (r)
      }`,
      after: `agraph (int8[2,N] q) => (int8[2,N] y) {
        y = Neg (q)
      }`,
    },
    {
      title: 'another scale',
      before: `agraph (uint8[N] q) => (uint8[N] y) <float scale = {0.1}, float other = {0.2}> {
        x = DequantizeLinear (q, scale)
        y = QuantizeLinear (x, other)
      }`,
      after: 'unchanged',
      because: 'it is quantized with another scale or zero point',
    },
    {
      title: 'another zero point',
      before: `agraph (uint8[N] q) => (uint8[N] y) <float scale = {0.1}, uint8 zero = {128}> {
        x = DequantizeLinear (q, scale, zero)
        y = QuantizeLinear (x, scale)
      }`,
      after: 'unchanged',
      because: 'it is quantized with another scale or zero point',
    },
    {
      title: 'another type',
      before: `agraph (int8[N] q) => (uint8[N] y) <float scale = {0.1}> {
        x = DequantizeLinear (q, scale)
        y = QuantizeLinear (x, scale)
      }`,
      after: 'unchanged',
      because: 'it is quantized to another type',
    },
    {
      title: 'a scale that is computed',
      before: `agraph (uint8[N] q, float scale) => (uint8[N] y) {
        x = DequantizeLinear (q, scale)
        y = QuantizeLinear (x, scale)
      }`,
      after: 'unchanged',
      because: 'its scale is not known to keep every number',
    },
    {
      title: 'quantizing a value, which rounds it',
      before: `agraph (float[N] x) => (float[N] y) <float scale = {0.1}, uint8 zero = {128}> {
        a = QuantizeLinear (x, scale, zero)
        y = DequantizeLinear (a, scale, zero)
      }`,
      after: 'unchanged',
    },
  ],
});

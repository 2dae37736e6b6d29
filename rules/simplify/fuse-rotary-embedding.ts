import {
  axisPart,
  doublesOf,
  floatTensor,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  type Tensor,
  type Value,
  value,
} from '../../src/rule-kit.ts';

/** Nodes between the angles and what is multiplied by; more are never written. */
const MAXIMUM_STEPS = 6;

/** x with its last axis turned by a quarter: its second half negated, then its first half; undefined for any other Concat. */
function quarterTurned(rotated: Value, context: RewriteContext): Value | undefined {
  const concat = rotated.producer;
  const rank = context.shape(rotated)?.length;
  const [negated, first] = concat?.inputs ?? [];
  const neg = negated?.producer;
  const second = neg?.inputs[0];
  if (concat === undefined || concat.inputs.length !== 2 || rank === undefined || first === undefined) return undefined;
  if (neg?.operator !== 'Neg' || second === undefined || !context.isReadable(neg)) return undefined;
  if (neg.output.onlyUser !== concat) return undefined;
  const [axis] = normalizedAxes([context.attributes(concat).int('axis') ?? 0n], rank) ?? [];
  const [low, high] = [axisPart(first, context), axisPart(second, context)];
  if (axis !== rank - 1 || low?.axis !== axis || high?.axis !== axis || low.whole !== high.whole) return undefined;
  const size = context.shape(low.whole)?.[axis]?.constant;
  if (size === undefined) return undefined;
  const isHalved = low.start === 0n && low.end * 2n === size && high.start === low.end && high.end >= size;
  return isHalved ? low.whole : undefined;
}

/** The first half, along the last axis, of what is twice the same there; undefined when that is not known. */
function halfOf(whole: Value, context: RewriteContext, steps = 0): Value | undefined {
  const tensor = context.tensor(whole);
  if (tensor !== undefined) {
    const half = halfOfTensor(tensor);
    return half && context.constant(half, whole.name);
  }
  const node = whole.producer;
  const [first, second] = node?.inputs ?? [];
  if (node === undefined || first === undefined || steps >= MAXIMUM_STEPS || !context.isReadable(node))
    return undefined;
  switch (node.operator) {
    case 'Concat': {
      const rank = context.shape(whole)?.length ?? 0;
      const [axis] = normalizedAxes([context.attributes(node).int('axis') ?? 0n], rank) ?? [];
      return node.inputs.length === 2 && first === second && axis === rank - 1 ? first : undefined;
    }
    case 'Cos':
    case 'Sin':
    case 'Cast': {
      const half = halfOf(first, context, steps + 1);
      return half && context.like(node, [half]);
    }
    case 'Mul': {
      const [data, factor] = context.tensor(first) === undefined ? [first, second] : [second, first];
      if (data === undefined || factor === undefined || context.tensor(factor)?.elementCount !== 1) return undefined;
      const half = halfOf(data, context, steps + 1);
      return half && context.like(node, [half, factor]);
    }
    default:
      return undefined;
  }
}

/** [batch, 1, length, size / 2] as [batch, length, size / 2]. */
function halfOfTensor(tensor: Tensor): Tensor | undefined {
  const elements = doublesOf(tensor);
  const size = tensor.dims.at(-1) ?? 0;
  if (elements === undefined || tensor.dims.length < 3 || size === 0 || size % 2 !== 0) return undefined;
  const half = size / 2;
  const isTwice = elements.every((number, at) => at % size < half || Object.is(number, elements[at - half]));
  const kept = elements.filter((_, at) => at % size < half);
  return isTwice
    ? floatTensor(tensor.dataType, [...tensor.dims.slice(0, -1), half].toSpliced(1, tensor.dims.length - 3), kept)
    : undefined;
}

/** Of [batch, 1, length, size] the [batch, length, size] that it is made of. */
function withoutHeads(cache: Value, context: RewriteContext): Value | undefined {
  const shape = context.shape(cache);
  const node = cache.producer;
  const inner = node?.inputs[0];
  if (node === undefined || inner === undefined || !['Unsqueeze', 'Reshape'].includes(node.operator)) return undefined;
  const from = context.shape(inner);
  const isSame = from?.length === 3 && from.every((dim, axis) => shape?.toSpliced(1, 1)[axis]?.equals(dim) === true);
  return isSame && context.isReadable(node) ? inner : undefined;
}

export default rewrite({
  id: 'fuse-rotary-embedding',
  summary: 'Put a RotaryEmbedding back together.',
  why: 'Positions are turned into queries and keys by a Split, a Neg, a Concat, two products and a sum in every layer.',
  exact:
    'the sum of two products may be rounded once: a relative error of about 1e-7 for float, 1e-3 for float16, of the larger product',
  since: 23,

  pattern: op(
    'Add',
    'sum',
    op('Mul', 'straight', value('x'), value('cosines')),
    op('Mul', 'turned', op('Concat', 'rotated'), value('sines')),
  ),

  rewrite({ sum, straight, turned, rotated, x, cosines, sines }, context) {
    const whole = quarterTurned(rotated.output, context);
    if (whole === undefined || (whole !== x && whole !== cosines)) return undefined;
    const caches = [whole === x ? cosines : x, sines];
    const shape = context.shape(whole);
    if (shape?.length !== 4) return refuse('the heads are not an axis of their own');
    if ([straight, turned].some(({ output }) => output.onlyUser !== sum) || rotated.output.onlyUser !== turned)
      return refuse('a part of it is used elsewhere, too');
    const [batch, , length, size] = shape;
    const halves: Value[] = [];
    for (const cache of caches) {
      const dims = context.shape(cache);
      if (dims?.length !== 4 || dims[1]?.constant !== 1n)
        return refuse('its angles are not known to be the same for all heads');
      const isFitting = [batch, , length, size].every(
        (dim, axis) => dim === undefined || dims[axis]?.equals(dim) === true,
      );
      if (!isFitting) return refuse('its angles are not given for each of the batch');
      const own = context.tensor(cache) === undefined ? withoutHeads(cache, context) : cache;
      const half = own && halfOf(own, context);
      if (half === undefined) return refuse('its angles are not known to be twice the same');
      halves.push(half);
    }
    return context.replace(sum, context.node('RotaryEmbedding', [whole, ...halves], { from: sum }));
  },

  examples: [
    {
      title: 'angles of positions',
      opset: 23,
      before: `agraph (float[N,2,S,4] x, float[N,S,2] f) => (float[N,2,S,4] y) <int64[1] one = {1}> {
        e = Concat <axis = -1> (f, f)
        c = Cos (e)
        s = Sin (e)
        cos = Unsqueeze (c, one)
        sin = Unsqueeze (s, one)
        a = Mul (x, cos)
        low, high = Split <axis = -1, num_outputs = 2> (x)
        n = Neg (high)
        r = Concat <axis = -1> (n, low)
        b = Mul (r, sin)
        y = Add (a, b)
      }`,
      after: `agraph (float[N,2,S,4] x, float[N,S,2] f) => (float[N,2,S,4] y) {
        c = Cos (f)
        s = Sin (f)
        y = RotaryEmbedding (x, c, s)
      }`,
    },
    {
      title: 'angles that are constants',
      opset: 23,
      before: `agraph (float[1,2,1,4] x) => (float[1,2,1,4] y) <
        float[1,1,1,4] cos = {0.5, 1, 0.5, 1}, float[1,1,1,4] sin = {0.25, 0, 0.25, 0}> {
        a = Mul (cos, x)
        low, high = Split <axis = -1, num_outputs = 2> (x)
        n = Neg (high)
        r = Concat <axis = -1> (n, low)
        b = Mul (r, sin)
        y = Add (b, a)
      }`,
      after: `agraph (float[1,2,1,4] x) => (float[1,2,1,4] y) <float[1,1,2] cos = {0.5, 1}, float[1,1,2] sin = {0.25, 0}> {
        y = RotaryEmbedding (x, cos, sin)
      }`,
    },
    {
      title: 'angles that differ between the halves',
      opset: 23,
      before: `agraph (float[1,2,1,4] x) => (float[1,2,1,4] y) <
        float[1,1,1,4] cos = {0.5, 1, 0.5, 2}, float[1,1,1,4] sin = {0.25, 0, 0.25, 0}> {
        a = Mul (x, cos)
        low, high = Split <axis = -1, num_outputs = 2> (x)
        n = Neg (high)
        r = Concat <axis = -1> (n, low)
        b = Mul (r, sin)
        y = Add (a, b)
      }`,
      after: 'unchanged',
      because: 'its angles are not known to be twice the same',
    },
    {
      title: 'one row of angles for the whole batch',
      opset: 23,
      before: `agraph (float[N,2,1,4] x) => (float[N,2,1,4] y) <
        float[1,1,1,4] cos = {0.5, 1, 0.5, 1}, float[1,1,1,4] sin = {0.25, 0, 0.25, 0}> {
        a = Mul (x, cos)
        low, high = Split <axis = -1, num_outputs = 2> (x)
        n = Neg (high)
        r = Concat <axis = -1> (n, low)
        b = Mul (r, sin)
        y = Add (a, b)
      }`,
      after: 'unchanged',
      because: 'its angles are not given for each of the batch',
    },
    {
      title: 'the other way round',
      opset: 23,
      before: `agraph (float[1,2,1,4] x) => (float[1,2,1,4] y) <
        float[1,1,1,4] cos = {0.5, 1, 0.5, 1}, float[1,1,1,4] sin = {0.25, 0, 0.25, 0}> {
        a = Mul (x, cos)
        low, high = Split <axis = -1, num_outputs = 2> (x)
        n = Neg (low)
        r = Concat <axis = -1> (high, n)
        b = Mul (r, sin)
        y = Add (a, b)
      }`,
      after: 'unchanged',
    },
  ],
});

import {
  gatheredAt,
  type Node,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  slicedAlong,
  splitInto,
  type Value,
} from '../../src/rule-kit.ts';

/** Sizes of the parts when they are numbers; a part size that is known although their number is not. */
function partsOf(split: Node, axis: number, context: RewriteContext): readonly bigint[] | bigint | undefined {
  const [x, operand] = split.inputs;
  const total = x === undefined ? undefined : context.shape(x)?.[axis]?.constant;
  const given = operand === undefined ? [1n] : context.integers(operand);
  if (given === undefined) return undefined;
  const isScalar = operand === undefined || context.shape(operand)?.length === 0;
  if (!isScalar) return given;
  const [size] = given;
  if (size === undefined || size <= 0n || total === undefined) return size;
  const count = Number((total + size - 1n) / size);
  return Array.from({ length: count }, (_, at) => (at === count - 1 ? total - size * BigInt(count - 1) : size));
}

/** More parts than this are no list that somebody wrote out. */
const MAXIMUM_PARTS = 64;

export default rewrite({
  id: 'fold-split-to-sequence',
  summary: 'Split a value where it is split to a sequence of which single elements are read.',
  why: 'torch.split and chunk are exported as SplitToSequence and SequenceAt, which TensorRT does not know.',
  exact: true,
  since: 11,

  pattern: op('SplitToSequence', 'split'),

  rewrite({ split }, context) {
    const [x, operand] = split.inputs;
    const rank = x === undefined ? undefined : context.shape(x)?.length;
    const attributes = context.attributes(split);
    const axis = normalizedAxes([attributes.int('axis') ?? 0n], rank ?? 0)?.[0];
    if (x === undefined || axis === undefined) return refuse('the rank of its input is not known');
    const parts = partsOf(split, axis, context);
    if (parts === undefined) return refuse('the sizes of its parts are computed at run time');
    const dropsAxis = operand === undefined && attributes.int('keepdims') === 0n;
    const reads: { readonly node: Node; readonly at: bigint }[] = [];
    for (const node of split.output.users) {
      const at =
        node.operator === 'SequenceAt' && node.graph === split.graph
          ? context.integers(node.inputs[1])?.[0]
          : undefined;
      if (at === undefined) return refuse('its sequence is used as a whole, or at a position that is computed');
      reads.push({ node, at });
    }
    if (split.output.isGraphOutput || reads.length === 0) return undefined;
    if (dropsAxis) {
      const elements = new Map<bigint, Value>();
      return context.replaceAll(
        reads.map(({ node, at }) => {
          const by = elements.get(at) ?? gatheredAt(x, axis, at, context, node);
          elements.set(at, by);
          return { old: node.output, by };
        }),
      );
    }
    if (typeof parts === 'bigint') {
      if (reads.some(({ at }) => at < 0n))
        return refuse('it is read from the end, and the number of its parts is not known');
      return context.replaceAll(
        reads.map(({ node, at }) => ({
          old: node.output,
          by: slicedAlong(x, axis, at * parts, (at + 1n) * parts, context),
        })),
      );
    }
    if (parts.length > MAXIMUM_PARTS) return refuse(`it has more than ${MAXIMUM_PARTS} parts`);
    const count = BigInt(parts.length);
    if (reads.some(({ at }) => at >= count || at < -count)) return refuse('it is read beyond its end');
    const outputs = splitInto(x, axis, parts, context, split);
    return context.replaceAll(
      reads.flatMap(({ node, at }) => {
        const by = outputs.at(Number(at));
        return by === undefined ? [] : [{ old: node.output, by }];
      }),
    );
  },

  examples: [
    {
      title: 'two halves',
      before: `agraph (float[N,6] x) => (float[N,3] y) <int64 three = {3}, int64 zero = {0}, int64 one = {1}> {
        parts = SplitToSequence <axis = 1> (x, three)
        a = SequenceAt (parts, zero)
        b = SequenceAt (parts, one)
        y = Sub (a, b)
      }`,
      after: `agraph (float[N,6] x) => (float[N,3] y) <int64[2] sizes = {3, 3}> {
        a, b = Split <axis = 1> (x, sizes)
        y = Sub (a, b)
      }`,
    },
    {
      title: 'rows without their axis',
      before: `agraph (float[3,N] x) => (float[N] y) <int64 zero = {0}, int64 two = {2}> {
        rows = SplitToSequence <axis = 0, keepdims = 0> (x)
        a = SequenceAt (rows, zero)
        b = SequenceAt (rows, two)
        y = Sub (a, b)
      }`,
      after: `agraph (float[3,N] x) => (float[N] y) <int64 zero = {0}, int64 two = {2}> {
        a = Gather <axis = 0> (x, zero)
        b = Gather <axis = 0> (x, two)
        y = Sub (a, b)
      }`,
    },
    {
      title: 'the whole sequence goes on',
      before: `agraph (float[4] x) => (float[2] y) <int64 two = {2}, int64 zero = {0}> {
        parts = SplitToSequence (x, two)
        shorter = SequenceErase (parts)
        y = SequenceAt (shorter, zero)
      }`,
      after: 'unchanged',
      because: 'its sequence is used as a whole, or at a position that is computed',
    },
  ],
});

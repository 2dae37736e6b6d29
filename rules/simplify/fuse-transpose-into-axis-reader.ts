import {
  attribute,
  EXACT_REDUCTIONS,
  integersOrAttribute,
  type Node,
  normalizedAxes,
  op,
  permutationOf,
  refuse,
  rewrite,
  type RewriteContext,
  ROUNDED_REDUCTIONS,
} from '../../src/rule-kit.ts';

const ROUNDED = [...ROUNDED_REDUCTIONS, 'ReduceLogSum'];
const ARGUMENTS = ['ArgMax', 'ArgMin'];

/** The axes that a node takes away from its first input, as it is given them; undefined when it keeps any. */
function axesTakenAway(node: Node, context: RewriteContext): readonly bigint[] | undefined {
  if (node.operator === 'Gather') {
    const indices = node.inputs[1] === undefined ? undefined : context.shape(node.inputs[1]);
    return indices?.length === 0 ? [context.attributes(node).int('axis') ?? 0n] : undefined;
  }
  if (node.operator === 'Squeeze') return integersOrAttribute(node, context, 'axes', 1);
  if (context.attributes(node).int('keepdims') !== 0n) return undefined;
  return ARGUMENTS.includes(node.operator)
    ? [context.attributes(node).int('axis') ?? 0n]
    : integersOrAttribute(node, context, 'axes', 1);
}

export default rewrite({
  id: 'fuse-transpose-into-axis-reader',
  summary:
    'Let a reduction, ArgMax, Squeeze or Gather of one index take its axis from where it was before a Transpose, if the others then stand in order.',
  why: '`lstm(x)[:, -1]` and a mean over channels that were moved to the end need no element moved.',
  // Reductions whose last bits depend on the order of elements are left alone in preset `exact`.
  exact: true,
  since: 5,

  pattern: op([...EXACT_REDUCTIONS, ...ROUNDED, ...ARGUMENTS, 'Gather', 'Squeeze'], 'node'),

  rewrite({ node }, context) {
    const transpose = node.inputs[0]?.producer;
    const [x] = transpose?.inputs ?? [];
    if (transpose?.operator !== 'Transpose' || x === undefined || !context.isReadable(transpose)) return undefined;
    const perm = permutationOf(transpose, context);
    const given = axesTakenAway(node, context);
    if (perm === undefined || given === undefined || given.length === 0) return undefined;
    const axes = normalizedAxes(given, perm.length);
    if (axes === undefined) return undefined;
    const rest = perm.filter((_, axis) => !axes.includes(axis));
    if (rest.some((axis, index) => index > 0 && axis < (rest[index - 1] ?? 0)))
      return refuse('the other axes change places, too');
    if (ROUNDED.includes(node.operator) && context.isExactOnly)
      return refuse('its last bits depend on the order of elements');
    const moved = axes.map((axis) => BigInt(perm[axis] ?? 0)).sort((a, b) => Number(a - b));
    const [first = 0n] = moved;
    if (node.operator === 'Gather' || ARGUMENTS.includes(node.operator))
      return context.replace(
        node,
        context.like(node, [x, ...node.inputs.slice(1)], { axis: attribute.int('axis', first) }),
      );
    if (node.inputs[1] === undefined)
      return context.replace(node, context.like(node, [x], { axes: attribute.ints('axes', moved) }));
    return context.replace(node, context.like(node, [x, context.vector(moved, `${node.output.name}_axes`)]));
  },

  examples: [
    {
      title: 'the last step of a sequence, with the batch first',
      before: `agraph (float[T,N,8] x) => (float[N,8] y) <int64 last = {-1}> {
        t = Transpose <perm = [1, 0, 2]> (x)
        y = Gather <axis = 1> (t, last)
      }`,
      after: `agraph (float[T,N,8] x) => (float[N,8] y) <int64 last = {-1}> {
        y = Gather <axis = 0> (x, last)
      }`,
    },
    {
      title: 'the largest channel, with channels last',
      before: `agraph (float[N,C,H,W] x) => (float[N,H,W] y) <int64[1] axis = {-1}> {
        t = Transpose <perm = [0, 2, 3, 1]> (x)
        y = ReduceMax <keepdims = 0> (t, axis)
      }`,
      after: `agraph (float[N,C,H,W] x) => (float[N,H,W] y) <int64[1] axis = {1}> {
        y = ReduceMax <keepdims = 0> (x, axis)
      }`,
    },
    {
      title: 'the best class, with classes first',
      before: `agraph (float[N,C,H] x) => (int64[N,H] y) {
        t = Transpose <perm = [1, 0, 2]> (x)
        y = ArgMax <axis = 0, keepdims = 0> (t)
      }`,
      after: `agraph (float[N,C,H] x) => (int64[N,H] y) {
        y = ArgMax <axis = 1, keepdims = 0> (x)
      }`,
    },
    {
      title: 'what is left is not in order',
      before: `agraph (float[A,B,C] x) => (float[C,B] y) <int64 zero = {0}> {
        t = Transpose <perm = [2, 1, 0]> (x)
        y = Gather <axis = 2> (t, zero)
      }`,
      after: 'unchanged',
      because: 'the other axes change places, too',
    },
    {
      title: 'several indices are an axis of their own',
      before: `agraph (float[A,B] x) => (float[2,A] y) <int64[2] two = {0, 2}> {
        t = Transpose <perm = [1, 0]> (x)
        y = Gather <axis = 0> (t, two)
      }`,
      after: 'unchanged',
    },
  ],
});

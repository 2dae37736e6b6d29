import {
  gatheredAt,
  integersOrAttribute,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  sliced,
  squeezed,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-constant-gather',
  summary:
    'Write a Gather of constant indices as less: nothing for all, Squeeze for the only one, Slice for one that gets its axis back.',
  why: 'Indexing is exported as Gather, whatever the index.',
  exact: true,
  since: 10,

  pattern: op(['Gather', 'Unsqueeze'], 'node'),

  rewrite({ node }, context) {
    const gather = node.operator === 'Gather' ? node : node.inputs[0]?.producer;
    if (gather?.operator !== 'Gather' || !context.isReadable(gather)) return undefined;
    const [x, indices] = gather.inputs;
    const shape = x === undefined ? undefined : context.shape(x);
    const given = indices === undefined ? undefined : context.integers(indices);
    if (x === undefined || indices === undefined || shape === undefined || given === undefined) return undefined;
    const [axis] = normalizedAxes([context.attributes(gather).int('axis') ?? 0n], shape.length) ?? [];
    const size = axis === undefined ? undefined : shape[axis]?.constant;
    const rank = context.shape(indices)?.length;
    if (axis === undefined || rank === undefined || rank > 1) return undefined;
    const [index] = given;
    if (node !== gather) {
      // Gather takes the axis away, and Unsqueeze puts it back.
      const axes = normalizedAxes(integersOrAttribute(node, context, 'axes', 1) ?? [], shape.length);
      if (rank !== 0 || axes?.length !== 1 || axes[0] !== axis || index === undefined) return undefined;
      if (gather.output.onlyUser !== node) return refuse('the Gather is used elsewhere, too');
      if (index < 0n && size === undefined) return refuse('it counts from an end that is not known');
      const start = index < 0n ? index + (size ?? 0n) : index;
      return context.replace(node, sliced(x, [{ axis, start, end: start + 1n, step: 1n }], context, node));
    }
    if (size === undefined) return undefined;
    const positions = given.map((each) => (each < 0n ? each + size : each));
    if (rank === 0 && size === 1n && positions[0] === 0n) return context.replace(node, squeezed(x, [axis], context));
    // One form for equal things.
    if (rank === 0 && index !== undefined && index < 0n && positions[0] !== undefined)
      return context.replace(node, gatheredAt(x, axis, positions[0], context, node));
    const isAll = rank === 1 && BigInt(positions.length) === size && positions.every((each, at) => each === BigInt(at));
    if (!isAll || wouldKeepIdentity(node.output, x)) return undefined;
    return context.replace(node, x);
  },

  examples: [
    {
      title: 'all, in order',
      before: `agraph (float[N,3] x) => (float[N,3] y) <int64[3] all = {0, 1, -1}> {
        a = Gather <axis = 1> (x, all)
        y = Neg (a)
      }`,
      after: `agraph (float[N,3] x) => (float[N,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'the only one',
      before: `agraph (float[N,1,4] x) => (float[N,4] y) <int64 zero = {0}> {
        y = Gather <axis = 1> (x, zero)
      }`,
      after: `agraph (float[N,1,4] x) => (float[N,4] y) <int64[1] axes = {1}> {
        y = Squeeze (x, axes)
      }`,
    },
    {
      title: 'x[:, 1:2]',
      before: `agraph (float[N,3] x) => (float[N,1] y) <int64 one = {1}, int64[1] axes = {-1}> {
        a = Gather <axis = 1> (x, one)
        y = Unsqueeze (a, axes)
      }`,
      after: `agraph (float[N,3] x) => (float[N,1] y) <int64[1] start = {1}, int64[1] end = {2}, int64[1] axis = {1}> {
        y = Slice (x, start, end, axis)
      }`,
    },
    {
      title: 'one of several stays',
      before: `agraph (float[N,3] x) => (float[N] y) <int64 one = {1}> {
        y = Gather <axis = 1> (x, one)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the last of an unknown number',
      before: `agraph (float[N] x) => (float[1] y) <int64 last = {-1}, int64[1] axes = {0}> {
        a = Gather (x, last)
        y = Unsqueeze (a, axes)
      }`,
      after: 'unchanged',
      because: 'it counts from an end that is not known',
    },
  ],
});

import {
  attribute,
  Dim,
  type Node,
  normalizedAxes,
  op,
  outputReplacements,
  permutationOf,
  refuse,
  reshapeTarget,
  rewrite,
  type RewriteContext,
  splitInto,
  type Value,
} from '../../src/rule-kit.ts';

/** More parts than this are not looked for. */
const MAXIMUM_PARTS = 64;

/** The Gathers of one index each that take a value apart along one axis, in order of the index; undefined when something is left. */
function partsOf(x: Value, axis: number, size: number, context: RewriteContext): readonly Node[] | undefined {
  const parts: Node[] = [];
  for (const user of x.users) {
    const [data, position] = user.inputs;
    if (user.operator !== 'Gather' || data !== x || position === undefined || !context.isReadable(user))
      return undefined;
    const index = context.shape(position)?.length === 0 ? context.integers(position)?.[0] : undefined;
    const along = normalizedAxes([context.attributes(user).int('axis') ?? 0n], context.shape(x)?.length ?? 0)?.[0];
    if (index === undefined || along !== axis) return undefined;
    const at = Number(index < 0n ? index + BigInt(size) : index);
    if (at < 0 || at >= size || parts[at] !== undefined) return undefined;
    parts[at] = user;
  }
  return parts;
}

export default rewrite({
  id: 'fuse-gathers-into-split',
  summary: 'Split a value whose slices along an axis of its own are gathered one by one, without that axis.',
  why: 'q, k, v = qkv.reshape(.., 3, heads, width).permute(..).unbind(0): the axis of 3 is there only to be taken apart.',
  exact: true,
  since: 5,

  pattern: op('Gather', 'gather'),

  rewrite({ gather }, context) {
    const [x] = gather.inputs;
    const shape = x === undefined ? undefined : context.shape(x);
    if (x === undefined || shape === undefined || x.userCount < 2 || x.userCount > MAXIMUM_PARTS || x.isGraphOutput)
      return undefined;
    const axis = normalizedAxes([context.attributes(gather).int('axis') ?? 0n], shape.length)?.[0];
    if (axis === undefined || shape[axis]?.constant !== BigInt(x.userCount)) return undefined;
    const turn = x.producer?.operator === 'Transpose' ? x.producer : undefined;
    const view = turn === undefined ? x.producer : turn.inputs[0]?.producer;
    const [data] = view?.inputs ?? [];
    if (view?.operator !== 'Reshape' || data === undefined || !context.isReadable(view)) return undefined;
    if (turn !== undefined && (view.output.onlyUser !== turn || !context.isReadable(turn))) return undefined;
    const dims = context.shape(view.output);
    const perm = turn === undefined ? shape.map((_, at) => at) : permutationOf(turn, context);
    const own = perm?.[axis];
    if (dims === undefined || perm === undefined || own === undefined) return undefined;
    const size = dims[own + 1]?.constant;
    const at = perm.indexOf(own + 1);
    if (size === undefined || size === 0n || at < 0) return undefined;
    const parts = partsOf(x, axis, x.userCount, context);
    if (parts?.some((part) => part.graph !== gather.graph) !== false) return undefined;
    if (context.prefersLayers && dims.some((dim) => dim.constant === undefined))
      return refuse('TensorRT makes more layers of a Split than of these Gathers where the shape is dynamic');

    const joined = dims.flatMap((dim, index) =>
      index === own ? [] : [index === own + 1 ? Dim.of(size * BigInt(x.userCount)) : dim],
    );
    const target = reshapeTarget(context, context.shape(data), joined);
    if (target === undefined) return refuse('the shape without the axis is known at run time only');
    if (typeof target === 'string') return refuse(target);
    // Nodes go to the first of the Gathers, wherever the others are.
    const first = parts.reduce((a, b) => (b.position < a.position ? b : a));
    if (first !== gather) return undefined;
    let whole = context.node('Reshape', [data, context.vector(target, `${view.output.name}_shape`)], { from: view });
    if (turn !== undefined) {
      const rest = perm.filter((_, index) => index !== axis).map((from) => (from > own ? from - 1 : from));
      const attributes = [attribute.ints('perm', rest.map(BigInt))];
      whole = context.node('Transpose', [whole], { attributes, from: turn });
    }
    const sizes = parts.map(() => size);
    const outputs = splitInto(whole, at > axis ? at - 1 : at, sizes, context, gather);
    return context.replaceAll(parts.flatMap((part, index) => outputReplacements(part, [outputs[index]])));
  },

  examples: [
    {
      title: 'queries, keys and values',
      before: `agraph (float[N,L,12] x) => (float[N,2,L,2] q, float[N,2,L,2] k, float[N,2,L,2] v) <
        int64[5] parts = {0, 0, 3, 2, 2}, int64 zero = {0}, int64 one = {1}, int64 last = {-1}> {
        a = Reshape (x, parts)
        b = Transpose <perm = [2, 0, 3, 1, 4]> (a)
        q = Gather <axis = 0> (b, zero)
        k = Gather <axis = 0> (b, one)
        v = Gather <axis = 0> (b, last)
      }`,
      after: `agraph (float[N,L,12] x) => (float[N,2,L,2] q, float[N,2,L,2] k, float[N,2,L,2] v) <
        int64[4] heads = {0, 0, 6, 2}, int64[3] sizes = {2, 2, 2}> {
        a = Reshape (x, heads)
        b = Transpose <perm = [0, 2, 1, 3]> (a)
        q, k, v = Split <axis = 1> (b, sizes)
      }`,
    },
    {
      title: 'without a Transpose',
      before: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) <int64[3] parts = {0, 2, 2}, int64 zero = {0}, int64 one = {1}> {
        p = Reshape (x, parts)
        a = Gather <axis = 1> (p, one)
        b = Gather <axis = 1> (p, zero)
      }`,
      after: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) <int64[2] heads = {0, 4}, int64[2] sizes = {2, 2}> {
        p = Reshape (x, heads)
        b, a = Split <axis = 1> (p, sizes)
      }`,
    },
    {
      title: 'a part that nobody takes',
      before: `agraph (float[N,6] x) => (float[N,2] a, float[N,2] b) <int64[3] parts = {0, 3, 2}, int64 zero = {0}, int64 one = {1}> {
        p = Reshape (x, parts)
        a = Gather <axis = 1> (p, one)
        b = Gather <axis = 1> (p, zero)
      }`,
      after: 'unchanged',
    },
    {
      title: 'an axis behind which there is none to join',
      before: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) <int64[3] parts = {0, 2, 2}, int64 zero = {0}, int64 one = {1}> {
        p = Reshape (x, parts)
        a = Gather <axis = 2> (p, one)
        b = Gather <axis = 2> (p, zero)
      }`,
      after: 'unchanged',
    },
  ],
});

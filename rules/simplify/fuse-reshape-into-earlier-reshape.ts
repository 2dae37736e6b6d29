import {
  attribute,
  type Dim,
  mergedAxes,
  op,
  permutationOf,
  refuse,
  reshapeTarget,
  rewrite,
  turnedFirst,
  value,
} from '../../src/rule-kit.ts';

/**
 * The axes that a group of `axes` is once those of size 1 are left out, when their elements lie one behind the other in a value of
 * shape `dims`; undefined when they do not.
 */
function runOf(axes: readonly number[], dims: readonly Dim[]): readonly number[] | undefined {
  const isOne = (axis: number): boolean => dims[axis]?.constant === 1n;
  const large = axes.filter((axis) => !isOne(axis));
  for (const [index, axis] of large.entries()) {
    const next = large[index + 1];
    if (next === undefined) break;
    if (next < axis) return undefined;
    for (let between = axis + 1; between < next; between++) if (!isOne(between)) return undefined;
  }
  return large.length > 0 ? large : axes.slice(0, 1);
}

/** What the Reshape before the Transpose makes, and how the Transpose then turns it. */
interface Plan {
  readonly dims: readonly Dim[];
  readonly perm: readonly number[];
}

/** The second Reshape merges axes of what was transposed, whose elements lay one behind the other before it, too. */
function mergingPlan(
  dims: readonly Dim[],
  perm: readonly number[],
  turned: readonly Dim[],
  to: readonly Dim[],
): Plan | undefined {
  const groups = mergedAxes(turned, to);
  if (groups?.length !== to.length) return undefined;
  const runs = groups.map((group) =>
    runOf(
      group.map((axis) => perm[axis] ?? 0),
      dims,
    ),
  );
  if (runs.some((run) => run === undefined)) return undefined;
  const firsts = runs.map((run) => run?.[0] ?? 0);
  const order = firsts.map((_, at) => at).sort((a, b) => (firsts[a] ?? 0) - (firsts[b] ?? 0));
  return { dims: order.flatMap((at) => to[at] ?? []), perm: to.map((_, at) => order.indexOf(at)) };
}

/** The second Reshape splits axes, which can be done before they change places. */
function splittingPlan(perm: readonly number[], turned: readonly Dim[], to: readonly Dim[]): Plan | undefined {
  const groups = mergedAxes(to, turned);
  if (groups === undefined) return undefined;
  const split = perm.map((_, axis) => groups[perm.indexOf(axis)] ?? []).flat();
  // One form for equal things: axes of 1, which may stand anywhere, come first.
  const isOne = (at: number): boolean => to[at]?.constant === 1n;
  const order = [...split.filter(isOne), ...split.filter((at) => !isOne(at))];
  return { dims: order.flatMap((at) => to[at] ?? []), perm: to.map((_, at) => order.indexOf(at)) };
}

export default rewrite({
  id: 'fuse-reshape-into-earlier-reshape',
  summary:
    'Let the Reshape before a Transpose do what the one after it does, when that splits axes or merges former neighbours.',
  why: 'qkv.reshape(1, n, 3, heads, width).permute(2, 0, 3, 1, 4).squeeze(1): the axis of 1 need not be made.',
  exact: true,
  since: 5,

  pattern: op('Reshape', 'outer', op('Transpose', 'transpose', op('Reshape', 'inner')), value('shape')),

  rewrite({ outer, transpose, inner }, context) {
    // The Transpose can pass over the first Reshape, and then there is only one.
    if (typeof turnedFirst(inner, transpose, outer, context) === 'object') return undefined;
    const [x] = inner.inputs;
    const dims = context.shape(inner.output);
    const turned = context.shape(transpose.output);
    const to = context.shape(outer.output);
    const perm = permutationOf(transpose, context);
    if (x === undefined || dims === undefined || turned === undefined || to === undefined || perm === undefined)
      return undefined;
    const plan = mergingPlan(dims, perm, turned, to) ?? splittingPlan(perm, turned, to);
    if (plan === undefined) return undefined;
    if (inner.output.onlyUser !== transpose || transpose.output.onlyUser !== outer)
      return refuse('what is between the two is used elsewhere, too');
    const target = reshapeTarget(context, context.shape(x), plan.dims);
    if (target === undefined) return refuse('two or more dims are known at run time only');
    if (typeof target === 'string') return refuse(target);
    const vector = context.vector(target, `${inner.output.name}_shape`);
    const view = context.node('Reshape', [x, vector], { from: inner });
    const attributes = [attribute.ints('perm', plan.perm.map(BigInt))];
    return context.replace(outer, context.node('Transpose', [view], { attributes, from: transpose }));
  },

  examples: [
    {
      title: 'an axis of 1 that is taken away again',
      before: `agraph (float[1,L,12] x) => (float[3,2,L,2] y) <int64[5] parts = {1, -1, 3, 2, 2}, int64[4] without = {3, 2, -1, 2}> {
        a = Reshape (x, parts)
        b = Transpose <perm = [2, 0, 3, 1, 4]> (a)
        y = Reshape (b, without)
      }`,
      after: `agraph (float[1,L,12] x) => (float[3,2,L,2] y) <int64[4] parts = {-1, 3, 2, 2}> {
        a = Reshape (x, parts)
        y = Transpose <perm = [1, 2, 0, 3]> (a)
      }`,
    },
    {
      title: 'neighbours before and after',
      before: `agraph (float[N,24] x) => (float[12,N,2] y) <int64[4] parts = {0, 2, 3, 4}, int64[3] joined = {12, -1, 2}> {
        a = Reshape (x, parts)
        b = Transpose <perm = [2, 3, 0, 1]> (a)
        y = Reshape (b, joined)
      }`,
      after: `agraph (float[N,24] x) => (float[12,N,2] y) <int64[3] parts = {0, 2, 12}> {
        a = Reshape (x, parts)
        y = Transpose <perm = [2, 0, 1]> (a)
      }`,
    },
    {
      title: 'heads of one picture that are joined with it, turned and set apart again',
      before: `agraph (float[L,8] x) => (float[1,4,2,L] y) <int64[3] heads = {0, 4, 2}, int64[4] apart = {1, 4, 2, -1}> {
        a = Reshape (x, heads)
        b = Transpose <perm = [1, 2, 0]> (a)
        y = Reshape (b, apart)
      }`,
      after: `agraph (float[L,8] x) => (float[1,4,2,L] y) <int64[4] heads = {1, -1, 4, 2}> {
        a = Reshape (x, heads)
        y = Transpose <perm = [0, 2, 3, 1]> (a)
      }`,
    },
    {
      title: 'a channel shuffle joins what the Transpose brought together',
      before: `agraph (float[1,6,4] x) => (float[1,6,4] y) <int64[4] split = {1, 2, 3, 4}, int64[3] join = {1, 6, 4}> {
        g = Reshape (x, split)
        t = Transpose <perm = [0, 2, 1, 3]> (g)
        y = Reshape (t, join)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the Transpose is used as it is, too',
      before: `agraph (float[N,24] x) => (float[12,N,2] y, float[3,4,N,2] b) <int64[4] parts = {0, 2, 3, 4}, int64[3] joined = {12, -1, 2}> {
        a = Reshape (x, parts)
        b = Transpose <perm = [2, 3, 0, 1]> (a)
        y = Reshape (b, joined)
      }`,
      after: 'unchanged',
      because: 'what is between the two is used elsewhere, too',
    },
  ],
});

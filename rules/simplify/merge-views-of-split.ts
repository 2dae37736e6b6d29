import {
  Dim,
  mergedAxes,
  type Node,
  normalizedAxes,
  op,
  outputReplacements,
  refuse,
  reshapeTarget,
  rewrite,
  type RewriteContext,
  splitInto,
} from '../../src/rule-kit.ts';

/** What a Reshape makes of the axis along which a part was split off: `size` in front of axes that are the same for all parts. */
interface View {
  readonly reshape: Node;
  /** Where `size` stands in the shape of the result. */
  readonly at: number;
  readonly size: bigint;
}

function viewOf(reshape: Node | undefined, axis: number, context: RewriteContext): View | undefined {
  const [part] = reshape?.inputs ?? [];
  if (reshape?.operator !== 'Reshape' || part === undefined || !context.isReadable(reshape)) return undefined;
  const from = context.shape(part);
  const to = context.shape(reshape.output);
  if (from === undefined || to === undefined || to.length <= from.length) return undefined;
  const [at] = mergedAxes(to, from)?.[axis] ?? [];
  const size = at === undefined ? undefined : to[at]?.constant;
  return at === undefined || size === undefined ? undefined : { reshape, at, size };
}

export default rewrite({
  id: 'merge-views-of-split',
  summary: 'Reshape once what is split first and reshaped part by part in the same way.',
  why: 'Queries, keys and values are split, and then the heads of each are; the heads of all can be split at once.',
  exact: true,
  since: 5,

  pattern: op('Split', 'split'),

  rewrite({ split }, context) {
    const [x] = split.inputs;
    const shape = x === undefined ? undefined : context.shape(x);
    if (x === undefined || shape === undefined) return undefined;
    const axis = normalizedAxes([context.attributes(split).int('axis') ?? 0n], shape.length)?.[0];
    const total = axis === undefined ? undefined : shape[axis]?.constant;
    const [first] = split.outputs;
    const model = axis === undefined ? undefined : viewOf(first?.onlyUser, axis, context);
    if (axis === undefined || total === undefined || first === undefined || model === undefined) return undefined;
    const to = context.shape(model.reshape.output) ?? [];
    const length = context.shape(first)?.[axis]?.constant;
    if (length === undefined || model.size === 0n || split.outputs.length < 2) return undefined;
    const run = length / model.size;
    const sizes: bigint[] = [];
    const views: Node[] = [];
    for (const part of split.outputs) {
      const view = viewOf(part?.onlyUser, axis, context);
      if (view?.at !== model.at || view.reshape.graph !== split.graph) return undefined;
      const own = context.shape(view.reshape.output) ?? [];
      const isAlike = own.length === to.length && own.every((dim, at) => at === model.at || to[at]?.equals(dim));
      if (!isAlike) return refuse('its parts are reshaped in different ways');
      sizes.push(view.size);
      views.push(view.reshape);
    }
    const target = reshapeTarget(
      context,
      shape,
      to.map((dim, at) => (at === model.at ? Dim.of(total / run) : dim)),
    );
    if (target === undefined) return refuse('the shape of the whole is known at run time only');
    if (typeof target === 'string') return refuse(target);
    const operand = context.vector(target, `${x.name}_shape`);
    const whole = context.node('Reshape', [x, operand], { from: model.reshape });
    const parts = splitInto(whole, model.at, sizes, context, split);
    return context.replaceAll(views.flatMap((view, index) => outputReplacements(view, [parts[index]])));
  },

  examples: [
    {
      title: 'heads of queries, keys and values, of which there are more queries',
      before: `agraph (float[N,L,8] x) => (float[N,L,2,2] q, float[N,L,1,2] k, float[N,L,1,2] v) <
        int64[3] sizes = {4, 2, 2}, int64[4] two = {0, 0, 2, 2}, int64[4] one = {0, 0, 1, 2}> {
        a, b, c = Split <axis = 2> (x, sizes)
        q = Reshape (a, two)
        k = Reshape (b, one)
        v = Reshape (c, one)
      }`,
      after: `agraph (float[N,L,8] x) => (float[N,L,2,2] q, float[N,L,1,2] k, float[N,L,1,2] v) <
        int64[4] heads = {0, 0, 4, 2}, int64[3] sizes = {2, 1, 1}> {
        all = Reshape (x, heads)
        q, k, v = Split <axis = 2> (all, sizes)
      }`,
    },
    {
      title: 'heads of different widths',
      before: `agraph (float[N,12] x) => (float[N,2,3] q, float[N,3,2] k) <
        int64[2] sizes = {6, 6}, int64[3] two = {0, 2, 3}, int64[3] three = {0, 3, 2}> {
        a, b = Split <axis = 1> (x, sizes)
        q = Reshape (a, two)
        k = Reshape (b, three)
      }`,
      after: 'unchanged',
      because: 'its parts are reshaped in different ways',
    },
    {
      title: 'a part that is used as it is, too',
      before: `agraph (float[N,4] x) => (float[N,1,2] q, float[N,1,2] k, float[N,2] b) <
        int64[2] sizes = {2, 2}, int64[3] heads = {0, 1, 2}> {
        a, b = Split <axis = 1> (x, sizes)
        q = Reshape (a, heads)
        k = Reshape (b, heads)
      }`,
      after: 'unchanged',
    },
  ],
});

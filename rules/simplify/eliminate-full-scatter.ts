import {
  op,
  refuse,
  rewrite,
  type RewriteContext,
  sameShape,
  type Value,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

/** Nodes that say the same indices in another shape or type. */
const VIEWS = ['Reshape', 'Unsqueeze', 'Squeeze', 'Cast', 'Identity', 'Expand'];

/** Such nodes between a Range and the indices; more are never written. */
const MAXIMUM_VIEWS = 6;

/** Whether the indices, a matrix of coordinates in the first axes of `data`, name each place once and in order. */
function namesAll(indices: Value, data: Value, context: RewriteContext): boolean {
  const to = context.shape(data);
  const shape = context.shape(indices);
  const depth = shape?.at(-1)?.constant;
  if (to === undefined || shape === undefined || depth === undefined || depth < 1n) return false;
  const sizes = to.slice(0, Number(depth));
  // Each tuple of coordinates stands where it points to.
  if (!sameShape(shape.slice(0, -1), sizes)) return false;
  const given = context.integers(indices);
  if (given !== undefined)
    return isCounting(
      given,
      sizes.map(({ constant }) => constant),
    );
  return depth === 1n && isRange(indices, context);
}

function isCounting(coordinates: readonly bigint[], sizes: readonly (bigint | undefined)[]): boolean {
  return coordinates.every((given, at) => {
    const axis = at % sizes.length;
    let tuple = BigInt(Math.floor(at / sizes.length));
    for (const size of sizes.slice(axis + 1)) tuple /= size ?? 1n;
    const size = sizes[axis];
    if (size === undefined) return false;
    return (given < 0n ? given + size : given) === tuple % size;
  });
}

/** Whether the elements are 0, 1, 2 ..., however many there are. */
function isRange(indices: Value, context: RewriteContext): boolean {
  let node = indices.producer;
  const count = context.shape(indices)?.[0];
  for (let steps = 0; steps < MAXIMUM_VIEWS; steps++) {
    if (node === undefined || !context.isReadable(node)) return false;
    if (node.operator === 'Range') break;
    // Of an Expand and of all others nothing is repeated where the number of elements stays.
    if (!VIEWS.includes(node.operator)) return false;
    node = node.inputs[0]?.producer;
  }
  if (node?.operator !== 'Range') return false;
  const [start, , step] = node.inputs.map((input) => context.integers(input)?.[0]);
  const [length] = context.shape(node.output) ?? [];
  return start === 0n && step === 1n && count !== undefined && length?.equals(count) === true;
}

export default rewrite({
  id: 'eliminate-full-scatter',
  summary: 'Take the updates of a ScatterND that overwrites everything.',
  why: 'An assignment to all of a tensor is exported like one to a part of it.',
  exact: true,
  since: 11,

  pattern: op('ScatterND', 'scatter'),

  rewrite({ scatter }, context) {
    const [data, indices, updates] = scatter.inputs;
    if (data === undefined || indices === undefined || updates === undefined) return undefined;
    if ((context.attributes(scatter).string('reduction') ?? 'none') !== 'none') return undefined;
    if (!sameShape(context.shape(updates), context.shape(data))) return undefined;
    if (!namesAll(indices, data, context)) return refuse('its indices are not known to be all there are, in order');
    return wouldKeepIdentity(scatter.output, updates) ? undefined : context.replace(scatter, updates);
  },

  examples: [
    {
      title: 'all rows',
      before: `agraph (float[3,2] x, float[3,2] u) => (float[3,2] y) <int64[3,1] rows = {0, 1, -1}> {
        s = ScatterND (x, rows, u)
        y = Neg (s)
      }`,
      after: `agraph (float[3,2] x, float[3,2] u) => (float[3,2] y) {
        y = Neg (u)
      }`,
    },
    {
      title: 'all elements',
      before: `agraph (float[2,2] x, float[2,2] u) => (float[2,2] y) <int64[2,2,2] at = {0, 0, 0, 1, 1, 0, 1, 1}> {
        s = ScatterND (x, at, u)
        y = Neg (s)
      }`,
      after: `agraph (float[2,2] x, float[2,2] u) => (float[2,2] y) {
        y = Neg (u)
      }`,
    },
    {
      title: 'as many rows as there are',
      before: `agraph (float[N,2] x, float[N,2] u) => (float[N,2] y) <int64 zero = {0}, int64 one = {1}, int64[1] last = {-1}> {
        n = Shape <start = 0, end = 1> (x)
        m = Squeeze (n)
        r = Range (zero, m, one)
        rows = Unsqueeze (r, last)
        s = ScatterND (x, rows, u)
        y = Neg (s)
      }`,
      after: `agraph (float[N,2] x, float[N,2] u) => (float[N,2] y) {
        y = Neg (u)
      }`,
    },
    {
      title: 'rows in another order',
      before: `agraph (float[3,2] x, float[3,2] u) => (float[3,2] y) <int64[3,1] rows = {0, 2, 1}> {
        y = ScatterND (x, rows, u)
      }`,
      after: 'unchanged',
      because: 'its indices are not known to be all there are, in order',
    },
    {
      title: 'a row that is named twice',
      before: `agraph (float[3,2] x, float[3,2] u) => (float[3,2] y) <int64[3,1] rows = {0, 1, 1}> {
        y = ScatterND (x, rows, u)
      }`,
      after: 'unchanged',
      because: 'its indices are not known to be all there are, in order',
    },
    {
      title: 'updates that are added',
      before: `agraph (float[3,2] x, float[3,2] u) => (float[3,2] y) <int64[3,1] rows = {0, 1, 2}> {
        y = ScatterND <reduction = "add"> (x, rows, u)
      }`,
      after: 'unchanged',
    },
  ],
});

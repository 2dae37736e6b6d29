import {
  buildShapeVector,
  type Dim,
  type Node,
  op,
  planShapeVector,
  refuse,
  reshapeElements,
  rewrite,
  type RewriteContext,
  shapeCone,
  shapeSources,
} from '../../src/rule-kit.ts';

/** Position of the operand that is a shape. */
const OPERAND: Readonly<Record<string, number>> = { Reshape: 1, Expand: 1, ConstantOfShape: 0, Resize: 3 };

/**
 * What a Reshape may be given for the shape it results in, where 0 copies. A dim that is read must not be 0, since that would
 * copy, too: undefined then, and the Reshape must be given the very elements that it has.
 */
function copyingElements(reshape: Node, context: RewriteContext): readonly (bigint | Dim)[] | undefined {
  const [x] = reshape.inputs;
  const to = context.shape(reshape.output);
  if (to === undefined) return undefined;
  const elements = reshapeElements(x === undefined ? undefined : context.shape(x), to);
  return elements?.every((element) => typeof element === 'bigint' || context.isPositive(element)) === true
    ? elements
    : undefined;
}

export default rewrite({
  id: 'fold-shape-chain',
  summary:
    'Compute a shape that only the runtime knows in its shortest form: dims read straight from a value, joined with numbers.',
  why: 'Exporters read each dim on its own with Shape, Gather and Unsqueeze, once for each use.',
  exact: true,
  since: 10,

  pattern: op(Object.keys(OPERAND), 'node'),

  rewrite({ node }, context) {
    const position = OPERAND[node.operator] ?? 0;
    const operand = node.inputs[position];
    if (operand === undefined || context.tensor(operand) !== undefined) return undefined;
    const cone = shapeCone(operand);
    if (cone.size < 2) return undefined;
    const isReshape = node.operator === 'Reshape';
    const copying = isReshape ? copyingElements(node, context) : undefined;
    const wanted = copying ?? context.fact(operand).elements?.map((dim) => dim.constant ?? dim);
    if (wanted === undefined) return refuse('the elements of its shape are not known as expressions');
    const plan = planShapeVector(context, wanted, shapeSources(node, operand));
    if (plan === undefined) return refuse('a dim of its shape is not a dim of any value at hand');
    if (plan.cost >= cone.size) return undefined;
    const vector = buildShapeVector(context, plan, `${node.output.name}_shape`);
    const inputs = node.inputs.map((input, index) => (index === position ? vector : input));
    return context.replace(node, context.like(node, inputs, copying === undefined ? {} : { allowzero: undefined }));
  },

  examples: [
    {
      title: 'dims read one by one are read as a run',
      before: `agraph (float[N,16,H,W] x) => (float[N,2,8,H,W] y) <
        int64 zero = {0}, int64 two = {2}, int64 three = {3}, int64[1] axes = {0}, int64[2] groups = {2, 8}> {
        s = Shape (x)
        n = Gather (s, zero)
        h = Gather (s, two)
        w = Gather (s, three)
        n1 = Unsqueeze (n, axes)
        h1 = Unsqueeze (h, axes)
        w1 = Unsqueeze (w, axes)
        shape = Concat <axis = 0> (n1, groups, h1, w1)
        y = Reshape (x, shape)
      }`,
      after: `agraph (float[N,16,H,W] x) => (float[N,2,8,H,W] y) <
        int64[3] numbers = {0, 2, 8}, int64[1] start = {2}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}> {
        s = Shape (x)
        hw = Slice (s, start, end, axis)
        shape = Concat <axis = 0> (numbers, hw)
        y = Reshape (x, shape)
      }`,
    },
    {
      title: 'the shortest form stays',
      before: `agraph (float[N,4] x, float[N,M] z) => (float[P,M] y) <int64[1] start = {1}, int64[1] end = {2}, int64[1] axis = {0}, int64[1] rest = {-1}> {
        s = Shape (z)
        m = Slice (s, start, end, axis)
        shape = Concat <axis = 0> (rest, m)
        y = Reshape (x, shape)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a size that the caller gives',
      before: `agraph (float[N,4] x, int64[1] k) => (float[P,Q] y) <int64[1] two = {2}, int64[1] rest = {-1}> {
        m = Add (k, two)
        shape = Concat <axis = 0> (rest, m)
        y = Reshape (x, shape)
      }`,
      after: 'unchanged',
      because: 'a dim of its shape is not a dim of any value at hand',
    },
    {
      title: 'a size that may be 0 is read as it was, since a 0 would copy',
      before: `agraph (float[2,3] x) => (int64[P,2] y) <int64 one = {1}, int64[1] axes = {0}, int64[1] two = {2}> {
        i = NonZero (x)
        s = Shape (i)
        n = Gather (s, one)
        n1 = Unsqueeze (n, axes)
        shape = Concat <axis = 0> (n1, two)
        y = Reshape <allowzero = 1> (i, shape)
      }`,
      after: `agraph (float[2,3] x) => (int64[P,2] y) <
        int64[1] start = {1}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}, int64[1] two = {2}> {
        i = NonZero (x)
        s = Shape (i)
        n = Slice (s, start, end, axis)
        shape = Concat <axis = 0> (n, two)
        y = Reshape <allowzero = 1> (i, shape)
      }`,
    },
  ],
});

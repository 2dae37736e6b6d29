import {
  buildShapeVector,
  op,
  planShapeOperand,
  refuse,
  rewrite,
  SHAPE_OPERANDS,
  shapeCone,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-shape-chain',
  summary:
    'Compute a shape that only the runtime knows in its shortest form: dims read straight from a value, joined with numbers.',
  why: 'Exporters read each dim on its own with Shape, Gather and Unsqueeze, once for each use.',
  exact: true,
  since: 10,

  pattern: op([...SHAPE_OPERANDS.keys()], 'node'),

  rewrite({ node }, context) {
    const position = SHAPE_OPERANDS.get(node.operator) ?? 0;
    const operand = node.inputs[position];
    if (operand === undefined || context.tensor(operand) !== undefined) return undefined;
    const cone = shapeCone(operand);
    if (cone.size < 2) return undefined;
    const plan = planShapeOperand(node, operand, cone, context);
    if (typeof plan === 'string') return refuse(plan);
    if (plan.vector.cost >= plan.freed) return undefined;
    const vector = buildShapeVector(context, plan.vector, `${node.output.name}_shape`);
    const inputs = node.inputs.map((input, index) => (index === position ? vector : input));
    return context.replace(node, context.like(node, inputs, plan.isCopying ? { allowzero: undefined } : {}));
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
      title: 'what another node needs anyway is taken from there',
      before: `agraph (float[N,16,H,W] x) => (float[N,2,8,H,W] y, float[K] z) <
        int64[1] groups = {2}, int64[1] rest = {8}, int64 zero = {0}, int64 one = {1}> {
        n = Shape <start = 0, end = 1> (x)
        h = Shape <start = 2, end = 3> (x)
        w = Shape <start = 3, end = 4> (x)
        shape = Concat <axis = 0> (n, groups, rest, h, w)
        y = Reshape (x, shape)
        h0 = Squeeze (h)
        w0 = Squeeze (w)
        hw = Add (h0, w0)
        i = Range (zero, hw, one)
        z = Cast <to = 1> (i)
      }`,
      after: `agraph (float[N,16,H,W] x) => (float[N,2,8,H,W] y, float[K] z) <
        int64[3] numbers = {0, 2, 8}, int64 zero = {0}, int64 one = {1}> {
        h = Shape <start = 2, end = 3> (x)
        w = Shape <start = 3, end = 4> (x)
        shape = Concat <axis = 0> (numbers, h, w)
        y = Reshape (x, shape)
        h0 = Squeeze (h)
        w0 = Squeeze (w)
        hw = Add (h0, w0)
        i = Range (zero, hw, one)
        z = Cast <to = 1> (i)
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

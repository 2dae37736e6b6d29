import { linearOf, op, refuse, rewrite, sameShape, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-reshape-gemm-reshape',
  summary: 'Multiply by a matrix without flattening what is multiplied, as MatMul can.',
  why: 'A linear layer on more than two axes is exported as Reshape, Gemm or MatMul, and Reshape.',
  exact:
    'the bias is added to the rounded product: a relative error of about 1e-7 for float, 1e-3 for float16, of the largest term',
  since: 9,
  isLate: true,

  pattern: op('Reshape', 'outer', op(['Gemm', 'MatMul'], 'product'), value('shape')),

  rewrite({ outer, product }, context) {
    const linear = linearOf(product, context);
    const inner = linear?.data.producer;
    if (linear?.dataIndex !== 0 || inner === undefined || !['Reshape', 'Flatten'].includes(inner.operator))
      return undefined;
    const [x] = inner.inputs;
    if (x === undefined || !context.isReadable(inner)) return undefined;
    const attributes = context.attributes(product);
    if (product.opType === 'Gemm' && (attributes.int('transB') !== 0n || attributes.float('alpha') !== 1))
      return refuse('the Gemm transposes or scales its weight');
    const from = context.shape(x);
    const to = context.shape(outer.output);
    const middle = context.shape(linear.data);
    if (from === undefined || to === undefined || middle?.length !== 2 || from.length < 3) return undefined;
    const { bias, inputs, outputs, weight } = linear;
    // The last axis is the channels on both sides, and all others stay as they are; then so does their product.
    const isSplit =
      from.at(-1)?.constant === BigInt(inputs.count) &&
      to.at(-1)?.constant === BigInt(outputs.count) &&
      sameShape(from.slice(0, -1), to.slice(0, -1));
    if (!isSplit) return refuse('the Reshapes do more than flatten the axes before the channels, and restore them');
    if (product.output.onlyUser !== outer) return refuse('the flat product is used elsewhere, too');
    if (bias !== undefined && linear.data.onlyUser !== product)
      return refuse('the flat operand is used elsewhere, too, so that no node would be saved');
    const biasShape = bias === undefined ? undefined : context.shape(bias);
    const isVector = biasShape?.length === 1 || (biasShape?.length === 2 && biasShape[0]?.constant === 1n);
    if (bias !== undefined && !isVector) return refuse('the bias differs from row to row');
    const whole = context.node('MatMul', [x, weight], { from: bias === undefined ? outer : product });
    return context.replace(outer, bias === undefined ? whole : context.node('Add', [whole, bias], { from: outer }));
  },

  examples: [
    {
      title: 'a linear layer of a transformer',
      before: `agraph (float[N,L,2] x) => (float[N,L,3] y) <
        float[2,3] w = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}, int64[2] flat = {-1, 2}, int64[1] three = {3},
        int64[1] start = {0}, int64[1] end = {2}> {
        f = Reshape (x, flat)
        g = Gemm (f, w, b)
        s = Shape (x)
        leading = Slice (s, start, end)
        shape = Concat <axis = 0> (leading, three)
        y = Reshape (g, shape)
      }`,
      after: `agraph (float[N,L,2] x) => (float[N,L,3] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}> {
        m = MatMul (x, w)
        y = Add (m, b)
      }`,
    },
    {
      title: 'a product alone',
      before: `agraph (float[2,2,2] x) => (float[2,2,3] y) <
        float[2,3] w = {1, 2, 3, 4, 5, 6}, int64[2] flat = {4, 2}, int64[3] shape = {2, 2, 3}> {
        f = Reshape (x, flat)
        m = MatMul (f, w)
        y = Reshape (m, shape)
      }`,
      after: `agraph (float[2,2,2] x) => (float[2,2,3] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}> {
        y = MatMul (x, w)
      }`,
    },
    {
      title: 'the axes come back in another way',
      before: `agraph (float[2,4,2] x) => (float[4,2,3] y) <
        float[2,3] w = {1, 2, 3, 4, 5, 6}, int64[2] flat = {8, 2}, int64[3] shape = {4, 2, 3}> {
        f = Reshape (x, flat)
        m = MatMul (f, w)
        y = Reshape (m, shape)
      }`,
      after: 'unchanged',
      because: 'the Reshapes do more than flatten the axes before the channels, and restore them',
    },
  ],
});

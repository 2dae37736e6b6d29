import { op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-matmul-add-into-gemm',
  summary: 'Write the product of two matrices and what is added to it as one Gemm.',
  why: 'A linear layer on a matrix is one operator; with more axes there is none, and a Reshape on either side would cost more than the Add.',
  exact:
    'sums are rounded in another order: a relative error of about 1e-7 for float, 1e-3 for float16, of the largest term',
  since: 11,
  isLate: true,

  pattern: op('Add', 'sum', op(['MatMul', 'Gemm'], 'product'), value('summand')),

  rewrite({ sum, product, summand }, context) {
    const [a, b, bias] = product.inputs;
    if (a === undefined || b === undefined || bias !== undefined || product.output === summand) return undefined;
    const shape = context.shape(product.output);
    const added = context.shape(summand);
    if (context.shape(a)?.length !== 2 || context.shape(b)?.length !== 2 || shape === undefined) return undefined;
    if (product.output.onlyUser !== sum) return refuse('the product alone is used elsewhere, too');
    if (added === undefined || added.length > 2) return refuse('what is added is no matrix');
    const type = context.dataType(a);
    // ONNX Runtime and TensorRT multiply matrices of integers, but have no Gemm for them.
    if (type !== 'float' && type !== 'double' && type !== 'float16' && type !== 'bfloat16') return undefined;
    const offset = shape.length - added.length;
    const fits = added.every((dim, axis) => dim.constant === 1n || shape[axis + offset]?.equals(dim) === true);
    if (!fits) return refuse('what is added is not proved to be as large as the product, or repeated along it');
    const fused =
      product.operator === 'Gemm'
        ? context.like(product, [a, b, summand], { beta: undefined })
        : context.node('Gemm', [a, b, summand], { from: sum });
    return context.replace(sum, fused);
  },

  examples: [
    {
      title: 'a linear layer',
      before: `agraph (float[N,2] x) => (float[N,3] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}, float[3] b = {5, 6, 7}> {
        m = MatMul (x, w)
        y = Add (b, m)
      }`,
      after: `agraph (float[N,2] x) => (float[N,3] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}, float[3] b = {5, 6, 7}> {
        y = Gemm (x, w, b)
      }`,
    },
    {
      title: 'a product without a bias, and a matrix that is computed',
      before: `agraph (float[2,N] x, float[N,2] z) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}> {
        m = Gemm <transA = 1> (x, w)
        n = Neg (z)
        y = Add (m, n)
      }`,
      after: `agraph (float[2,N] x, float[N,2] z) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}> {
        n = Neg (z)
        y = Gemm <transA = 1> (x, w, n)
      }`,
    },
    {
      title: 'more axes than two',
      before: `agraph (float[N,4,2] x) => (float[N,4,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {5, 6}> {
        m = MatMul (x, w)
        y = Add (m, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a summand that may be larger than the product',
      before: `agraph (float[1,2] x, float[N,2] z) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}> {
        m = MatMul (x, w)
        y = Add (m, z)
      }`,
      after: 'unchanged',
      because: 'what is added is not proved to be as large as the product, or repeated along it',
    },
  ],
});

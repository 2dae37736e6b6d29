import { attribute, op, permutationOf, refuse, rewrite, type Value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-transpose-into-matmul',
  summary: 'Let Gemm transpose what is transposed in front of it; a MatMul of two matrices becomes a Gemm for that.',
  why: 'F.linear is x times the transposed weight.',
  exact: 'a MatMul that becomes a Gemm may sum in another order: a few units in the last place of the largest summand',
  since: 13,

  pattern: op(['Gemm', 'MatMul'], 'product'),

  rewrite({ product }, context) {
    const isGemm = product.operator === 'Gemm';
    const ranks = product.inputs
      .slice(0, 2)
      .map((input) => (input === undefined ? undefined : context.shape(input)?.length));
    const plain = [0, 1].map((index): Value | undefined => {
      const transpose = product.inputs[index]?.producer;
      if (transpose?.operator !== 'Transpose' || !context.isReadable(transpose)) return undefined;
      const perm = permutationOf(transpose, context);
      return perm?.length === 2 && perm[0] === 1 ? transpose.inputs[0] : undefined;
    });
    if (plain.every((value) => value === undefined)) return undefined;
    if (ranks.some((rank) => rank !== 2)) return refuse('the other operand is no matrix');
    const lone = [0, 1].some((index) => plain[index] !== undefined && product.inputs[index]?.onlyUser === product);
    // Otherwise the Transpose stays, and one form is as good as the other.
    if (!isGemm && !lone) return refuse('the transposed matrix is used elsewhere, too');
    const attributes = context.attributes(product);
    const flag = (name: string, index: number): ReturnType<typeof attribute.int> => {
      const before = isGemm ? (attributes.int(name) ?? 0n) : 0n;
      return attribute.int(name, plain[index] === undefined ? before : 1n - before);
    };
    const inputs = product.inputs.map((input, index) => plain[index] ?? input);
    const flags = { transA: flag('transA', 0), transB: flag('transB', 1) };
    if (isGemm) return context.replace(product, context.like(product, inputs, flags));
    return context.replace(product, context.node('Gemm', inputs, { attributes: Object.values(flags), from: product }));
  },

  examples: [
    {
      title: 'a Gemm of a transposed weight',
      before: `agraph (float[N,3] x, float[4,3] w) => (float[N,4] y) {
        t = Transpose <perm = [1, 0]> (w)
        y = Gemm (x, t)
      }`,
      after: `agraph (float[N,3] x, float[4,3] w) => (float[N,4] y) {
        y = Gemm <transA = 0, transB = 1> (x, w)
      }`,
    },
    {
      title: 'a MatMul with a transposed left side',
      before: `agraph (float[3,N] x, float[3,4] w) => (float[N,4] y) {
        t = Transpose (x)
        y = MatMul (t, w)
      }`,
      after: `agraph (float[3,N] x, float[3,4] w) => (float[N,4] y) {
        y = Gemm <transA = 1, transB = 0> (x, w)
      }`,
    },
    {
      title: 'a Gemm takes matrices only',
      before: `agraph (float[B,N,3] x, float[4,3] w) => (float[B,N,4] y) {
        t = Transpose <perm = [1, 0]> (w)
        y = MatMul (x, t)
      }`,
      after: 'unchanged',
      because: 'the other operand is no matrix',
    },
  ],
});

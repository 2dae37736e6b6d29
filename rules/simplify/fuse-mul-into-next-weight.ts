import {
  constant,
  factorOf,
  oneOfNodes,
  op,
  refuse,
  rewrite,
  scaleDownstream,
  value,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-mul-into-next-weight',
  summary: 'Multiply a constant factor into the weights that read its product.',
  why: 'The half of a Gelu, the weight of a normalization, the scaling of an input picture are factors of the weights they meet next.',
  exact:
    'each weight is rounded once more, and products are scaled before rounding no longer: a relative error of about 1e-7 for float, 1e-3 for float16, of each term',
  since: 7,
  isLate: true,

  pattern: oneOfNodes(
    op('Mul', 'scale', value('x'), constant('factor')),
    op('Div', 'scale', value('x'), constant('factor')),
  ),

  rewrite({ scale, x, factor }, context) {
    if (
      scale === undefined ||
      x === undefined ||
      factor === undefined ||
      x === factor ||
      context.tensor(x) !== undefined
    )
      return undefined;
    const factors = factorOf(scale, x, factor, context);
    if (factors === undefined) return undefined;
    const changes = scaleDownstream(scale.output, factors, context);
    if (changes === undefined || wouldKeepIdentity(scale.output, x)) return undefined;
    return typeof changes === 'string' ? refuse(changes) : context.replaceAll([{ old: scale.output, by: x }], changes);
  },

  examples: [
    {
      title: 'the half of a Gelu',
      before: `agraph (float[N,2] a, float[N,2] b) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float half = {0.5}> {
        g = Mul (a, b)
        h = Mul (g, half)
        y = MatMul (h, w)
      }`,
      after: `agraph (float[N,2] a, float[N,2] b) => (float[N,2] y) <float[2,2] w = {0.5, 1, 1.5, 2}> {
        g = Mul (a, b)
        y = MatMul (g, w)
      }`,
    },
    {
      title: 'the weight of a normalization, which two layers read',
      before: `agraph (float[N,3,2] x) => (float[N,3,2] y, float[N,3,1] z) <
        float[2] gamma = {2, 4}, float[2,2] w = {1, 2, 3, 4}, float[2,1] v = {1, 2}> {
        h = Mul (gamma, x)
        y = MatMul (h, w)
        z = MatMul (h, v)
      }`,
      after: `agraph (float[N,3,2] x) => (float[N,3,2] y, float[N,3,1] z) <float[2,2] w = {2, 4, 12, 16}, float[2,1] v = {2, 8}> {
        y = MatMul (x, w)
        z = MatMul (x, v)
      }`,
    },
    {
      title: 'a picture divided by its deviations; a border of zeros stays zero',
      before: `agraph (float[1,2,3,3] x) => (float[1,1,3,3] y) <
        float[1,2,3,3] w = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}, float[1,2,1,1] deviation = {2, 4}> {
        h = Div (x, deviation)
        y = Conv <pads = [1, 1, 1, 1]> (h, w)
      }`,
      after: `agraph (float[1,2,3,3] x) => (float[1,1,3,3] y) <
        float[1,2,3,3] w = {2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1}> {
        y = Conv <pads = [1, 1, 1, 1]> (x, w)
      }`,
    },
    {
      title: 'one of the readers is no weight',
      before: `agraph (float[N,2] x) => (float[N,2] y, float[N,2] z) <float[2,2] w = {1, 2, 3, 4}, float half = {0.5}> {
        h = Mul (x, half)
        y = MatMul (h, w)
        z = Softmax (h)
      }`,
      after: 'unchanged',
    },
    {
      title: 'as many factors as channels, along another axis',
      before: `agraph (float[2,2] x) => (float[2,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2,1] factors = {2, 4}> {
        h = Mul (x, factors)
        y = MatMul (h, w)
      }`,
      after: 'unchanged',
    },
  ],
});

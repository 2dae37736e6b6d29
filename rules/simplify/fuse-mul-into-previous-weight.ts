import {
  constant,
  factorOf,
  oneOfNodes,
  op,
  refuse,
  rewrite,
  scaleUpstream,
  value,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-mul-into-previous-weight',
  summary: 'Multiply a constant factor into the weight that its operand comes from.',
  why: 'Layer scale, the scale of attention and of an embedding are factors of a weight a few nodes back.',
  exact:
    'each weight is rounded once more, and sums are scaled after rounding no longer: a relative error of about 1e-7 for float, 1e-3 for float16, of each term',
  since: 7,
  isLate: true,

  pattern: oneOfNodes(
    op('Mul', 'scale', value('x'), constant('factor')),
    op('Div', 'scale', value('x'), constant('factor')),
  ),

  rewrite({ scale, x, factor }, context) {
    if (scale === undefined || x === undefined || factor === undefined || x === factor) return undefined;
    const factors = factorOf(scale, x, factor, context);
    // In the body of a function a new constant is a node, which would stand behind the weight's reader.
    if (factors === undefined || !context.graph.allowsInitializers) return undefined;
    const changes = scaleUpstream(x, scale, factors, context);
    if (changes === undefined || wouldKeepIdentity(scale.output, x)) return undefined;
    return typeof changes === 'string' ? refuse(changes) : context.replaceAll([{ old: scale.output, by: x }], changes);
  },

  examples: [
    {
      title: 'a factor for each channel of a linear layer',
      before: `agraph (float[N,3,2] x) => (float[N,3,4] y) <
        float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[4] b = {1, 2, 3, 4}, float[4] gamma = {0.5, 1, 2, 4}> {
        m = MatMul (x, w)
        a = Add (m, b)
        y = Mul (a, gamma)
      }`,
      after: `agraph (float[N,3,2] x) => (float[N,3,4] y) <
        float[2,4] w = {0.5, 2, 6, 16, 2.5, 6, 14, 32}, float[4] b = {0.5, 2, 6, 16}> {
        m = MatMul (x, w)
        y = Add (m, b)
      }`,
    },
    {
      title: 'channels of a Conv',
      before: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] y) <
        float[2,1,1,1] w = {1, 3}, float[2] b = {1, 2}, float[1,2,1,1] gamma = {2, 4}> {
        c = Conv <group = 2> (x, w, b)
        y = Mul (gamma, c)
      }`,
      after: `agraph (float[1,2,3,3] x) => (float[1,2,3,3] y) <float[2,1,1,1] w = {2, 12}, float[2] b = {2, 8}> {
        y = Conv <group = 2> (x, w, b)
      }`,
    },
    {
      title: 'channels of a ConvTranspose with groups',
      before: `agraph (float[1,2,3,3] x) => (float[1,4,3,3] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[4,1,1] gamma = {2, 4, 8, 16}> {
        c = ConvTranspose <group = 2> (x, w)
        y = Mul (c, gamma)
      }`,
      after: `agraph (float[1,2,3,3] x) => (float[1,4,3,3] y) <float[2,2,1,1] w = {2, 8, 24, 64}> {
        y = ConvTranspose <group = 2> (x, w)
      }`,
    },
    {
      title: 'the scale of attention goes into the weight of the queries',
      before: `agraph (float[N,4,6] x, float[N,2,3,4] keys) => (float[N,2,4,4] y) <
        float[6,6] w = {1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1},
        int64[4] heads = {0, 0, 2, 3}, float eight = {8}> {
        m = MatMul (x, w)
        r = Reshape (m, heads)
        q = Transpose <perm = [0, 2, 1, 3]> (r)
        scores = MatMul (q, keys)
        y = Div (scores, eight)
      }`,
      after: `agraph (float[N,4,6] x, float[N,2,3,4] keys) => (float[N,2,4,4] y) <
        float[6,6] w = {0.125, 0, 0, 0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0, 0, 0.125},
        int64[4] heads = {0, 0, 2, 3}> {
        m = MatMul (x, w)
        r = Reshape (m, heads)
        q = Transpose <perm = [0, 2, 1, 3]> (r)
        y = MatMul (q, keys)
      }`,
    },
    {
      title: 'layer scale behind the Transpose of a channels-last block',
      before: `agraph (float[1,2,2,3] x) => (float[1,2,2,2] y) <float[3,2] w = {1, 2, 3, 4, 5, 6}, float[2] b = {1, 2}, float[2,1,1] gamma = {2, 4}> {
        m = MatMul (x, w)
        a = Add (m, b)
        t = Transpose <perm = [0, 3, 1, 2]> (a)
        y = Mul (gamma, t)
      }`,
      after: `agraph (float[1,2,2,3] x) => (float[1,2,2,2] y) <float[3,2] w = {2, 8, 6, 16, 10, 24}, float[2] b = {2, 8}> {
        m = MatMul (x, w)
        a = Add (m, b)
        y = Transpose <perm = [0, 3, 1, 2]> (a)
      }`,
    },
    {
      title: 'the queries are one part of a product',
      before: `agraph (float[N,4,2] x) => (float[N,4,2] q, float[N,4,2] k) <
        float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[4] b = {1, 2, 3, 4}, int64[2] sizes = {2, 2}, float half = {0.5}> {
        m = MatMul (x, w)
        a = Add (m, b)
        s, k = Split <axis = -1> (a, sizes)
        q = Mul (s, half)
      }`,
      after: `agraph (float[N,4,2] x) => (float[N,4,2] q, float[N,4,2] k) <
        float[2,4] w = {0.5, 1, 3, 4, 2.5, 3, 7, 8}, float[4] b = {0.5, 1, 3, 4}, int64[2] sizes = {2, 2}> {
        m = MatMul (x, w)
        a = Add (m, b)
        q, k = Split <axis = -1> (a, sizes)
      }`,
    },
    {
      title: 'the queries are split off behind a view and a Transpose',
      before: `agraph (float[N,4,2] x) => (float[1,N,2,4,1] q, float[1,N,2,4,1] k) <
        float[2,4] w = {1, 2, 3, 4, 5, 6, 7, 8}, int64[5] view = {0, 0, 2, 2, 1}, int64[2] sizes = {1, 1}, float half = {0.5}> {
        m = MatMul (x, w)
        v = Reshape (m, view)
        t = Transpose <perm = [2, 0, 3, 1, 4]> (v)
        s, k = Split <axis = 0> (t, sizes)
        q = Mul (s, half)
      }`,
      after: `agraph (float[N,4,2] x) => (float[1,N,2,4,1] q, float[1,N,2,4,1] k) <
        float[2,4] w = {0.5, 1, 3, 4, 2.5, 3, 7, 8}, int64[5] view = {0, 0, 2, 2, 1}, int64[2] sizes = {1, 1}> {
        m = MatMul (x, w)
        v = Reshape (m, view)
        t = Transpose <perm = [2, 0, 3, 1, 4]> (v)
        q, k = Split <axis = 0> (t, sizes)
      }`,
    },
    {
      title: 'factors along the width are not factors of channels',
      before: `agraph (float[1,2,2,2] x) => (float[1,2,2,2] y) <float[2,2,1,1] w = {1, 2, 3, 4}, float[2] gamma = {2, 4}> {
        c = Conv (x, w)
        y = Mul (c, gamma)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the value without the factor is wanted, too',
      before: `agraph (float[N,2] x) => (float[N,2] m, float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float two = {2}> {
        m = MatMul (x, w)
        y = Mul (m, two)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a bias that only the runtime knows',
      before: `agraph (float[N,2] x, float[2] b) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float two = {2}> {
        m = Gemm (x, w, b)
        y = Mul (m, two)
      }`,
      after: 'unchanged',
      because: 'the bias is not constant',
    },
    {
      title: 'a negative factor does not pass a Relu',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float factor = {-2}> {
        m = MatMul (x, w)
        r = Relu (m)
        y = Mul (r, factor)
      }`,
      after: 'unchanged',
    },
  ],
});

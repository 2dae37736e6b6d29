/** What other simplifiers get wrong when they fuse constants into weights, and where several of our fusions meet. */
import { describe, expect, test } from '@jest/globals';
import { type TrapOptions, operatorsOf, soundly } from '../support/traps.ts';

type Trap = [title: string, text: string, operators: string[], options?: TrapOptions];

const W = 'float[2,2] w = {1, 2, -1, 3}, float[2] b = {0.5, -1}, float[2] c = {2, 4}';
const K = 'float[2,2,1,1] k = {1, 2, -1, 3}, float[2] c = {2, 4}';

describe('constants into weights', () => {
  test.each<Trap>([
    [
      'a MatMul of a value with itself is not scaled twice',
      `agraph (float[N,2] x) => (float[N,2,2] y) <${W}, float[1] half = {0.5}, int64[3] view = {0, 2, 1}, int64[3] turned = {0, 1, 2}> {
        m = MatMul (x, w)
        a = Reshape (m, view)
        t = Reshape (m, turned)
        p = MatMul (a, t)
        y = Mul (p, half)
      }`,
      ['MatMul', 'Reshape', 'Reshape', 'MatMul', 'Mul'],
    ],
    [
      'a square of a product',
      `agraph (float[2,2] x) => (float[2,2] y) <${W}, float half = {0.5}> {
        m = MatMul (x, w)
        p = MatMul (m, m)
        y = Mul (p, half)
      }`,
      ['MatMul', 'MatMul', 'Mul'],
    ],
    [
      'a vector that widens the product of a single column',
      `agraph (float[N,2] x) => (float[N,2] y) <float[2,1] v = {1, 2}, float[2] c = {2, 4}> {
        m = MatMul (x, v)
        y = Mul (m, c)
      }`,
      ['MatMul', 'Mul'],
    ],
    [
      'a factor of 0 after an infinity',
      `agraph (float[N,2] x) => (float[N,2] y) <${W}, float zero = {0}, float[2] huge = {1e38, 1e38}> {
        h = Mul (x, huge)
        m = MatMul (h, w)
        y = Mul (m, zero)
      }`,
      ['MatMul', 'Mul'],
    ],
    [
      'a factor on rows of a Gemm that transposes its operand',
      `agraph (float[2,2] x) => (float[2,2] y) <${W}> {
        s = Mul (x, c)
        y = Gemm <transA = 1> (s, w)
      }`,
      ['Mul', 'Gemm'],
    ],
    [
      'alpha and beta of a Gemm',
      `agraph (float[N,2] x) => (float[N,2] y) <${W}> {
        m = Gemm <alpha = 2.0, beta = 3.0> (x, w, b)
        y = Mul (m, c)
      }`,
      ['Gemm', 'Mul'],
    ],
    [
      'alpha alone, with a factor and a shift',
      `agraph (float[N,2] x) => (float[N,2] y) <${W}> {
        m = Gemm <alpha = 2.0> (x, w)
        s = Mul (m, c)
        y = Add (s, b)
      }`,
      ['Gemm'],
    ],
    [
      'a factor before groups, and a border of zeros',
      `agraph (float[1,4,3,3] x) => (float[1,2,5,5] y) <float[2,2,1,1] k = {1, 2, -1, 3}, float[4,1,1] f = {1, 2, 3, 4}> {
        s = Mul (x, f)
        y = Conv <group = 2, pads = [1, 1, 1, 1]> (s, k)
      }`,
      ['Conv'],
    ],
    [
      'a shift before a border of zeros',
      `agraph (float[1,2,3,3] x) => (float[1,2,5,5] y) <${K}, float[2] one = {1, 1}, float[2] zero = {0, 0}> {
        s = BatchNormalization (x, c, one, zero, one)
        y = Conv <pads = [1, 1, 1, 1]> (s, k)
      }`,
      ['BatchNormalization', 'Conv'],
    ],
    [
      'a negative factor behind a Relu, a positive one behind another',
      `agraph (float[N,2] x) => (float[N,2] y) <${W}, float minus = {-2}, float plus = {3}> {
        m = MatMul (x, w)
        r = Relu (m)
        y = Mul (r, minus)
      }`,
      ['MatMul', 'Relu', 'Mul'],
    ],
    [
      'the factor of a graph output',
      `agraph (float[N,2] x) => (float[N,2] s, float[N,2] y) <${W}> {
        s = Mul (x, c)
        y = MatMul (s, w)
      }`,
      ['Mul', 'MatMul'],
    ],
    [
      'a factor that a branch reads as well',
      `agraph (float[N,2] x, bool p) => (float[N,2] y, float[A,2] z) <${W}> {
        s = Mul (x, c)
        y = MatMul (s, w)
        z = If (p) <then_branch = g () => (float[A,2] t) { t = Neg (s) }, else_branch = h () => (float[A,2] e) { e = Exp (s) }>
      }`,
      ['Mul', 'MatMul', 'If'],
    ],
    [
      'half precision keeps the order of its products',
      `agraph (float16[N,2,2] q, float16[N,2,2] k) => (float16[N,2,2] y) <float16[2,2] w = {15360, 0, 0, 15360}, float16 factor = {11264}> {
        a = MatMul (q, w)
        p = MatMul (a, k)
        y = Mul (p, factor)
      }`,
      ['MatMul', 'MatMul', 'Mul'],
    ],
    [
      'queries, keys and values with a factor for the queries',
      `agraph (float[N,3,2] x) => (float[N,3,2] y) <${W}, float[2,2] wk = {1, 0, 2, 1}, float[2,2] wv = {3, 1, 0, 1}, float half = {0.5}> {
        q = MatMul (x, w)
        k = MatMul (x, wk)
        v = MatMul (x, wv)
        t = Transpose <perm = [0, 2, 1]> (k)
        p = MatMul (q, t)
        s = Mul (p, half)
        m = Softmax <axis = -1> (s)
        y = MatMul (m, v)
      }`,
      ['MatMul', 'Split', 'Transpose', 'MatMul', 'Softmax', 'MatMul'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

describe('padding', () => {
  test.each<Trap>([
    [
      'an average of ceil_mode',
      `agraph (float[1,1,4,4] x) => (float[1,1,A,B] y) <int64[8] pads = {0, 0, 0, 0, 0, 0, 1, 1}> {
        p = Pad (x, pads)
        y = AveragePool <kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1> (p)
      }`,
      ['Pad', 'AveragePool'],
    ],
    [
      'a pad of the channels',
      `agraph (float[1,1,4,4] x) => (float[1,2,4,4] y) <${K}, int64[8] pads = {0, 1, 0, 0, 0, 0, 0, 0}> {
        p = Pad (x, pads)
        y = Conv (p, k)
      }`,
      ['Pad', 'Conv'],
    ],
    [
      'minus infinity before a maximum',
      `agraph (float[1,1,4,4] x) => (float[1,1,5,5] y) <int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}, float least = {-inf}> {
        p = Pad (x, pads, least)
        y = MaxPool <kernel_shape = [2, 2]> (p)
      }`,
      ['MaxPool'],
    ],
    [
      'a pad that a Conv reads as its weight, too',
      `agraph (float[1,1,1,1] x) => (float[1,1,1,1] y) <int64[8] pads = {0, 0, 1, 0, 0, 0, 0, 0}> {
        p = Pad (x, pads)
        y = Conv (p, p)
      }`,
      ['Pad', 'Conv'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

/** Where constants, comparisons, quantization and defaults of other opsets ask for care. */
import { describe, expect, test } from '@jest/globals';
import { type TrapOptions, operatorsOf, soundly } from '../support/traps.ts';

type Trap = [title: string, text: string, operators: string[], options?: TrapOptions];

const at = (opset: number): string => `<ir_version: 8, opset_import: ["": ${opset}]>`;

describe('constants along a chain', () => {
  test.each<Trap>([
    [
      'integers that wrap between the two',
      `agraph (int32[N] x) => (int32[N] y) <int32 a = {2147483647}, int32 b = {5}, int32 c = {65537}> {
        s = Add (x, a)
        t = Mul (s, c)
        u = Mul (t, c)
        y = Sub (u, b)
      }`,
      ['Mul', 'Add'],
    ],
    [
      'uint8 that wraps below 0',
      `agraph (uint8[N] x) => (uint8[N] y) <uint8 a = {200}, uint8 b = {100}> {
        s = Sub (x, a)
        y = Sub (s, b)
      }`,
      ['Add'],
    ],
    [
      'a division of integers cuts off',
      `agraph (int64[N] x) => (int64[N] y) <int64 a = {2}, int64 b = {3}> {
        s = Div (x, a)
        y = Div (s, b)
      }`,
      ['Div', 'Div'],
    ],
    [
      'a value taken from a constant',
      `agraph (float[N] x) => (float[N] y) <float a = {3}, float b = {2}> {
        s = Sub (a, x)
        y = Add (s, b)
      }`,
      ['Sub', 'Add'],
    ],
    [
      'a constant divided by a value',
      `agraph (float[N] x) => (float[N] y) <float a = {3}, float b = {2}> {
        s = Div (a, x)
        y = Mul (s, b)
      }`,
      ['Div', 'Mul'],
      { sizes: [2] },
    ],
    [
      'a division by 0',
      `agraph (float[N] x) => (float[N] y) <float a = {0}, float b = {2}> {
        s = Div (x, a)
        y = Mul (s, b)
      }`,
      ['Div', 'Mul'],
    ],
    [
      'a constant that widens the value in between',
      `agraph (float[1,N] x) => (float[2,A] y) <float[2,1] a = {3, 4}, float b = {2}> {
        s = Mul (x, a)
        y = Mul (b, s)
      }`,
      ['Mul'],
    ],
    [
      'a constant of higher rank',
      `agraph (float[N] x) => (float[1,A] y) <float[1,1] a = {3}, float b = {2}> {
        s = Add (x, a)
        y = Add (b, s)
      }`,
      ['Add'],
    ],
    [
      'what is in between is read by a branch',
      `agraph (float[N] x, bool p) => (float[N] y, float[A] z) <float a = {3}, float b = {2}> {
        s = Mul (x, a)
        y = Mul (s, b)
        z = If (p) <then_branch = g () => (float[B] t) { t = Neg (s) }, else_branch = h () => (float[C] e) { e = Abs (s) }>
      }`,
      ['Mul', 'Mul', 'If'],
    ],
    [
      'a constant that callers may override',
      `agraph (float[N] x, float a = {3}) => (float[N] y) <float b = {2}> {
        s = Mul (x, a)
        y = Mul (s, b)
      }`,
      ['Mul', 'Mul'],
    ],
    [
      'a product of half precision that overflows in between',
      `agraph (float16[N] x) => (float16[N] y) <float16 a = {30720}, float16 b = {5120}> {
        s = Mul (x, a)
        y = Mul (s, b)
      }`,
      ['Mul', 'Mul'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

describe('comparisons', () => {
  test.each<Trap>([
    [
      'casts that round',
      `agraph (double[N] x, double[N] z) => (bool[N] y) {
        a = Cast <to = 1> (x)
        b = Cast <to = 1> (z)
        y = Equal (a, b)
      }`,
      ['Cast', 'Cast', 'Equal'],
    ],
    [
      'casts from different types',
      `agraph (int32[N] x, int16[N] z) => (bool[N] y) {
        a = Cast <to = 7> (x)
        b = Cast <to = 7> (z)
        y = Less (a, b)
      }`,
      ['Cast', 'Cast', 'Less'],
    ],
    [
      'a float that no integer is',
      `agraph (int32[N] x) => (bool[N] y) <double half = {0.5}> {
        a = Cast <to = 11> (x)
        y = Greater (a, half)
      }`,
      ['Cast', 'Greater'],
    ],
    [
      'NaN among floats, and a negated comparison of them',
      `agraph (float16[N] x) => (bool[N] y) <float nan = {nan}> {
        a = Cast <to = 1> (x)
        b = Less (a, nan)
        y = Not (b)
      }`,
      ['Less', 'Not'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

describe('defaults of other opsets', () => {
  test.each<Trap>([
    [
      'Softmax before opset 13 goes over all axes from its own on',
      `${at(11)} agraph (float[N,2,2] x) => (float[N,2,2] y) {
        e = Softmax <axis = 1> (x)
        y = Log (e)
      }`,
      ['LogSoftmax'],
    ],
    [
      'Squeeze without axes takes what is 1 at run time',
      `agraph (float[N,1] x) => (y) {
        s = Squeeze (x)
        y = Neg (s)
      }`,
      ['Squeeze', 'Neg'],
      { sizes: [2, 3] },
    ],
    [
      'Dropout before opset 7 trains unless told otherwise',
      `${at(6)} agraph (float[N] x) => (float[N] y) {
        d = Dropout <is_test = 0, ratio = 0.0> (x)
        y = Neg (d)
      }`,
      ['Neg'],
      { atLeast: 0 },
    ],
    [
      'Dropout of ratio 0 whose mask is read',
      `agraph (float[N] x) => (float[N] y, bool[N] mask) <float zero = {0}, bool yes = {1}> {
        y, mask = Dropout (x, zero, yes)
      }`,
      ['Dropout'],
    ],
    [
      'Equal before opset 11 compares no floats',
      `${at(9)} agraph (int32[N] x, int32[N] z) => (bool[N] y) {
        a = Cast <to = 7> (x)
        b = Cast <to = 7> (z)
        y = Equal (a, b)
      }`,
      ['Equal'],
    ],
    [
      'a Gemm before opset 11 has a bias, be it of zeros',
      `${at(9)} agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        y = Gemm (x, w, b)
      }`,
      ['Gemm'],
    ],
    [
      'a bias of zeros that is a graph output, and one that callers may override',
      `agraph (float[N,2] x, float[2] c = {0, 0}) => (float[N,2] y, float[2] b) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {0, 0}> {
        z = Gemm (x, w, b)
        y = Gemm (z, w, c)
      }`,
      ['Gemm', 'Gemm'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

describe('quantization', () => {
  test.each<Trap>([
    [
      'a constant behind a border stays behind it',
      `agraph (float[N,2] x) => (float[N,2] y) <float scale = {0.1}, uint8 zero = {128}, float two = {2}, float half = {0.25}> {
        m = Mul (x, two)
        q = QuantizeLinear (m, scale, zero)
        d = DequantizeLinear (q, scale, zero)
        y = Mul (d, half)
      }`,
      ['Mul', 'QuantizeLinear', 'DequantizeLinear', 'Mul'],
    ],
    [
      'a pair between two pairs of another scale',
      `agraph (float[N] x) => (float[N] y) <float a = {0.1}, float b = {0.2}, uint8 zero = {128}> {
        q = QuantizeLinear (x, a, zero)
        d = DequantizeLinear (q, a, zero)
        r = QuantizeLinear (d, b, zero)
        y = DequantizeLinear (r, b, zero)
      }`,
      ['QuantizeLinear', 'DequantizeLinear', 'QuantizeLinear', 'DequantizeLinear'],
    ],
    [
      'a quantized weight is no constant to fuse with',
      `agraph (float[N,2] x) => (float[N,2] y) <int8[2,2] w = {1, 2, 3, 4}, float scale = {0.5}, float two = {2}> {
        d = DequantizeLinear (w, scale)
        m = MatMul (x, d)
        y = Mul (m, two)
      }`,
      ['DequantizeLinear', 'MatMul', 'Mul'],
    ],
    [
      'two pairs that meet in the middle of a graph output',
      `agraph (float[N] x) => (float[N] d, float[N] y) <float a = {0.1}, uint8 zero = {128}> {
        q = QuantizeLinear (x, a, zero)
        d = DequantizeLinear (q, a, zero)
        r = QuantizeLinear (d, a, zero)
        y = DequantizeLinear (r, a, zero)
      }`,
      ['QuantizeLinear', 'DequantizeLinear', 'DequantizeLinear'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

describe('overwriting', () => {
  test.each<Trap>([
    [
      'rows from the second on',
      `agraph (float[N,2] x, float[N,2] u) => (float[N,2] y) <int64 one = {1}, int64[1] last = {-1}, int64 zero = {0}> {
        n = Shape <start = 0, end = 1> (x)
        m = Squeeze (n)
        r = Range (zero, m, one)
        rows = Unsqueeze (r, last)
        y = ScatterND <reduction = "max"> (x, rows, u)
      }`,
      ['Shape', 'Squeeze', 'Range', 'Unsqueeze', 'ScatterND'],
      { atLeast: 1 },
    ],
    [
      'columns in the order of rows',
      `agraph (float[2,2] x, float[2,2] u) => (float[2,2] y) <int64[2,2,2] at = {0, 0, 1, 0, 0, 1, 1, 1}> {
        y = ScatterND (x, at, u)
      }`,
      ['ScatterND'],
    ],
    [
      'the larger of a value and its half, for a value that is an infinity at times',
      `agraph (float[N] x) => (float[N] y) <float half = {0.5}, float huge = {1e38}> {
        h = Mul (x, huge)
        i = Mul (h, huge)
        s = Mul (i, half)
        y = Max (i, s)
      }`,
      ['Mul', 'Mul', 'LeakyRelu'],
    ],
    [
      'a reciprocal of 0',
      `agraph (float[N] x, float[N] z) => (float[N] y) <float zero = {0}> {
        d = Mul (z, zero)
        r = Reciprocal (d)
        y = Mul (x, r)
      }`,
      ['Mul', 'Div'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});

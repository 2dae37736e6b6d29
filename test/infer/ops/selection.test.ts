import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

describe('TopK', () => {
  test.each([
    ['(float[N, 9] x) => (v, i) { v, i = TopK <k = 3> (x) }', 1, 'float[N, 3] int64[N, 3]'],
    ['(float[N, 9] x) => (v, i) <int64[1] k = {3}> { v, i = TopK <axis = 0> (x, k) }', 11, 'float[3, 9] int64[3, 9]'],
    ['(float[N, 9] x, float[K] y) => (v, i) { k = Shape (y) v, i = TopK (x, k) }', 11, 'float[N, K] int64[N, K]'],
    ['(float[N, 9] x, int64[1] k) => (v, i) { v, i = TopK (x, k) }', 11, 'float[N, ?] int64[N, ?]'],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });

  test('both outputs have one unknown size', () => {
    const text =
      '(float[9] x, int64[1] k) => (y) { v, i = TopK (x, k) f = Cast <to = 1> (i) y = Sum (v, f) s = Shape (y) }';
    expect(infer(text).contradictions).toEqual([]);
  });

  test('more than there are', () => {
    expect(infer('(float[4] x) => (v) <int64[1] k = {5}> { v, i = TopK (x, k) }').contradictions).toHaveLength(1);
  });
});

describe('selection by value', () => {
  test.each([
    ['(float[N, 3] x) => (y) { y = ArgMax <axis = 1> (x) }', 'int64[N, 1]'],
    ['(float[N, 3] x) => (y) { y = ArgMin <axis = -1, keepdims = 0> (x) }', 'int64[N]'],
    ['(float[N, 3] x, bool[3] c) => (y) { y = Compress <axis = 1> (x, c) }', 'float[N, ?]'],
    ['(float[N, 3] x, bool[3] c) => (y) { y = Compress (x, c) }', 'float[?]'],
    ['(float[N, 3] x) => (y) <bool[3] c = {1, 0, 1}> { y = Compress <axis = 1> (x, c) }', 'float[N, 2]'],
    ['(float[N, 3] x) => (y, i, v, c) { y, i, v, c = Unique (x) }', 'float[?] int64[?] int64[3*N] int64[?]'],
    [
      '(float[N, 3] x) => (y, i, v, c) { y, i, v, c = Unique <axis = 0> (x) }',
      'float[?, 3] int64[?] int64[N] int64[?]',
    ],
    ['(float[1, B, 4] b, float[1, C, B] s, int64 m) => (y) { y = NonMaxSuppression (b, s, m) }', 'int64[?, 3]'],
    ['(float[B, 3, 3] x) => (y) { y = Det (x) }', 'float[B]'],
  ])('%s', (text, expected) => {
    expect(shapes(text)).toBe(expected);
  });
});

describe('recurrent layers', () => {
  test.each([
    [
      '(float[S, B, 8] x, float[1, 20, 8] w, float[1, 20, 5] r) => (y, h, c) { y, h, c = LSTM <hidden_size = 5> (x, w, r) }',
      14,
      'float[S, 1, B, 5] float[1, B, 5] float[1, B, 5]',
    ],
    [
      '(float[B, S, 8] x, float[2, 15, 8] w, float[2, 15, 5] r) => (y, h) { y, h = GRU <hidden_size = 5, direction = "bidirectional", layout = 1> (x, w, r) }',
      14,
      'float[B, S, 2, 5] float[B, 2, 5]',
    ],
    ['(float[S, B, 8] x, float[1, 5, 8] w, float[1, 5, 5] r) => (h) { , h = RNN (x, w, r) }', 7, 'float[1, B, 5]'],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });
});

describe('grids and signals', () => {
  test.each([
    ['(float[N, C, 4, 4] x, float[N, A, B, 2] g) => (y) { y = GridSample (x, g) }', 16, 'float[N, C, A, B]'],
    ['(float[N, 2, 3] t) => (y) <int64[4] s = {5, 3, 6, 7}> { y = AffineGrid (t, s) }', 20, 'float[5, 6, 7, 2]'],
    ['(float[N, 3, 4] t, int64[5] s) => (y) { y = AffineGrid (t, s) }', 20, 'float[N, ?, ?, ?, 3]'],
    ['(float[B, L, 1] x) => (y) { y = DFT (x) }', 17, 'float[B, L, 2]'],
    ['(float[B, L, 1] x) => (y) { y = DFT <onesided = 1> (x) }', 17, 'float[B, L//2 + 1, 2]'],
    [
      '(float[B, L, 1] x) => (y) <int64 n = {9}, int64 a = {1}> { y = DFT <onesided = 1> (x, n, a) }',
      20,
      'float[B, 5, 2]',
    ],
    ['(float[B, 5, 2] x) => (y) { y = DFT <onesided = 1, inverse = 1> (x) }', 20, 'float[B, 8, 1]'],
    ['(float[B, 5, 2] x, int64 a) => (y) { y = DFT (x, , a) }', 20, 'float[B, 5, 2]'],
    ['(float[B, 5, 2] x, int64 n) => (y) { y = DFT (x, n) }', 20, 'float[B, ?, 2]'],
    ['(float[B, 128, 1] x, float[16] w) => (y) <int64 step = {8}> { y = STFT (x, step, w) }', 17, 'float[B, 15, 9, 2]'],
    [
      '(float[B, 128, 1] x, float[16] w) => (y) <int64 step = {8}> { y = STFT <onesided = 0> (x, step, w) }',
      17,
      'float[B, 15, 16, 2]',
    ],
    ['() => (y) <int32 n = {10}> { y = HannWindow <output_datatype = 11> (n) }', 17, 'double[10]'],
    [
      '(float low, float high) => (y) <int64 bins = {8}, int64 n = {17}, int64 rate = {8000}> { y = MelWeightMatrix (bins, n, rate, low, high) }',
      17,
      'float[9, 8]',
    ],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });
});

describe('losses and texts', () => {
  test.each([
    ['(float[N, 5] x, int64[N] t) => (y) { y = NegativeLogLikelihoodLoss (x, t) }', 13, 'float'],
    [
      '(float[N, 5, D] x, int64[N, 7] t) => (y) { y = NegativeLogLikelihoodLoss <reduction = "none"> (x, t) }',
      13,
      'float[N, 7]',
    ],
    ['(float[N, 5] x, int64[N] t) => (y, p) { y, p = SoftmaxCrossEntropyLoss (x, t) }', 13, 'float float[N, 5]'],
    ['(string[N] x) => (y, z) { y, z = StringSplit (x) }', 20, 'string[N, ?] int64[N]'],
    ['(string[3] x) => (y) { y = StringNormalizer (x) }', 10, 'string[3]'],
    ['(string[3] x) => (y) { y = StringNormalizer <stopwords = ["a"]> (x) }', 10, 'string[?]'],
    ['(string[N] x) => (y) { y = RegexFullMatch <pattern = "a"> (x) }', 20, 'bool[N]'],
    ['(string[N] x, string[1] y) => (z) { z = StringConcat (x, y) }', 20, 'string[N]'],
    [
      '(int32[N, C] x) => (y) { y = TfIdfVectorizer <max_gram_length = 1, max_skip_count = 0, min_gram_length = 1, mode = "TF", ngram_counts = [0], ngram_indexes = [0, 6, 2], pool_int64s = [1, 2, 3]> (x) }',
      9,
      'float[N, 7]',
    ],
    ['(uint8[L] x) => (y) { y = ImageDecoder <pixel_format = "Grayscale"> (x) }', 20, 'uint8[?, ?, 1]'],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });
});

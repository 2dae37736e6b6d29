import { expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

test.each([
  ['the sum of sizes', '(float[N, M] x) => (y) { s = Shape (x) y = ReduceL1 (s) }', 'int64[1]{M + N}'],
  [
    'the sum of what is not positive for sizes from 1 on',
    '(float[N, M] x) => (y) <int64 one = {1}> { s = Shape (x) d = Sub (s, one) n = Neg (d) y = ReduceL1 <keepdims = 0> (n) }',
    'int64{M + N - 2}',
  ],
  ['the sum of squares', '(float[N, M] x) => (y) { s = Shape (x) y = ReduceSumSquare (s) }', 'int64[1]{M*M + N*N}'],
  [
    'squares of nothing reduced',
    '(float[N, M] x) => (y) { s = Shape (x) y = ReduceSumSquare <noop_with_empty_axes = 1> (s) }',
    'int64[2]{N*N, M*M}',
  ],
  ['a mean that is whole', '(float[N, N] x) => (y) { s = Shape (x) y = ReduceMean (s) }', 'int64[1]{N}'],
  ['a mean that need not be', '(float[N, M] x) => (y) { s = Shape (x) y = ReduceMean (s) }', 'int64[1]'],
  [
    'sizes that are kept',
    '(float[N, M, K] x) => (y) <bool[3] c = {1, 0, 1}> { s = Shape (x) y = Compress (s, c) }',
    'int64[2]{N, K}',
  ],
  [
    'ArgMax along the first of two axes',
    `(float[N, M] x) => (y) {
      s = Shape (x)
      a = Constant <value = int64[1, 2] {0, 0}> ()
      o = Constant <value = int64[1] {0}> ()
      r = Unsqueeze (s, o)
      one = Constant <value = int64 {1}> ()
      t = Add (r, one)
      c = Concat <axis = 0> (a, t, r)
      y = ArgMax <axis = 0> (c)
    }`,
    'int64[1, 2]{1, 1}',
  ],
  [
    'ArgMin along the last of two axes, the last of equals',
    `() => (y) {
      a = Constant <value = int64[2, 3] {4, 1, 1, 0, 5, 2}> ()
      y = ArgMin <axis = -1, keepdims = 0, select_last_index = 1> (a)
    }`,
    'int64[2]{2, 0}',
  ],
  [
    'ArgMax where one place along the axis is open',
    `(float[N, M] x) => (y) {
      s = Shape (x)
      o = Constant <value = int64[1] {0}> ()
      r = Unsqueeze (s, o)
      a = Constant <value = int64[1, 2] {2, -1}> ()
      c = Concat <axis = 0> (r, a)
      y = ArgMax <axis = 0, keepdims = 0> (c)
    }`,
    'int64[2]',
  ],
  [
    'TopK along the first of two axes',
    `() => (y) {
      a = Constant <value = int64[3, 2] {4, 1, 7, 9, 5, 9}> ()
      k = Constant <value = int64[1] {2}> ()
      y, i = TopK <axis = 0> (a, k)
    }`,
    'int64[2, 2]{7, 9, 5, 9}',
  ],
  [
    'the places of TopK along the first of two axes, the first of equals first',
    `() => (y) {
      a = Constant <value = int64[3, 2] {4, 1, 7, 9, 5, 9}> ()
      k = Constant <value = int64[1] {2}> ()
      v, y = TopK <axis = 0> (a, k)
    }`,
    'int64[2, 2]{1, 1, 2, 2}',
  ],
  [
    'OneHot of a known index',
    `(float[N, 3] x) => (y) {
      i = Constant <value = int64[1] {1}> ()
      d = Constant <value = int64 {3}> ()
      one = Constant <value = int64[1] {1}> ()
      n = Shape <start = 0, end = 1> (x)
      values = Concat <axis = 0> (one, n)
      h = OneHot (i, d, values)
      axes = Constant <value = int64[1] {0}> ()
      y = Squeeze (h, axes)
    }`,
    'int64[3]{1, N, 1}',
  ],
  [
    'Trilu of a known square',
    `() => (y) { a = Constant <value = int64[2, 2] {1, 2, 3, 4}> () y = Trilu <upper = 0> (a) }`,
    'int64[2, 2]{1, 0, 3, 4}',
  ],
  [
    'ArgMax of what can be put in order',
    `(float[N, M] x) => (y) {
      n = Shape <start = 0, end = 1> (x)
      two = Constant <value = int64[1] {2}> ()
      more = Add (n, two)
      v = Concat <axis = 0> (n, more)
      y = ArgMax (v)
    }`,
    'int64[1]{1}',
  ],
  ['ArgMax of what cannot', '(float[N, M] x) => (y) { s = Shape (x) y = ArgMax (s) }', 'int64[1]'],
  [
    'TopK of known values',
    `() => (y, i) {
      v = Constant <value = int64[4] {3, 9, 9, 1}> ()
      k = Constant <value = int64[1] {3}> ()
      y, i = TopK (v, k)
    }`,
    'int64[3]{9, 9, 3} int64[3]{1, 2, 0}',
  ],
  [
    'an element of a sequence by its position',
    `(float[N, 7] x) => (y, n) {
      sizes = Constant <value = int64[3] {1, 2, 4}> ()
      s = SplitToSequence <axis = 1> (x, sizes)
      at = Constant <value = int64 {-1}> ()
      y = SequenceAt (s, at)
      n = SequenceLength (s)
    }`,
    'float[N, 4] int64{3}',
  ],
  [
    'elements put together again',
    `(float[N, 7] x, float[M, 7] y) => (z) { s = SequenceConstruct (x, y) z = ConcatFromSequence <axis = 0> (s) }`,
    'float[M + N, 7]',
  ],
  [
    'a sequence that is built up',
    `(float[N] x, float[M] y) => (z, n) {
      e = SequenceEmpty ()
      a = SequenceInsert (e, x)
      first = Constant <value = int64 {0}> ()
      b = SequenceInsert (a, y, first)
      z = SequenceAt (b, first)
      c = SequenceErase (b)
      n = SequenceLength (c)
    }`,
    'float[M] int64{1}',
  ],
])('%s', (_, text, expected) => {
  expect(shapes(text, 18)).toBe(expected);
});

test('a position beyond a sequence is refused', () => {
  const { contradictions } = infer(
    `(float[N] x) => (y) { s = SequenceConstruct (x) at = Constant <value = int64 {1}> () y = SequenceAt (s, at) }`,
    18,
  );
  expect(contradictions).toEqual(['position 1 is out of range for a sequence of 1']);
});

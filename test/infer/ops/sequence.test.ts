import { describe, expect, test } from '@jest/globals';
import { shapes } from './facts.ts';

describe('sequences', () => {
  test.each([
    ['(float[2, N] a, float[3, N] b) => (s) { s = SequenceConstruct (a, b) }', 'sequence(float[?, N])'],
    ['(float[2] a, float[3, 1] b) => (s) { s = SequenceConstruct (a, b) }', 'sequence(float[])'],
    ['() => (s) { s = SequenceEmpty () }', 'sequence(float[])'],
    ['() => (s) { s = SequenceEmpty <dtype = 7> () }', 'sequence(int64[])'],
    ['(seq(float[2, N]) s, float[3, N] t) => (r) { r = SequenceInsert (s, t) }', 'sequence(float[?, N])'],
    ['(seq(float[2, N]) s) => (r) { r = SequenceErase (s) }', 'sequence(float[2, N])'],
    ['(seq(float[2, N]) s, int64 i) => (t) { t = SequenceAt (s, i) }', 'float[2, N]'],
    ['(seq(float[2, N]) s) => (t) { t = ConcatFromSequence <axis = 0> (s) }', 'float[?, N]'],
    ['(seq(float[2, N]) s) => (t) { t = ConcatFromSequence <axis = -1, new_axis = 1> (s) }', 'float[2, N, ?]'],
    ['(float[6, N] x) => (s) { s = SplitToSequence (x) }', 'sequence(float[1, N])'],
    ['(float[6, N] x) => (s) { s = SplitToSequence <axis = 1, keepdims = 0> (x) }', 'sequence(float[6])'],
    ['(float[6, N] x) => (s) <int64 p = {3}> { s = SplitToSequence (x, p) }', 'sequence(float[3, N])'],
    ['(float[7, N] x) => (s) <int64 p = {3}> { s = SplitToSequence (x, p) }', 'sequence(float[?, N])'],
    ['(float[6, N] x) => (s) <int64[2] p = {3, 3}> { s = SplitToSequence (x, p) }', 'sequence(float[3, N])'],
    ['(float[6, N] x) => (s) <int64[2] p = {2, 4}> { s = SplitToSequence (x, p) }', 'sequence(float[?, N])'],
  ])('%s', (text, expected) => {
    expect(shapes(text)).toBe(expected);
  });

  test('the length is a scalar', () => {
    expect(shapes('(seq(float[2]) s) => (n) { n = SequenceLength (s) }')).toMatch(/^int64(\{|$)/);
  });

  test('SequenceMap has the types of its body', () => {
    const text = `(seq(float[2]) s) => (r) {
      r = SequenceMap (s) <body = double_it (float[2] x) => (float[2] y) { y = Add (x, x) }>
    }`;
    expect(shapes(text)).toMatch(/^sequence\(float\[/);
  });
});

describe('optionals', () => {
  test.each([
    ['(float[N] x) => (o) { o = Optional (x) }', 'optional(float[N])'],
    ['(seq(float[N]) x) => (o) { o = Optional (x) }', 'optional(sequence(float[N]))'],
    ['(optional(float[N]) o) => (x) { x = OptionalGetElement (o) }', 'float[N]'],
    ['(optional(seq(float[N])) o) => (x) { x = OptionalGetElement (o) }', 'sequence(float[N])'],
    ['(float[N] o) => (x) { x = OptionalGetElement (o) }', 'float[N]'],
    ['(optional(float[N]) o) => (b) { b = OptionalHasElement (o) }', 'bool'],
  ])('%s', (text, expected) => {
    expect(shapes(text)).toBe(expected);
  });
});

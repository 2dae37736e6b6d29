import { describe, expect, test } from '@jest/globals';
import { operatorsOf, soundly } from '../support/traps.ts';

describe('resolved control flow', () => {
  test.each([
    [
      'an If in an If, with names that both branches use',
      `agraph (float[2,3] x) => (float[2,3] y) <bool yes = {1}, bool no = {0}> {
        y = If (yes) <
          then_branch = t () => (float[2,3] r) {
            a = Neg (x)
            r = If (no) <
              then_branch = tt () => (float[2,3] b) { b = Exp (a) },
              else_branch = te () => (float[2,3] b) { b = Abs (a) }
            >
          },
          else_branch = e () => (float[2,3] r) { a = Exp (x)  r = Relu (a) }
        >
      }`,
      ['Neg', 'Abs'],
    ],
    [
      'a branch that keeps an If whose condition is computed, and captures what was inlined',
      `agraph (float[2,3] x, bool c) => (float[2,3] y) <bool yes = {1}> {
        y = If (yes) <
          then_branch = t () => (float[2,3] r) {
            a = Neg (x)
            r = If (c) <
              then_branch = tt () => (float[2,3] b) { b = Exp (a) },
              else_branch = te () => (float[2,3] b) { b = Abs (a) }
            >
          },
          else_branch = e () => (float[2,3] q) { q = Relu (x) }
        >
      }`,
      ['Neg', 'If'],
    ],
    [
      'a branch that hands out a graph input, which is an output of the graph by another name',
      `agraph (float[2,3] x) => (float[2,3] y, float[2,3] z) <bool yes = {1}> {
        y = If (yes) <
          then_branch = t () => (float[2,3] r) { r = Identity (x) },
          else_branch = e () => (float[2,3] q) { q = Relu (x) }
        >
        z = Neg (y)
      }`,
      ['Identity', 'Neg'],
    ],
    [
      'a Loop that reads its counter and swaps what it carries',
      `agraph (float[3] u, float[3] v) => (float[3] y, float[3] z) <int64 three = {3}> {
        y, z = Loop (three, , u, v) <
          body = b (int64 i, bool c, float[3] p, float[3] q) => (bool d, float[3] q_out, float[3] s) {
            d = Identity (c)
            f = Cast <to = 1> (i)
            s = Add (p, f)
            q_out = Identity (q)
          }
        >
      }`,
      ['Add', 'Add'],
    ],
    [
      'a Loop whose nodes have names, in a branch too',
      `agraph (float[2] x, bool c) => (float[2] y) <int64 two = {2}> {
        y = Loop (two, , x) <
          body = b (int64 i, bool g, float[2] v) => (bool d, float[2] w) {
            d = Identity (g)
            [one] u = Neg (v)
            [two] w = If (c) <
              then_branch = t () => (float[2] r) { [three] r = Exp (u) },
              else_branch = e () => (float[2] q) { [four] q = Abs (u) }
            >
          }
        >
      }`,
      ['Neg', 'If', 'Neg', 'If'],
    ],
    [
      'a Loop whose carried value grows',
      `agraph (float[N] x) => (float[M] y) <int64 two = {2}> {
        y = Loop (two, , x) <
          body = b (int64 i, bool c, float[K] v) => (bool d, float[L] w) { d = Identity (c)  w = Concat <axis = 0> (v, x) }
        >
      }`,
      ['Concat', 'Concat'],
    ],
    [
      'a Loop inside the branch of an If that stays',
      `agraph (float[2] x, bool c) => (float[2] y) <int64 two = {2}> {
        y = If (c) <
          then_branch = t () => (float[2] r) {
            r = Loop (two, , x) <
              body = b (int64 i, bool g, float[2] v) => (bool d, float[2] w) { d = Identity (g)  w = Mul (v, x) }
            >
          },
          else_branch = e () => (float[2] q) { q = Relu (x) }
        >
      }`,
      ['If'],
    ],
  ])('%s', async (_, text, expected) => {
    const model = await soundly(text);
    const operators = operatorsOf(model);
    for (const operator of expected) expect(operators).toContain(operator);
    if (!expected.includes('If')) expect(operators).not.toContain('If');
    expect(operators).not.toContain('Loop');
  });

  test('a Loop that does not run hands out what it was given', async () => {
    const model = await soundly(`agraph (float[2] x) => (float[2] y) <int64 zero = {0}> {
      a = Loop (zero, , x) <
        body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w) { d = Identity (c)  w = Neg (v) }
      >
      y = Abs (a)
    }`);
    expect(operatorsOf(model)).toEqual(['Abs']);
  });

  test('a Loop that does not run and collects stays', async () => {
    const model = await soundly(`agraph (float[2] x) => (float[N,2] y) <int64 zero = {0}> {
      a, y = Loop (zero, , x) <
        body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w, float[2] s) { d = Identity (c)  w = Neg (v)  s = Abs (v) }
      >
    }`);
    expect(operatorsOf(model)).toEqual(['Loop']);
  });
});

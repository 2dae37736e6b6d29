import { describe, expect, test } from '@jest/globals';
import { graphsOfModel } from '../../src/ir/model.ts';
import { operatorsOf, soundly } from '../support/traps.ts';

describe('subgraphs', () => {
  test.each([
    [
      'branches that capture a value which is replaced',
      `agraph (bool c, float[2,3] x) => (float[2,3] y) {
      a = Identity (x)
      t = Transpose <perm = [1, 0]> (a)
      u = Transpose <perm = [1, 0]> (t)
      y = If (c) <
        then_branch = yes () => (float[2,3] p) { p = Neg (u) },
        else_branch = no () => (float[2,3] q) { i = Identity (u) q = Exp (i) }
      >
    }`,
    ],
    [
      'a branch that hands out a value from outside',
      `agraph (bool c, float[2,3] x) => (float[2,3] y) {
      a = Neg (x)
      t = Transpose <perm = [1, 0]> (a)
      u = Transpose <perm = [1, 0]> (t)
      y = If (c) <
        then_branch = yes () => (float[2,3] u) { },
        else_branch = no () => (float[2,3] q) { q = Identity (u) }
      >
    }`,
    ],
    [
      'an outer value that is an output of a branch and of the graph',
      `agraph (bool c, float[2,3,4] x) => (float[4,2,3] y, float[4,2,3] u) {
      t = Transpose <perm = [1, 0, 2]> (x)
      u = Transpose <perm = [2, 1, 0]> (t)
      y = If (c) <
        then_branch = yes () => (float[4,2,3] u) { },
        else_branch = no () => (float[4,2,3] q) { q = Neg (u) }
      >
    }`,
    ],
    [
      'an outer value that is an output of both branches, a duplicate, and of the graph',
      `agraph (bool c, float[2] x) => (float[2] y, float[2] u, float[2] v) {
      u = Neg (x)
      v = Neg (x)
      y = If (c) <
        then_branch = yes () => (float[2] v) { },
        else_branch = no () => (float[2] u) { }
      >
    }`,
    ],
    [
      'duplicates in different branches',
      `agraph (bool c, float[N] x) => (float[N] y) {
      y = If (c) <
        then_branch = yes () => (float[N] p) { a = Neg (x) p = Exp (a) },
        else_branch = no () => (float[N] q) { b = Neg (x) q = Abs (b) }
      >
    }`,
    ],
    [
      'a duplicate of an outer node in a branch',
      `agraph (bool c, float[N] x) => (float[N] y, float[N] z) {
      z = Neg (x)
      y = If (c) <
        then_branch = yes () => (float[N] p) { p = Neg (x) },
        else_branch = no () => (float[N] q) { b = Neg (x) q = Exp (b) }
      >
    }`,
    ],
    [
      'a branch may fail: what is in it does not move out',
      `agraph (bool c, float[4] x) => (float[4] y) <int64[2] s = {3, 3}, int64[1] k = {4}> {
      y = If (c) <
        then_branch = yes () => (float[4] p) { a = Neg (x) p = Reshape (a, k) },
        else_branch = no () => (float[4] q) { q = Exp (x) }
      >
    }`,
    ],
    [
      'constants and shapes inside a branch',
      `agraph (bool c, float[N,4] x) => (float[N,2,2] y) {
      y = If (c) <
        then_branch = yes () => (float[N,2,2] p) {
          s = Shape <start = 0, end = 1> (x)
          k = Constant <value_ints = [2, 2]> ()
          t = Concat <axis = 0> (s, k)
          p = Reshape (x, t)
        },
        else_branch = no () => (float[N,2,2] q) <int64[3] t = {0, 2, 2}> { n = Neg (x) q = Reshape (n, t) }
      >
    }`,
    ],
    [
      'a branch that hands out its own constant',
      `agraph (bool c, float[2] x) => (float[2] y) {
      y = If (c) <
        then_branch = yes () => (float[2] p) { p = Constant <value_floats = [1.0, 2.0]> () },
        else_branch = no () => (float[2] w) <float[2] w = {3, 4}> { }
      >
    }`,
    ],
    [
      'a condition that is constant',
      `agraph (float[2] x) => (float[2] y) <bool c = {1}> {
      y = If (c) <
        then_branch = yes () => (float[2] p) { p = Neg (x) },
        else_branch = no () => (float[2] q) { q = Exp (x) }
      >
    }`,
    ],
    [
      'a loop that carries a growing value',
      `agraph (float[N] x) => (float[M] y) <int64 trips = {3}, bool go = {1}> {
      y = Loop (trips, go, x) <body = step (int64 i, bool c, float[A] v) => (bool d, float[B] w) {
        d = Identity (c)
        w = Concat <axis = 0> (v, x)
      }>
    }`,
    ],
    [
      'a loop that carries the shape of its state',
      `agraph (float[N,2] x) => (float[P,Q] y) <int64 trips = {3}, bool go = {1}> {
      y = Loop (trips, go, x) <body = step (int64 i, bool c, float[A,B] v) => (bool d, float[C,D] w) {
        d = Identity (c)
        t = Transpose (v)
        s = Shape (t)
        w = Reshape (v, s)
      }>
    }`,
    ],
    [
      'a loop body that reads the counter and captures a folded value',
      `agraph (float[N] x) => (float[N] y, int64[T] seen) <int64 trips = {3}, bool go = {1}, int64 one = {1}> {
      two = Add (one, one)
      z = Identity (x)
      y, seen = Loop (trips, go, x) <body = step (int64 i, bool c, float[N] v) => (bool d, float[N] w, int64 j) {
        d = Identity (c)
        j = Mul (i, two)
        w = Add (v, z)
      }>
    }`,
    ],
    [
      'a loop that swaps its states',
      `agraph (float[N] x) => (float[N] y, float[N] z) <int64 trips = {3}, bool go = {1}> {
      a = Neg (x)
      y, z = Loop (trips, go, x, a) <body = step (int64 i, bool c, float[N] v, float[N] w) => (bool d, float[N] w, float[N] v) {
        d = Identity (c)
      }>
    }`,
    ],
    [
      'a loop that hands its state on through an Identity',
      `agraph (float[N] x) => (float[N] y, float[T,N] all) <int64 trips = {3}, bool go = {1}> {
      y, all = Loop (trips, go, x) <body = step (int64 i, bool c, float[N] v) => (bool d, float[N] w, float[N] u) {
        d = Identity (c)
        w = Identity (v)
        u = Identity (v)
      }>
    }`,
    ],
    [
      'a loop that never runs',
      `agraph (float[N] x) => (float[M] y, float[T,N] all) <int64 trips = {0}, bool go = {1}> {
      y, all = Loop (trips, go, x) <body = step (int64 i, bool c, float[A] v) => (bool d, float[B] w, float[N] u) {
        d = Identity (c)
        w = Concat <axis = 0> (v, v)
        u = Neg (x)
      }>
    }`,
    ],
    [
      'a Scan',
      `agraph (float[N,3] x) => (float[3] y, float[N,3] all) <float[3] zero = {0, 0, 0}> {
      y, all = Scan (zero, x) <num_scan_inputs = 1, body = step (float[3] s, float[3] e) => (float[3] t, float[3] o) {
        a = Identity (e)
        t = Add (s, a)
        o = Identity (t)
      }>
    }`,
    ],
    [
      'nested branches that capture from two levels',
      `agraph (bool c, bool e, float[2,3] x) => (float[2,3] y) {
      t = Transpose (x)
      u = Transpose (t)
      y = If (c) <
        then_branch = yes () => (float[2,3] p) {
          v = Identity (u)
          p = If (e) <
            then_branch = deep () => (float[2,3] r) { w = Identity (v) r = Mul (w, u) },
            else_branch = other () => (float[2,3] s) { s = Identity (u) }
          >
        },
        else_branch = no () => (float[2,3] q) { q = Identity (x) }
      >
    }`,
    ],
    [
      'sibling branches that use the same names',
      `agraph (bool c, float[2] x) => (float[2] y) {
      y = If (c) <
        then_branch = yes () => (float[2] p) <float[2] w = {1, 2}> { a = Identity (w) p = Add (x, a) },
        else_branch = no () => (float[2] p) <float[2] w = {3, 4}> { a = Identity (w) p = Add (x, a) }
      >
    }`,
    ],
    [
      'an initializer that only a branch reads',
      `agraph (bool c, float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[2] v = {1, 2}> {
      y = If (c) <
        then_branch = yes () => (float[2] p) { p = Add (x, w) },
        else_branch = no () => (float[2] q) { q = Sub (x, v) }
      >
    }`,
    ],
    [
      'a node that only a branch reads',
      `agraph (bool c, float[2] x) => (float[2] y) {
      a = Exp (x)
      b = Identity (a)
      y = If (c) <
        then_branch = yes () => (float[2] p) { p = Neg (b) },
        else_branch = no () => (float[2] q) { q = Neg (x) }
      >
    }`,
    ],
  ])('%s', async (_title, text) => {
    await soundly(text);
  });

  test('no value becomes two outputs of a subgraph', async () => {
    const model = await soundly(`agraph (bool c, float[N] x) => (float[N] y, float[N] z) {
      y, z = If (c) <
        then_branch = yes () => (float[N] p, float[N] q) { p = Neg (x) q = Identity (p) },
        else_branch = no () => (float[N] r, float[N] s) { r = Exp (x) s = Exp (x) }
      >
    }`);
    const branches = [...graphsOfModel(model)].slice(1);
    expect(branches.map(({ outputs }) => new Set(outputs).size)).toEqual([2, 2]);
  });

  test('random numbers are drawn as often as before', async () => {
    const model = await soundly(
      `agraph (bool c, float[2] x) => (float[2] y) {
        r = RandomUniformLike (x)
        s = RandomUniformLike (x)
        t = Sub (r, s)
        y = If (c) <
          then_branch = yes () => (float[2] p) { u = RandomUniformLike (x) p = Add (u, t) },
          else_branch = no () => (float[2] q) { q = Neg (t) }
        >
      }`,
      { atLeast: 0 },
    );
    expect(operatorsOf(model)).toEqual(['RandomUniformLike', 'RandomUniformLike', 'Sub', 'If']);
  });
});

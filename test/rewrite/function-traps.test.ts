import { describe, expect, test } from '@jest/globals';
import { operatorsOf, soundly } from '../support/traps.ts';

const HEADER = '<ir_version: 10, opset_import: ["": 21, "local": 1]>';

describe('local functions', () => {
  test.each([
    [
      'attributes that come from the call',
      `${HEADER} agraph (float[2,3] x) => (float[3,2] y, float[2,3] z) {
      y = local.Turn <p = [1, 0]> (x)
      z = local.Turn <p = [0, 1]> (x)
    }
    <domain: "local", opset_import: ["": 21]> Turn <p> (a) => (b) {
      t = Transpose <perm: ints = @p> (a)
      b = Identity (t)
    }`,
    ],
    [
      'a type that comes from the call',
      `${HEADER} agraph (float[2] x) => (float[2] y, double[2] z) {
      y = local.To <t = 1> (x)
      z = local.To <t = 11> (x)
    }
    <domain: "local", opset_import: ["": 21]> To <t> (a) => (b) {
      c = Identity (a)
      b = Cast <to: int = @t> (c)
    }`,
    ],
    [
      'a type that is the same in the only call',
      `${HEADER} agraph (float[2] x) => (float[2] y) {
      y = local.To <t = 1> (x)
    }
    <domain: "local", opset_import: ["": 21]> To <t> (a) => (b) {
      c = Cast <to: int = @t> (a)
      b = Neg (c)
    }`,
    ],
    [
      'references with defaults, of all kinds of rules',
      `${HEADER} agraph (float[2,3] x) => (float[N,M] y) {
      y = local.All (x)
    }
    <domain: "local", opset_import: ["": 21]> All <axis: int = 1, perm: ints = [1, 0], to: int = 1> (a) => (y) {
      b = Concat <axis: int = @axis> (a)
      c = Transpose <perm: ints = @perm> (b)
      d = Transpose <perm: ints = @perm> (c)
      e = Flatten <axis: int = @axis> (d)
      f = Flatten <axis: int = @axis> (e)
      g = Cast <to: int = @to> (f)
      h = Cast <to: int = @to> (g)
      i = Softmax <axis: int = @axis> (h)
      j = Softmax <axis: int = @axis> (h)
      y = Add (i, j)
    }`,
    ],
    [
      'a constant that comes from the call',
      `${HEADER} agraph (float[2] x) => (float[2] y, float[2] z) {
      y = local.Scale <by = 2.0> (x)
      z = local.Scale <by = 3.0> (x)
    }
    <domain: "local", opset_import: ["": 21]> Scale <by> (a) => (b) {
      c = Constant <value_float: float = @by> ()
      d = Identity (c)
      b = Mul (a, d)
    }`,
    ],
    [
      'calls of different rank',
      `${HEADER} agraph (float[2,3] x, float[2,3,4] z) => (float[6] y, float[24] w) {
      y = local.Flat (x)
      w = local.Flat (z)
    }
    <domain: "local", opset_import: ["": 21]> Flat (a) => (b) {
      s = Shape (a)
      n = ReduceProd <keepdims = 1> (s)
      b = Reshape (a, n)
    }`,
    ],
    [
      'calls of different sizes',
      `${HEADER} agraph (float[2,6] x, float[3,6] z) => (float[A,B,C] y, float[D,E,F] w) {
      y = local.Heads (x)
      w = local.Heads (z)
    }
    <domain: "local", opset_import: ["": 21]> Heads (a) => (b) {
      s = Shape <start = 0, end = 1> (a)
      k = Constant <value_ints = [3, 2]> ()
      t = Concat <axis = 0> (s, k)
      b = Reshape (a, t)
    }`,
    ],
    [
      'an operand that one call leaves out',
      `${HEADER} agraph (float[4] x) => (float[A] y, float[B] z) <float low = {0}> {
      y = local.Cut (x, low)
      z = local.Cut (x)
    }
    <domain: "local", opset_import: ["": 21]> Cut (a, l) => (b) {
      c = Identity (a)
      d = Clip (c, l)
      b = Identity (d)
    }`,
    ],
    [
      'an operand that all calls leave out, and one that is a constant in all',
      `${HEADER} agraph (float[N,4] x) => (float[A,B,C] y, float[D,E,F] z) <int64[3] k = {0, 2, 2}> {
      y = local.View (x, , k)
      n = Neg (x)
      z = local.View (n, , k)
    }
    <domain: "local", opset_import: ["": 21]> View (a, l, s) => (b) {
      c = Clip (a, l)
      b = Reshape (c, s)
    }`,
    ],
    [
      'a function of another opset',
      `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[2,1,3] x) => (float[2,3] y) {
      y = local.Old (x)
    }
    <domain: "local", opset_import: ["": 11]> Old (a) => (b) {
      c = Squeeze <axes = [1]> (a)
      d = Unsqueeze <axes = [1]> (c)
      e = Squeeze <axes = [1]> (d)
      b = Identity (e)
    }`,
    ],
    [
      'an output that is an input of the function',
      `${HEADER} agraph (float[2] x) => (float[2] y) {
      a = local.Same (x)
      y = Neg (a)
    }
    <domain: "local", opset_import: ["": 21]> Same (a) => (b) { b = Identity (a) }`,
    ],
    [
      'a function that puts out a constant',
      `${HEADER} agraph (float[2] x) => (float[2] y) {
      c = local.Two ()
      y = Add (x, c)
    }
    <domain: "local", opset_import: ["": 21]> Two () => (b) { b = Constant <value_floats = [1.0, 2.0]> () }`,
    ],
    [
      'functions that call functions',
      `${HEADER} agraph (float[2,3] x, float[4,3] z) => (float[3,2] y, float[3,4] w) {
      y = local.Outer (x)
      w = local.Outer (z)
    }
    <domain: "local", opset_import: ["": 21, "local": 1]> Outer (a) => (b) {
      c = Identity (a)
      d = local.Inner (c)
      b = Identity (d)
    }
    <domain: "local", opset_import: ["": 21]> Inner (a) => (b) {
      t = Transpose (a)
      u = Transpose (t)
      b = Transpose (u)
    }`,
    ],
    [
      'subgraphs in a function that capture its inputs',
      `${HEADER} agraph (bool c, float[2,3] x) => (float[2,3] y) {
      y = local.Choose (c, x)
    }
    <domain: "local", opset_import: ["": 21]> Choose (c, a) => (b) {
      t = Transpose (a)
      u = Transpose (t)
      b = If (c) <
        then_branch = yes () => (p) { p = Neg (u) },
        else_branch = no () => (q) { q = Identity (u) }
      >
    }`,
    ],
    [
      'an output of a function that nobody reads',
      `${HEADER} agraph (float[2] x) => (float[2] y) {
      y, unused = local.Both (x)
    }
    <domain: "local", opset_import: ["": 21]> Both (a) => (b, c) {
      b = Neg (a)
      c = Exp (a)
    }`,
    ],
    [
      'a function nobody calls',
      `${HEADER} agraph (float[2] x) => (float[2] y) { y = Neg (x) }
    <domain: "local", opset_import: ["": 21]> Lonely (a, s) => (b) {
      c = Identity (a)
      t = Transpose (c)
      u = Transpose (t)
      b = Reshape (u, s)
    }`,
    ],
    [
      'dims of a function are those of its call, not of another value of that name',
      `${HEADER} agraph (float[N,4] x, float[M,4] z) => (float[A,B,C] y, float[D,E,F] w) {
      y = local.Pair (x, z)
      w = local.Pair (z, x)
    }
    <domain: "local", opset_import: ["": 21]> Pair (a, o) => (b) {
      s = Shape <start = 0, end = 1> (a)
      k = Constant <value_ints = [2, 2]> ()
      t = Concat <axis = 0> (s, k)
      b = Reshape (a, t)
    }`,
    ],
  ])('%s', async (_title, text) => {
    await soundly(text);
  });

  test('a function may override a standard operator', async () => {
    const model = await soundly(`<ir_version: 10, opset_import: ["": 21]> agraph (float[2] x) => (float[2] y) {
      a = Identity (x)
      b = Identity (a)
      y = Exp (b)
    }
    <domain: "", opset_import: ["": 21]> Identity (a) => (b) { c = Neg (a)  b = Sin (c) }`);
    expect(operatorsOf(model)).toEqual(['Identity', 'Identity', 'Exp']);
  });

  test('what a rule would write may be overridden, too', async () => {
    const model = await soundly(
      `<ir_version: 10, opset_import: ["": 21]> agraph (float[2,3] x) => (float[1,6] y) <int64[3] a = {1, 2, 3}, int64[1] b = {6}> {
      n = Reshape (x, a)
      m = Reshape (n, a)
      s = Unsqueeze (m, axis)
      y = Flatten <axis = 0> (s)
      axis = Constant <value_ints = [0]> ()
    }
    <domain: "", opset_import: ["": 20]> Reshape (a, s) => (b) { c = Neg (a)  b = Sin (c) }`,
      { atLeast: 0 },
    );
    expect(operatorsOf(model).filter((operator) => operator === 'Reshape')).toHaveLength(2);
  });

  test('an overriding function in the inner place of a pattern', async () => {
    const model = await soundly(`<ir_version: 10, opset_import: ["": 21]> agraph (float[2,3] x) => (float[2,3] y) {
      a = Transpose (x)
      y = Transpose (a)
    }
    <domain: "", opset_import: ["": 19]> Transpose (a) => (b) { c = Exp (a)  b = Sin (c) }`);
    expect(operatorsOf(model)).toEqual(['Transpose', 'Transpose']);
  });
});

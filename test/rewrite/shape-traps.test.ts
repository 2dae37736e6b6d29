import { describe, expect, test } from '@jest/globals';
import { type TrapOptions, operatorsOf, soundly } from '../support/traps.ts';

type Trap = [title: string, text: string, options?: TrapOptions];

const EMPTY: TrapOptions = { allowEmpty: true, sizes: [2, 3, 1, 0] };

describe('sizes that may be 0', () => {
  test.each<Trap>([
    [
      'allowzero and dims that are read',
      `agraph (float[N,M] x) => (float[A,B] y) {
      n = Shape <start = 0, end = 1> (x)
      m = Shape <start = 1, end = 2> (x)
      t = Concat <axis = 0> (m, n)
      y = Reshape <allowzero = 1> (x, t)
    }`,
      EMPTY,
    ],
    [
      '-1 beside a dim that may be 0',
      `agraph (float[N,4,2] x) => (float[A,B] y) <int64[1] minus = {-1}> {
      n = Shape <start = 0, end = 1> (x)
      t = Concat <axis = 0> (n, minus)
      y = Reshape (x, t)
    }`,
      { allowEmpty: true, sizes: [2, 3, 1] },
    ],
    [
      'a flatten of the tail',
      `agraph (float[N,4,M] x) => (float[A,B] y) <int64[1] minus = {-1}> {
      y = Flatten <axis = 1> (x)
    }`,
      EMPTY,
    ],
    [
      'views there and back',
      `agraph (float[N,4,M] x) => (float[A,B,C] y) <int64[1] ax = {0}> {
      u = Unsqueeze (x, ax)
      f = Flatten <axis = 2> (u)
      s = Shape (x)
      g = Neg (f)
      y = Reshape <allowzero = 1> (g, s)
    }`,
      EMPTY,
    ],
    [
      'a Flatten of a Flatten',
      `agraph (float[N,M,4] x) => (float[A,B] y) {
      f = Flatten <axis = 2> (x)
      y = Flatten <axis = 1> (f)
    }`,
      EMPTY,
    ],
    [
      'an Expand of a size of 1 that may be 0',
      `agraph (float[N,1] x) => (float[A,B] y) <int64[1] three = {3}> {
      n = Shape <start = 0, end = 1> (x)
      t = Concat <axis = 0> (n, three)
      y = Expand (x, t)
    }`,
      EMPTY,
    ],
    [
      'an Expand to the size of another',
      `agraph (float[N,1] x, float[N,M] z) => (float[A,B] y) {
      t = Shape (z)
      y = Expand (x, t)
    }`,
      EMPTY,
    ],
    [
      'a data-dependent size, 0 at times, with allowzero',
      `agraph (float[2,3] x, float[4] z) => (int64[A,B,C] y) <int64[1] two = {2}, int64[1] one = {1}> {
      r = Relu (x)
      i = NonZero (r)
      n = Shape <start = 1, end = 2> (i)
      t = Concat <axis = 0> (n, two, one)
      y = Reshape <allowzero = 1> (i, t)
    }`,
      { sizes: [1] },
    ],
    [
      'a Concat of what may be nothing',
      `agraph (float[N,2] x, float[M,2] z) => (float[A,B] y) {
      y = Concat <axis = 0> (x, z)
    }`,
      EMPTY,
    ],
    [
      'a 0 that copies, and one that does not',
      `agraph (float[N,0,3] x) => (float[A,B] y) <int64[2] t = {0, 0}> {
      y = Reshape (x, t)
    }`,
      EMPTY,
    ],
    [
      'the known size 0',
      `agraph (float[0,3] x) => (float[A,B] y) <int64[2] t = {3, 0}> {
      a = Reshape <allowzero = 1> (x, t)
      y = Neg (a)
    }`,
      EMPTY,
    ],
    [
      'a merge over a size of 0',
      `agraph (float[N,M,4] x) => (float[A,B,C] y) <int64[2] flat = {-1, 4}, int64[3] split = {-1, 2, 2}> {
      a = Reshape (x, flat)
      b = Reshape (a, split)
      y = Neg (b)
    }`,
      EMPTY,
    ],
  ])('%s', async (_title, text, options = {}) => {
    await soundly(text, options);
  });
});

describe('Reshape', () => {
  test.each<Trap>([
    [
      'a 0 that copies another axis than before',
      `agraph (float[2,3,4] x) => (float[A,B,C] y) <int64[2] flat = {6, 4}, int64[3] t = {0, 2, 2}> {
      a = Reshape (x, flat)
      y = Reshape (a, t)
    }`,
    ],
    [
      'equal names at other places',
      `agraph (float[N,M,N] x) => (float[A,B] y) <int64[1] minus = {-1}> {
      s = Shape (x)
      i = Constant <value_ints = [2]> ()
      n = Gather (s, i)
      t = Concat <axis = 0> (n, minus)
      y = Reshape (x, t)
    }`,
    ],
    [
      'a computed shape in int32',
      `agraph (float[N,6] x) => (float[A,B,C] y) <int32[2] k = {2, 3}> {
      s = Shape <start = 0, end = 1> (x)
      i = Cast <to = 6> (s)
      t = Concat <axis = 0> (i, k)
      u = Cast <to = 7> (t)
      y = Reshape (x, u)
    }`,
    ],
    [
      'a shape computed in float',
      `agraph (float[N,6] x) => (float[A,B] y) <float half = {0.5}, int64[1] minus = {-1}> {
      s = Shape <start = 1, end = 2> (x)
      f = Cast <to = 1> (s)
      h = Mul (f, half)
      g = Floor (h)
      i = Cast <to = 7> (g)
      t = Concat <axis = 0> (minus, i)
      y = Reshape (x, t)
    }`,
    ],
    [
      'a shape that is an input',
      `agraph (float[2,3] x, int64[1] t) => (float[A] y) <int64[1] zero = {0}, int64[1] six = {6}> {
      a = Identity (t)
      b = Mul (a, zero)
      c = Add (b, six)
      y = Reshape (x, c)
    }`,
    ],
    [
      'integer division of a size that does not divide',
      `agraph (float[N,N] x) => (float[A] y) <int64[1] two = {2}, int64[1] zero = {0}, int64[1] one = {1}> {
      n = Shape <start = 0, end = 1> (x)
      h = Div (n, two)
      d = Mul (h, two)
      r = Sub (n, d)
      e = Add (d, r)
      m = Mul (e, n)
      y = Reshape (x, m)
    }`,
    ],
    [
      'names that read as expressions',
      `agraph (float[N,"2*N"] x, float["N + 1"] z) => (float[A,B] y) <int64[1] minus = {-1}> {
      s = Shape <start = 1, end = 2> (x)
      t = Concat <axis = 0> (s, minus)
      y = Reshape (x, t)
    }`,
      { sizes: [1], atLeast: 0 },
    ],
    [
      'names of two inputs are one contract, those of value_info are none',
      `agraph (float[N,4] x) => (float[A,B] y) <float[N,4] w> {
      w = Concat <axis = 0> (x, x)
      s = Shape (w)
      y = Reshape (w, s)
    }`,
    ],
    [
      'a value_info that lies about a size',
      `agraph (float[N,4] x) => (float[A,B] y) <float[2,8] w> {
      w = Neg (x)
      s = Shape (w)
      y = Reshape (w, s)
    }`,
    ],
    [
      'an output that lies about its size',
      `agraph (float[N,4] x) => (float[7,4] y) {
      w = Neg (x)
      s = Shape (w)
      v = Reshape (w, s)
      y = Identity (v)
    }`,
    ],
    [
      'Shape with start and end, negative and out of range',
      `agraph (float[N,3,4] x) => (float[A,B] y) <int64[1] minus = {-1}> {
      s = Shape <start = -2, end = 9> (x)
      p = ReduceProd <keepdims = 1> (s)
      t = Concat <axis = 0> (minus, p)
      y = Reshape (x, t)
    }`,
    ],
    [
      'attribute form of opset 1',
      `<ir_version: 3, opset_import: ["": 4]> agraph (float[2,6] x) => (float[3,4] y) {
      a = Reshape <shape = [12]> (x)
      y = Reshape <shape = [3, 4]> (a)
    }`,
    ],
    [
      'attribute forms of opset 9',
      `<ir_version: 4, opset_import: ["": 9]> agraph (float[2,1,6] x) => (float[A,B] y) {
      a = Squeeze <axes = [1]> (x)
      b = Slice <axes = [1], starts = [0], ends = [9223372036854775807]> (a)
      c = Unsqueeze <axes = [0]> (b)
      d = Pad <pads = [0, 0, 0, 0, 0, 0]> (c)
      e = Dropout <ratio = 0.5> (d)
      f = Squeeze <axes = [0]> (e)
      g = Clip <min = -1.0, max = 1.0> (f)
      y = Flatten <axis = 1> (g)
    }`,
    ],
  ])('%s', async (_title, text, options = {}) => {
    await soundly(text, options);
  });
});

describe('Slice, Expand, Concat, Pad, Resize', () => {
  test.each<Trap>([
    [
      'negative steps keep the shape and turn the elements',
      `agraph (float[N,3] x) => (float[A,B] y) <int64[1] s = {-1}, int64[1] e = {-9223372036854775808}, int64[1] a = {0}, int64[1] t = {-1}> {
      y = Slice (x, s, e, a, t)
    }`,
    ],
    [
      'bounds out of range',
      `agraph (float[N,3] x) => (float[A,B] y) <int64[2] s = {-100, 1}, int64[2] e = {100, 100}> {
      y = Slice (x, s, e)
    }`,
    ],
    [
      'an end that is computed, in int32 with int32 axes',
      `agraph (float[N,3] x) => (float[A,B] y) <int32[1] s = {0}, int32[1] a = {0}> {
      n = Shape <start = 0, end = 1> (x)
      e = Cast <to = 6> (n)
      y = Slice (x, s, e, a)
      z = Neg (y)
    }`,
    ],
    [
      'an end in int32 that is beyond the axis, a start that is not 0',
      `agraph (float[N,3] x) => (float[A,B] y) <int32[1] s = {1}, int32[1] a = {0}, int32[1] one = {1}> {
      n = Shape <start = 0, end = 1> (x)
      c = Cast <to = 6> (n)
      e = Add (c, one)
      y = Slice (x, s, e, a)
    }`,
    ],
    [
      'an end before the end',
      `agraph (float[N,3] x) => (float[A,B] y) <int64[1] s = {0}, int64[1] a = {0}, int64[1] one = {1}> {
      n = Shape <start = 0, end = 1> (x)
      e = Sub (n, one)
      y = Slice (x, s, e, a)
    }`,
    ],
    [
      'the size of another axis as end',
      `agraph (float[N,M] x) => (float[A,B] y) <int64[1] s = {0}, int64[1] a = {0}> {
      e = Shape <start = 1, end = 2> (x)
      y = Slice (x, s, e, a)
    }`,
    ],
    [
      'a Slice of a Slice with steps',
      `agraph (float[7,3] x) => (float[A,B] y) <int64[1] s = {1}, int64[1] e = {6}, int64[1] a = {0}, int64[1] t = {2}> {
      b = Slice (x, s, e, a, t)
      y = Slice (b, s, e, a, t)
    }`,
    ],
    [
      'an Expand whose input has the larger dims',
      `agraph (float[N,4] x) => (float[A,B] y) <int64[2] t = {1, 1}> {
      y = Expand (x, t)
    }`,
    ],
    [
      'an Expand that adds an axis of the same size',
      `agraph (float[N,1] x) => (float[A,B,C] y) <int64[1] k = {5}> {
      s = Shape (x)
      t = Concat <axis = 0> (k, s)
      y = Expand (x, t)
    }`,
    ],
    [
      'an Expand both ways',
      `agraph (float[N,1] x, float[1,M] z) => (float[A,B] y) {
      s = Shape (z)
      y = Expand (x, s)
    }`,
    ],
    [
      'an Expand to a lower rank',
      `agraph (float[N,2,3] x) => (float[A,B,C] y) <int64[1] t = {3}> {
      y = Expand (x, t)
    }`,
    ],
    [
      'a Tile of 1 and of 2',
      `agraph (float[N,2] x) => (float[A,B] y, float[C,D] z) <int64[2] t = {1, 1}, int64[2] u = {1, 2}> {
      a = Tile (x, t)
      y = Neg (a)
      z = Tile (x, u)
    }`,
    ],
    [
      'Concat on a negative axis',
      `agraph (float[N,2] x, float[N,0] e) => (float[A,B] y) {
      y = Concat <axis = -1> (e, x, e)
    }`,
    ],
    [
      'Concat of sizes that are empty on another axis',
      `agraph (float[0,2] x, float[0,3] e) => (float[A,B] y) {
      y = Concat <axis = 1> (e, x)
    }`,
    ],
    [
      'a Pad that crops and pads',
      `agraph (float[N,3] x) => (float[A,B] y) <int64[4] p = {0, 1, 0, -1}> {
      y = Pad (x, p)
    }`,
    ],
    [
      'a Pad of some axes',
      `agraph (float[N,3] x) => (float[A,B] y) <int64[2] p = {0, 0}, int64[1] a = {-1}> {
      b = Pad (x, p, , a)
      y = Neg (b)
    }`,
    ],
    [
      'a Resize to twice the size, sizes computed',
      `agraph (float[N,2,H,W] x) => (float[A,B,C,D] y) <int64[2] two = {2, 2}> {
      s = Shape <start = 2, end = 4> (x)
      m = Mul (s, two)
      f = Shape <start = 0, end = 2> (x)
      t = Concat <axis = 0> (f, m)
      y = Resize <mode = "linear"> (x, , , t)
    }`,
    ],
    [
      'a Resize by a third, sizes computed',
      `agraph (float[N,2,H,6] x) => (float[A,B,C,D] y) <int64[1] three = {3}> {
      s = Shape <start = 3, end = 4> (x)
      m = Div (s, three)
      f = Shape <start = 0, end = 3> (x)
      t = Concat <axis = 0> (f, m)
      y = Resize <mode = "nearest"> (x, , , t)
    }`,
    ],
    [
      'a Resize of some axes, sizes computed, aligned corners',
      `agraph (float[N,2,H,W] x) => (float[A,B,C,D] y) <int64 two = {2}> {
      s = Shape <start = -1> (x)
      m = Mul (s, two)
      y = Resize <mode = "linear", axes = [-1], coordinate_transformation_mode = "align_corners"> (x, , , m)
    }`,
    ],
    [
      'dims that are read where a 0 would copy',
      `agraph (float[N,M,4] x) => (float[A,B,C,D] y) <int64[2] k = {2, 2}, int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}> {
        t = Transpose <perm = [2, 0, 1]> (x)
        s = Shape (t)
        n = Shape <start = 1, end = 2> (t)
        m = Shape <start = 2, end = 3> (t)
        shape = Concat <axis = 0> (k, n, m)
        y = Reshape <allowzero = 1> (t, shape)
      }`,
      EMPTY,
    ],
    [
      'a known int32 product that overflows',
      `agraph (float[70000,N] x) => (int32[1] y) {
      s = Shape <start = 0, end = 1> (x)
      i = Cast <to = 6> (s)
      p = Mul (i, i)
      y = Add (p, i)
    }`,
      { sizes: [1] },
    ],
    [
      'uint8 arithmetic wraps',
      `agraph (float[200,N] x) => (uint8[1] y) {
      s = Shape <start = 0, end = 1> (x)
      i = Cast <to = 2> (s)
      y = Add (i, i)
    }`,
      { sizes: [1] },
    ],
    [
      'a size that meets bool',
      `agraph (float[N,3] x) => (bool[1] y, int64[1] z) <int64[1] one = {1}> {
      s = Shape <start = 0, end = 1> (x)
      b = Cast <to = 9> (s)
      y = Not (b)
      c = Cast <to = 7> (b)
      z = Sub (one, c)
    }`,
      EMPTY,
    ],
    [
      'division of negative sizes',
      `agraph (float[N,3] x) => (int64[1] y, int64[1] z) <int64[1] seven = {-7}, int64[1] two = {2}> {
      s = Shape <start = 1, end = 2> (x)
      d = Sub (seven, s)
      y = Div (d, s)
      z = Mod (d, s)
    }`,
    ],
    [
      'division of what may be negative',
      `agraph (float[N,3] x) => (int64[1] y, int64[1] z, int64[1] w) <int64[1] four = {4}, int64[1] three = {3}> {
      s = Shape <start = 0, end = 1> (x)
      d = Sub (s, four)
      y = Div (d, three)
      z = Mod (d, three)
      w = Mod <fmod = 1> (d, three)
    }`,
    ],
  ])('%s', async (_title, text, options = {}) => {
    await soundly(text, options);
  });

  test('bounds of an int32 Slice stay int32', async () => {
    const model = await soundly(`agraph (float[N,3] x) => (float[A,B] y) <int32[1] s = {1}, int32[1] a = {0}> {
      n = Shape <start = 0, end = 1> (x)
      e = Cast <to = 6> (n)
      y = Slice (x, s, e, a)
    }`);
    const slice = model.graph.last;
    const types = new Set(slice?.inputs.slice(1).map((input) => input?.constant?.dataType));
    expect(types.size).toBe(1);
    expect(operatorsOf(model).at(-1)).toBe('Slice');
  });
});

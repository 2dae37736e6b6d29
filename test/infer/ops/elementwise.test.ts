import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

describe('operators that keep the shape', () => {
  test.each([
    ['Relu', 'float16[N, 3]'],
    ['Erf', 'float16[N, 3]'],
    ['Trilu', 'float16[N, 3]'],
    ['IsNaN', 'bool[N, 3]'],
    ['IsInf', 'bool[N, 3]'],
    ['Softmax', 'float16[N, 3]'],
  ])('%s', (operator, expected) => {
    expect(shapes(`(float16[N, 3] x) => (y) { y = ${operator} (x) }`)).toBe(expected);
  });

  test('the slope of PRelu does not broadcast X', () => {
    expect(shapes('(float[N, 1] x, float[4] slope) => (y) { y = PRelu (x, slope) }')).toBe('float[N, 1]');
  });

  test('an unknown rank stays unknown, the type does not', () => {
    expect(shapes('(double[] x) => (y) { y = Relu (x) }')).toBe('double[]');
  });

  test('Softmax needs its axis', () => {
    expect(infer('(float[2, 3] x) => (y) { y = Softmax <axis = 2> (x) }').contradictions).toEqual([
      expect.stringContaining('axis 2 is out of range for rank 2'),
    ]);
  });

  test('before opset 11 no axis of Softmax is called wrong', () => {
    expect(shapes('(float[2, 3] x) => (y) { y = Softmax <axis = 2> (x) }', 7)).toBe('float[2, 3]');
  });
});

describe('Clip', () => {
  test('known elements are clamped', () => {
    const text = `(float[N, 3] x) => (y) <int64 one = {1}, int64 two = {2}> {
      s = Shape (x)
      y = Clip (s, one, two)
    }`;
    expect(shapes(text)).toMatch(/^int64\[2\]\{.*, 2\}$/);
  });

  test('limits may be left out', () => {
    expect(shapes('(float[2, 3] x) => (y) <int64 three = {3}> { s = Shape (x) y = Clip (s, , three) }')).toBe(
      'int64[2]{2, 3}',
    );
  });

  test('limits that are computed leave the elements open', () => {
    expect(shapes('(float[2] x, int64 most) => (y) { s = Shape (x) y = Clip (s, , most) }')).toMatch(
      /^int64\[1\](\{\?\})?$/,
    );
  });

  test('limits are attributes in old opsets', () => {
    expect(shapes('(float[N] x) => (y) { y = Clip <min = 0.0, max = 6.0> (x) }', 6)).toBe('float[N]');
  });
});

describe('broadcasting', () => {
  test.each([
    ['Sum', 13, 'float[2, N, 1] a, float[3] b, float[1, 1] c', 'a, b, c', 'float[2, N, 3]'],
    ['Mean', 8, 'float[4, 1] a, float[5] b', 'a, b', 'float[4, 5]'],
    ['Sum', 6, 'float[N, 5] a, float[4, 5] b', 'a, b', 'float[4, 5]'],
    ['BitShift', 11, 'uint8[4, 1] a, uint8[5] b', 'a, b', 'uint8[4, 5]'],
    ['BitwiseAnd', 18, 'int32[4] a, int32[1] b', 'a, b', 'int32[4]'],
  ])('%s at opset %i', (operator, opset, inputs, names, expected) => {
    const attributes = operator === 'BitShift' ? '<direction = "LEFT">' : '';
    expect(shapes(`(${inputs}) => (y) { y = ${operator} ${attributes} (${names}) }`, opset)).toBe(expected);
  });

  test('of two symbols one may be 1; where both are at least 1 the greater one counts', () => {
    expect(shapes('(float[N] a, float[M] b) => (y) { y = Sum (a, b) }')).toBe('float[max(M, N)]');
  });

  test('before opset 8 Sum does not broadcast', () => {
    expect(infer('(float[4, 1] a, float[4, 5] b) => (y) { y = Sum (a, b) }', 6).contradictions).toHaveLength(1);
    expect(infer('(float[4] a, float[4, 5] b) => (y) { y = Sum (a, b) }', 6).contradictions).toHaveLength(1);
  });

  test('SwiGLU does not broadcast either', () => {
    expect(infer('(float[1] a, float[5] b) => (y) { y = SwiGLU (a, b) }', 28).contradictions).toHaveLength(1);
    expect(shapes('(float[N] a, float[5] b) => (y) { y = SwiGLU (a, b) }', 28)).toBe('float[5]');
  });
});

describe('types', () => {
  test.each([
    ['(float[2] x, float s, int8 z) => (y) { y = QuantizeLinear (x, s, z) }', 13, 'int8[2]'],
    ['(float[2] x, float s) => (y) { y = QuantizeLinear (x, s) }', 13, 'uint8[2]'],
    ['(float[2] x, float s) => (y) { y = QuantizeLinear <output_dtype = 22> (x, s) }', 21, 'int4[2]'],
    ['(int8[2] x, float s) => (y) { y = DequantizeLinear (x, s) }', 13, 'float[2]'],
    ['(int8[2] x, float16 s) => (y) { y = DequantizeLinear (x, s) }', 19, 'float16[2]'],
    ['(int8[2] x, float s) => (y) { y = DequantizeLinear <output_dtype = 10> (x, s) }', 23, 'float16[2]'],
    ['(float[N] x) => (y, s, z) { y, s, z = DynamicQuantizeLinear (x) }', 11, 'uint8[N] float uint8'],
    ['(float[2] x) => (y) { y = BitCast <to = 6> (x) }', 26, 'int32[2]'],
    ['(int32[2, 3] x) => (y) { y = EyeLike (x) }', 9, 'int32[2, 3]'],
    ['(int32[2, 3] x) => (y) { y = EyeLike <dtype = 1> (x) }', 9, 'float[2, 3]'],
    ['(float16[N] x) => (y) { y = RandomNormalLike (x) }', 1, 'float16[N]'],
    ['(float16[N] x) => (y) { y = Bernoulli <dtype = 9> (x) }', 15, 'bool[N]'],
    ['() => (y) { y = RandomUniform <shape = [2, 3], dtype = 11> () }', 1, 'double[2, 3]'],
    ['() => (y) { y = RandomNormal <shape = [2]> () }', 1, 'float[2]'],
    ['(float[B, 4] x) => (y) { y = Multinomial <sample_size = 7> (x) }', 7, 'int32[B, 7]'],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });
});

describe('normalizations', () => {
  test('statistics of LayerNormalization have size 1 from the axis on', () => {
    const text = '(float16[B, S, 8] x, float16[8] w) => (y, m, d) { y, m, d = LayerNormalization <axis = 1> (x, w) }';
    expect(shapes(text, 17)).toBe('float16[B, S, 8] float[B, 1, 1] float[B, 1, 1]');
  });

  test('RMSNormalization takes the type of its scale', () => {
    expect(shapes('(float16[B, 8] x, float[8] w) => (y) { y = RMSNormalization (x, w) }', 23)).toBe('float[B, 8]');
  });

  test('BatchNormalization tells the number of channels', () => {
    const text =
      '(float[N, C, 5] x, float[3] s, float[3] b, float[3] m, float[3] v) => (y) { y = BatchNormalization (x, s, b, m, v) }';
    expect(shapes(text, 15)).toBe('float[N, 3, 5]');
  });

  test('BatchNormalization gives its statistics on, in training', () => {
    const inputs = '(float16[N, 3, 5] x, float16[3] s, float16[3] b, float[3] m, float[3] v)';
    const node = 'y, mean, var = BatchNormalization <training_mode = 1> (x, s, b, m, v)';
    expect(shapes(`${inputs} => (y, mean, var) { ${node} }`, 15)).toBe('float16[N, 3, 5] float[3] float[3]');
  });

  test('statistics for each activation, before opset 9', () => {
    const shape = 'float[3, 4, 5]';
    const text = `(float[2, 3, 4, 5] x, ${shape} s, ${shape} b, ${shape} m, ${shape} v) => (y) { y = BatchNormalization <spatial = 0> (x, s, b, m, v) }`;
    expect(shapes(text, 7)).toBe('float[2, 3, 4, 5]');
  });

  test('a scale of another length is a contradiction', () => {
    const text =
      '(float[1, 3, 5] x, float[4] s, float[3] b, float[3] m, float[3] v) => (y) { y = BatchNormalization (x, s, b, m, v) }';
    expect(infer(text, 15).contradictions).toHaveLength(1);
  });
});

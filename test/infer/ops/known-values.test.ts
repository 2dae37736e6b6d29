import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

describe('Shape and Size', () => {
  test.each([
    ['', 'int64[3]{N, 3, H}'],
    ['<start = 1>', 'int64[2]{3, H}'],
    ['<end = -1>', 'int64[2]{N, 3}'],
    ['<start = -9, end = 9>', 'int64[3]{N, 3, H}'],
    ['<start = 2, end = 1>', 'int64[0]'],
  ])('Shape %s', (attributes, expected) =>
    expect(shapes(`(float[N, 3, H] x) => (y) { y = Shape ${attributes} (x) }`)).toBe(expected),
  );

  test('Size', () => {
    expect(shapes('(float[N, 3, H] x) => (y) { y = Size (x) }')).toBe('int64{3*H*N}');
    expect(shapes('(float[] x) => (y, z) { y = Size (x)  z = Shape (x) }')).toBe('int64 int64[?]');
  });
});

describe('Constant', () => {
  test.each([
    ['<value_int = 7>', 'int64{7}'],
    ['<value_ints = [1, -2]>', 'int64[2]{1, -2}'],
    ['<value_float = 1.5>', 'float'],
    ['<value_floats = [1.0, 2.0]>', 'float[2]'],
    ['<value_string = "a">', 'string'],
    ['<value_strings = ["a", "b"]>', 'string[2]'],
    ['<value = int32[2] {3, 4}>', 'int32[2]{3, 4}'],
    ['<value = bool {1}>', 'bool{1}'],
    ['<value = uint8[2] {200, 255}>', 'uint8[2]{200, 255}'],
    ['<value = int8[2] {-1, 127}>', 'int8[2]{-1, 127}'],
    ['<value = int4[3] {-8, 7, 1}>', 'int4[3]{-8, 7, 1}'],
    ['<value = uint64[1] {18446744073709551615}>', 'uint64[1]{18446744073709551615}'],
  ])('%s', (attributes, expected) =>
    expect(shapes(`(float x) => (y) { y = Constant ${attributes} () }`)).toBe(expected),
  );
});

describe('arithmetic of dims', () => {
  /** The result of one operator on the shape [N, 6] and another vector. */
  const combine = (operator: string, other = 'int64[2] c = {2, 4}', attributes = ''): string =>
    shapes(`(float[N, 6] x) => (y) <${other}> { n = Shape (x)  y = ${operator} ${attributes} (n, c) }`);

  test.each([
    ['Add', 'int64[2]{N + 2, 10}'],
    ['Sub', 'int64[2]{N - 2, 2}'],
    ['Mul', 'int64[2]{2*N, 24}'],
    ['Div', 'int64[2]{N//2, 1}'],
    ['Mod', 'int64[2]{N - 2*(N//2), 2}'],
    ['Min', 'int64[2]{min(2, N), 4}'],
    ['Max', 'int64[2]{max(2, N), 6}'],
    ['Pow', 'int64[2]{N*N, 1296}'],
    ['Equal', 'bool[2]{?, 0}'],
    ['Less', 'bool[2]{?, 0}'],
    ['GreaterOrEqual', 'bool[2]{?, 1}'],
  ])('%s', (operator, expected) => expect(combine(operator)).toBe(expected));

  test('a scalar goes with every element', () => {
    expect(combine('Mul', 'int64 c = {3}')).toBe('int64[2]{3*N, 18}');
    expect(combine('Add', 'int64[2, 1] c = {0, 1}')).toBe('int64[2, 2]{N, 6, N + 1, 7}');
  });

  test('division truncates what may be negative', () => {
    expect(
      shapes(
        '(float[N] x) => (y) <int64 three = {3}, int64 two = {2}> { n = Shape (x)  m = Sub (n, three)  y = Div (m, two) }',
      ),
    ).toBe('int64[1]{trunc((N - 3)/2)}');
    expect(shapes('(float x) => (y) <int64 a = {-7}, int64 b = {2}> { y = Div (a, b) }')).toBe('int64{-3}');
    expect(
      shapes('(float x) => (y, z) <int64 a = {-7}, int64 b = {2}> { y = Mod (a, b)  z = Mod <fmod = 1> (a, b) }'),
    ).toBe('int64{1} int64{-1}');
  });

  test('what divides by 0 is not known', () => {
    expect(combine('Div', 'int64 c = {0}')).toBe('int64[2]');
    expect(combine('Mod', 'int64 c = {0}')).toBe('int64[2]');
  });

  test('what leaves the range of its type is not known', () => {
    expect(shapes('(float x) => (y) <int64[1] a = {9223372036854775807}> { y = Add (a, a) }')).toBe('int64[1]');
    expect(shapes('(float x) => (y) <int32[1] a = {2147483647}, int32 b = {2}> { y = Mul (a, b) }')).toBe('int32[1]');
    expect(shapes('(float x) => (y) <uint8[1] a = {3}, uint8 b = {4}> { y = Sub (a, b) }')).toBe('uint8[1]');
  });

  test('signs', () => {
    const source =
      '(float[N] x) => (a, b, c, d) <int64 one = {1}> { n = Shape (x)  a = Neg (n)  m = Sub (n, one)  b = Abs (m)  c = Abs (a)  d = Sign (n) }';
    expect(shapes(source)).toBe('int64[1]{-N} int64[1]{N - 1} int64[1]{N} int64[1]{1}');
    expect(shapes('(float[N] x) => (y) { n = Shape (x)  m = Neg (n)  y = Sign (m) }')).toBe('int64[1]{-1}');
  });

  test('comparisons that hold of every N, or of every N >= 1', () => {
    const compare = (operator: string, other: number): string =>
      shapes(`(float[N] x) => (y) <int64 c = {${other}}> { n = Shape (x)  y = ${operator} (n, c) }`);
    expect(compare('Equal', -1)).toBe('bool[1]{0}');
    expect(compare('Greater', -1)).toBe('bool[1]{1}');
    expect(compare('Equal', 0)).toBe('bool[1]{0}');
    expect(compare('LessOrEqual', 0)).toBe('bool[1]{0}');
    expect(compare('Equal', 1)).toBe('bool[1]');
  });

  test('logic', () => {
    const source = (operator: string): string =>
      `(float x, bool[2] u) => (y) <bool[2] a = {0, 1}, bool[2] b = {1, 1}> { y = ${operator} }`;
    expect(shapes(source('And (a, b)'))).toBe('bool[2]{0, 1}');
    expect(shapes(source('Or (a, b)'))).toBe('bool[2]{1, 1}');
    expect(shapes(source('Xor (a, b)'))).toBe('bool[2]{1, 0}');
    expect(shapes(source('Not (a)'))).toBe('bool[2]{1, 0}');
    expect(shapes(source('And (a, u)'))).toBe('bool[2]');
  });

  test('before opset 7, B broadcasts to A at an axis', () => {
    expect(shapes('(float[N, 3, 4] x, float[3] w) => (y) { y = Add <broadcast = 1, axis = 1> (x, w) }', 6)).toBe(
      'float[N, 3, 4]',
    );
  });

  test('the pattern of PyTorch for expand: -1 keeps the dim', () => {
    expect(
      shapes(`(float[1, C] x) => (y) <int64[2] t = {5, -1}, int64[2] ones = {1, 1}, int64 minus = {-1}> {
        isFree = Equal (t, minus)
        s = Where (isFree, ones, t)
        y = Expand (x, s)
      }`),
    ).toBe('float[5, C]');
  });
});

describe('Where', () => {
  const where = (condition: string): string =>
    shapes(
      `(float[N, 6] x, float[N, 7] w, bool[2] u) => (y) <bool[2] c = {1, 0}> { a = Shape (x)  b = Shape (w)  y = Where (${condition}, a, b) }`,
    );

  test('chooses where the condition is known, or where it does not matter', () => {
    expect(where('c')).toBe('int64[2]{N, 7}');
    expect(where('u')).toBe('int64[2]{N, ?}');
  });

  test('broadcasts three ways', () => {
    expect(shapes('(bool[3, 1] c, float[N, 1, 1] x, float[5] w) => (y) { y = Where (c, x, w) }')).toBe(
      'float[N, 3, 5]',
    );
  });
});

describe('Cast', () => {
  const cast = (to: number): string => shapes(`(float[N, 0] x) => (y) { n = Shape (x)  y = Cast <to = ${to}> (n) }`);

  test('whole numbers stay known', () => {
    expect(cast(6)).toBe('int32[2]{N, 0}');
    expect(cast(7)).toBe('int64[2]{N, 0}');
    expect(cast(13)).toBe('uint64[2]{N, 0}');
    // N may be above 127.
    expect(cast(3)).toBe('int8[2]');
    expect(cast(9)).toBe('bool[2]{1, 0}');
    expect(cast(1)).toBe('float[2]');
  });

  test('out of range is not known', () => {
    expect(shapes('(float x) => (y) <int64[1] a = {4294967296}> { y = Cast <to = 6> (a) }')).toBe('int32[1]');
  });

  test('constant floats are cut off', () => {
    const source = (to: number): string =>
      `(float x) => (y) <float[3] a = {2.7, -2.7, 0.5}> { y = Cast <to = ${to}> (a) }`;
    expect(shapes(source(7))).toBe('int64[3]{2, -2, 0}');
    expect(shapes(source(9))).toBe('bool[3]{1, 1, 1}');
    expect(shapes('(float x) => (y) <float[1] a = {1e30}> { y = Cast <to = 7> (a) }')).toBe('int64[1]');
  });

  test('CastLike takes the type of its second input; in opset 1 the type is a name', () => {
    expect(shapes('(float[N] x, int32 t) => (y) { n = Shape (x)  y = CastLike (n, t) }')).toBe('int32[1]{N}');
    expect(shapes('(float[N] x) => (y) { y = Cast <to = "INT32"> (x) }', 1)).toBe('int32[N]');
  });
});

describe('Range', () => {
  const range = (start: string, limit: string, delta: string): string =>
    shapes(
      `(float[N] x) => (y) <int64 a = {${start}}, int64 b = {${limit}}, int64 d = {${delta}}> { y = Range (a, b, d) }`,
    );

  test.each([
    ['0', '4', '1', 'int64[4]{0, 1, 2, 3}'],
    ['4', '0', '-2', 'int64[2]{4, 2}'],
    ['0', '5', '2', 'int64[3]{0, 2, 4}'],
    ['5', '0', '1', 'int64[0]'],
    ['0', '4', '0', 'contradiction: a delta of 0'],
  ])('from %s to %s by %s', (start, limit, delta, expected) => expect(range(start, limit, delta)).toBe(expected));

  test('to a dim', () => {
    const source = (delta: number): string =>
      `(float[N] x) => (y) <int64 zero = {0}, int64 d = {${delta}}> { n = Size (x)  y = Range (zero, n, d) }`;
    expect(shapes(source(1))).toBe('int64[N]');
    expect(shapes(source(2))).toBe('int64[(N + 1)//2]');
    expect(shapes(source(-1))).toBe('int64[0]');
  });

  test('to what the runtime alone knows, equally long wherever it is read', () => {
    const { outputs } = infer(
      '(int64 k) => (y) <int64 zero = {0}, int64 one = {1}> { a = Range (zero, k, one)  b = Range (zero, k, one)  c = Concat <axis = 0> (a, b)  n = Shape (a)  m = Shape (b)  y = Equal (n, m) }',
    );
    expect(outputs).toEqual(['bool[1]{1}']);
  });

  test('of floats, unless rounding decides', () => {
    const float = (limit: string, delta: string): string =>
      shapes(`(float x) => (y) <float a = {0.0}, float b = {${limit}}, float d = {${delta}}> { y = Range (a, b, d) }`);
    expect(float('3.0', '0.5')).toBe('float[6]');
    expect(float('3.2', '1.0')).toBe('float[4]');
    // 1 / 0.1 in float32 is a hair below 10.
    expect(float('1.0', '0.1')).toBe('float[?]');
  });
});

describe('reductions', () => {
  const reduce = (operator: string, attributes: string): string =>
    shapes(`(float[N, 3, 4] x) => (y) { y = ${operator} <${attributes}> (x) }`, 11);

  test.each([
    ['ReduceMean', 'axes = [1]', 'float[N, 1, 4]'],
    ['ReduceMax', 'axes = [-1, 0], keepdims = 0', 'float[3]'],
    ['ReduceL2', 'keepdims = 0', 'float'],
    ['ReduceSum', 'keepdims = 1', 'float[1, 1, 1]'],
    ['ReduceProd', 'axes = [3]', 'contradiction: axis 3 is out of range for rank 3'],
  ])('%s with attributes %s', (operator, attributes, expected) => expect(reduce(operator, attributes)).toBe(expected));

  test('axes as an input: from opset 13 for ReduceSum, from 18 for the others', () => {
    expect(shapes('(float[N, 3] x) => (y) <int64[1] a = {1}> { y = ReduceSum (x, a) }', 13)).toBe('float[N, 1]');
    expect(shapes('(float[N, 3] x) => (y) <int64[1] a = {1}> { y = ReduceMax <keepdims = 0> (x, a) }', 18)).toBe(
      'float[N]',
    );
    expect(shapes('(float[N, 3] x) => (y) { y = ReduceMax <axes = [1]> (x) }', 13)).toBe('float[N, 1]');
    expect(
      shapes('(float[N, 3] x, int64[1] a) => (y, z) { y = ReduceSum (x, a)  z = ReduceSum <keepdims = 0> (x, a) }'),
    ).toBe('float[?, ?] float[?]');
  });

  test('no axes mean all, or none with noop_with_empty_axes', () => {
    expect(shapes('(float[N, 3] x) => (y) { y = ReduceSum <keepdims = 0> (x) }')).toBe('float');
    expect(shapes('(float[N, 3] x) => (y) { y = ReduceSum <keepdims = 0, noop_with_empty_axes = 1> (x) }')).toBe(
      'float[N, 3]',
    );
  });

  test('of a shape', () => {
    const source = (operator: string): string =>
      `(float[N, 3] x) => (y) { n = Shape (x)  y = ${operator} <keepdims = 0> (n) }`;
    expect(shapes(source('ReduceProd'))).toBe('int64{3*N}');
    expect(shapes(source('ReduceSum'))).toBe('int64{N + 3}');
    expect(shapes(source('ReduceMax'))).toBe('int64{max(3, N)}');
    expect(shapes(source('ReduceMin'))).toBe('int64{min(3, N)}');
    expect(shapes(source('ReduceMean'))).toBe('int64');
  });

  test('of nothing', () => {
    const source = (operator: string): string =>
      `(float x) => (y) <int64[0] n = {}> { y = ${operator} <keepdims = 0> (n) }`;
    expect(shapes(source('ReduceProd'))).toBe('int64{1}');
    expect(shapes(source('ReduceSum'))).toBe('int64{0}');
    expect(shapes(source('ReduceMax'))).toBe('int64');
  });

  test('CumSum', () => {
    const source = (attributes: string): string =>
      `(float[N, 3, H] x) => (y) <int64 a = {0}> { n = Shape (x)  y = CumSum ${attributes} (n, a) }`;
    expect(shapes(source(''))).toBe('int64[3]{N, N + 3, H + N + 3}');
    expect(shapes(source('<exclusive = 1>'))).toBe('int64[3]{0, N, N + 3}');
    expect(shapes(source('<reverse = 1>'))).toBe('int64[3]{H + N + 3, H + 3, H}');
  });
});

describe('filling', () => {
  test('ConstantOfShape', () => {
    expect(shapes('(float[N, 3] x) => (y) { n = Shape (x)  y = ConstantOfShape (n) }')).toBe('float[N, 3]');
    expect(shapes('(float x) => (y) <int64[1] s = {3}> { y = ConstantOfShape <value = int64[1] {7}> (s) }')).toBe(
      'int64[3]{7, 7, 7}',
    );
    expect(shapes('(float x) => (y) <int64[0] s = {}> { y = ConstantOfShape <value = int32[1] {7}> (s) }')).toBe(
      'int32{7}',
    );
    expect(shapes('(float x) => (y) <int64[1] s = {-1}> { y = ConstantOfShape (s) }')).toContain('contradiction');
  });

  test('OneHot', () => {
    const source = (attributes: string, depth: string): string =>
      `(int64[N, 3] i, float[2] v) => (y) <${depth}> { y = OneHot ${attributes} (i, d, v) }`;
    expect(shapes(source('', 'int64 d = {5}'))).toBe('float[N, 3, 5]');
    expect(shapes(source('<axis = 0>', 'int64[1] d = {5}'))).toBe('float[5, N, 3]');
    expect(shapes(source('<axis = 1>', 'float d = {5.0}'))).toBe('float[N, 5, 3]');
    expect(shapes(source('', 'int64 d = {-5}'))).toBe('contradiction: a depth of -5');
  });

  test('NonZero', () => {
    expect(shapes('(float[N, 3] x) => (y) { y = NonZero (x) }')).toBe('int64[2, ?]');
    expect(shapes('(float x) => (y) <int64[2, 2] c = {1, 0, 0, 5}> { y = NonZero (c) }')).toBe(
      'int64[2, 2]{0, 1, 0, 1}',
    );
    expect(shapes('(float x) => (y) { y = NonZero (x) }')).toBe('int64[?, ?]');
    expect(shapes('(float[N, 0] x) => (y) { n = Shape (x)  y = NonZero (n) }')).toBe('int64[1, 1]{0}');
  });

  test('Identity and Dropout', () => {
    expect(shapes('(float[N] x) => (y) { n = Shape (x)  y = Identity (n) }')).toBe('int64[1]{N}');
    expect(shapes('(float[N] x) => (y, m) { y, m = Dropout (x) }')).toBe('float[N] bool[N]');
  });
});

test('each operator has one law', async () => {
  const { laws } = await import('../../../src/infer/ops/index.ts');
  const operators = laws.flatMap((law) => law.operators);
  expect(operators.filter((operator, index) => operators.indexOf(operator) !== index)).toEqual([]);
});

import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

const vector = (...values: readonly (number | bigint)[]): string =>
  `int64[${values.length}] s = {${values.join(', ')}}`;

describe('Reshape', () => {
  const reshape = (input: string, target: string, attributes = ''): string =>
    shapes(`(float[${input}] x) => (y) <${target}> { y = Reshape ${attributes} (x, s) }`);

  test.each([
    ['N, 3, 4', vector(0, -1), 'float[N, 12]'],
    ['N, 3, 4', vector(-1, 4), 'float[3*N, 4]'],
    ['N, 3, 4', vector(-1, 6), 'float[2*N, 6]'],
    ['N, C, H, W', vector(0, 0, -1), 'float[N, C, H*W]'],
    ['N, C, H, W', vector(0, 4, -1), 'float[N, 4, (C*H*W)//4]'],
    ['2, 3', vector(3, 2), 'float[3, 2]'],
    ['N, 3', vector(-1), 'float[3*N]'],
    ['2, 0', vector(0, 0), 'float[2, 0]'],
  ])('[%s] by {%s}', (input, target, expected) => expect(reshape(input, target)).toBe(expected));

  test('0 means 0 with allowzero', () => {
    expect(reshape('0, 3', vector(3, 0), '<allowzero = 1>')).toBe('float[3, 0]');
    expect(reshape('0, 3', vector(0, 0))).toBe('float[0, 3]');
  });

  test.each([
    ['2, 3', vector(4, 2), '6 elements do not fit a shape of 8'],
    ['2, 3', vector(4, -1), '6 elements cannot be divided by 4'],
    ['2, 3', vector(-1, -1), 'more than one -1 in its shape'],
    ['2, 3', vector(2, 3, 0), 'a 0 copies axis 2, which the input does not have'],
    ['2, 3', vector(-2, 3), 'a size of -2'],
    ['0, 3', vector(0, -1), 'a -1 beside a dimension of 0 cannot be inferred'],
  ])('[%s] by {%s} is wrong: %s', (input, target, message) =>
    expect(reshape(input, target)).toBe(`contradiction: ${message}`),
  );

  test('sizes read from shapes', () => {
    expect(
      shapes(`(float[N, C, H, W] x) => (y) <int64[1] last = {-1}> {
        n = Shape <end = 2> (x)
        s = Concat <axis = 0> (n, last)
        y = Reshape (x, s)
      }`),
    ).toBe('float[N, C, H*W]');
  });

  test('one size that the runtime alone knows follows from the number of elements', () => {
    const source = (last: string): string =>
      `(float[N, 4] x, int64[1] k) => (y) <int64[1] c = {${last}}> { s = Concat <axis = 0> (k, c)  y = Reshape (x, s) }`;
    expect(shapes(source('4'))).toBe('float[N, 4]');
    expect(shapes(source('2'))).toBe('float[2*N, 2]');
    expect(shapes(source('-1'))).toBe('float[?, ?]');
  });

  test('a target of known length gives the rank', () => {
    expect(shapes('(float[N, 4] x, int64[12] s) => (y) { y = Reshape (x, s) }')).toBe(
      'float[?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?]',
    );
    expect(shapes('(float[N, 4] x, int64[K] s) => (y) { y = Reshape (x, s) }')).toBe('float[]');
  });

  test('before opset 5 the shape is an attribute', () => {
    expect(shapes('(float[N, 4] x) => (y) { y = Reshape <shape = [0, 2, -1]> (x) }', 1)).toBe('float[N, 2, 2]');
  });

  test('elements pass', () => {
    expect(shapes('(float[N, 4] x) => (y) <int64[2] s = {1, -1}> { n = Shape (x)  y = Reshape (n, s) }')).toBe(
      'int64[1, 2]{N, 4}',
    );
  });
});

describe('Flatten', () => {
  test.each([
    ['<axis = 1>', 'float[N, 12]'],
    ['<axis = 0>', 'float[1, 12*N]'],
    ['<axis = 3>', 'float[12*N, 1]'],
    ['<axis = -1>', 'float[3*N, 4]'],
    ['', 'float[N, 12]'],
    ['<axis = 4>', 'contradiction: axis 4 for rank 3'],
  ])('%s', (attributes, expected) =>
    expect(shapes(`(float[N, 3, 4] x) => (y) { y = Flatten ${attributes} (x) }`)).toBe(expected),
  );

  test('a scalar becomes [1, 1]', () =>
    expect(shapes('(float x) => (y) { y = Flatten <axis = 0> (x) }')).toBe('float[1, 1]'));
});

describe('Squeeze and Unsqueeze', () => {
  const squeeze = (input: string, axes: string): string =>
    shapes(`(float[${input}] x) => (y) <${axes}> { y = Squeeze (x, s) }`);

  test.each([
    ['1, N, 1', vector(0, -1), 'float[N]'],
    ['1, N, 1', vector(2), 'float[1, N]'],
    ['1, N, 1', vector(1), 'float[1, 1]'],
    ['1, 3', vector(1), 'contradiction: axis 1 has size 3, not 1'],
    ['1, 3', vector(2), 'contradiction: axis 2 is out of range for rank 2'],
  ])('[%s] without %s', (input, axes, expected) => expect(squeeze(input, axes)).toBe(expected));

  test('without axes every 1 goes, where it is known which dims are 1', () => {
    expect(shapes('(float[1, 3, 1] x) => (y) { y = Squeeze (x) }')).toBe('float[3]');
    expect(shapes('(float[1, N] x) => (y) { y = Squeeze (x) }')).toBe('float[]');
  });

  test('an empty list of axes means one thing to ONNX and another to ONNX Runtime', () => {
    expect(shapes('(float[1, 3] x) => (y) <int64[0] s = {}> { y = Squeeze (x, s) }')).toBe('float[]');
    expect(shapes('(float[2, 3] x) => (y) <int64[0] s = {}> { y = Squeeze (x, s) }')).toBe('float[2, 3]');
  });

  test('axes known at run time only leave the rank', () => {
    expect(shapes('(float[1, N, 1] x, int64[2] s) => (y) { y = Squeeze (x, s) }')).toBe('float[?]');
    expect(shapes('(float[N] x, int64[2] s) => (y) { y = Unsqueeze (x, s) }')).toBe('float[?, ?, ?]');
  });

  test.each([
    [vector(0, 3), 'float[1, N, 3, 1]'],
    [vector(-1, 0), 'float[1, N, 3, 1]'],
    [vector(3, 0), 'float[1, N, 3, 1]'],
    [vector(0, 0), 'contradiction: an axis is given twice'],
    [vector(4, 0), 'contradiction: axis 4 is out of range for rank 4'],
  ])('Unsqueeze at %s', (axes, expected) =>
    expect(shapes(`(float[N, 3] x) => (y) <${axes}> { y = Unsqueeze (x, s) }`)).toBe(expected),
  );

  test('before opset 13 axes are an attribute', () => {
    expect(shapes('(float[1, N] x) => (y) { y = Squeeze <axes = [0]> (x) }', 11)).toBe('float[N]');
    expect(shapes('(float[N] x) => (y) { y = Unsqueeze <axes = [0, 2]> (x) }', 11)).toBe('float[1, N, 1]');
  });

  test('elements pass', () => {
    expect(
      shapes('(float[N] x) => (y, z) <int64[1] s = {0}> { n = Shape (x)  y = Squeeze (n, s)  z = Unsqueeze (y, s) }'),
    ).toBe('int64{N} int64[1]{N}');
  });
});

describe('Transpose', () => {
  test.each([
    ['<perm = [2, 0, 1]>', 'float[4, N, 3]'],
    ['', 'float[4, 3, N]'],
    ['<perm = [0, 1]>', 'contradiction: a permutation of 2 axes for rank 3'],
    ['<perm = [0, 0, 1]>', 'contradiction: its perm names an axis twice'],
  ])('%s', (attributes, expected) =>
    expect(shapes(`(float[N, 3, 4] x) => (y) { y = Transpose ${attributes} (x) }`)).toBe(expected),
  );

  test('elements move', () => {
    expect(shapes('(float x) => (y) <int64[2, 3] c = {1, 2, 3, 4, 5, 6}> { y = Transpose (c) }')).toBe(
      'int64[3, 2]{1, 4, 2, 5, 3, 6}',
    );
  });
});

describe('Expand and Tile', () => {
  const expand = (input: string, target: string): string =>
    shapes(`(float[${input}] x) => (y) <${target}> { y = Expand (x, s) }`);

  test.each([
    ['N, 1', vector(1, 4), 'float[N, 4]'],
    ['N, 1', vector(2, 1, 1), 'float[2, N, 1]'],
    ['N, 3', vector(5, 1), 'float[5, 3]'],
    ['2, 3', vector(5, 1), 'contradiction: dimensions 2 and 5 do not broadcast on axis 0'],
  ])('[%s] to {%s}', (input, target, expected) => expect(expand(input, target)).toBe(expected));

  test('a target that the runtime alone knows leaves dimensions other than 1', () => {
    expect(shapes('(float[2, 1, N] x, int64[3] s) => (y) { y = Expand (x, s) }')).toBe('float[2, ?, ?]');
    expect(shapes('(float[2] x, int64[12] s) => (y) { y = Expand (x, s) }')).toContain('?, 2]');
  });

  test('to the shape of another value', () => {
    expect(shapes('(float[1, C] x, float[N, C] w) => (y) { s = Shape (w)  y = Expand (x, s) }')).toBe('float[N, C]');
  });

  test.each([
    ['N, 3', vector(2, 3), 'float[2*N, 9]'],
    ['N, 3', vector(2), 'contradiction: 1 repeats for rank 2'],
    ['N, 3', vector(0, 1), 'float[0, 3]'],
  ])('[%s] repeated {%s}', (input, repeats, expected) =>
    expect(shapes(`(float[${input}] x) => (y) <${repeats}> { y = Tile (x, s) }`)).toBe(expected),
  );

  test('elements are repeated', () => {
    expect(shapes('(float[N] x) => (y) <int64[1] s = {2}> { n = Shape (x)  y = Tile (n, s) }')).toBe('int64[2]{N, N}');
    expect(shapes('(float[N] x) => (y) <int64[2] s = {2, 1}> { n = Shape (x)  y = Expand (n, s) }')).toBe(
      'int64[2, 1]{N, N}',
    );
  });

  test('before opset 6 Tile takes a count and one axis', () => {
    expect(shapes('(float[N, 3] x) => (y) <int64 n = {2}, int64 a = {1}> { y = Tile (x, n, a) }', 1)).toBe(
      'float[N, 6]',
    );
  });
});

test('a contradiction leaves the type known', () => {
  expect(infer('(float[2, 3] x) => (y) <int64[1] s = {5}> { y = Reshape (x, s) }').outputs).toEqual(['float[]']);
});

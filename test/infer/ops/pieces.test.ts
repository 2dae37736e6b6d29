import { describe, expect, test } from '@jest/globals';
import { shapes } from './facts.ts';

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';

describe('Slice', () => {
  const slice = (dim: string, start: string, end: string, step = '1'): string =>
    shapes(
      `(float[${dim}] x) => (y) <int64[1] a = {0}, int64[1] b = {${start}}, int64[1] e = {${end}}, int64[1] k = {${step}}> { y = Slice (x, b, e, a, k) }`,
    ).replace(/^float\[(.*)\]$/, '$1');

  test.each([
    ['10', '2', '5', '1', '3'],
    ['10', '-3', INT64_MAX, '1', '3'],
    ['10', '0', '2147483647', '3', '4'],
    ['10', '5', '2', '1', '0'],
    ['10', '-20', '20', '1', '10'],
    ['10', '8', '-20', '-2', '5'],
    ['10', '-1', INT64_MIN, '-1', '10'],
    ['10', '-1', '-1', '-1', '0'],
    ['0', '-1', INT64_MIN, '-1', '0'],
    ['N', '0', INT64_MAX, '1', 'N'],
    ['N', '0', INT64_MAX, '2', '(N + 1)//2'],
    ['N', '1', INT64_MAX, '2', 'N//2'],
    ['N', '0', '-1', '1', 'N - 1'],
    ['N', '-1', INT64_MAX, '1', '1'],
    ['N', '0', '1', '1', '1'],
    ['N', '0', '4', '1', 'min(4, N)'],
    ['N', '3', INT64_MAX, '1', 'max(3, N) - 3'],
    ['N', '-1', INT64_MIN, '-1', 'N'],
    ['N', INT64_MIN, '0', '1', '0'],
    ['"2*N"', '0', INT64_MAX, '1', '"2*N"'],
  ])('[%s] from %s to %s by %s', (dim, start, end, step, expected) =>
    expect(slice(dim, start, end, step)).toBe(expected),
  );

  test('a step of 0 is wrong', () => expect(slice('N', '0', '1', '0')).toBe('contradiction: a step of 0'));

  test('bounds that are read from shapes', () => {
    const source = `(float[N, 8] x, float[M] w) => (y) <int64[1] zero = {0}> { m = Shape (w)  y = Slice (x, zero, m, zero) }`;
    expect(shapes(source)).toBe('float[min(M, N), 8]');
    expect(shapes(source.replace('float[M] w', 'float[N] w'))).toBe('float[N, 8]');
  });

  test('bounds and axes that the runtime alone knows', () => {
    expect(shapes('(float[N, 8] x, int64[1] s) => (y) <int64[1] a = {0}> { y = Slice (x, s, s, a) }')).toBe(
      'float[?, 8]',
    );
    expect(shapes('(float[N, 8] x, int64[1] a) => (y) <int64[1] s = {1}> { y = Slice (x, s, s, a) }')).toBe(
      'float[?, ?]',
    );
  });

  test('without axes the first ones are meant', () => {
    expect(shapes('(float[N, 8, 9] x) => (y) <int64[2] b = {0, 1}, int64[2] e = {1, 4}> { y = Slice (x, b, e) }')).toBe(
      'float[1, 3, 9]',
    );
  });

  test('before opset 10 bounds are attributes', () => {
    expect(
      shapes('(float[N, 8] x) => (y) { y = Slice <axes = [1], starts = [-3], ends = [9223372036854775807]> (x) }', 9),
    ).toBe('float[N, 3]');
  });

  test('elements are cut', () => {
    const source = (b: number, e: string, k: number): string =>
      `(float[N, C, H, W] x) => (y) <int64[1] b = {${b}}, int64[1] e = {${e}}, int64[1] a = {0}, int64[1] k = {${k}}> { n = Shape (x)  y = Slice (n, b, e, a, k) }`;
    expect(shapes(source(2, INT64_MAX, 1))).toBe('int64[2]{H, W}');
    expect(shapes(source(-1, INT64_MIN, -1))).toBe('int64[4]{W, H, C, N}');
    expect(shapes(source(-1, INT64_MIN, -2))).toBe('int64[2]{W, C}');
  });
});

describe('Gather and its kin', () => {
  test.each([
    ['float[N, 8] x, int64[2, M] i', '<axis = 1>', 'float[N, 2, M]'],
    ['float[N, 8] x, int64 i', '', 'float[8]'],
    ['float[N, 8] x, int64[3] i', '<axis = -1>', 'float[N, 3]'],
    ['float x, int64 i', '', 'contradiction: input 0 of Gather must have at least rank 1, but has 0'],
  ])('Gather (%s) %s', (inputs, attributes, expected) =>
    expect(shapes(`(${inputs}) => (y) { y = Gather ${attributes} (x, i) }`)).toBe(expected),
  );

  const picked = (operator: string, indices: string): string =>
    shapes(`(float[N, C, H] x) => (y) <${indices}> { n = Shape (x)  y = ${operator} (n, i) }`);

  test('elements are picked', () => {
    expect(picked('Gather', 'int64 i = {1}')).toBe('int64{C}');
    expect(picked('Gather', 'int64 i = {-1}')).toBe('int64{H}');
    expect(picked('Gather', 'int64[2, 1] i = {2, 0}')).toBe('int64[2, 1]{H, N}');
    expect(picked('Gather', 'int64 i = {3}')).toBe('contradiction: index 3 is out of range for an axis of size 3');
    expect(picked('GatherElements', 'int64[2] i = {2, -3}')).toBe('int64[2]{H, N}');
    expect(picked('GatherND', 'int64[2, 1] i = {2, -3}')).toBe('int64[2]{H, N}');
  });

  test('of a matrix by a matrix', () => {
    expect(
      shapes(
        `(float x) => (y) <int64[2, 3] c = {1, 2, 3, 4, 5, 6}, int64[2] i = {2, 0}> { y = Gather <axis = 1> (c, i) }`,
      ),
    ).toBe('int64[2, 2]{3, 1, 6, 4}');
  });

  test('GatherND', () => {
    const source = (batch: number): string =>
      `(float[B, 5, 6, C] x, int64[B, K, 2] i) => (y) { y = GatherND <batch_dims = ${batch}> (x, i) }`;
    expect(shapes(source(1))).toBe('float[B, K, C]');
    expect(shapes(source(0))).toBe('float[B, K, 6, C]');
    expect(shapes(source(3))).toContain('contradiction: its indices have 2 parts');
  });

  test('ScatterND and ScatterElements write into a shape', () => {
    const source = (operator: string, indices: string): string =>
      `(float[N, C] x) => (y) <${indices}, int64[1] u = {7}> { n = Shape (x)  y = ${operator} (n, i, u) }`;
    expect(shapes(source('ScatterND', 'int64[1, 1] i = {1}'))).toBe('int64[2]{N, 7}');
    expect(shapes(source('ScatterElements', 'int64[1] i = {-2}'))).toBe('int64[2]{7, C}');
    expect(shapes(source('ScatterElements <reduction = "add">', 'int64[1] i = {-2}'))).toBe('int64[2]{N + 7, C}');
  });
});

describe('known values along any axis', () => {
  /** One operator on [[N, 2, 3], [4, 5, C]]. */
  const onMatrix = (call: string, initializers: string): string =>
    shapes(`(float[N, C] x) => (y) <int64[4] c = {2, 3, 4, 5}, int64[1] first = {0}, int64[1] last = {1}, int64[2] s = {2, 3}, ${initializers}> {
      v = Shape (x)
      n = Gather (v, first)
      m = Gather (v, last)
      row = Concat <axis = 0> (n, c, m)
      d = Reshape (row, s)
      y = ${call}
    }`);

  test.each([
    ['GatherElements <axis = 1> (d, i)', 'int64[2, 2] i = {2, 0, -1, 1}', 'int64[2, 2]{3, N, C, 5}'],
    ['GatherElements (d, i)', 'int64[1, 3] i = {1, 0, 1}', 'int64[1, 3]{4, 2, C}'],
    [
      'GatherElements (d, i)',
      'int64[1, 3] i = {1, 0, 2}',
      'contradiction: index 2 is out of range for an axis of size 2',
    ],
    ['GatherND (d, i)', 'int64[2, 2] i = {0, 0, -1, -1}', 'int64[2]{N, C}'],
    ['GatherND (d, i)', 'int64[1, 1] i = {1}', 'int64[1, 3]{4, 5, C}'],
    ['GatherND <batch_dims = 1> (d, i)', 'int64[2, 1] i = {2, 0}', 'int64[2]{3, 4}'],
    ['CumSum (d, i)', 'int64 i = {0}', 'int64[2, 3]{N, 2, 3, N + 4, 7, C + 3}'],
    ['CumSum <reverse = 1, exclusive = 1> (d, i)', 'int64 i = {-1}', 'int64[2, 3]{5, 3, 0, C + 5, C, 0}'],
    [
      'ScatterElements <axis = 1> (d, i, u)',
      'int64[2, 1] i = {2, 0}, int64[2, 1] u = {8, 9}',
      'int64[2, 3]{N, 2, 8, 9, 5, C}',
    ],
    [
      'ScatterElements <reduction = "mul"> (d, i, u)',
      'int64[2, 3] i = {0, 0, 0, 0, 0, 0}, int64[2, 3] u = {2, 1, 1, 2, 1, 0}',
      'int64[2, 3]{4*N, 2, 0, 4, 5, C}',
    ],
    ['ScatterElements (d, i, u)', 'int64[2, 1] i = {0, 0}, int64[2, 1] u = {8, 9}', 'int64[2, 3]'],
    ['ScatterND (d, i, u)', 'int64[1, 1] i = {-1}, int64[1, 3] u = {7, 8, 9}', 'int64[2, 3]{N, 2, 3, 7, 8, 9}'],
    [
      'ScatterND <reduction = "max"> (d, i, u)',
      'int64[2, 2] i = {0, 0, 1, 1}, int64[2] u = {-1, 6}',
      'int64[2, 3]{N, 2, 3, 4, 6, C}',
    ],
  ])('%s with %s', (call, initializers, expected) => expect(onMatrix(call, initializers)).toBe(expected));
});

describe('Concat and Split', () => {
  test.each([
    ['float[N, 3] x, float[M, 3] w', '<axis = 0>', 'float[M + N, 3]'],
    ['float[N, 3] x, float[2, C] w', '<axis = -2>', 'float[N + 2, 3]'],
    [
      'float[N, 3] x, float[N, 4] w',
      '<axis = 0>',
      'contradiction: axis 1 of the inputs must agree, but they are 3 and 4',
    ],
    ['float[N] x, float[N, 4] w', '<axis = 0>', 'contradiction: its inputs have ranks 1, 2'],
    ['float[0] x, float[N, 4] w', '<axis = 0>', 'float[]'],
  ])('Concat (%s) %s', (inputs, attributes, expected) =>
    expect(shapes(`(${inputs}) => (y) { y = Concat ${attributes} (x, w) }`)).toBe(expected),
  );

  test('elements are joined, along any axis', () => {
    expect(
      shapes('(float[N, C] x) => (y) <int64[1] one = {1}> { n = Shape (x)  y = Concat <axis = 0> (n, one) }'),
    ).toBe('int64[3]{N, C, 1}');
    expect(
      shapes(
        '(float x) => (y) <int64[2, 1] a = {1, 2}, int64[2, 2] b = {3, 4, 5, 6}> { y = Concat <axis = 1> (a, b) }',
      ),
    ).toBe('int64[2, 3]{1, 3, 4, 2, 5, 6}');
  });

  test('what is known of a vector stays beside what is not', () => {
    expect(
      shapes(
        '(float[N, C] x, int64[1] k) => (y, z) <int64 i = {0}> { n = Shape (x)  y = Concat <axis = 0> (n, k)  z = Gather (y, i) }',
      ),
    ).toBe('int64[3]{N, C, ?} int64{N}');
  });

  test('Split by sizes, evenly, and into pieces', () => {
    expect(shapes('(float[N, 6] x) => (a, b) <int64[2] s = {2, 4}> { a, b = Split <axis = 1> (x, s) }')).toBe(
      'float[N, 2] float[N, 4]',
    );
    expect(shapes('(float[N, 6] x) => (a, b) <int64[2] s = {2, 3}> { a, b = Split <axis = 1> (x, s) }')).toBe(
      'contradiction: its sizes add up to 5, not to 6',
    );
    expect(shapes('(float[N, 7] x) => (a, b) { a, b = Split <axis = 1, num_outputs = 2> (x) }')).toBe(
      'float[N, 4] float[N, 3]',
    );
    expect(shapes('(float[N] x) => (a, b) { a, b = Split <num_outputs = 2> (x) }')).toBe(
      'float[(N + 1)//2] float[N//2]',
    );
    expect(shapes('(float[5] x) => (a, b, c, d) { a, b, c, d = Split <num_outputs = 4> (x) }')).toContain(
      'contradiction',
    );
    expect(shapes('(float[N, 6] x) => (a, b) { a, b = Split <axis = 1> (x) }', 13)).toBe('float[N, 3] float[N, 3]');
    expect(shapes('(float[N, 6] x) => (a, b) { a, b = Split <axis = 1, split = [1, 5]> (x) }', 11)).toBe(
      'float[N, 1] float[N, 5]',
    );
    expect(shapes('(float[N, 6] x, int64[2] s) => (a, b) { a, b = Split <axis = 1> (x, s) }', 13)).toBe(
      'float[N, ?] float[N, ?]',
    );
  });

  test('elements are split', () => {
    expect(shapes('(float[N, C, H] x) => (a, b) <int64[2] s = {1, 2}> { n = Shape (x)  a, b = Split (n, s) }')).toBe(
      'int64[1]{N} int64[2]{C, H}',
    );
  });
});

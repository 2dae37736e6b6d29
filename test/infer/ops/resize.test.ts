import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

function byScales(input: string, scales: string, attributes = '', opset = 19): string {
  const count = scales.split(',').length;
  return shapes(
    `(float[${input}] x) => (y) <float[${count}] s = {${scales}}> { y = Resize ${attributes} (x, , s) }`,
    opset,
  );
}

function bySizes(input: string, sizes: string, attributes = '', opset = 19): string {
  const count = sizes.split(',').length;
  return shapes(
    `(float[${input}] x) => (y) <int64[${count}] s = {${sizes}}> { y = Resize ${attributes} (x, , , s) }`,
    opset,
  );
}

describe('Resize by scales', () => {
  test.each([
    ['1, 3, 10, 10', '1, 1, 2, 0.5', 'float[1, 3, 20, 5]'],
    ['N, 3, H, W', '1, 1, 2, 0.5', 'float[N, 3, 2*H, W//2]'],
    ['1, 1, 7', '1, 1, 1.5', 'float[1, 1, 10]'],
    // 10 * 0.7f is 6.99999988 exactly, and 7 in float32.
    ['1, 10', '1, 0.7', 'float[1, ?]'],
    ['1, 11', '1, 0.7', 'float[1, 7]'],
    // float32 cannot hold the dimension.
    ['1, 16777217', '1, 1', 'float[1, ?]'],
    ['1, H', '1, 0.7', 'float[1, ?]'],
  ])('[%s] * {%s}', (input, scales, expected) => {
    expect(byScales(input, scales)).toBe(expected);
  });

  test('named axes only', () => {
    expect(byScales('N, 10, 20', '2, 3', '<axes = [-1, 1]>')).toBe('float[N, 30, 40]');
  });

  test('cropping may change the size', () => {
    const crop = '<coordinate_transformation_mode = "tf_crop_and_resize">';
    expect(byScales('1, 10', '1, 2', crop)).toBe('float[?, ?]');
    const text = `(float[1, 10] x) => (y) <float[4] roi = {0, 0.25, 1, 0.75}, float[2] s = {1, 2}> { y = Resize ${crop} (x, roi, s) }`;
    expect(shapes(text, 13)).toBe('float[1, ?]');
  });

  test('opset 10 has two inputs, opset 11 an empty tensor for what is not given', () => {
    expect(shapes('(float[1, 4] x) => (y) <float[2] s = {1, 2}> { y = Resize (x, s) }', 10)).toBe('float[1, 8]');
    const eleven = `(float[1, 4] x) => (y) <float[0] none = {}, int64[2] size = {1, 9}> { y = Resize (x, none, none, size) }`;
    expect(shapes(eleven, 11)).toBe('float[1, 9]');
  });

  test('scales that are computed leave the sizes open', () => {
    expect(shapes('(float[1, 4] x, float[2] s) => (y) { y = Resize (x, , s) }')).toBe('float[?, ?]');
    expect(shapes('(float[1, 4] x, float[1] s) => (y) { y = Resize <axes = [1]> (x, , s) }')).toBe('float[1, ?]');
  });

  test('what cannot be', () => {
    expect(byScales('1, 4', '1, 0')).toMatch(/^contradiction/);
    expect(byScales('1, 4', '1, 2, 3')).toMatch(/^contradiction/);
    const both = '(float[1, 4] x) => (y) <float[2] s = {1, 2}, int64[2] t = {1, 8}> { y = Resize (x, , s, t) }';
    expect(infer(both, 13).contradictions).toHaveLength(1);
  });
});

describe('Resize to sizes', () => {
  test.each([
    ['1, 3, 10, 10', '1, 3, 7, 9', '', 'float[1, 3, 7, 9]'],
    ['N, 3, 10, 10', '7, 9', '<axes = [2, 3]>', 'float[N, 3, 7, 9]'],
    ['1, 1, 2, 4', '1, 3', '<axes = [2, 3], keep_aspect_ratio_policy = "not_larger">', 'float[1, 1, 1, 2]'],
    ['1, 1, 2, 4', '1, 3', '<axes = [2, 3], keep_aspect_ratio_policy = "not_smaller">', 'float[1, 1, 2, 3]'],
    ['1, 1, H, 4', '1, 3', '<axes = [2, 3], keep_aspect_ratio_policy = "not_smaller">', 'float[1, 1, ?, ?]'],
    ['1, 1, H', '7', '<axes = [2], keep_aspect_ratio_policy = "not_smaller">', 'float[1, 1, 7]'],
  ])('[%s] to {%s} %s', (input, sizes, attributes, expected) => {
    expect(bySizes(input, sizes, attributes)).toBe(expected);
  });

  test('sizes computed from shapes', () => {
    const text = `(float[N, 3, H, W] x, float[1, 1, A, B] like) => (y) {
      s = Shape <start = 2> (like)
      y = Resize <axes = [2, 3]> (x, , , s)
    }`;
    expect(shapes(text, 19)).toBe('float[N, 3, A, B]');
  });
});

describe('Upsample', () => {
  test.each([
    [1, '<height_scale = 2.0, width_scale = 3.0> (x)', ''],
    [7, '<scales = [1.0, 1.0, 2.0, 3.0]> (x)', ''],
    [9, '(x, s)', '<float[4] s = {1, 1, 2, 3}>'],
  ])('at opset %i', (opset, call, initializers) => {
    expect(shapes(`(float[N, 3, 4, W] x) => (y) ${initializers} { y = Upsample ${call} }`, opset)).toBe(
      'float[N, 3, 8, 3*W]',
    );
  });
});

describe('blocks, pads and crops', () => {
  test.each([
    ['(float[N, 8, H, 5] x) => (y) { y = DepthToSpace <blocksize = 2> (x) }', 13, 'float[N, 2, 2*H, 10]'],
    ['(float[N, C, 4, 6] x) => (y) { y = SpaceToDepth <blocksize = 2> (x) }', 13, 'float[N, 4*C, 2, 3]'],
    ['(float[2, N] x) => (y) { y = Pad <paddings = [1, 0, 2, 0]> (x) }', 1, 'float[5, N]'],
    ['(float[2, N] x) => (y) { y = Pad <pads = [0, 1, 0, 2]> (x) }', 2, 'float[2, N + 3]'],
    ['(float[2, N] x) => (y) <int64[4] p = {0, -1, 0, 2}> { y = Pad (x, p) }', 13, 'float[2, N + 1]'],
    ['(float[2, N] x) => (y) <int64[2] p = {3, 4}, int64[1] a = {-2}> { y = Pad (x, p, , a) }', 18, 'float[9, N]'],
    ['(float[2, N] x, int64[4] p) => (y) { y = Pad (x, p) }', 13, 'float[?, ?]'],
    ['(float[2, N] x, int64[2] p) => (y) <int64[1] a = {0}> { y = Pad (x, p, , a) }', 18, 'float[?, N]'],
    [
      '(float[20, W, 3] x) => (y) <int64[2] s = {10, 8}> { y = CenterCropPad <axes = [0, 1]> (x, s) }',
      18,
      'float[10, 8, 3]',
    ],
    [
      '(float[N, 12, L] x) => (y) <int64[2] i = {5, 6}, int64[2] b = {2, 3}> { y = Col2Im (x, i, b) }',
      18,
      'float[N, 2, 5, 6]',
    ],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });

  test.each([
    ['(float[1, 7, 2, 2] x) => (y) { y = DepthToSpace <blocksize = 2> (x) }'],
    ['(float[1, 1, 3, 4] x) => (y) { y = SpaceToDepth <blocksize = 2> (x) }'],
    ['(float[2] x) => (y) <int64[2] p = {-2, -1}> { y = Pad (x, p) }'],
    ['(float[2] x) => (y) <int64[4] p = {0, 0, 0, 0}> { y = Pad (x, p) }'],
  ])('%s cannot be', (text) => {
    expect(infer(text, 18).contradictions).toHaveLength(1);
  });
});

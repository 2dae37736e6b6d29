import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

function conv(input: string, weight: string, attributes = ''): string {
  return shapes(`(float[${input}] x, float[${weight}] w) => (y) { y = Conv ${attributes} (x, w) }`);
}

describe('Conv', () => {
  test.each([
    ['1, 3, 224, 224', '64, 3, 7, 7', '<strides = [2, 2], pads = [3, 3, 3, 3]>', 'float[1, 64, 112, 112]'],
    ['N, 3, H, 32', '8, 3, 3, 3', '<pads = [1, 1, 1, 1]>', 'float[N, 8, H, 32]'],
    ['N, 3, H', '8, 3, 3', '<strides = [2], pads = [1, 1]>', 'float[N, 8, (H + 1)//2]'],
    ['N, 3, H', '8, 3, 2', '<dilations = [3]>', 'float[N, 8, H - 3]'],
    ['N, 3, H', '8, 3, 5', '<auto_pad = "SAME_UPPER">', 'float[N, 8, H]'],
    ['N, 3, 9', '8, 3, 3', '<auto_pad = "SAME_LOWER", strides = [2]>', 'float[N, 8, 5]'],
    ['N, 3, 9', '8, 3, 3', '<auto_pad = "VALID", strides = [2]>', 'float[N, 8, 4]'],
    ['N, 4, 9', '8, 2, 3', '<group = 2>', 'float[N, 8, 7]'],
    ['N, 3, 9', 'M, 3, K', '<kernel_shape = [3]>', 'float[N, M, 7]'],
  ])('[%s] * [%s] %s', (input, weight, attributes, expected) => {
    expect(conv(input, weight, attributes)).toBe(expected);
  });

  test('the weight alone tells the rank and the channels', () => {
    expect(shapes('(float[] x, float[8, 3, 1] w) => (y) { y = Conv (x, w) }')).toBe('float[?, 8, ?]');
  });

  test.each([
    ['1, 3, 8, 8', '8, 4, 3, 3', '', 'channels'],
    ['1, 3, 8, 8', '8, 3, 3', '', 'rank'],
    ['1, 3, 8', '8, 3, 3', '<strides = [1, 1]>', 'strides'],
    ['1, 3, 8', '8, 3, 3', '<pads = [1]>', 'pads'],
    ['1, 3, 8', '8, 3, 3', '<strides = [0]>', 'strides'],
    ['1, 3, 2', '8, 3, 7', '<strides = [1]>', 'larger'],
    ['3, 8', '8, 3', '', 'rank'],
  ])('[%s] * [%s] %s cannot be', (input, weight, attributes, word) => {
    expect(conv(input, weight, attributes)).toMatch(new RegExp(`^contradiction: .*${word}`));
  });

  test('integer and quantized convolutions have types of their own', () => {
    expect(shapes('(uint8[1, 1, 5] x, int8[2, 1, 3] w) => (y) { y = ConvInteger (x, w) }', 10)).toBe('int32[1, 2, 3]');
    const quantized = `(uint8[1, 1, 5] x, float s, uint8 z, int8[2, 1, 3] w, int8 wz, uint8 yz) => (y) {
      y = QLinearConv (x, s, z, w, s, wz, s, yz)
    }`;
    expect(shapes(quantized, 10)).toBe('uint8[1, 2, 3]');
  });
});

describe('ConvTranspose', () => {
  function transpose(input: string, weight: string, attributes: string): string {
    return shapes(`(float[${input}] x, float[${weight}] w) => (y) { y = ConvTranspose ${attributes} (x, w) }`);
  }

  test.each([
    ['1, 4, 5, 5', '4, 2, 3, 3', '', 'float[1, 2, 7, 7]'],
    ['N, 4, H', '4, 2, 2', '<strides = [2]>', 'float[N, 2, 2*H]'],
    ['N, 4, H', '4, 2, 4', '<strides = [2], pads = [1, 1], group = 2>', 'float[N, 4, 2*H]'],
    ['1, 4, 5', '4, 2, 3', '<strides = [2], output_padding = [1]>', 'float[1, 2, 12]'],
    ['1, 4, 5', '4, 2, 3', '<strides = [2], output_shape = [10], output_padding = [1]>', 'float[1, 2, 10]'],
    ['1, 4, 5', '4, 2, 3', '<strides = [2], auto_pad = "SAME_UPPER">', 'float[1, 2, 10]'],
    // The standard says 8, ONNX's inference and ONNX Runtime 7.
    ['1, 4, 4', '4, 2, 1', '<strides = [2], auto_pad = "SAME_UPPER">', 'float[1, 2, ?]'],
  ])('[%s] * [%s] %s', (input, weight, attributes, expected) => {
    expect(transpose(input, weight, attributes)).toBe(expected);
  });
});

describe('pools', () => {
  function pool(operator: string, opset: number, input: string, attributes: string): string {
    return shapes(`(float[${input}] x) => (y) { y = ${operator} <${attributes}> (x) }`, opset);
  }

  test.each([
    ['MaxPool', 8, '1, 3, 32', 'kernel_shape = [3], strides = [2], pads = [1, 1]', 'float[1, 3, 16]'],
    ['MaxPool', 12, 'N, C, H', 'kernel_shape = [2], strides = [2]', 'float[N, C, H//2]'],
    ['AveragePool', 19, '1, 3, 9', 'kernel_shape = [2], dilations = [3]', 'float[1, 3, 6]'],
    ['LpPool', 2, '1, 3, 9', 'kernel_shape = [2]', 'float[1, 3, 8]'],
  ])('%s-%i [%s] %s', (operator, opset, input, attributes, expected) => {
    expect(pool(operator, opset, input, attributes)).toBe(expected);
  });

  test.each(['MaxPool', 'AveragePool'])(
    '%s: with ceil_mode the last window starts inside, in every opset',
    (operator) => {
      for (const opset of [11, 12, 19, 22]) {
        expect(pool(operator, opset, '1, 1, 4', 'kernel_shape = [1], strides = [2], ceil_mode = 1')).toBe(
          'float[1, 1, 2]',
        );
        expect(pool(operator, opset, '1, 1, 5', 'kernel_shape = [2], strides = [2], ceil_mode = 1')).toBe(
          'float[1, 1, 3]',
        );
        expect(
          pool(operator, opset, '1, 1, 4', 'kernel_shape = [3], strides = [3], pads = [1, 1], ceil_mode = 1'),
        ).toBe('float[1, 1, 2]');
      }
    },
  );

  test('ceil_mode over a symbol counts windows by where they start', () => {
    expect(pool('MaxPool', 12, '1, 1, H', 'kernel_shape = [1], strides = [2], ceil_mode = 1')).toBe(
      pool('MaxPool', 12, '1, 1, H', 'kernel_shape = [1], strides = [2], auto_pad = "SAME_UPPER"'),
    );
  });

  test('with pads as long as the window, ceil_mode drops one that starts in them, whatever the stride', () => {
    const pads = (end: number): string => `kernel_shape = [2], pads = [0, ${end}], ceil_mode = 1`;
    expect(pool('MaxPool', 12, '1, 1, H', pads(1))).toBe('float[1, 1, H]');
    expect(pool('MaxPool', 12, '1, 1, H', pads(2))).toBe('float[1, 1, H]');
    expect(pool('MaxPool', 12, '1, 1, H', `${pads(2)}, strides = [2]`)).toBe('float[1, 1, (H + 1)//2]');
    expect(pool('MaxPool', 12, '1, 1, 4', `${pads(2)}, strides = [2]`)).toBe('float[1, 1, 2]');
  });

  test('LpPool: the page does not say that such a window is dropped, so its size is open', () => {
    expect(pool('LpPool', 18, '1, 1, 4', 'kernel_shape = [1], strides = [2], ceil_mode = 1')).toBe('float[1, 1, ?]');
    expect(pool('LpPool', 18, '1, 1, 5', 'kernel_shape = [2], strides = [2], ceil_mode = 1')).toBe('float[1, 1, 3]');
  });

  test('padding by SAME with dilation is done in two ways', () => {
    expect(pool('MaxPool', 12, '1, 1, 11', 'kernel_shape = [3], dilations = [2], auto_pad = "SAME_UPPER"')).toBe(
      'float[1, 1, ?]',
    );
  });

  test('indices of MaxPool', () => {
    expect(shapes('(float16[1, 1, 5] x) => (y, i) { y, i = MaxPool <kernel_shape = [2]> (x) }')).toBe(
      'float16[1, 1, 4] int64[1, 1, 4]',
    );
  });

  test('global pools', () => {
    expect(shapes('(float[N, C, H, W] x) => (y) { y = GlobalAveragePool (x) }')).toBe('float[N, C, 1, 1]');
  });

  test('MaxUnpool', () => {
    const inputs = 'float[1, 1, 2, 2] x, int64[1, 1, 2, 2] i';
    const attributes = '<kernel_shape = [2, 2], strides = [2, 2]>';
    expect(shapes(`(${inputs}) => (y) { y = MaxUnpool ${attributes} (x, i) }`)).toBe('float[1, 1, 4, 4]');
    expect(shapes(`(${inputs}) => (y) <int64[4] s = {1, 1, 5, 5}> { y = MaxUnpool ${attributes} (x, i, s) }`)).toBe(
      'float[1, 1, 5, 5]',
    );
    expect(shapes(`(${inputs}, int64[4] s) => (y) { y = MaxUnpool ${attributes} (x, i, s) }`)).toBe(
      'float[?, ?, ?, ?]',
    );
  });

  test('regions of interest', () => {
    expect(
      shapes(
        '(float[1, C, 9, 9] x, float[R, 4] r, int64[R] b) => (y) { y = RoiAlign <output_height = 7, output_width = 5> (x, r, b) }',
      ),
    ).toBe('float[R, C, 7, 5]');
    expect(
      shapes('(float[1, C, 9, 9] x, float[R, 5] r) => (y) { y = MaxRoiPool <pooled_shape = [2, 3]> (x, r) }'),
    ).toBe('float[R, C, 2, 3]');
  });

  test('a window that does not fit', () => {
    expect(infer('(float[1, 1, 3] x) => (y) { y = MaxPool <kernel_shape = [9]> (x) }').contradictions).toHaveLength(1);
  });
});

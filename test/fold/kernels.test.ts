import { describe, expect, test } from '@jest/globals';
import { evaluate, text, textOfArray } from './evaluate.ts';

describe('integers', () => {
  test('int64 stays exact beyond 2^53', () => {
    expect(text('<int64[1] a = {9007199254740993}, int64[1] b = {2}>', 'Add (a, b)')).toBe(
      'int64[1] {9007199254740995}',
    );
    expect(text('<int64[1] a = {9007199254740993}>', 'Identity (a)')).toBe('int64[1] {9007199254740993}');
  });

  test('sums and products wrap', () => {
    expect(text('<int64[1] a = {9223372036854775807}, int64[1] b = {1}>', 'Add (a, b)')).toBe(
      'int64[1] {-9223372036854775808}',
    );
    expect(text('<int32[1] a = {2147483647}, int32[1] b = {2147483647}>', 'Mul (a, b)')).toBe('int32[1] {1}');
    expect(text('<int8[1] a = {100}, int8[1] b = {100}>', 'Add (a, b)')).toBe('int8[1] {-56}');
    expect(text('<int32[1] a = {-2147483648}>', 'Abs (a)')).toBe('int32[1] {-2147483648}');
    expect(text('<uint32[1] a = {4294967295}, uint32[1] b = {4294967295}>', 'Mul (a, b)')).toBe('uint32[1] {1}');
  });

  test('Div truncates, Mod takes the sign of the divisor, fmod that of the dividend', () => {
    expect(text('<int64[2] a = {-7, 7}, int64[2] b = {2, -2}>', 'Div (a, b)')).toBe('int64[2] {-3, -3}');
    expect(text('<int64[2] a = {-7, 7}, int64[2] b = {3, -3}>', 'Mod (a, b)')).toBe('int64[2] {2, -2}');
    expect(text('<int32[2] a = {-7, 7}, int32[2] b = {3, -3}>', 'Mod (a, b)')).toBe('int32[2] {2, -2}');
    expect(text('<int64[2] a = {-7, 7}, int64[2] b = {3, -3}>', 'Mod <fmod = 1> (a, b)')).toBe('int64[2] {-1, 1}');
  });

  test('what is undefined is refused', () => {
    expect(text('<int64[1] a = {1}, int64[1] b = {0}>', 'Div (a, b)')).toMatch('divided by zero');
    expect(text('<int32[1] a = {-2147483648}, int32[1] b = {-1}>', 'Div (a, b)')).toMatch('overflows');
    expect(text('<int64[1] a = {1}, int64[1] b = {0}>', 'Mod (a, b)')).toMatch('division by zero');
    expect(text('<int64[1] a = {2}, int64[1] b = {-1}>', 'Pow (a, b)')).toMatch('negative power');
    expect(text('<uint8[1] a = {1}, uint8[1] b = {8}>', 'BitShift <direction = "LEFT"> (a, b)')).toMatch('undefined');
    expect(text('<float[1] a = {1}, float[1] b = {1}>', 'Mod (a, b)')).toMatch('fmod = 1');
  });

  test('powers of integers are exact', () => {
    expect(text('<int64[1] a = {3}, int64[1] b = {39}>', 'Pow (a, b)')).toBe('int64[1] {4052555153018976267}');
    expect(text('<int32[1] a = {3}, float[1] b = {2}>', 'Pow (a, b)')).toBe('int32[1] {9}');
  });

  test('an operator gets the types of its opset only', () => {
    expect(text('<int8[1] a = {1}, int8[1] b = {2}>', 'Add (a, b)', 13)).toMatch('does not take int8');
    expect(text('<int64[1] a = {1}, int32[1] b = {2}>', 'Add (a, b)')).toMatch('must share a type');
  });
});

describe('floats', () => {
  test('each step is rounded to the type', () => {
    expect(text('<float[1] a = {16777216}, float[1] b = {1}>', 'Add (a, b)')).toBe('float[1] {16777216}');
    // The text holds half types as bit patterns: 26624 is 2048, 15360 is 1, 16896 is 3, 31571 is 60000.
    expect(text('<float16[1] a = {26624}, float16[1] b = {15360}>', 'Add (a, b)')).toBe('float16[1] {2048}');
    expect(text('<float16[1] a = {26624}, float16[1] b = {16896}>', 'Add (a, b)')).toBe('float16[1] {2052}');
    expect(text('<float16[1] a = {31571}, float16[1] b = {31571}>', 'Add (a, b)')).toBe('float16[1] {Infinity}');
    expect(text('<bfloat16[1] a = {17280}, bfloat16[1] b = {16256}>', 'Add (a, b)')).toBe('bfloat16[1] {256}');
  });

  test('Round is half to even and keeps the sign of zero', () => {
    expect(text('<float[6] a = {0.5, 1.5, 2.5, -0.5, -1.5, -0.2}>', 'Round (a)')).toBe(
      'float[6] {0, 2, 2, -0, -2, -0}',
    );
  });

  test('Max and Min pass NaN on, Clip lets the upper bound win', () => {
    expect(text('<float[2] a = {nan, 1}, float[2] b = {0, 2}>', 'Max (a, b)')).toBe('float[2] {NaN, 2}');
    expect(text('<float[1] a = {1}, float low = {5}, float high = {3}>', 'Clip (a, low, high)')).toBe('float[1] {3}');
    expect(text('<float[1] a = {inf}>', 'Clip (a)')).toBe('float[1] {Infinity}');
  });

  test('erf', () => {
    const [y] = evaluate('<double[4] a = {0.5, -1, 3, 7}>', 'Erf (a)') as { data: Float64Array }[];
    const expected = [0.5204998778130465, -0.8427007929497149, 0.9999779095030014, 1];
    expected.forEach((value, index) => expect(y?.data[index]).toBeCloseTo(value, 14));
  });
});

describe('Cast', () => {
  test('floats to integers truncate; out of range and NaN are undefined', () => {
    expect(text('<float[3] a = {1.9, -1.9, 2147483520}>', 'Cast <to = 6> (a)')).toBe('int32[3] {1, -1, 2147483520}');
    expect(text('<float[1] a = {3e9}>', 'Cast <to = 6> (a)')).toMatch('undefined');
    expect(text('<float[1] a = {nan}>', 'Cast <to = 7> (a)')).toMatch('undefined');
    expect(text('<double[1] a = {9223372036854775808.0}>', 'Cast <to = 7> (a)')).toMatch('undefined');
    expect(text('<double[1] a = {-9223372036854775808.0}>', 'Cast <to = 7> (a)')).toBe(
      'int64[1] {-9223372036854775808}',
    );
    expect(text('<float[1] a = {255.9}>', 'Cast <to = 2> (a)')).toBe('uint8[1] {255}');
    expect(text('<float[1] a = {-0.9}>', 'Cast <to = 2> (a)')).toBe('uint8[1] {0}');
  });

  test('integers drop high bits', () => {
    expect(text('<int16[1] a = {200}>', 'Cast <to = 3> (a)')).toBe('int8[1] {-56}');
    expect(text('<int64[1] a = {4294967297}>', 'Cast <to = 6> (a)')).toBe('int32[1] {1}');
    expect(text('<int32[2] a = {-1, 9}>', 'Cast <to = 22> (a)')).toBe('int4[2] {-1, -7}');
    expect(text('<int64[1] a = {-1}>', 'Cast <to = 13> (a)')).toBe('uint64[1] {18446744073709551615}');
  });

  test('int64 to float is rounded once', () => {
    // 2^54 + 2^30 + 1: by way of a double the last bit is lost, and the tie falls to the even side.
    expect(text('<int64[1] a = {18014399583223809}>', 'Cast <to = 1> (a)')).toBe(`float[1] {${2 ** 54 + 2 ** 31}}`);
  });

  test('double to float16 is rounded once', () => {
    // Just above the tie between 1 and 1 + 2^-10; a float would have lost the excess.
    expect(text('<double[1] a = {1.0004882812500003}>', 'Cast <to = 10> (a)')).toBe('float16[1] {1.0009765625}');
  });

  test('bool is anything but zero', () => {
    expect(text('<float[4] a = {0, -0.0, nan, 0.1}>', 'Cast <to = 9> (a)')).toBe('bool[4] {0, 0, 1, 1}');
  });

  test('strings', () => {
    expect(text('<string[2] a = {"12", "-3"}>', 'Cast <to = 7> (a)')).toBe('int64[2] {12, -3}');
    expect(text('<string[1] a = {"1.5"}>', 'Cast <to = 7> (a)')).toMatch('no integer');
    expect(text('<string[3] a = {"1e2", "-INF", "nan"}>', 'Cast <to = 1> (a)')).toBe('float[3] {100, -Infinity, NaN}');
  });

  test('float8 saturates unless told otherwise; infinities of fnuz changed with opset 24', () => {
    expect(text('<float[3] a = {1000, -inf, 465}>', 'Cast <to = 17> (a)')).toBe('float8e4m3fn[3] {448, -448, 448}');
    expect(text('<float[2] a = {1000, 464}>', 'Cast <to = 17, saturate = 0> (a)')).toBe('float8e4m3fn[2] {NaN, 448}');
    expect(text('<float[1] a = {1e6}>', 'Cast <to = 19, saturate = 0> (a)')).toBe('float8e5m2[1] {Infinity}');
    expect(text('<float[1] a = {inf}>', 'Cast <to = 18> (a)', 23)).toBe('float8e4m3fnuz[1] {NaN}');
    expect(text('<float[1] a = {inf}>', 'Cast <to = 18> (a)', 24)).toBe('float8e4m3fnuz[1] {240}');
  });
});

describe('movement', () => {
  test('Slice: extreme bounds, negative steps', () => {
    const data = 'int64[4] a = {10, 11, 12, 13}';
    const slice = (start: string, end: string, step: string): string =>
      text(
        `<${data}, int64[1] s = {${start}}, int64[1] e = {${end}}, int64[1] x = {0}, int64[1] t = {${step}}>`,
        'Slice (a, s, e, x, t)',
      );
    expect(slice('1', '9223372036854775807', '1')).toBe('int64[3] {11, 12, 13}');
    expect(slice('-9223372036854775808', '9223372036854775807', '2')).toBe('int64[2] {10, 12}');
    expect(slice('-1', '-9223372036854775808', '-1')).toBe('int64[4] {13, 12, 11, 10}');
    expect(slice('3', '-1', '-1')).toBe('int64[0] {}');
    expect(slice('9223372036854775807', '0', '-2')).toBe('int64[2] {13, 11}');
    expect(slice('0', '4', '9223372036854775807')).toBe('int64[1] {10}');
    expect(slice('0', '4', '0')).toMatch('step');
    expect(text(`<${data}>`, 'Slice <starts = [1], ends = [-1]> (a)', 9)).toBe('int64[2] {11, 12}');
  });

  test('Reshape: 0 copies, -1 takes the rest, allowzero', () => {
    const data = 'int64[2,3] a = {1, 2, 3, 4, 5, 6}';
    expect(text(`<${data}, int64[3] s = {0, -1, 1}>`, 'Reshape (a, s)')).toBe('int64[2,3,1] {1, 2, 3, 4, 5, 6}');
    expect(text(`<${data}, int64[2] s = {4, -1}>`, 'Reshape (a, s)')).toMatch('cannot become');
    expect(text(`<${data}, int64[3] s = {2, 3, 0}>`, 'Reshape (a, s)')).toMatch('not there');
    expect(text('<int64[0,3] a = {}, int64[2] s = {3, 0}>', 'Reshape <allowzero = 1> (a, s)')).toBe('int64[3,0] {}');
    expect(text('<int64[0,3] a = {}, int64[2] s = {0, -1}>', 'Reshape (a, s)')).toMatch('cannot become');
    expect(text(`<${data}>`, 'Reshape <shape = [3, 2]> (a)', 4)).toMatch('does not take int64');
    expect(text('<float[2] a = {1, 2}>', 'Reshape <shape = [2, 1]> (a)', 4)).toBe('float[2,1] {1, 2}');
  });

  test('Squeeze and Unsqueeze: attribute before opset 13', () => {
    expect(text('<float[1,2,1] a = {1, 2}>', 'Squeeze <axes = [0]> (a)', 11)).toBe('float[2,1] {1, 2}');
    expect(text('<float[1,2,1] a = {1, 2}, int64[1] x = {-1}>', 'Squeeze (a, x)')).toBe('float[1,2] {1, 2}');
    expect(text('<float[1,2,1] a = {1, 2}>', 'Squeeze (a)')).toBe('float[2] {1, 2}');
    expect(text('<float[1,2] a = {1, 2}, int64[0] x = {}>', 'Squeeze (a, x)')).toMatch('disagree');
    expect(text('<float[2] a = {1, 2}, int64[2] x = {-1, 0}>', 'Unsqueeze (a, x)')).toBe('float[1,2,1] {1, 2}');
    expect(text('<float[2] a = {1, 2}, int64[2] x = {0, 0}>', 'Unsqueeze (a, x)')).toMatch('twice');
    expect(text('<float[2] a = {1, 2}>', 'Unsqueeze <axes = [0]> (a)', 11)).toBe('float[1,2] {1, 2}');
  });

  test('Split: uneven from opset 18 on, even before', () => {
    const parts = evaluate('<int64[5] a = {1, 2, 3, 4, 5}>', 'Split <num_outputs = 2> (a)', 18, ['y', 'z']);
    expect((parts as never[]).map(textOfArray)).toEqual(['int64[3] {1, 2, 3}', 'int64[2] {4, 5}']);
    expect(evaluate('<int64[5] a = {1, 2, 3, 4, 5}>', 'Split (a)', 13, ['y', 'z'])).toMatch('equal parts');
    expect(evaluate('<int64[5] a = {1, 2, 3, 4, 5}>', 'Split <num_outputs = 4> (a)', 18, ['y', 'z', 'u', 'v'])).toMatch(
      'parts',
    );
    const old = evaluate('<float[3] a = {1, 2, 3}>', 'Split <split = [1, 2]> (a)', 11, ['y', 'z']);
    expect((old as never[]).map(textOfArray)).toEqual(['float[1] {1}', 'float[2] {2, 3}']);
  });

  test('Gather wraps negative indices and refuses what is out of range', () => {
    expect(text('<int64[3] a = {5, 6, 7}, int64 i = {-1}>', 'Gather (a, i)')).toBe('int64[] {7}');
    expect(text('<int64[3] a = {5, 6, 7}, int64[2,1] i = {0, 2}>', 'Gather (a, i)')).toBe('int64[2,1] {5, 7}');
    expect(text('<int64[3] a = {5, 6, 7}, int64 i = {3}>', 'Gather (a, i)')).toMatch('out of range');
    expect(text('<float[3] a = {5, 6, 7}, int64 i = {-1}>', 'Gather (a, i)', 10)).toMatch('out of range');
  });

  test('Expand goes both ways, Tile may give nothing, Pad may crop', () => {
    expect(text('<int64[3,1] a = {1, 2, 3}, int64[1] s = {1}>', 'Expand (a, s)')).toBe('int64[3,1] {1, 2, 3}');
    expect(text('<int64[2,1] a = {1, 2}, int64[2] s = {1, 2}>', 'Expand (a, s)')).toBe('int64[2,2] {1, 1, 2, 2}');
    expect(text('<int64[2] a = {1, 2}, int64[1] r = {0}>', 'Tile (a, r)')).toBe('int64[0] {}');
    expect(text('<int64[2] a = {1, 2}, int64[1] r = {2}>', 'Tile (a, r)')).toBe('int64[4] {1, 2, 1, 2}');
    expect(text('<int64[3] a = {1, 2, 3}, int64[2] p = {-1, 1}>', 'Pad (a, p)')).toBe('int64[3] {2, 3, 0}');
    expect(text('<int64[3] a = {1, 2, 3}, int64[2] p = {2, 0}>', 'Pad <mode = "reflect"> (a, p)')).toBe(
      'int64[5] {3, 2, 1, 2, 3}',
    );
    expect(text('<int64[3] a = {1, 2, 3}, int64[2] p = {3, 0}>', 'Pad <mode = "reflect"> (a, p)')).toMatch('reflect');
    expect(text('<int64[2] a = {1, 2}, int64[2] p = {3, 0}>', 'Pad <mode = "wrap"> (a, p)')).toBe(
      'int64[5] {2, 1, 2, 1, 2}',
    );
    expect(text('<float[2] a = {1, 2}>', 'Pad <pads = [0, 1], value = 9.0> (a)', 2)).toBe('float[3] {1, 2, 9}');
  });

  test('Trilu with diagonals far outside', () => {
    const data = 'int64[2,2] a = {1, 2, 3, 4}';
    expect(text(`<${data}>`, 'Trilu <upper = 0> (a)')).toBe('int64[2,2] {1, 0, 3, 4}');
    expect(text(`<${data}, int64 k = {1}>`, 'Trilu (a, k)')).toBe('int64[2,2] {0, 2, 0, 0}');
    expect(text(`<${data}, int64 k = {-9223372036854775808}>`, 'Trilu (a, k)')).toBe('int64[2,2] {1, 2, 3, 4}');
    expect(text(`<${data}, int64 k = {9223372036854775807}>`, 'Trilu <upper = 0> (a, k)')).toBe(
      'int64[2,2] {1, 2, 3, 4}',
    );
  });

  test('ScatterND refuses two writes to one element', () => {
    const scatter = (indices: string, mode: string): string =>
      text(
        `<int64[3] a = {1, 2, 3}, int64[2,1] i = {${indices}}, int64[2] u = {10, 20}>`,
        `ScatterND ${mode} (a, i, u)`,
      );
    expect(scatter('0, 2', '')).toBe('int64[3] {10, 2, 20}');
    expect(scatter('1, 1', '')).toMatch('written twice');
    expect(scatter('1, 1', '<reduction = "add">')).toBe('int64[3] {1, 32, 3}');
  });

  test('strings move as well', () => {
    expect(text('<string[2] a = {"x", "y"}, int64[1] i = {1}>', 'Gather (a, i)')).toBe("string[1] {'y'}");
    expect(text('<string[1,2] a = {"x", "y"}>', 'Transpose (a)')).toBe("string[2,1] {'x', 'y'}");
  });
});

describe('reductions and normalizations', () => {
  test('axes: attribute or input, empty means all unless told otherwise', () => {
    const data = 'int64[2,2] a = {1, 2, 3, 4}';
    expect(text('<float[2,2] a = {1, 2, 3, 4}>', 'ReduceMax <axes = [0], keepdims = 0> (a)', 13)).toBe(
      'float[2] {3, 4}',
    );
    expect(text(`<${data}, int64[1] x = {-1}>`, 'ReduceSum (a, x)')).toBe('int64[2,1] {3, 7}');
    expect(text(`<${data}>`, 'ReduceProd <keepdims = 0> (a)')).toBe('int64[] {24}');
    expect(text(`<${data}>`, 'ReduceSum <noop_with_empty_axes = 1> (a)')).toBe('int64[2,2] {1, 2, 3, 4}');
    expect(text('<float[2] a = {3, -4}>', 'ReduceSumSquare <noop_with_empty_axes = 1> (a)')).toBe('float[2] {9, 16}');
  });

  test('of nothing', () => {
    expect(text('<float[0] a = {}>', 'ReduceMax <keepdims = 0> (a)')).toBe('float[] {-Infinity}');
    expect(text('<int64[0] a = {}>', 'ReduceMin <keepdims = 0> (a)')).toBe('int64[] {9223372036854775807}');
    expect(text('<float[0] a = {}>', 'ReduceMean (a)')).toMatch('undefined');
  });

  test('Softmax flattens before opset 13', () => {
    const data = '<float[1,2,2] a = {1, 1, 1, 1}>';
    expect(text(data, 'Softmax <axis = 1> (a)', 11)).toBe('float[1,2,2] {0.25, 0.25, 0.25, 0.25}');
    expect(text(data, 'Softmax <axis = 1> (a)', 13)).toBe('float[1,2,2] {0.5, 0.5, 0.5, 0.5}');
  });

  test('ArgMax takes the first of equals, or the last', () => {
    expect(text('<int64[3] a = {7, 9, 9}>', 'ArgMax <keepdims = 0> (a)')).toBe('int64[] {1}');
    expect(text('<int64[3] a = {7, 9, 9}>', 'ArgMax <keepdims = 0, select_last_index = 1> (a)')).toBe('int64[] {2}');
  });

  test('Clip-6 has finite defaults', () => {
    expect(text('<float[1] a = {inf}>', 'Clip (a)', 6)).toBe('float[1] {3.4028234663852886e+38}');
    expect(text('<float[2] a = {-5, 5}>', 'Clip <min = -1.0, max = 1.0> (a)', 6)).toBe('float[2] {-1, 1}');
  });

  test('MaxPool with ceil_mode drops a window that starts in the padding', () => {
    expect(
      text('<float[1,1,4] a = {1, 2, 3, 4}>', 'MaxPool <kernel_shape = [1], strides = [2], ceil_mode = 1> (a)', 12),
    ).toBe('float[1,1,2] {1, 3}');
  });

  test('Add-6 aligns the second operand at an axis', () => {
    expect(
      text('<float[2,2] a = {1, 2, 3, 4}, float[2] b = {10, 20}>', 'Add <broadcast = 1, axis = 0> (a, b)', 6),
    ).toBe('float[2,2] {11, 12, 23, 24}');
    expect(text('<float[2,2] a = {1, 2, 3, 4}, float[2] b = {10, 20}>', 'Add (a, b)', 6)).toMatch(
      'broadcast is not set',
    );
  });

  test('Resize refuses a size on which implementations disagree', () => {
    const resize = (count: number, scale: string): string =>
      text(
        `<float[${count}] a = {${new Array(count).fill(1).join()}}, float[1] s = {${scale}}>`,
        'Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric"> (a, , s)',
      );
    expect(resize(10, '0.7')).toMatch('disagree');
    expect(resize(4, '1.5')).toBe('float[6] {1, 1, 1, 1, 1, 1}');
  });
});

describe('Range', () => {
  test('counts in the type', () => {
    expect(text('<int64 a = {10}, int64 b = {4}, int64 c = {-2}>', 'Range (a, b, c)')).toBe('int64[3] {10, 8, 6}');
    expect(text('<int64 a = {1}, int64 b = {1}, int64 c = {1}>', 'Range (a, b, c)')).toBe('int64[0] {}');
    expect(text('<int64 a = {0}, int64 b = {1}, int64 c = {0}>', 'Range (a, b, c)')).toMatch('delta');
  });
});

describe('quantization', () => {
  test('rounds half to even and saturates', () => {
    expect(text('<float[4] a = {0.5, 1.5, -300, 300}, float s = {1}, int8 z = {0}>', 'QuantizeLinear (a, s, z)')).toBe(
      'int8[4] {0, 2, -128, 127}',
    );
    expect(text('<float[1] a = {nan}, float s = {1}, int8 z = {0}>', 'QuantizeLinear (a, s, z)')).toMatch('NaN');
  });

  test('per axis and per block', () => {
    const data = 'int8[2,2] a = {1, 2, 3, 4}';
    expect(text(`<${data}, float[2] s = {10, 100}>`, 'DequantizeLinear <axis = 0> (a, s)')).toBe(
      'float[2,2] {10, 20, 300, 400}',
    );
    expect(
      text(`<int8[1,3] a = {1, 2, 3}, float[1,2] s = {10, 100}>`, 'DequantizeLinear <axis = 1, block_size = 2> (a, s)'),
    ).toBe('float[1,3] {10, 20, 300}');
  });
});

test('an opset newer than the schemas is refused', () => {
  expect(text('<float[1] a = {1}>', 'Neg (a)', 99)).toMatch('newer');
});

test('random operators and unknown domains have no result', () => {
  expect(text('<float[1] a = {1}>', 'Bernoulli (a)')).toMatch('no kernel');
  expect(text('<float[1] a = {1}>', 'com.acme.Twice (a)')).toMatch('no standard operator');
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatFloat32, formatFloat64, parseFloat32, parseFloat64 } from '../../src/base/decimal.ts';

describe('float32', () => {
  test.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [16777216, '16777216'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1e-45'],
    [-0, '-0'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('%d is written as %s', (value, text) => {
    expect(formatFloat32(Math.fround(value))).toBe(text);
  });

  test('any float is read back from its text, in at most nine digits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const text = formatFloat32(value);
        expect(parseFloat32(text)).toBe(value);
        expect(text.replace(/e.*|[^0-9e]/g, '').replace(/^0+|0+$/g, '').length).toBeLessThanOrEqual(9);
      }),
    );
  });

  test('a decimal next to the middle of two floats is rounded once', () => {
    // 1 + 2^-24 is the middle of 1 and 1 + 2^-23; the double nearest to these three texts is that middle.
    const middle = '1.000000059604644775390625';
    expect(parseFloat32(middle)).toBe(1);
    expect(parseFloat32(`${middle}00000000000000000001`)).toBe(1 + 2 ** -23);
    expect(parseFloat32('1.00000005960464477539062499999999999')).toBe(1);
    expect(parseFloat32(`-${middle}e0`)).toBe(-1);
    expect(parseFloat32('-10000000596046447753906250000001e-31')).toBe(-1 - 2 ** -23);
    // From 1 + 2^-23 the middle goes up, to the even neighbour.
    expect(parseFloat32('1.000000178813934326171875')).toBe(1 + 2 ** -22);
    expect(parseFloat32('1.00000017881393432617187499999999999')).toBe(1 + 2 ** -23);
  });

  test('too large is not infinite; too small is zero', () => {
    expect(parseFloat32('3.5e38')).toBeUndefined();
    expect(parseFloat32('-1e999')).toBeUndefined();
    expect(parseFloat32('1e-60')).toBe(0);
    expect(parseFloat32('-Inf')).toBe(-Infinity);
  });
});

describe('double', () => {
  test('any double is read back from its text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => expect(parseFloat64(formatFloat64(value))).toBe(value)),
    );
    expect(parseFloat64('1e309')).toBeUndefined();
    expect(parseFloat64('-nan')).toBeNaN();
  });
});

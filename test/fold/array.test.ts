import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrayOf, bytesOfArray, tensorOf } from '../../src/fold/array.ts';
import { roundingTo, roundToPowerOfTwo } from '../../src/fold/float-formats.ts';
import { byteLengthOf, type DataType } from '../../src/ir/data-type.ts';
import { Tensor } from '../../src/ir/tensor.ts';

const elements = (dataType: DataType, count: number, bytes: number[]): number[] =>
  Array.from(arrayOf(new Tensor(dataType, [count], Uint8Array.from(bytes))).data as ArrayLike<number>);

describe('packed types', () => {
  test('the first element is in the low bits', () => {
    expect(elements('int4', 3, [0xf1, 0x08])).toEqual([1, -1, -8]);
    expect(elements('uint4', 3, [0xf1, 0x08])).toEqual([1, 15, 8]);
    expect(elements('int2', 5, [0b11100100, 0b10])).toEqual([0, 1, -2, -1, -2]);
    expect(elements('float4e2m1', 2, [0x9f])).toEqual([-6, -0.5]);
    // Codes 1, 2, 3, 4 of six bits each, in three bytes.
    expect(elements('float6e2m3', 4, [0b10000001, 0b00110000, 0b00010000])).toEqual([0.125, 0.25, 0.375, 0.5]);
  });

  test('every bit pattern of every small type survives', () => {
    const types: DataType[] = [
      'int4',
      'uint4',
      'int2',
      'uint2',
      'float4e2m1',
      'float6e2m3',
      'float6e3m2',
      'float8e4m3fn',
      'float8e4m3fnuz',
      'float8e5m2',
      'float8e5m2fnuz',
      'float8e8m0',
    ];
    for (const type of types) {
      const bytes = Uint8Array.from({ length: 256 * 3 }, (_, index) => index % 256);
      const count = Math.floor((bytes.length * 8) / (byteLengthOf(type, 8) || 1));
      const tensor = new Tensor(type, [count], bytes);
      expect(tensorOf(arrayOf(tensor)).bytes).toEqual(bytes.subarray(0, byteLengthOf(type, count)));
    }
  });

  test('every bit pattern of float16 and bfloat16 survives, NaN payloads too', () => {
    for (const type of ['float16', 'bfloat16'] as const) {
      const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
      const bytes = new Uint8Array(codes.buffer);
      expect(bytesOfArray(arrayOf(new Tensor(type, [65536], bytes)))).toEqual(bytes);
    }
  });
});

test('aligned data is shared, unaligned data is copied', () => {
  const buffer = new Uint8Array(16);
  new DataView(buffer.buffer).setFloat32(4, 1.5, true);
  new DataView(buffer.buffer).setFloat32(9, 2.5, true);
  const shared = arrayOf(new Tensor('float', [1], buffer.subarray(4, 8))).data as Float32Array;
  expect(shared.buffer).toBe(buffer.buffer);
  const copied = arrayOf(new Tensor('float', [1], buffer.subarray(9, 13))).data as Float32Array;
  expect(copied.buffer).not.toBe(buffer.buffer);
  expect(copied[0]).toBe(2.5);
});

test('excess bytes are tolerated, missing ones are not', () => {
  expect(elements('int8', 2, [1, 2, 3])).toEqual([1, 2]);
  expect(() => elements('int16', 2, [1, 2, 3])).toThrow('fewer elements');
});

describe('rounding', () => {
  const half = roundingTo('float16') as (x: number) => number;

  test('half: ties to even, subnormals, overflow', () => {
    expect([2049, 2051, 65519, 65520, -65520].map(half)).toEqual([2048, 2052, 65504, Infinity, -Infinity]);
    expect([2 ** -24, 2 ** -25, 1.5 * 2 ** -24, -(2 ** -26)].map(half)).toEqual([2 ** -24, 0, 2 ** -23, -0]);
    expect(half(NaN)).toBeNaN();
  });

  test('bfloat16 rounds the largest floats to infinity', () => {
    const round = roundingTo('bfloat16') as (x: number) => number;
    expect([3.4e38, 3.39e38, 257, 259].map(round)).toEqual([Infinity, 3.3895313892515355e38, 256, 260]);
  });

  test('the nearest element is chosen, the even one of two', () => {
    const types: DataType[] = ['float4e2m1', 'float6e2m3', 'float6e3m2', 'float8e4m3fn', 'float8e5m2', 'float16'];
    for (const type of types) {
      const count = 1 << (byteLengthOf(type, 8) - 1);
      const values = Array.from({ length: count }, (_, code) => decode(type, code));
      const finite = values.filter((x) => Number.isFinite(x));
      const round = roundingTo(type, true) as (x: number) => number;
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: finite.length - 2 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (code, part) => {
            const [low, high] = [finite[code] as number, finite[code + 1] as number];
            const x = low + part * (high - low);
            const middle = (low + high) / 2;
            const expected = x < middle ? low : x > middle ? high : code % 2 === 0 ? low : high;
            expect(round(x)).toBe(expected);
            expect(Math.abs(round(-x))).toBe(expected);
          },
        ),
      );
    }
  });

  test('float8e8m0 holds powers of two', () => {
    expect([1, 1.1, 1.5, 2].map((x) => roundToPowerOfTwo(x, 'up', true))).toEqual([1, 2, 2, 2]);
    expect([1.4, 1.5].map((x) => roundToPowerOfTwo(x, 'nearest', true))).toEqual([1, 2]);
    expect(roundToPowerOfTwo(1.9, 'down', true)).toBe(1);
    expect(roundToPowerOfTwo(0, 'up', true)).toBe(2 ** -127);
    expect(roundToPowerOfTwo(0, 'nearest', false)).toBeNaN();
  });
});

/** The element with this bit pattern. */
function decode(type: DataType, code: number): number {
  return elements(type, 1, [code & 0xff, code >> 8])[0] as number;
}

import { describe, expect, test } from '@jest/globals';
import { createData, isBigData, type NDArray } from '../../src/fold/array.ts';
import type { RuntimeValue } from '../../src/fold/runtime-value.ts';
import type { DataType } from '../../src/ir/data-type.ts';
import { compareValues, type Judge, type OutputDifference } from '../../src/verify/compare-values.ts';
import { BOUNDED, EXACT } from '../../src/verify/tolerance.ts';

const exact: Judge = { tolerance: EXACT, floatTypes: new Set() };
const bounded: Judge = { tolerance: BOUNDED, floatTypes: new Set<DataType>(['float']) };

function array(dataType: DataType, values: readonly number[], dims: readonly number[] = [values.length]): NDArray {
  const data = createData(dataType, values.length);
  for (const [index, value] of values.entries())
    if (isBigData(data)) data[index] = BigInt(value);
    else data[index] = value;
  return { dataType, dims, data };
}

const texts = (...values: string[]): NDArray => ({
  dataType: 'string',
  dims: [values.length],
  data: values.map((text) => new TextEncoder().encode(text)),
});

function compared(a: RuntimeValue, b: RuntimeValue, judge: Judge = exact): OutputDifference {
  return compareValues('y', a, b, judge);
}

describe('to the bit', () => {
  test('equal arrays are equal, NaN to NaN', () => {
    expect(compared(array('float', [1, NaN, Infinity]), array('float', [1, NaN, Infinity]))).toMatchObject({
      equal: true,
      different: 0,
      nans: 1,
    });
  });

  test.each<[string, number, number]>([
    ['the last place', 1, 1 + 2 ** -23],
    ['zeros of two signs', 0, -0],
    ['a number and NaN', 1, NaN],
    ['infinities of two signs', Infinity, -Infinity],
  ])('%s are different', (_, x, y) => {
    const result = compared(array('float', [5, x], [1, 2]), array('float', [5, y], [1, 2]));
    expect(result).toMatchObject({ equal: false, different: 1, elements: 2, at: [0, 1] });
  });

  test('int64 is told apart beyond what a double holds', () => {
    const a: NDArray = { dataType: 'int64', dims: [], data: BigInt64Array.of(2n ** 60n) };
    const b: NDArray = { dataType: 'int64', dims: [], data: BigInt64Array.of(2n ** 60n + 1n) };
    expect(compared(a, b)).toMatchObject({ equal: false, maximumAbsolute: 1, at: [] });
  });

  test('the worst element is shown, with its place', () => {
    const result = compared(array('float', [0, 1, 2, 3, 4, 8], [2, 3]), array('float', [0, 1.5, 2, 3, 7, 8], [2, 3]));
    expect(result).toMatchObject({ different: 2, maximumAbsolute: 3, scale: 8, at: [1, 1], values: ['4', '7'] });
    expect(result.maximumRelative).toBeCloseTo(3 / 8);
  });

  test('texts', () => {
    expect(compared(texts('a', 'b'), texts('a', 'b')).equal).toBe(true);
    expect(compared(texts('a', 'b'), texts('a', 'c'))).toMatchObject({ equal: false, at: [1], values: ['"b"', '"c"'] });
  });
});

describe('within a bound', () => {
  test('a difference counts against the scale of the whole output', () => {
    expect(compared(array('float', [1000, 1e-3]), array('float', [1000, 2e-3]), bounded).equal).toBe(true);
    expect(compared(array('float', [1, 1e-3]), array('float', [1, 2e-3]), bounded).equal).toBe(false);
  });

  test('the coarsest type that is computed in decides', () => {
    const [a, b] = [array('float', [1]), array('float', [1.01])];
    expect(compared(a, b, bounded).equal).toBe(false);
    expect(compared(a, b, { ...bounded, floatTypes: new Set<DataType>(['float', 'float16']) }).equal).toBe(true);
  });

  test('NaN and infinities must be where they were', () => {
    expect(compared(array('float', [1, NaN]), array('float', [1, 1]), bounded).equal).toBe(false);
    expect(compared(array('float', [1, Infinity]), array('float', [1, 1]), bounded).equal).toBe(false);
    expect(compared(array('float', [1, Infinity]), array('float', [1, Infinity]), bounded).equal).toBe(true);
  });

  test('integers are equal, but quantized ones may fall to either side', () => {
    expect(compared(array('int64', [5]), array('int64', [6]), bounded).equal).toBe(false);
    expect(compared(array('uint8', [5]), array('uint8', [6]), bounded).equal).toBe(true);
    expect(compared(array('uint8', [5]), array('uint8', [7]), bounded).equal).toBe(false);
  });

  test('tolerances of the user', () => {
    const judge = (relative: number, absolute: number): Judge => ({
      tolerance: { isExact: false, relative, absolute },
      floatTypes: new Set(),
    });
    const [a, b] = [array('float', [10]), array('float', [10.5])];
    expect(compared(a, b, judge(0, 0.5)).equal).toBe(true);
    expect(compared(a, b, judge(0.04, 0)).equal).toBe(false);
    expect(compared(a, b, judge(0.04, 0.1)).equal).toBe(true);
  });
});

describe('kinds', () => {
  test.each<[string, RuntimeValue, RuntimeValue, string]>([
    ['types', array('float', [1]), array('double', [1]), 'types float and double'],
    ['shapes', array('float', [1, 2]), array('float', [1, 2], [2, 1]), 'shapes [2] and [2, 1]'],
    ['a sequence and a tensor', [], array('float', [1]), 'one is a sequence, the other a tensor'],
    ['lengths', [array('float', [1])], [], 'sequences of 1 and 0 items'],
    ['what is empty', null, array('float', [1]), 'one of the two is empty'],
  ])('%s', (_, a, b, reason) => {
    expect(compared(a, b)).toMatchObject({ equal: false, reason });
  });

  test('sequences by their items, maps by keys and values', () => {
    const sequence = (last: number): RuntimeValue => [array('float', [1]), array('float', [last])];
    expect(compared(sequence(2), sequence(2))).toMatchObject({ equal: true, elements: 2 });
    expect(compared(sequence(2), sequence(3))).toMatchObject({ output: 'y', equal: false, maximumAbsolute: 1 });
    const map = (value: number): RuntimeValue => ({ kind: 'map', keys: texts('k'), values: array('float', [value]) });
    expect(compared(map(1), map(1)).equal).toBe(true);
    expect(compared(map(1), map(2)).equal).toBe(false);
  });
});

/** Element by element over one, two or more arrays, with broadcasting; every result is rounded once, to its own type. */
import type { DataType } from '../ir/data-type.ts';
import { createData, createNumbers, isBigData, isStringData, type NDArray } from './array.ts';
import { roundingTo } from './float-formats.ts';
import { bigsIn, numbersIn } from './kernel.ts';
import { refuse } from './refusal.ts';
import { broadcastDims, broadcastStrides, eachRow, stridesOf } from './strided.ts';

/** Applies `f` to each number; results wrap or round as the result type does. */
export function mapNumbers(array: NDArray, f: (x: number) => number, dataType: DataType = array.dataType): NDArray {
  const from = numbersIn(array);
  const to = createNumbers(dataType, from.length);
  const round = roundingTo(dataType);
  if (round === undefined) for (let i = 0; i < from.length; i++) to[i] = f(from[i] as number);
  else for (let i = 0; i < from.length; i++) to[i] = round(f(from[i] as number));
  return { dataType, dims: array.dims, data: to };
}

export function mapBigs(array: NDArray, f: (x: bigint) => bigint): NDArray {
  const from = bigsIn(array);
  const data = createData(array.dataType, from.length) as BigInt64Array;
  for (let i = 0; i < from.length; i++) data[i] = f(from[i] as bigint);
  return { dataType: array.dataType, dims: array.dims, data };
}

/** The shape two or more arrays broadcast to; refuses when they do not. */
export function commonDims(...arrays: readonly NDArray[]): number[] {
  return (
    broadcastDims(...arrays.map(({ dims }) => dims)) ??
    refuse(`dims ${arrays.map(({ dims }) => `[${dims.join(', ')}]`).join(' and ')} do not broadcast`)
  );
}

export function zipNumbers(
  a: NDArray,
  b: NDArray,
  f: (x: number, y: number) => number,
  dataType: DataType = a.dataType,
): NDArray {
  const dims = commonDims(a, b);
  const x = numbersIn(a);
  const y = numbersIn(b);
  const data = createNumbers(
    dataType,
    dims.reduce((count, dim) => count * dim, 1),
  );
  const round = roundingTo(dataType);
  eachRow(
    dims,
    [stridesOf(dims), broadcastStrides(a.dims, dims), broadcastStrides(b.dims, dims)],
    (at, length, steps) => {
      let [put, i, j] = at as [number, number, number];
      const [putStep, iStep, jStep] = steps as [number, number, number];
      for (let k = 0; k < length; k++, put += putStep, i += iStep, j += jStep) {
        const result = f(x[i] as number, y[j] as number);
        data[put] = round === undefined ? result : round(result);
      }
    },
  );
  return { dataType, dims, data };
}

export function zipBigs(a: NDArray, b: NDArray, f: (x: bigint, y: bigint) => bigint): NDArray {
  const dims = commonDims(a, b);
  const x = bigsIn(a);
  const y = bigsIn(b);
  const data = createData(
    a.dataType,
    dims.reduce((count, dim) => count * dim, 1),
  ) as BigInt64Array;
  eachRow(
    dims,
    [stridesOf(dims), broadcastStrides(a.dims, dims), broadcastStrides(b.dims, dims)],
    (at, length, steps) => {
      let [put, i, j] = at as [number, number, number];
      const [putStep, iStep, jStep] = steps as [number, number, number];
      for (let k = 0; k < length; k++, put += putStep, i += iStep, j += jStep)
        data[put] = f(x[i] as bigint, y[j] as bigint);
    },
  );
  return { dataType: a.dataType, dims, data };
}

/** An element of any type but complex; strings compare by their bytes. */
export type Element = number | bigint | Uint8Array;

/** A bool array of `f` over pairs of elements of one type. */
export function compareElements(a: NDArray, b: NDArray, f: (x: Element, y: Element) => boolean): NDArray {
  if (isStringData(a.data) !== isStringData(b.data) || isBigData(a.data) !== isBigData(b.data))
    return refuse(`${a.dataType} and ${b.dataType} cannot be compared`);
  const dims = commonDims(a, b);
  const x = a.data as readonly Element[];
  const y = b.data as readonly Element[];
  const data = new Uint8Array(dims.reduce((count, dim) => count * dim, 1));
  eachRow(
    dims,
    [stridesOf(dims), broadcastStrides(a.dims, dims), broadcastStrides(b.dims, dims)],
    (at, length, steps) => {
      let [put, i, j] = at as [number, number, number];
      const [putStep, iStep, jStep] = steps as [number, number, number];
      for (let k = 0; k < length; k++, put += putStep, i += iStep, j += jStep)
        data[put] = f(x[i] as Element, y[j] as Element) ? 1 : 0;
    },
  );
  return { dataType: 'bool', dims, data };
}

/** Half to even, the sign of zero kept. */
export function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 4503599627370496)) return x;
  const rounded = x + 6755399441055744 - 6755399441055744;
  return rounded === 0 ? (x < 0 || Object.is(x, -0) ? -0 : 0) : rounded;
}

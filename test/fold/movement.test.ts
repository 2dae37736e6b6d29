import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ndarray, type NDArray } from '../../src/fold/array.ts';
import { mapNumbers, zipNumbers } from '../../src/fold/elementwise.ts';
import { concatenated } from '../../src/fold/kernels/movement.ts';
import { gatherStrided, transposed } from '../../src/fold/move.ts';
import { broadcastDims, broadcastStrides, product, stridesOf } from '../../src/fold/strided.ts';

const dims = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

function counting(shape: readonly number[], type: 'int64' | 'float' | 'uint8' = 'float'): NDArray {
  const count = product(shape);
  if (type === 'int64')
    return ndarray(
      type,
      shape,
      BigInt64Array.from({ length: count }, (_, i) => BigInt(i) << 33n),
    );
  return ndarray(
    type,
    shape,
    type === 'float'
      ? Float32Array.from({ length: count }, (_, i) => i)
      : Uint8Array.from({ length: count }, (_, i) => i),
  );
}

function coordinates(place: number, shape: readonly number[]): number[] {
  const strides = stridesOf(shape);
  return shape.map((dim, axis) => Math.floor(place / (strides[axis] as number)) % dim);
}

function at(array: NDArray, index: readonly number[]): number | bigint {
  const strides = stridesOf(array.dims);
  return array.data[index.reduce((sum, i, axis) => sum + i * (strides[axis] as number), 0)] as number | bigint;
}

test('Transpose puts each element where its coordinates say', () => {
  const cases = dims.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length }),
      type: fc.constantFrom('int64' as const, 'float' as const, 'uint8' as const),
    }),
  );
  fc.assert(
    fc.property(cases, ({ shape, perm, type }) => {
      const array = counting(shape, type);
      const result = transposed(array, perm);
      expect(result.dims).toEqual(perm.map((axis) => shape[axis]));
      for (let place = 0; place < product(shape); place++) {
        const target = coordinates(place, result.dims);
        const source = shape.map((_, axis) => target[perm.indexOf(axis)] as number);
        expect(at(result, target)).toBe(at(array, source));
      }
    }),
  );
});

test('broadcasting reads the axes of size 1 again and again', () => {
  const pair = dims.chain((shape) => {
    const thinned = fc.tuple(...shape.map((dim) => fc.constantFrom(dim, 1)));
    return fc.record({ a: thinned, b: thinned, drop: fc.integer({ min: 0, max: shape.length }) });
  });
  fc.assert(
    fc.property(pair, ({ a, b, drop }) => {
      const [left, right] = [counting(a), counting(b.slice(drop))];
      const shape = broadcastDims(left.dims, right.dims);
      expect(shape).toBeDefined();
      const result = zipNumbers(left, right, (x, y) => x * 1000 + y);
      expect(result.dims).toEqual(shape);
      for (let place = 0; place < product(result.dims); place++) {
        const target = coordinates(place, result.dims);
        const of = (array: NDArray): number =>
          at(
            array,
            array.dims.map((dim, axis) =>
              dim === 1 ? 0 : (target[axis + target.length - array.dims.length] as number),
            ),
          ) as number;
        expect(result.data[place]).toBe(of(left) * 1000 + of(right));
      }
    }),
  );
});

test('Concat of slices gives the array back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.nat(),
      (shape, a, b) => {
        const axis = a % shape.length;
        const dim = shape[axis] as number;
        const cut = b % (dim + 1);
        const array = counting(shape, 'int64');
        const strides = stridesOf(shape);
        const part = (from: number, size: number): NDArray =>
          gatherStrided(
            array,
            shape.map((own, at_) => (at_ === axis ? size : own)),
            strides,
            from * (strides[axis] as number),
          );
        expect(concatenated([part(0, cut), part(cut, dim - cut)], axis)).toEqual(array);
      },
    ),
  );
});

test('shapes that do not agree do not broadcast', () => {
  expect(broadcastDims([2], [3])).toBeUndefined();
  expect(broadcastDims([0], [1])).toEqual([0]);
  expect(broadcastStrides([1, 3], [2, 4, 3])).toEqual([0, 0, 1]);
});

test('NaN payloads and the sign of zero survive movement', () => {
  const bits = Uint32Array.of(0x7fc12345, 0x80000000, 0x7f812345);
  const array = ndarray('float', [3, 1], new Float32Array(bits.buffer));
  const moved = transposed(array, [1, 0]).data as Float32Array;
  expect(new Uint32Array(moved.buffer)).toEqual(bits);
});

test('a map never writes to its input', () => {
  const array = counting([4]);
  mapNumbers(array, (x) => x + 1);
  expect(Array.from(array.data as Float32Array)).toEqual([0, 1, 2, 3]);
});

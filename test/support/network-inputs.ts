import { ndarray } from '../../src/fold/array.ts';
import type { RuntimeValue } from '../../src/fold/runtime-value.ts';

/** Values of the inputs of a random network: x of these dims, w of [2, its first], and three that are read as sizes and conditions. */
export function networkInputs(
  dims: readonly number[],
  sizes: readonly [number, number],
  condition: boolean,
): Map<string, RuntimeValue> {
  const floats = (shape: readonly number[]): RuntimeValue => {
    const count = shape.reduce((product, dim) => product * dim, 1);
    return ndarray(
      'float',
      shape,
      Float32Array.from({ length: count }, (_, index) => ((index * 7) % 5) - 1),
    );
  };
  return new Map<string, RuntimeValue>([
    ['x', floats(dims)],
    ['w', floats([2, dims[0] ?? 1])],
    ['s', ndarray('int64', [2], BigInt64Array.from(sizes, BigInt))],
    ['c', ndarray('bool', [], Uint8Array.of(condition ? 1 : 0))],
    ['k', ndarray('int64', [1], BigInt64Array.of(BigInt(sizes[1])))],
  ]);
}

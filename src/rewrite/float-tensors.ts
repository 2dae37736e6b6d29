import { arrayOf, createNumbers, tensorOf } from '../fold/array.ts';
import { roundingTo } from '../fold/float-formats.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';

/** The element types that rules compute with. */
const COMPUTED_TYPES: readonly DataType[] = ['float', 'double', 'float16', 'bfloat16'];

/** Elements of a float tensor in memory; undefined for other types, and when they are not in memory. */
export function doublesOf(tensor: Tensor | undefined): Float64Array | undefined {
  if (tensor?.isResident !== true || !COMPUTED_TYPES.includes(tensor.dataType)) return undefined;
  return new Float64Array(arrayOf(tensor).data as ArrayLike<number>);
}

/** The only element of a float tensor, whatever its rank. */
export function numberOf(tensor: Tensor | undefined): number | undefined {
  return tensor?.elementCount === 1 ? doublesOf(tensor)?.[0] : undefined;
}

/** Doubles, each rounded once to the type. */
export function floatTensor(dataType: DataType, dims: readonly number[], values: Float64Array): Tensor {
  const data = createNumbers(dataType, values.length);
  // Storing into the array of these two is their rounding.
  const isStored = dataType === 'float' || dataType === 'double';
  const round = (isStored ? undefined : roundingTo(dataType)) ?? ((value: number) => value);
  for (let index = 0; index < values.length; index++) data[index] = round(values[index] as number);
  return tensorOf({ dataType, dims, data });
}

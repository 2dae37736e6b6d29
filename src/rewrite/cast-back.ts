import { arrayOf, tensorOf } from '../fold/array.ts';
import { converted } from '../fold/convert.ts';
import { KernelRefusal } from '../fold/refusal.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';

/** The elements of a tensor in memory as `to`, when a Cast makes them the same again, to the bit; undefined otherwise. */
export function castBack(tensor: Tensor, to: DataType): Tensor | undefined {
  if (!tensor.isResident) return undefined;
  try {
    const wide = arrayOf(tensor);
    const narrow = converted(wide, to);
    const again = converted(narrow, wide.dataType).data;
    for (let index = 0; index < again.length; index++) if (!Object.is(again[index], wide.data[index])) return undefined;
    return tensorOf(narrow);
  } catch (error) {
    if (error instanceof KernelRefusal) return undefined;
    throw error;
  }
}

import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';
import { floatTensor } from './float-tensors.ts';

/** The first of `axes`, which are ascending, when they are the last ones of a value of this rank; undefined when they are not. */
export function tailAxis(axes: readonly number[], rank: number): number | undefined {
  const [first] = axes;
  if (first === undefined || first + axes.length !== rank) return undefined;
  return axes.every((axis, index) => axis === first + index) ? first : undefined;
}

/** Elements of a scale or shift that an operator asks for and the graph lacks; more would make the file larger for nothing. */
const MAXIMUM_FILLED = 1 << 16;

/** A tensor of one number all over; undefined when it is empty, or too large to be added to a model. */
export function filledTensor(dataType: DataType, dims: readonly number[], number: number): Tensor | undefined {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return count > 0 && count <= MAXIMUM_FILLED
    ? floatTensor(dataType, dims, new Float64Array(count).fill(number))
    : undefined;
}

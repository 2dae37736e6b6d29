import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';
import { floatTensor } from './float-tensors.ts';
import { near, oneOf, oneOfNodes, op, type Pattern } from './pattern.ts';

/** `dividend` / sqrt(`sum`), in the ways to write it: the node is captured as `root`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever they capture
export function overRoot<Dividend extends Pattern<any>, Sum extends Pattern<any>>(dividend: Dividend, sum: Sum) {
  const root = oneOf(op('Sqrt', 'sqrt', sum), op('Pow', 'sqrt', sum, near(0.5)));
  const inverse = oneOf(
    op('Reciprocal', 'inverse', root),
    op('Div', 'inverse', near(1), root),
    op('Pow', 'inverse', sum, near(-0.5)),
  );
  return oneOfNodes(op('Div', 'root', dividend, root), op('Mul', 'root', dividend, inverse));
}

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

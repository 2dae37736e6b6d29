/** What changes the shape and leaves the elements: Reshape Flatten Squeeze Unsqueeze Identity Dropout (inference). */
import { countOf, type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { type Kernel, kernel, type KernelContext, normalAxes } from '../kernel.ts';
import { reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';

/**
 * The dims that a Reshape to `target` gives: 0 copies the axis of the same index unless `allowZero`,
 * one -1 takes what is left. Refuses what the standard calls invalid.
 */
export function reshapedDims(dims: readonly number[], target: readonly number[], allowZero: boolean): number[] {
  if (allowZero && target.includes(-1) && target.includes(0)) return refuse('-1 and 0 together under allowzero');
  const result = target.map((dim, axis) => {
    if (dim < -1) return refuse(`a dimension of ${dim} is asked for`);
    return dim === 0 && !allowZero ? (dims[axis] ?? refuse(`axis ${axis} is to be copied, but is not there`)) : dim;
  });
  const at = result.indexOf(-1);
  const count = product(dims);
  if (at < 0) {
    if (product(result) !== count) return refuse(`[${dims.join(', ')}] has other elements than [${result.join(', ')}]`);
    return result;
  }
  if (result.includes(-1, at + 1)) return refuse('-1 is given twice');
  const known = product(result.filter((dim) => dim !== -1));
  if (known === 0 || count % known !== 0) return refuse(`[${dims.join(', ')}] cannot become [${target.join(', ')}]`);
  result[at] = count / known;
  return result;
}

function runReshape(context: KernelContext): NDArray {
  const array = context.input(0);
  const target = (context.opset < 5 ? context.ints('shape') : context.numbers(1)) ?? refuse('Reshape has no shape');
  return reshaped(array, reshapedDims(array.dims, target, context.flag('allowzero')));
}

function runFlatten(context: KernelContext): NDArray {
  const array = context.input(0);
  const rank = array.dims.length;
  const axis = context.int('axis');
  const at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at > rank) return refuse(`axis ${axis} is out of range for rank ${rank}`);
  return reshaped(array, [product(array.dims.slice(0, at)), product(array.dims.slice(at))]);
}

/** The axes of Squeeze, Unsqueeze: an attribute before opset 13, an input from then on. */
function axesOf(context: KernelContext): number[] | undefined {
  return context.opset < 13 ? context.ints('axes') : context.numbers(1);
}

function runSqueeze(context: KernelContext): NDArray {
  const array = context.input(0);
  const given = axesOf(context);
  // An empty axes tensor is read as "none" by the standard's inference and as "all" by ONNX Runtime.
  if (given?.length === 0) context.disputed('implementations disagree on Squeeze with empty axes');
  const axes = given === undefined ? undefined : normalAxes(given, array.dims.length);
  for (const axis of axes ?? [])
    if (array.dims[axis] !== 1) return refuse(`axis ${axis} of [${array.dims.join(', ')}] cannot be squeezed`);
  return reshaped(
    array,
    array.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
  );
}

function runUnsqueeze(context: KernelContext): NDArray {
  const array = context.input(0);
  const given = axesOf(context) ?? refuse('Unsqueeze has no axes');
  const rank = array.dims.length + given.length;
  const axes = new Set(normalAxes(given, rank));
  let next = 0;
  const dims = Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (array.dims[next++] as number)));
  return reshaped(array, dims);
}

function runDropout(context: KernelContext): readonly NDArray[] {
  const array = context.input(0);
  if (context.opset < 7 && !context.flag('is_test')) return refuse('Dropout in training is random');
  const training = context.optional(2);
  if (training !== undefined && training.data[0] !== 0) {
    const ratio = context.optional(1);
    if (ratio?.data[0] !== 0) return refuse('Dropout in training is random');
  }
  const mask: NDArray = { dataType: 'bool', dims: array.dims, data: new Uint8Array(countOf(array)).fill(1) };
  if (context.opset >= 10) return [array, mask];
  // Before opset 10 the mask had the type of the data; outside training its elements were not defined.
  if (context.outputCount > 1) context.disputed('the mask of Dropout before opset 10');
  return [array, converted(mask, array.dataType)];
}

export const shapeKernels: readonly Kernel[] = [
  kernel(['Reshape'], { exactness: 'exact', run: runReshape }),
  kernel(['Flatten'], { exactness: 'exact', run: runFlatten }),
  kernel(['Squeeze'], { exactness: 'exact', run: runSqueeze }),
  kernel(['Unsqueeze'], { exactness: 'exact', run: runUnsqueeze }),
  kernel(['Identity'], { exactness: 'exact', run: (context) => context.input(0) }),
  kernel(['Dropout'], { exactness: 'exact', run: runDropout }),
];

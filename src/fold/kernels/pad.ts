/** Pad CenterCropPad: edges added or cropped. */
import { countOf, createData, isStringData, type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { type Kernel, kernel, type KernelContext, normalAxes } from '../kernel.ts';
import { copyBlock, gatherRuns, gatherStrided, reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';
import { stridesOf } from '../strided.ts';

type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';

/** For each place along a padded axis the source coordinate, or -1 where the constant goes. */
function axisSources(dim: number, before: number, after: number, mode: PadMode): number[] {
  const size = dim + before + after;
  if (size < 0) return refuse('more is cropped than there is');
  if (mode !== 'constant' && dim === 0 && size > 0) return refuse(`${mode} padding of nothing`);
  if (mode === 'reflect' && (before >= dim || after >= dim) && (before > 0 || after > 0))
    return refuse('reflect padding needs more elements than it adds');
  return Array.from({ length: size }, (_, index) => {
    const at = index - before;
    if (at >= 0 && at < dim) return at;
    if (mode === 'constant') return -1;
    if (mode === 'edge') return at < 0 ? 0 : dim - 1;
    if (mode === 'wrap') return ((at % dim) + dim) % dim;
    return at < 0 ? -at : 2 * (dim - 1) - at;
  });
}

/** `pads` holds what goes before each axis, then what goes after; negative crops. */
export function padded(array: NDArray, pads: readonly number[], mode: PadMode, fill: NDArray): NDArray {
  const rank = array.dims.length;
  const sources = array.dims.map((dim, axis) =>
    axisSources(dim, pads[axis] as number, pads[axis + rank] as number, mode),
  );
  const dims = sources.map((axis) => axis.length);
  if (mode === 'constant') return paddedWithConstant(array, pads, dims, fill);
  let result = array;
  sources.forEach((source, axis) => {
    if (pads[axis] === 0 && pads[axis + rank] === 0) return;
    const dim = result.dims[axis] as number;
    const outer = result.dims.slice(0, axis).reduce((count, size) => count * size, 1);
    const run = result.dims.slice(axis + 1).reduce((count, size) => count * size, 1);
    const positions = Array.from({ length: outer }, (_, i) => source.map((at) => i * dim + at)).flat();
    result = gatherRuns(
      result,
      positions,
      run,
      result.dims.map((size, at) => (at === axis ? source.length : size)),
    );
  });
  return result;
}

function paddedWithConstant(array: NDArray, pads: readonly number[], dims: readonly number[], fill: NDArray): NDArray {
  const rank = dims.length;
  const to = gatherStrided(
    reshaped(fill, []),
    dims,
    dims.map(() => 0),
  );
  const [from, put] = [stridesOf(array.dims), stridesOf(dims)];
  let [readAt, writeAt] = [0, 0];
  const block = array.dims.map((dim, axis) => {
    const [before, after] = [pads[axis] as number, pads[axis + rank] as number];
    readAt += Math.max(0, -before) * (from[axis] as number);
    writeAt += Math.max(0, before) * (put[axis] as number);
    return Math.max(0, dim + Math.min(0, before) + Math.min(0, after));
  });
  copyBlock(block, array, from, readAt, to, put, writeAt);
  return to;
}

export function zeroOf(array: NDArray): NDArray {
  if (isStringData(array.data)) return { dataType: 'string', dims: [], data: [new Uint8Array(0)] };
  return { dataType: array.dataType, dims: [], data: createData(array.dataType, 1) };
}

function runPad(context: KernelContext): NDArray {
  const array = context.input(0);
  const rank = array.dims.length;
  const old = context.opset < 11;
  const given =
    (old ? (context.ints('pads') ?? context.ints('paddings')) : context.numbers(1)) ?? refuse('Pad has no pads');
  const axes = context.numbers(3);
  let pads: readonly number[] = given;
  if (axes !== undefined) {
    const full = new Array<number>(2 * rank).fill(0);
    if (given.length !== 2 * axes.length) return refuse('pads and axes of Pad differ in length');
    normalAxes(axes, rank).forEach((axis, index) => {
      full[axis] = given[index] as number;
      full[axis + rank] = given[index + axes.length] as number;
    });
    pads = full;
  }
  if (pads.length !== 2 * rank) return refuse(`${pads.length} pads for rank ${rank}`);
  const constant = context.optional(2);
  const fill = old
    ? converted(
        { dataType: 'float', dims: [], data: Float32Array.of(context.attributes.float('value') ?? 0) },
        array.dataType,
      )
    : (constant ?? zeroOf(array));
  if (fill.dataType !== array.dataType || countOf(fill) !== 1) return refuse('the constant of Pad does not fit');
  const mode = context.attributes.string('mode') ?? 'constant';
  if (mode !== 'constant' && mode !== 'reflect' && mode !== 'edge' && mode !== 'wrap')
    return refuse(`Pad in mode '${mode}'`);
  return padded(array, pads, mode, fill);
}

/** Centred crop or pad of some axes to a shape; of an odd difference the larger half goes to the end (CenterCropPad-18). */
function runCenterCropPad(context: KernelContext): NDArray {
  const array = context.input(0);
  const rank = array.dims.length;
  const target = context.numbers(1) ?? refuse('CenterCropPad has no shape');
  const axes = normalAxes(context.ints('axes') ?? array.dims.map((_, axis) => axis), rank);
  if (axes.length !== target.length) return refuse('axes and shape of CenterCropPad differ in length');
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, index) => {
    const difference = (target[index] as number) - (array.dims[axis] as number);
    const before = Math.trunc(difference / 2);
    pads[axis] = before;
    pads[axis + rank] = difference - before;
  });
  return padded(array, pads, 'constant', zeroOf(array));
}

export const padKernels: readonly Kernel[] = [
  kernel(['Pad'], { exactness: 'exact', run: runPad }),
  kernel(['CenterCropPad'], { exactness: 'exact', run: runCenterCropPad }),
];

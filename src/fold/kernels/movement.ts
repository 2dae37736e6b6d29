/** Elements to other places: Transpose Expand Tile Slice Split Concat Trilu DepthToSpace SpaceToDepth ReverseSequence. */
import type { NDArray } from '../array.ts';
import { cloneArray, copyBlock, emptyLike, gatherRuns, gatherStrided, reshaped, transposed } from '../move.ts';
import { type Kernel, kernel, type KernelContext, normalAxes, normalAxis } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { broadcastDims, broadcastStrides, product, stridesOf } from '../strided.ts';

function runTranspose(context: KernelContext): NDArray {
  const array = context.input(0);
  const rank = array.dims.length;
  const perm = context.ints('perm') ?? array.dims.map((_, axis) => rank - 1 - axis);
  if (perm.length !== rank || new Set(normalAxes(perm, rank)).size !== rank || perm.some((axis) => axis < 0))
    return refuse(`[${perm.join(', ')}] is no permutation of ${rank} axes`);
  return transposed(array, perm);
}

function runExpand(context: KernelContext): NDArray {
  const array = context.input(0);
  const target = context.numbers(1) ?? refuse('Expand has no shape');
  if (target.some((dim) => dim < 0)) return refuse(`Expand to [${target.join(', ')}]`);
  const dims =
    broadcastDims(array.dims, target) ?? refuse(`[${array.dims.join(', ')}] does not expand to [${target.join(', ')}]`);
  return gatherStrided(array, dims, broadcastStrides(array.dims, dims));
}

function runTile(context: KernelContext): NDArray {
  const array = context.input(0);
  const rank = array.dims.length;
  let repeats: readonly number[];
  if (context.opset < 6) {
    const [count, axis] = [context.numbers(1)?.[0], context.numbers(2)?.[0]];
    if (count === undefined || axis === undefined) return refuse('Tile-1 needs tiles and axis');
    repeats = array.dims.map((_, at) => (at === normalAxis(axis, rank) ? count : 1));
  } else {
    repeats = context.numbers(1) ?? refuse('Tile has no repeats');
  }
  if (repeats.length !== rank || repeats.some((count) => count < 0))
    return refuse(`repeats [${repeats.join(', ')}] for rank ${rank}`);
  // Each axis becomes a pair (repeat, index), of which the first does not move in the source.
  const strides = stridesOf(array.dims);
  const pairs = array.dims.flatMap((dim, axis) => [repeats[axis] as number, dim]);
  const steps = strides.flatMap((stride) => [0, stride]);
  const dims = array.dims.map((dim, axis) => dim * (repeats[axis] as number));
  return reshaped(gatherStrided(array, pairs, steps), dims);
}

interface Range {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** One axis of a Slice: negative bounds count from the end, then both are clamped (Slice-13). */
export function sliceRange(start: bigint, end: bigint, step: bigint, dim: number): Range {
  if (step === 0n) return refuse('the step of a Slice is 0');
  const size = BigInt(dim);
  const clamp = (value: bigint, low: bigint, high: bigint): bigint => (value < low ? low : value > high ? high : value);
  const from = start < 0n ? start + size : start;
  const to = end < 0n ? end + size : end;
  const forward = step > 0n;
  const first = forward ? clamp(from, 0n, size) : clamp(from, 0n, size - 1n);
  const last = forward ? clamp(to, 0n, size) : clamp(to, -1n, size - 1n);
  const distance = forward ? last - first : first - last;
  const stride = forward ? step : -step;
  const length = dim === 0 || distance <= 0n ? 0n : (distance + stride - 1n) / stride;
  return { start: Number(first), step: length > 1n ? Number(step) : 1, length: Number(length) };
}

function runSlice(context: KernelContext): NDArray {
  const array = context.input(0);
  const old = context.opset < 10;
  const starts = (old ? context.attributes.ints('starts') : context.integers(1)) ?? refuse('Slice has no starts');
  const ends = (old ? context.attributes.ints('ends') : context.integers(2)) ?? refuse('Slice has no ends');
  const axes = (old ? context.ints('axes') : context.numbers(3)) ?? starts.map((_, axis) => axis);
  const steps = (old ? undefined : context.integers(4)) ?? starts.map(() => 1n);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    return refuse('starts, ends, axes and steps of a Slice differ in length');
  const dims = [...array.dims];
  const strides = stridesOf(array.dims);
  let offset = 0;
  normalAxes(axes, dims.length).forEach((axis, index) => {
    const bounds = [starts[index], ends[index], steps[index]] as [bigint, bigint, bigint];
    const range = sliceRange(...bounds, array.dims[axis] as number);
    offset += range.start * (strides[axis] as number);
    dims[axis] = range.length;
    strides[axis] = (strides[axis] as number) * range.step;
  });
  return gatherStrided(array, dims, strides, offset);
}

/** Sizes of the parts: given, or even (the last smaller, from opset 18 on). */
function splitSizes(context: KernelContext, dim: number): number[] {
  const given =
    context.opset < 13 && context.opset !== 1 ? context.ints('split') : (context.numbers(1) ?? context.ints('split'));
  if (given !== undefined) {
    if (given.some((size) => size < 0) || product([given.reduce((sum, size) => sum + size, 0)]) !== dim)
      return refuse(`parts of [${given.join(', ')}] do not make up ${dim}`);
    return given;
  }
  const parts = context.opset >= 18 ? context.attributes.number('num_outputs') : context.outputCount;
  if (parts === undefined || parts < 1) return refuse('Split has neither split nor num_outputs');
  if (context.opset < 18 && dim % parts !== 0) return refuse(`${dim} does not split into ${parts} equal parts`);
  const size = Math.ceil(dim / parts);
  const last = dim - size * (parts - 1);
  if (last <= 0) return refuse(`${dim} does not split into ${parts} parts`);
  return Array.from({ length: parts }, (_, index) => (index === parts - 1 ? last : size));
}

function runSplit(context: KernelContext): readonly NDArray[] {
  const array = context.input(0);
  const axis = normalAxis(context.attributes.int('axis') ?? 0n, array.dims.length);
  const strides = stridesOf(array.dims);
  let offset = 0;
  return splitSizes(context, array.dims[axis] as number).map((size) => {
    const dims = array.dims.map((dim, at) => (at === axis ? size : dim));
    const part = gatherStrided(array, dims, strides, offset);
    offset += size * (strides[axis] as number);
    return part;
  });
}

/** Arrays one after the other along `axis`. */
export function concatenated(arrays: readonly NDArray[], axis: number): NDArray {
  const first = arrays[0] ?? refuse('nothing to concatenate');
  for (const { dims, dataType } of arrays)
    if (
      dataType !== first.dataType ||
      dims.length !== first.dims.length ||
      dims.some((dim, at) => at !== axis && dim !== first.dims[at])
    )
      return refuse('arrays to concatenate differ in type or shape');
  const total = arrays.reduce((sum, { dims }) => sum + (dims[axis] as number), 0);
  const to = emptyLike(
    first,
    first.dims.map((dim, at) => (at === axis ? total : dim)),
  );
  const strides = stridesOf(to.dims);
  let offset = 0;
  for (const array of arrays) {
    copyBlock(array.dims, array, stridesOf(array.dims), 0, to, strides, offset);
    offset += (array.dims[axis] as number) * (strides[axis] as number);
  }
  return to;
}

function runConcat(context: KernelContext): NDArray {
  const arrays = context.all();
  const rank = arrays[0]?.dims.length ?? 0;
  // The default of Concat-1 is axis 1.
  return concatenated(arrays, normalAxis(context.attributes.int('axis') ?? 1n, rank));
}

function runTrilu(context: KernelContext): NDArray {
  const array = cloneArray(context.input(0));
  const rank = array.dims.length;
  if (rank < 2) return refuse('Trilu of less than two axes');
  const diagonal = context.integers(1)?.[0] ?? 0n;
  const upper = context.flag('upper');
  const [rows, columns] = array.dims.slice(-2) as [number, number];
  const matrices = product(array.dims.slice(0, -2));
  const zeros = emptyLike(array, [columns]);
  const clear = (from: number, count: number): void => copyBlock([count], zeros, [1], 0, array, [1], from);
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (let row = 0; row < rows; row++) {
      const base = (matrix * rows + row) * columns;
      // Column of the diagonal in this row; the upper triangle starts there, the lower one ends there.
      const exact = BigInt(row) + diagonal;
      const at = Number(exact < 0n ? (upper ? 0n : -1n) : exact > BigInt(columns) ? BigInt(columns) : exact);
      if (upper) clear(base, at);
      else if (at + 1 < columns) clear(base + at + 1, columns - at - 1);
    }
  }
  return array;
}

function runDepthToSpace(context: KernelContext): NDArray {
  const array = context.input(0);
  if (array.dims.length !== 4) return refuse('DepthToSpace of other than four axes');
  const [n, c, h, w] = array.dims as [number, number, number, number];
  const size = context.int('blocksize');
  if (size < 1 || c % (size * size) !== 0) return refuse(`${c} channels do not make blocks of ${size}`);
  const depth = c / (size * size);
  const columnsFirst = context.attributes.string('mode') === 'CRD';
  const split = reshaped(array, columnsFirst ? [n, depth, size, size, h, w] : [n, size, size, depth, h, w]);
  return reshaped(transposed(split, columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]), [
    n,
    depth,
    h * size,
    w * size,
  ]);
}

function runSpaceToDepth(context: KernelContext): NDArray {
  const array = context.input(0);
  if (array.dims.length !== 4) return refuse('SpaceToDepth of other than four axes');
  const [n, c, h, w] = array.dims as [number, number, number, number];
  const size = context.int('blocksize');
  if (size < 1 || h % size !== 0 || w % size !== 0) return refuse(`[${h}, ${w}] does not make blocks of ${size}`);
  const columnsFirst = context.attributes.string('mode') === 'CRD';
  const split = reshaped(array, [n, c, h / size, size, w / size, size]);
  return reshaped(transposed(split, columnsFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]), [
    n,
    c * size * size,
    h / size,
    w / size,
  ]);
}

function runReverseSequence(context: KernelContext): NDArray {
  const array = context.input(0);
  const lengths = context.numbers(1) ?? refuse('ReverseSequence has no sequence_lens');
  const [batchAxis, timeAxis] = [context.int('batch_axis'), context.int('time_axis')];
  if (array.dims.length < 2 || new Set([batchAxis, timeAxis, 0, 1]).size !== 2)
    return refuse('axes of ReverseSequence');
  const [first, second] = array.dims as [number, number];
  const [batches, steps] = batchAxis === 0 ? [first, second] : [second, first];
  if (lengths.length !== batches || lengths.some((length) => length < 0 || length > steps))
    return refuse('sequence_lens do not fit');
  const run = product(array.dims.slice(2));
  const positions: number[] = [];
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      const [batch, step] = batchAxis === 0 ? [i, j] : [j, i];
      const length = lengths[batch] as number;
      const from = step < length ? length - 1 - step : step;
      positions.push(batchAxis === 0 ? i * second + from : from * second + j);
    }
  }
  return gatherRuns(array, positions, run, array.dims);
}

export const movementKernels: readonly Kernel[] = [
  kernel(['Transpose'], { exactness: 'exact', run: runTranspose }),
  kernel(['Expand'], { exactness: 'exact', run: runExpand }),
  kernel(['Tile'], { exactness: 'exact', run: runTile }),
  kernel(['Slice'], { exactness: 'exact', run: runSlice }),
  kernel(['Split'], { exactness: 'exact', run: runSplit }),
  kernel(['Concat'], { exactness: 'exact', run: runConcat }),
  kernel(['Trilu'], { exactness: 'exact', run: runTrilu }),
  kernel(['DepthToSpace'], { exactness: 'exact', run: runDepthToSpace }),
  kernel(['SpaceToDepth'], { exactness: 'exact', run: runSpaceToDepth }),
  kernel(['ReverseSequence'], { exactness: 'exact', run: runReverseSequence }),
];

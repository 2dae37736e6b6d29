/** Elements picked by index: Gather GatherElements GatherND Compress NonZero ArrayFeatureExtractor. Out of range is refused. */
import { countOf, isStringData, type NDArray } from '../array.ts';
import { isZero } from '../convert.ts';
import { integersIn, type Kernel, kernel, type KernelContext, normalAxis } from '../kernel.ts';
import { gatherRuns, reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product, stridesOf } from '../strided.ts';

/** Indices as positions in 0..dim-1; negative ones count from the end, since opset 11. */
export function indicesIn(array: NDArray, dim: number, negative = true): number[] {
  return integersIn(array).map((index) => {
    const at = Number(index) + (index < 0n && negative ? dim : 0);
    return at >= 0 && at < dim ? at : refuse(`index ${index} is out of range for a dimension of ${dim}`);
  });
}

function runGather(context: KernelContext): NDArray {
  const array = context.input(0);
  const indices = context.input(1);
  const axis = normalAxis(context.int('axis'), array.dims.length);
  const dim = array.dims[axis] as number;
  const picked = indicesIn(indices, dim, context.opset >= 11);
  const outer = product(array.dims.slice(0, axis));
  const run = product(array.dims.slice(axis + 1));
  const positions = new Float64Array(outer * picked.length);
  for (let i = 0, put = 0; i < outer; i++) for (const at of picked) positions[put++] = i * dim + at;
  return gatherRuns(array, positions, run, [
    ...array.dims.slice(0, axis),
    ...indices.dims,
    ...array.dims.slice(axis + 1),
  ]);
}

/** Linear positions in an array of `dims` for each element of `indices`, which replaces the coordinate along `axis`. */
export function elementPositions(dims: readonly number[], indices: NDArray, axis: number): Float64Array {
  const rank = dims.length;
  if (indices.dims.length !== rank) return refuse('data and indices differ in rank');
  indices.dims.forEach((dim, at) => {
    if (at !== axis && dim > (dims[at] as number)) refuse('indices exceed data');
  });
  const strides = stridesOf(dims);
  const picked = indicesIn(indices, dims[axis] as number);
  const positions = new Float64Array(picked.length);
  const counters = new Array<number>(rank).fill(0);
  let base = 0;
  for (let i = 0; i < picked.length; i++) {
    positions[i] = base + ((picked[i] as number) - (counters[axis] as number)) * (strides[axis] as number);
    for (let at = rank - 1; at >= 0; at--) {
      counters[at] = (counters[at] as number) + 1;
      base += strides[at] as number;
      if ((counters[at] as number) < (indices.dims[at] as number)) break;
      base -= (counters[at] as number) * (strides[at] as number);
      counters[at] = 0;
    }
  }
  return positions;
}

/** Linear positions, in runs, for index tuples: the last axis of `indices` names coordinates after `batchDims` axes. */
export function tuplePositions(
  dims: readonly number[],
  indices: NDArray,
  batchDims: number,
): { readonly positions: Float64Array; readonly width: number } {
  const width = indices.dims.at(-1) ?? refuse('indices are a scalar');
  if (width < 1 || batchDims + width > dims.length) return refuse(`index tuples of ${width} for rank ${dims.length}`);
  for (let axis = 0; axis < batchDims; axis++)
    if (indices.dims[axis] !== dims[axis]) return refuse('batch dimensions differ');
  const tuples = product(indices.dims.slice(0, -1));
  const batches = product(dims.slice(0, batchDims));
  const perBatch = batches === 0 ? 0 : tuples / batches;
  const values = integersIn(indices);
  const positions = new Float64Array(tuples);
  for (let tuple = 0; tuple < tuples; tuple++) {
    let at = Math.floor(tuple / perBatch);
    for (let k = 0; k < width; k++) {
      const dim = dims[batchDims + k] as number;
      const index = values[tuple * width + k] as bigint;
      const coordinate = Number(index) + (index < 0n ? dim : 0);
      if (coordinate < 0 || coordinate >= dim)
        return refuse(`index ${index} is out of range for a dimension of ${dim}`);
      at = at * dim + coordinate;
    }
    positions[tuple] = at;
  }
  return { positions, width };
}

function runGatherElements(context: KernelContext): NDArray {
  const array = context.input(0);
  const indices = context.input(1);
  const axis = normalAxis(context.int('axis'), array.dims.length);
  return gatherRuns(array, elementPositions(array.dims, indices, axis), 1, indices.dims);
}

function runGatherND(context: KernelContext): NDArray {
  const array = context.input(0);
  const indices = context.input(1);
  const batchDims = context.attributes.number('batch_dims') ?? 0;
  const { positions, width } = tuplePositions(array.dims, indices, batchDims);
  const rest = array.dims.slice(batchDims + width);
  return gatherRuns(array, positions, product(rest), [...indices.dims.slice(0, -1), ...rest]);
}

function runCompress(context: KernelContext): NDArray {
  const array = context.input(0);
  const condition = context.input(1).data as Uint8Array;
  const given = context.attributes.int('axis');
  const source = given === undefined ? reshaped(array, [countOf(array)]) : array;
  const axis = given === undefined ? 0 : normalAxis(given, array.dims.length);
  const dim = source.dims[axis] as number;
  const picked: number[] = [];
  condition.forEach((flag, at) => {
    if (flag === 0) return;
    if (at >= dim) refuse('the condition of Compress is longer than the axis');
    picked.push(at);
  });
  const outer = product(source.dims.slice(0, axis));
  const positions = Array.from({ length: outer }, (_, i) => picked.map((at) => i * dim + at)).flat();
  const run = product(source.dims.slice(axis + 1));
  return gatherRuns(
    source,
    positions,
    run,
    source.dims.map((size, at) => (at === axis ? picked.length : size)),
  );
}

function runNonZero(context: KernelContext): NDArray {
  const { data, dims } = context.input(0);
  if (isStringData(data)) return refuse('NonZero of strings');
  // Implementations disagree on a scalar: [0, n] by inference, [[0]] in ONNX Runtime.
  if (dims.length === 0) context.disputed('NonZero of a scalar');
  const hits: number[] = [];
  for (let i = 0; i < data.length; i++) if (!isZero(data[i])) hits.push(i);
  const rank = dims.length;
  const strides = stridesOf(dims);
  const result = new BigInt64Array(rank * hits.length);
  hits.forEach((at, column) => {
    for (let axis = 0; axis < rank; axis++)
      result[axis * hits.length + column] = BigInt(Math.floor(at / (strides[axis] as number)) % (dims[axis] as number));
  });
  return { dataType: 'int64', dims: [rank, hits.length], data: result };
}

export const gatherKernels: readonly Kernel[] = [
  kernel(['Gather'], { exactness: 'exact', run: runGather }),
  kernel(['GatherElements'], { exactness: 'exact', run: runGatherElements }),
  kernel(['GatherND'], { exactness: 'exact', run: runGatherND }),
  kernel(['Compress'], { exactness: 'exact', run: runCompress }),
  kernel(['NonZero'], { exactness: 'exact', run: runNonZero }),
];

/** Elements written by index: ScatterElements (Scatter) ScatterND TensorScatter. Out of range is refused. */
import { isIntegerType } from '../../ir/data-type.ts';
import { isBigData, isStringData, type NDArray } from '../array.ts';
import { roundingTo } from '../float-formats.ts';
import { integersIn, type Kernel, kernel, type KernelContext, normalAxis } from '../kernel.ts';
import { cloneArray, scatterRuns } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';
import { elementPositions, tuplePositions } from './gather.ts';

const numberReductions: ReadonlyMap<string, (x: number, y: number) => number> = new Map([
  ['add', (x: number, y: number) => x + y],
  ['mul', (x: number, y: number) => x * y],
  ['max', Math.max],
  ['min', Math.min],
]);
const bigReductions: ReadonlyMap<string, (x: bigint, y: bigint) => bigint> = new Map([
  ['add', (x: bigint, y: bigint) => x + y],
  ['mul', (x: bigint, y: bigint) => x * y],
  ['max', (x: bigint, y: bigint) => (x > y ? x : y)],
  ['min', (x: bigint, y: bigint) => (x < y ? x : y)],
]);

function scatter(
  context: KernelContext,
  data: NDArray,
  positions: Float64Array,
  run: number,
  updates: NDArray,
  reduction: string,
): NDArray {
  const result = cloneArray(data);
  if (reduction === 'none') {
    if (context.isStrict && new Set(positions).size !== positions.length)
      return refuse('an element is written twice: the result is undefined');
    scatterRuns(result, positions, run, updates);
    return result;
  }
  if (isStringData(result.data) || isStringData(updates.data)) return refuse('a reduction of strings');
  const round = roundingTo(data.dataType) ?? ((x: number): number => x);
  const isProduct = reduction === 'mul' && isIntegerType(data.dataType);
  const refused = (): never => refuse(`unknown reduction '${reduction}'`);
  const number = isProduct ? Math.imul : (numberReductions.get(reduction) ?? refused());
  const big = bigReductions.get(reduction) ?? refused();
  for (let i = 0; i < positions.length; i++) {
    for (let k = 0; k < run; k++) {
      const at = (positions[i] as number) * run + k;
      if (isBigData(result.data))
        result.data[at] = big(result.data[at] as bigint, (updates.data as BigInt64Array)[i * run + k] as bigint);
      else
        (result.data as Float32Array)[at] = round(
          number(result.data[at] as number, updates.data[i * run + k] as number),
        );
    }
  }
  return result;
}

function runScatterElements(context: KernelContext): NDArray {
  const [data, indices, updates] = [context.input(0), context.input(1), context.input(2)];
  if (indices.dims.some((dim, axis) => dim !== updates.dims[axis]) || data.dataType !== updates.dataType)
    return refuse('indices and updates do not fit');
  const axis = normalAxis(context.int('axis'), data.dims.length);
  const reduction = context.attributes.string('reduction') ?? 'none';
  return scatter(context, data, elementPositions(data.dims, indices, axis), 1, updates, reduction);
}

function runScatterND(context: KernelContext): NDArray {
  const [data, indices, updates] = [context.input(0), context.input(1), context.input(2)];
  const { positions, width } = tuplePositions(data.dims, indices, 0);
  const run = product(data.dims.slice(width));
  if (product(updates.dims) !== positions.length * run || data.dataType !== updates.dataType)
    return refuse('indices and updates do not fit');
  return scatter(context, data, positions, run, updates, context.attributes.string('reduction') ?? 'none');
}

/** A cache [batch, ..., length, ...] whose rows from write_indices on are replaced (TensorScatter-24). */
function runTensorScatter(context: KernelContext): NDArray {
  const [past, update] = [context.input(0), context.input(1)];
  const rank = past.dims.length;
  const axis = normalAxis(context.int('axis'), rank);
  const [batch, length, added] = [past.dims[0], past.dims[axis], update.dims[axis]] as [number, number, number];
  const writeAt = context.optional(2) === undefined ? new Array<bigint>(batch).fill(0n) : integersIn(context.input(2));
  const circular = context.attributes.string('mode') === 'circular';
  const run = product(past.dims.slice(axis + 1));
  const between = product(past.dims.slice(1, axis));
  const positions = new Float64Array(batch * between * added);
  let put = 0;
  for (let b = 0; b < batch; b++) {
    for (let m = 0; m < between; m++) {
      for (let step = 0; step < added; step++) {
        const at = Number(writeAt[b] as bigint) + step;
        if (at < 0 || (!circular && at >= length)) return refuse('the update does not fit the cache');
        positions[put++] = (b * between + m) * length + (at % length);
      }
    }
  }
  return scatter(context, past, positions, run, update, 'none');
}

export const scatterKernels: readonly Kernel[] = [
  kernel(['ScatterElements', 'Scatter'], { exactness: 'exact', run: runScatterElements }),
  kernel(['ScatterND'], { exactness: 'exact', run: runScatterND }),
  kernel(['TensorScatter'], { exactness: 'exact', run: runTensorScatter }),
];

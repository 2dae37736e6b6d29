/** MaxPool AveragePool LpPool, their Global forms, and MaxUnpool. X is [N, C, spatial...]. */
import { createData, type NDArray } from '../array.ts';
import { type Window, windowTable } from '../contraction.ts';
import { converted } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, numbersIn } from '../kernel.ts';
import { gatherRuns } from '../move.ts';
import { refuse } from '../refusal.ts';
import { kernelShape, windowAttributes, windowOf } from '../spatial.ts';
import { product, stridesOf } from '../strided.ts';

function poolWindow(context: KernelContext, dims: readonly number[]): Window {
  if (dims.length < 3) return refuse('a pool needs spatial axes');
  const spatial = dims.slice(2);
  const attributes = windowAttributes(context, spatial.length);
  return windowOf(spatial, kernelShape(context, spatial.length), attributes, context.flag('ceil_mode'));
}

function runMaxPool(context: KernelContext): readonly NDArray[] {
  const x = context.input(0);
  const window = poolWindow(context, x.dims);
  const input = x.dims.slice(2);
  const table = windowTable(input, window);
  const values = numbersIn(x);
  const [taps, places, size] = [product(window.kernel), product(window.output), product(input)];
  const planes = product(x.dims.slice(0, 2));
  const dims = [...x.dims.slice(0, 2), ...window.output];
  const positions = new Float64Array(planes * places);
  for (let plane = 0, put = 0; plane < planes; plane++) {
    for (let place = 0; place < places; place++, put++) {
      let best = -1;
      for (let tap = 0; tap < taps; tap++) {
        const at = table[place * taps + tap] as number;
        if (at < 0) continue;
        const value = values[plane * size + at] as number;
        if (Number.isNaN(value)) return refuse('MaxPool of NaN depends on the implementation');
        if (best < 0 || value > (values[best] as number)) best = plane * size + at;
      }
      if (best < 0) return refuse('a window of MaxPool lies in the padding');
      positions[put] = best;
    }
  }
  const result = gatherRuns(x, positions, 1, dims);
  if (context.outputCount < 2) return [result];
  return [
    result,
    { dataType: 'int64', dims, data: BigInt64Array.from(columnMajor(context, positions, input), BigInt) },
  ];
}

/** Positions within each plane in column-major order, when storage_order asks for it. */
function columnMajor(context: KernelContext, positions: Float64Array, input: readonly number[]): Float64Array {
  if (!context.flag('storage_order')) return positions;
  const strides = stridesOf(input);
  const size = product(input);
  return positions.map((position) => {
    const plane = Math.floor(position / size);
    let at = 0;
    let step = 1;
    input.forEach((dim, axis) => {
      at += (Math.floor((position % size) / (strides[axis] as number)) % dim) * step;
      step *= dim;
    });
    return plane * size + at;
  });
}

/** Taps of each place that lie in the padded input: what count_include_pad divides by. The overhang of ceil_mode is left out. */
function paddedTaps(input: readonly number[], { kernel, strides, dilations, begin, end, output }: Window): number[] {
  let counts = [1];
  input.forEach((dim, axis) => {
    const own = Array.from({ length: output[axis] as number }, (_, o) => {
      let count = 0;
      for (let k = 0; k < (kernel[axis] as number); k++) {
        const at = o * (strides[axis] as number) + k * (dilations[axis] as number) - (begin[axis] as number);
        if (at < dim + (end[axis] as number)) count++;
      }
      return count;
    });
    counts = counts.flatMap((outer) => own.map((inner) => outer * inner));
  });
  return counts;
}

function pooled(
  x: NDArray,
  window: Window,
  finish: (total: number, taps: number, place: number) => number,
  term: (value: number) => number,
): NDArray {
  const input = x.dims.slice(2);
  const table = windowTable(input, window);
  const values = doublesIn(x);
  const [taps, places, size] = [product(window.kernel), product(window.output), product(input)];
  const planes = product(x.dims.slice(0, 2));
  const data = new Float64Array(planes * places);
  for (let plane = 0, put = 0; plane < planes; plane++) {
    for (let place = 0; place < places; place++, put++) {
      let total = 0;
      let count = 0;
      for (let tap = 0; tap < taps; tap++) {
        const at = table[place * taps + tap] as number;
        if (at < 0) continue;
        total += term(values[plane * size + at] as number);
        count++;
      }
      data[put] = finish(total, count, place);
    }
  }
  return converted({ dataType: 'double', dims: [...x.dims.slice(0, 2), ...window.output], data }, x.dataType);
}

function runAveragePool(context: KernelContext): NDArray {
  const x = context.input(0);
  const window = poolWindow(context, x.dims);
  if (!context.flag('count_include_pad'))
    return pooled(
      x,
      window,
      (total, count) => total / count,
      (value) => value,
    );
  const counts = paddedTaps(x.dims.slice(2), window);
  return pooled(
    x,
    window,
    (total, _, place) => total / (counts[place] as number),
    (value) => value,
  );
}

function lpNorm(p: number): { readonly finish: (total: number) => number; readonly term: (value: number) => number } {
  return {
    finish: (total) => (p === 2 ? Math.sqrt(total) : total ** (1 / p)),
    term: (value) => (p === 2 ? value * value : Math.abs(value) ** p),
  };
}

function orderOf(context: KernelContext): number {
  return context.attributes.number('p') ?? context.attributes.float('p') ?? 2;
}

function runLpPool(context: KernelContext): NDArray {
  const x = context.input(0);
  const { finish, term } = lpNorm(orderOf(context));
  return pooled(x, poolWindow(context, x.dims), finish, term);
}

/** One window over all spatial axes. */
function globalWindow(dims: readonly number[]): Window {
  const kernel = dims.slice(2);
  const ones = kernel.map(() => 1);
  const zeros = kernel.map(() => 0);
  return { kernel, strides: ones, dilations: ones, begin: zeros, end: zeros, output: ones };
}

function runGlobalMaxPool(context: KernelContext): NDArray {
  const x = context.input(0);
  const values = numbersIn(x);
  const size = product(x.dims.slice(2));
  const planes = product(x.dims.slice(0, 2));
  const data = createData(x.dataType, planes) as Float32Array;
  for (let plane = 0; plane < planes; plane++) {
    let best = -Infinity;
    for (let i = plane * size; i < (plane + 1) * size; i++) best = Math.max(best, values[i] as number);
    data[plane] = best;
  }
  return { dataType: x.dataType, dims: x.dims.map((dim, axis) => (axis < 2 ? dim : 1)), data };
}

/** Values back to where a MaxPool took them from; the indices count in the shape that the attributes give. */
function runMaxUnpool(context: KernelContext): NDArray {
  const [x, indices] = [context.input(0), context.input(1)];
  const spatial = x.dims.slice(2);
  const { strides, pads } = windowAttributes(context, spatial.length);
  const kernel = kernelShape(context, spatial.length);
  const inferred = [
    ...x.dims.slice(0, 2),
    ...spatial.map(
      (dim, axis) =>
        (dim - 1) * (strides[axis] as number) -
        (pads?.[axis] ?? 0) -
        (pads?.[axis + spatial.length] ?? 0) +
        (kernel[axis] as number),
    ),
  ];
  const dims = context.numbers(2) ?? inferred;
  if (dims.some((dim, axis) => dim < (inferred[axis] as number)))
    return refuse('output_shape of MaxUnpool is too small');
  const [from, to] = [stridesOf(inferred), stridesOf(dims)];
  const values = numbersIn(x);
  const data = createData(x.dataType, product(dims)) as Float32Array;
  (indices.data as BigInt64Array).forEach((index, i) => {
    const at = Number(index);
    if (at < 0 || at >= product(inferred)) refuse('an index of MaxUnpool is out of range');
    const put = inferred.reduce(
      (sum, dim, axis) => sum + (Math.floor(at / (from[axis] as number)) % dim) * (to[axis] as number),
      0,
    );
    data[put] = values[i] as number;
  });
  return { dataType: x.dataType, dims, data };
}

export const poolKernels: readonly Kernel[] = [
  kernel(['MaxPool'], { exactness: 'exact', run: runMaxPool }),
  kernel(['AveragePool'], { exactness: 'bounded', ulp: 1, run: runAveragePool }),
  kernel(['LpPool'], { exactness: 'bounded', ulp: 2, run: runLpPool }),
  kernel(['GlobalMaxPool'], { exactness: 'exact', run: runGlobalMaxPool }),
  kernel(['GlobalAveragePool'], {
    exactness: 'bounded',
    ulp: 1,
    run: (context) => {
      const x = context.input(0);
      return pooled(
        x,
        globalWindow(x.dims),
        (total, count) => total / count,
        (value) => value,
      );
    },
  }),
  kernel(['GlobalLpPool'], {
    exactness: 'bounded',
    ulp: 2,
    run: (context) => {
      const x = context.input(0);
      const { finish, term } = lpNorm(orderOf(context));
      return pooled(x, globalWindow(x.dims), finish, term);
    },
  }),
  kernel(['MaxUnpool'], { exactness: 'exact', run: runMaxUnpool }),
];

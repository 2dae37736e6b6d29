/** Sorting and selection: TopK Unique NonMaxSuppression. Ties go to the lower index. */
import { type Element } from '../elementwise.ts';
import { countOf, int64Array, isStringData, type NDArray } from '../array.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, normalAxis, numbersIn, safeNumber } from '../kernel.ts';
import { gatherRuns, reshaped, transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';

function runTopK(context: KernelContext): readonly NDArray[] {
  const array = context.input(0);
  const rank = array.dims.length;
  const axis = normalAxis(context.attributes.int('axis') ?? -1n, rank);
  const k = context.opset < 10 ? context.int('k') : safeNumber(context.integers(1)?.[0] ?? refuse('TopK has no K'));
  const length = array.dims[axis] as number;
  if (k < 0 || k > length) return refuse(`the top ${k} of ${length}`);
  const largest = (context.attributes.int('largest') ?? 1n) !== 0n;
  const order = [...array.dims.map((_, at) => at).filter((at) => at !== axis), axis];
  const rows = transposed(array, order);
  const values = rows.data as ArrayLike<number | bigint>;
  const count = length === 0 ? 0 : countOf(array) / length;
  const positions = new Float64Array(count * k);
  const indices = new BigInt64Array(count * k);
  for (let row = 0; row < count; row++) {
    const places = Array.from({ length }, (_, index) => index);
    for (const index of places)
      if (Number.isNaN(values[row * length + index])) context.disputed('TopK of NaN depends on the implementation');
    places.sort((a, b) => {
      const [x, y] = [values[row * length + a] as number, values[row * length + b] as number];
      if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return a - b;
      // As in numpy, NaN is greater than any number.
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) === largest ? -1 : 1;
      return x > y === largest ? -1 : 1;
    });
    for (let i = 0; i < k; i++) {
      positions[row * k + i] = row * length + (places[i] as number);
      indices[row * k + i] = BigInt(places[i] as number);
    }
  }
  const dims = order.map((at) => (at === axis ? k : (array.dims[at] as number)));
  const back = order.map((_, at) => order.indexOf(at));
  return [
    transposed(gatherRuns(rows, positions, 1, dims), back),
    transposed({ dataType: 'int64', dims, data: indices }, back),
  ];
}

function compareRuns(data: ArrayLike<Element>, run: number, a: number, b: number): number {
  for (let i = 0; i < run; i++) {
    const [x, y] = [data[a * run + i] as Element, data[b * run + i] as Element];
    if (x instanceof Uint8Array && y instanceof Uint8Array) {
      const order = compareBytes(x, y);
      if (order !== 0) return order;
    } else if (x < y) return -1;
    else if (x > y) return 1;
  }
  return 0;
}

function compareBytes(x: Uint8Array, y: Uint8Array): number {
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return (x[i] as number) - (y[i] as number);
  return x.length - y.length;
}

/** Different slices along an axis, or elements: Y, first occurrences, inverse, counts. */
function runUnique(context: KernelContext): readonly NDArray[] {
  const array = context.input(0);
  const given = context.attributes.int('axis');
  const axis = given === undefined ? 0 : normalAxis(given, array.dims.length);
  const order = array.dims.map((_, at) => at);
  const front = [axis, ...order.filter((at) => at !== axis)];
  const rows = given === undefined ? reshaped(array, [countOf(array)]) : transposed(array, front);
  const count = rows.dims[0] as number;
  const run = product(rows.dims.slice(1));
  const data = rows.data as ArrayLike<Element>;
  if (!isStringData(rows.data) && Array.from(data as ArrayLike<number>).some(Number.isNaN))
    return refuse('Unique of NaN');
  const sorted = Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => compareRuns(data, run, a, b) || a - b,
  );
  const groups: number[][] = [];
  for (const index of sorted) {
    const last = groups.at(-1);
    if (last !== undefined && compareRuns(data, run, last[0] as number, index) === 0) last.push(index);
    else groups.push([index]);
  }
  if (!context.flag('sorted')) groups.sort((a, b) => (a[0] as number) - (b[0] as number));
  const firsts = groups.map((group) => group[0] as number);
  const inverse = new Array<number>(count);
  groups.forEach((group, place) => group.forEach((index) => (inverse[index] = place)));
  const unique = gatherRuns(rows, firsts, run, [groups.length, ...rows.dims.slice(1)]);
  const y =
    given === undefined
      ? unique
      : transposed(
          unique,
          order.map((at) => front.indexOf(at)),
        );
  return [y, int64Array(firsts), int64Array(inverse), int64Array(groups.map(({ length }) => length))];
}

type Box = readonly [number, number, number, number];

/** Corners (y1, x1, y2, x2), in any order, or centre and size (x, y, width, height), as ascending corners. */
function boxAt(boxes: Float64Array, index: number, centred: boolean): Box {
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => boxes[index * 4 + k] as number) as [number, number, number, number];
  if (centred) return [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

function runNonMaxSuppression(context: KernelContext): NDArray {
  const [boxes, scores] = [context.input(0), context.input(1)];
  const [batches, classes, count] = scores.dims as [number, number, number];
  const limit = safeNumber(context.integers(2)?.[0] ?? 0n);
  const iouThreshold = context.optional(3) === undefined ? 0 : (numbersIn(context.input(3))[0] as number);
  const scoreThreshold = context.optional(4) === undefined ? undefined : (numbersIn(context.input(4))[0] as number);
  const centred = context.flag('center_point_box');
  const [corners, values] = [doublesIn(boxes), doublesIn(scores)];
  const selected: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    for (let kind = 0; kind < classes; kind++) {
      const at = (batch * classes + kind) * count;
      const candidates = Array.from({ length: count }, (_, index) => index)
        .filter((index) => scoreThreshold === undefined || (values[at + index] as number) > scoreThreshold)
        .sort((a, b) => (values[at + b] as number) - (values[at + a] as number) || a - b);
      const kept: Box[] = [];
      for (const index of candidates) {
        if (kept.length >= limit) break;
        const box = boxAt(corners, batch * count + index, centred);
        if (kept.some((other) => overlap(other, box) > iouThreshold)) continue;
        kept.push(box);
        selected.push(batch, kind, index);
      }
    }
  }
  return int64Array(selected, [selected.length / 3, 3]);
}

export const orderKernels: readonly Kernel[] = [
  kernel(['TopK'], {
    // Without `sorted` the order of the results is up to the implementation.
    exactness: (context) => ((context.attributes.int('sorted') ?? 1n) === 0n ? 'bounded' : 'exact'),
    run: runTopK,
  }),
  kernel(['Unique'], { exactness: 'exact', run: runUnique }),
  kernel(['NonMaxSuppression'], { exactness: 'bounded', run: runNonMaxSuppression }),
];

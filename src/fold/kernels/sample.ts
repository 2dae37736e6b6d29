/** GridSample AffineGrid: values between the grid points of an image [N, C, spatial...]. */
import type { NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { roundHalfEven } from '../elementwise.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { product, stridesOf } from '../strided.ts';

interface Border {
  readonly low: number;
  readonly high: number;
}

function reflected(x: number, { low, high }: Border): number {
  const range = high - low;
  if (x >= low && x <= high) return x;
  if (range === 0) return low;
  const distance = x < low ? low - x : x - high;
  const turns = Math.trunc(distance / range);
  const rest = distance - turns * range;
  const fromLow = x < low === (turns % 2 === 0);
  return fromLow ? low + rest : high - rest;
}

interface Taps {
  /** Index along the axis, or -1 for a value of 0. */
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

function cubicWeights(t: number): number[] {
  const a = -0.75;
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

function sampleTaps(coordinate: number, dim: number, mode: string, padding: string, border: Border): Taps {
  const inside = (index: number): number => {
    if (index >= 0 && index < dim) return index;
    if (padding === 'zeros') return -1;
    if (padding === 'border') return Math.min(Math.max(index, 0), dim - 1);
    return Math.trunc(reflected(index, border));
  };
  let x = mode === 'nearest' ? roundHalfEven(coordinate) : coordinate;
  if (x < border.low || x > border.high) {
    if (padding === 'border') x = Math.min(Math.max(x, 0), dim - 1);
    else if (padding === 'reflection') x = reflected(x, border);
  }
  if (mode === 'nearest') return { indices: [inside(Math.trunc(x))], weights: [1] };
  const base = Math.floor(x);
  if (mode === 'linear') return { indices: [inside(base), inside(base + 1)], weights: [1 - (x - base), x - base] };
  return { indices: [-1, 0, 1, 2].map((step) => inside(base + step)), weights: cubicWeights(x - base) };
}

const modeNames: ReadonlyMap<string, string> = new Map([
  ['bilinear', 'linear'],
  ['bicubic', 'cubic'],
]);

const sampleModes: ReadonlySet<string> = new Set(['nearest', 'linear', 'cubic']);
/** Each point is made of up to four neighbours along each axis: their number grows with the power of the rank. */
const MAXIMUM_SAMPLED_AXES = 5;

function runGridSample(context: KernelContext): NDArray {
  const [x, grid] = [context.input(0), context.input(1)];
  const given = context.attributes.string('mode') ?? 'linear';
  const mode = modeNames.get(given) ?? given;
  if (!sampleModes.has(mode)) return refuse(`the mode '${given}' is unknown`);
  const padding = context.attributes.string('padding_mode') ?? 'zeros';
  const aligned = context.flag('align_corners');
  const spatial = x.dims.slice(2);
  const rank = spatial.length;
  if (rank > MAXIMUM_SAMPLED_AXES) return refuse(`a grid over ${rank} axes`);
  const [batches, channels] = x.dims as [number, number];
  if (grid.dims.length !== rank + 2 || grid.dims.at(-1) !== rank || grid.dims[0] !== batches)
    return refuse('the grid does not fit');
  const places = product(grid.dims.slice(1, -1));
  const [values, points] = [doublesIn(x), doublesIn(grid)];
  const strides = stridesOf(spatial);
  const size = product(spatial);
  const data = new Float64Array(batches * channels * places);
  for (let n = 0; n < batches; n++) {
    for (let place = 0; place < places; place++) {
      // The last coordinate of the grid is that of the first spatial axis.
      let indices = [0];
      let weights = [1];
      for (let axis = 0; axis < rank; axis++) {
        const dim = spatial[axis] as number;
        const point = points[(n * places + place) * rank + (rank - 1 - axis)] as number;
        if (!Number.isFinite(point)) return refuse('a grid point that is not finite');
        const coordinate = Math.fround(aligned ? ((point + 1) / 2) * (dim - 1) : ((point + 1) * dim - 1) / 2);
        const border = aligned ? { low: 0, high: dim - 1 } : { low: -0.5, high: dim - 0.5 };
        const taps = sampleTaps(coordinate, dim, mode, padding, border);
        const stride = strides[axis] as number;
        indices = indices.flatMap((outer) =>
          taps.indices.map((index) => (outer < 0 || index < 0 ? -1 : outer + index * stride)),
        );
        weights = weights.flatMap((outer) => taps.weights.map((weight) => outer * weight));
      }
      for (let c = 0; c < channels; c++) {
        let total = 0;
        indices.forEach((index, tap) => {
          if (index >= 0) total += (weights[tap] as number) * (values[(n * channels + c) * size + index] as number);
        });
        data[(n * channels + c) * places + place] = total;
      }
    }
  }
  return converted({ dataType: 'double', dims: [batches, channels, ...grid.dims.slice(1, -1)], data }, x.dataType);
}

/** Coordinates of a grid from -1 to 1 under an affine map theta [N, r, r + 1]; the output is [N, spatial..., r]. */
function runAffineGrid(context: KernelContext): NDArray {
  const theta = context.input(0);
  const size = context.numbers(1) ?? refuse('AffineGrid has no size');
  const spatial = size.slice(2);
  const rank = spatial.length;
  const aligned = context.flag('align_corners');
  if (theta.dims[1] !== rank || theta.dims[2] !== rank + 1 || theta.dims[0] !== size[0])
    return refuse('theta does not fit');
  const along = spatial.map((dim) =>
    Array.from({ length: dim }, (_, i) =>
      aligned ? (dim === 1 ? 0 : -1 + (2 * i) / (dim - 1)) : (2 * i + 1) / dim - 1,
    ),
  );
  const maps = doublesIn(theta);
  const places = product(spatial);
  const strides = stridesOf(spatial);
  const batches = size[0] as number;
  const data = new Float64Array(batches * places * rank);
  for (let n = 0; n < batches; n++) {
    for (let place = 0; place < places; place++) {
      const point = spatial
        .map((dim, axis) => along[axis]?.[Math.floor(place / (strides[axis] as number)) % dim] as number)
        .reverse();
      for (let row = 0; row < rank; row++) {
        const at = (n * rank + row) * (rank + 1);
        let total = maps[at + rank] as number;
        point.forEach((coordinate, column) => (total += (maps[at + column] as number) * coordinate));
        data[(n * places + place) * rank + row] = total;
      }
    }
  }
  return converted({ dataType: 'double', dims: [batches, ...spatial, rank], data }, theta.dataType);
}

export const sampleKernels: readonly Kernel[] = [
  kernel(['GridSample'], { exactness: 'bounded', ulp: 4, run: runGridSample }),
  kernel(['AffineGrid'], { exactness: 'bounded', ulp: 2, run: runAffineGrid }),
];

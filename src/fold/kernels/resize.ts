/** Resize and Upsample: each axis by itself, as a weighted sum of neighbours. Coordinates are computed in double. */
import { isFloatType } from '../../ir/data-type.ts';
import { countOf, type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, normalAxes } from '../kernel.ts';
import { gatherRuns } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';

interface Settings {
  readonly mode: string;
  readonly nearestMode: string;
  readonly coordinates: string;
  readonly cubicA: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
  readonly extrapolation: number;
}

interface Axis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  /** Start and end of the region of interest, for tf_crop_and_resize. */
  readonly roi: readonly [number, number];
}

/** Where place `y` of the output lies in the input (Resize-19, coordinate_transformation_mode). */
function sourceCoordinate(y: number, { input, output, scale, roi }: Axis, mode: string): number {
  const width = scale * input;
  switch (mode) {
    case 'half_pixel':
      return (y + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return width === 1 ? -0.5 : (y + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric':
      return (input / 2) * (1 - output / width) + (y + 0.5) / scale - 0.5;
    case 'align_corners':
      return width === 1 ? 0 : (y * (input - 1)) / (width - 1);
    case 'asymmetric':
      return y / scale;
    case 'tf_crop_and_resize':
      if (width === 1) return ((roi[1] - roi[0]) * (input - 1)) / 2 + roi[0] * (input - 1);
      return roi[0] * (input - 1) + (y * (roi[1] - roi[0]) * (input - 1)) / (width - 1);
    default:
      return refuse(`Resize with coordinates '${mode}'`);
  }
}

function nearest(x: number, mode: string): number {
  const down = Math.floor(x);
  const part = x - down;
  switch (mode) {
    case 'floor':
    case '':
      return down;
    case 'ceil':
      return Math.ceil(x);
    case 'round_prefer_ceil':
      return part < 0.5 ? down : down + 1;
    case 'round_prefer_floor':
      return part <= 0.5 ? down : down + 1;
    default:
      return refuse(`Resize with nearest_mode '${mode}'`);
  }
}

function cubicWeight(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
}

interface Taps {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

/** The neighbours of a coordinate and their weights; when shrinking with antialias the kernel is stretched. */
function tapsAt(x: number, axis: Axis, { mode, nearestMode, cubicA, antialias, excludeOutside }: Settings): Taps {
  if (mode === 'nearest')
    return { indices: [Math.min(Math.max(nearest(x, nearestMode), 0), axis.input - 1)], weights: [1] };
  const stretch = antialias ? Math.min(axis.scale, 1) : 1;
  const reach = (mode === 'linear' ? 1 : 2) / stretch;
  const weight = (distance: number): number =>
    mode === 'linear' ? Math.max(0, 1 - Math.abs(distance)) : cubicWeight(distance, cubicA);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let at = Math.floor(x - reach) + 1; at < x + reach; at++) {
    const outside = at < 0 || at >= axis.input;
    indices.push(Math.min(Math.max(at, 0), axis.input - 1));
    weights.push(outside && excludeOutside ? 0 : weight((at - x) * stretch));
  }
  const total = excludeOutside || antialias ? weights.reduce((sum, own) => sum + own, 0) : 1;
  return { indices, weights: weights.map((own) => own / (total === 0 ? 1 : total)) };
}

function resizeAxis(data: Float64Array, outer: number, run: number, axis: Axis, settings: Settings): Float64Array {
  const result = new Float64Array(outer * axis.output * run);
  for (let y = 0; y < axis.output; y++) {
    const x = sourceCoordinate(y, axis, settings.coordinates);
    const extrapolated = settings.coordinates === 'tf_crop_and_resize' && (x < 0 || x > axis.input - 1);
    const { indices, weights } = tapsAt(x, axis, settings);
    for (let i = 0; i < outer; i++) {
      const put = (i * axis.output + y) * run;
      if (extrapolated) {
        result.fill(settings.extrapolation, put, put + run);
        continue;
      }
      indices.forEach((index, tap) => {
        const from = (i * axis.input + index) * run;
        const weight = weights[tap] as number;
        for (let k = 0; k < run; k++)
          result[put + k] = (result[put + k] as number) + weight * (data[from + k] as number);
      });
    }
  }
  return result;
}

function isUntouched({ input, output, scale, roi }: Axis, settings: Settings): boolean {
  return (
    scale === 1 && input === output && (settings.coordinates !== 'tf_crop_and_resize' || (roi[0] === 0 && roi[1] === 1))
  );
}

function resized(context: KernelContext, array: NDArray, axes: readonly Axis[], settings: Settings): NDArray {
  if (axes.some(({ input, output }) => input === 0 && output > 0)) return refuse('Resize of nothing');
  const dims = [...array.dims];
  if (settings.mode === 'nearest' && settings.coordinates !== 'tf_crop_and_resize') {
    let result = array;
    axes.forEach((axis, at) => {
      if (isUntouched(axis, settings)) return;
      const places = Array.from({ length: axis.output }, (_, y) => {
        const x = sourceCoordinate(y, axis, settings.coordinates);
        return Math.min(Math.max(nearest(x, settings.nearestMode), 0), axis.input - 1);
      });
      const outer = product(dims.slice(0, at));
      const positions = Array.from({ length: outer }, (_, i) => places.map((place) => i * axis.input + place)).flat();
      dims[at] = axis.output;
      result = gatherRuns(result, positions, product(dims.slice(at + 1)), [...dims]);
    });
    return result;
  }
  let data = doublesIn(array);
  axes.forEach((axis, at) => {
    if (isUntouched(axis, settings)) return;
    data = resizeAxis(data, product(dims.slice(0, at)), product(dims.slice(at + 1)), axis, settings);
    dims[at] = axis.output;
  });
  if (isFloatType(array.dataType)) return converted({ dataType: 'double', dims, data }, array.dataType);
  context.disputed(`Resize of ${array.dataType} in mode '${settings.mode}': rounding depends on the implementation`);
  return converted({ dataType: 'double', dims, data }, array.dataType, { followReference: true });
}

/** Output size of an axis by its scale, in double as the standard says; ONNX Runtime multiplies in float. Both must agree. */
function scaledSize(context: KernelContext, dim: number, scale: number): number {
  if (!(scale > 0)) return refuse(`a scale of ${scale}`);
  const size = Math.floor(dim * scale);
  if (size !== Math.floor(Math.fround(dim * Math.fround(scale))))
    context.disputed(`implementations disagree on the size of ${dim} times ${scale}`);
  return size;
}

function present(array: NDArray | undefined): NDArray | undefined {
  return array === undefined || countOf(array) === 0 ? undefined : array;
}

function runResize(context: KernelContext): NDArray {
  const array = context.input(0);
  const rank = array.dims.length;
  const old = context.opset < 11;
  const axes = normalAxes(context.ints('axes') ?? array.dims.map((_, axis) => axis), rank);
  const roi = old ? undefined : present(context.optional(1));
  const scales = present(context.optional(old ? 1 : 2));
  const sizes = old ? undefined : present(context.optional(3));
  if ((scales === undefined) === (sizes === undefined)) return refuse('Resize needs either scales or sizes');
  if ((scales ?? sizes)?.data.length !== axes.length) return refuse('scales or sizes of Resize do not fit its axes');
  const mode = context.attributes.string('mode') ?? 'nearest';
  const settings: Settings = {
    mode,
    nearestMode: context.attributes.string('nearest_mode') ?? (old ? 'floor' : 'round_prefer_floor'),
    coordinates: context.attributes.string('coordinate_transformation_mode') ?? (old ? 'asymmetric' : 'half_pixel'),
    cubicA: context.attributes.float('cubic_coeff_a') ?? -0.75,
    antialias: context.flag('antialias'),
    excludeOutside: context.flag('exclude_outside'),
    extrapolation: context.attributes.float('extrapolation_value') ?? 0,
  };
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic') return refuse(`Resize in mode '${mode}'`);
  const region = roi && doublesIn(roi);
  const own = array.dims.map((dim): Axis => ({ input: dim, output: dim, scale: 1, roi: [0, 1] }));
  const wanted = sizes && context.numbers(3);
  const factors = scales && doublesIn(scales);
  const policy = context.attributes.string('keep_aspect_ratio_policy') ?? 'stretch';
  const ratios = axes.map((axis, index) => (wanted?.[index] ?? 0) / (array.dims[axis] as number));
  const common = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  axes.forEach((axis, index) => {
    const input = array.dims[axis] as number;
    const bounds = [region?.[index] ?? 0, region?.[index + axes.length] ?? 1] as const;
    if (wanted === undefined) {
      const scale = factors?.[index] as number;
      own[axis] = { input, output: scaledSize(context, input, scale), scale, roi: bounds };
    } else if (policy === 'stretch') {
      const output = wanted[index] as number;
      own[axis] = { input, output, scale: output / input, roi: bounds };
    } else {
      own[axis] = { input, output: Math.floor(common * input + 0.5), scale: common, roi: bounds };
    }
  });
  return resized(context, array, own, settings);
}

/** Upsample: nearest takes the floor, linear interpolates; scales are height and width (1), an attribute (7) or an input (9). */
function runUpsample(context: KernelContext): NDArray {
  const array = context.input(0);
  const mode = context.attributes.string('mode') ?? 'nearest';
  let scales: readonly number[];
  if (context.opset < 7) scales = [1, 1, context.float('height_scale'), context.float('width_scale')];
  else if (context.opset < 9) scales = context.attributes.floats('scales') ?? refuse('Upsample has no scales');
  else scales = [...doublesIn(context.input(1))];
  if (scales.length !== array.dims.length) return refuse('scales of Upsample do not fit');
  const axes = array.dims.map((input, axis): Axis => {
    const scale = scales[axis] as number;
    return { input, output: scaledSize(context, input, scale), scale, roi: [0, 1] };
  });
  const settings: Settings = {
    mode: mode === 'bilinear' ? 'linear' : mode,
    nearestMode: 'floor',
    coordinates: 'asymmetric',
    cubicA: -0.75,
    antialias: false,
    excludeOutside: false,
    extrapolation: 0,
  };
  return resized(context, array, axes, settings);
}

function exactness(context: KernelContext): 'exact' | 'bounded' {
  return (context.attributes.string('mode') ?? 'nearest') === 'nearest' ? 'exact' : 'bounded';
}

export const resizeKernels: readonly Kernel[] = [
  kernel(['Resize'], { exactness, ulp: 4, run: runResize }),
  kernel(['Upsample'], { exactness, ulp: 4, run: runUpsample }),
];

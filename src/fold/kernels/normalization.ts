/** Batch, layer, RMS, instance, group, Lp, mean-variance and local response normalization: in double, rounded once. */
import type { DataType } from '../../ir/data-type.ts';
import { type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { zipNumbers } from '../elementwise.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, normalAxes, normalAxis } from '../kernel.ts';
import { reshaped, transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';

function doubleArray(dims: readonly number[], data: Float64Array): NDArray {
  return { dataType: 'double', dims, data };
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

function momentsOf(data: Float64Array, start: number, length: number): Moments {
  let total = 0;
  for (let i = start; i < start + length; i++) total += data[i] as number;
  const mean = total / length;
  let squares = 0;
  for (let i = start; i < start + length; i++) squares += ((data[i] as number) - mean) ** 2;
  return { mean, variance: squares / length };
}

/** An attribute says so, or (opsets 7 to 13) the outputs that only training has. */
function isTraining(context: KernelContext): boolean {
  if (context.opset >= 14) return context.flag('training_mode');
  return context.opset < 7 ? !context.flag('is_test') : context.outputCount > 1;
}

/** X [N, C, ...] with statistics per channel; before opset 9 with spatial = 0 per channel and place. */
function runBatchNormalization(context: KernelContext): readonly NDArray[] {
  const x = context.input(0);
  const epsilon = context.float('epsilon');
  const parameters = [1, 2, 3, 4].map((index) => Float64Array.from(doublesIn(context.input(index)))) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [scale, bias] = parameters;
  let [, , mean, variance] = parameters;
  const values = doublesIn(x);
  const perPlace = context.opset < 9 && context.attributes.int('spatial') === 0n;
  const run = perPlace ? 1 : product(x.dims.slice(2));
  const channels = perPlace ? product(x.dims.slice(1)) : (x.dims[1] ?? 1);
  if (scale.length !== channels) return refuse('parameters of BatchNormalization do not fit the channels');
  const training = isTraining(context);
  const extra: NDArray[] = [];
  if (training) {
    if (perPlace) return refuse('BatchNormalization of each place in training');
    if (context.opset < 14) context.disputed('which variance BatchNormalization updates before opset 14');
    const momentum = context.float('momentum');
    const rows = transposed(doubleArray(x.dims, values), [1, 0, ...x.dims.map((_, axis) => axis).slice(2)]);
    const length = values.length / channels;
    const moments = Array.from({ length: channels }, (_, channel) =>
      momentsOf(rows.data as Float64Array, channel * length, length),
    );
    const blend = (old: Float64Array, of: (own: Moments) => number): NDArray =>
      doubleArray(
        [channels],
        old.map((value, channel) => value * momentum + of(moments[channel] as Moments) * (1 - momentum)),
      );
    extra.push(
      converted(
        blend(mean, (own) => own.mean),
        context.input(3).dataType,
      ),
    );
    extra.push(
      converted(
        blend(variance, (own) => own.variance),
        context.input(4).dataType,
      ),
    );
    mean = Float64Array.from(moments, (own) => own.mean);
    variance = Float64Array.from(moments, (own) => own.variance);
    // saved_mean and saved_var, up to opset 13.
    for (const own of [mean, variance]) extra.push(converted(doubleArray([channels], own), x.dataType));
  } else if (context.outputCount > 1) {
    return refuse('BatchNormalization has outputs of training');
  }
  const data = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / run) % channels;
    const factor = (scale[channel] as number) / Math.sqrt((variance[channel] as number) + epsilon);
    data[i] = ((values[i] as number) - (mean[channel] as number)) * factor + (bias[channel] as number);
  }
  return [converted(doubleArray(x.dims, data), x.dataType), ...extra];
}

/** Each run of `length` elements to mean 0 and variance 1; without `centre` only to mean square 1. */
export function normalizedRuns(
  values: Float64Array,
  length: number,
  epsilon: number,
  centre = true,
): { readonly data: Float64Array; readonly means: Float64Array; readonly inverses: Float64Array } {
  const count = length === 0 ? 0 : values.length / length;
  const data = new Float64Array(values.length);
  const [means, inverses] = [new Float64Array(count), new Float64Array(count)];
  for (let row = 0; row < count; row++) {
    const start = row * length;
    const { mean, variance } = momentsOf(values, start, length);
    const offset = centre ? mean : 0;
    const inverse = 1 / Math.sqrt((centre ? variance : variance + mean * mean) + epsilon);
    means[row] = mean;
    inverses[row] = inverse;
    for (let i = start; i < start + length; i++) data[i] = ((values[i] as number) - offset) * inverse;
  }
  return { data, means, inverses };
}

export function scaled(
  normalized: NDArray,
  scale: NDArray | undefined,
  bias: NDArray | undefined,
  dataType: DataType,
): NDArray {
  let result = normalized;
  if (scale !== undefined) result = zipNumbers(result, converted(scale, 'double'), (x, y) => x * y);
  if (bias !== undefined) result = zipNumbers(result, converted(bias, 'double'), (x, y) => x + y);
  if (result.dims.join() !== normalized.dims.join()) return refuse('scale or bias do not broadcast to the input');
  return converted(result, dataType);
}

function runLayerNormalization(context: KernelContext): readonly NDArray[] {
  const x = context.input(0);
  const rank = x.dims.length;
  const axis = normalAxis(context.int('axis'), rank);
  const length = product(x.dims.slice(axis));
  const { data, means, inverses } = normalizedRuns(doublesIn(x), length, context.float('epsilon'));
  const dims = x.dims.map((dim, at) => (at < axis ? dim : 1));
  // Mean and InvStdDev have the type U that stash_type names: float, or bfloat16.
  const stash: DataType =
    context.attributes.int('stash_type') === 16n ? 'bfloat16' : x.dataType === 'double' ? 'double' : 'float';
  return [
    scaled(doubleArray(x.dims, data), context.input(1), context.optional(2), x.dataType),
    converted(doubleArray(dims, means), stash),
    converted(doubleArray(dims, inverses), stash),
  ];
}

function runRmsNormalization(context: KernelContext): NDArray {
  const x = context.input(0);
  const axis = normalAxis(context.int('axis'), x.dims.length);
  const { data } = normalizedRuns(doublesIn(x), product(x.dims.slice(axis)), context.float('epsilon'), false);
  return scaled(doubleArray(x.dims, data), context.input(1), undefined, x.dataType);
}

/** A parameter per channel as [C, 1, 1...], to broadcast against [N, C, spatial...]. */
function perChannel(array: NDArray, rank: number): NDArray {
  return reshaped(array, [array.dims[0] ?? 1, ...new Array<number>(Math.max(0, rank - 2)).fill(1)]);
}

function runInstanceNormalization(context: KernelContext): NDArray {
  const x = context.input(0);
  const rank = x.dims.length;
  const { data } = normalizedRuns(doublesIn(x), product(x.dims.slice(2)), context.float('epsilon'));
  const [scale, bias] = [perChannel(context.input(1), rank), perChannel(context.input(2), rank)];
  return scaled(doubleArray(x.dims, data), scale, bias, x.dataType);
}

/** Scale and bias are per group in GroupNormalization-18, per channel from 21 on. */
function runGroupNormalization(context: KernelContext): NDArray {
  const x = context.input(0);
  const [batches, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const groups = context.int('num_groups');
  if (channels % groups !== 0) return refuse(`${channels} channels do not make ${groups} groups`);
  const { data } = normalizedRuns(doublesIn(x), (channels / groups) * product(spatial), context.float('epsilon'));
  if (context.opset >= 21) {
    const [scale, bias] = [1, 2].map((index) => perChannel(context.input(index), x.dims.length));
    return scaled(doubleArray(x.dims, data), scale, bias, x.dataType);
  }
  const grouped = doubleArray([batches, groups, (channels / groups) * product(spatial)], data);
  const [scale, bias] = [1, 2].map((index) => reshaped(context.input(index), [groups, 1]));
  return reshaped(scaled(grouped, scale, bias, x.dataType), x.dims);
}

/** Applies `row` to each run along some axes, which are moved last and back. */
export function alongAxes(
  x: NDArray,
  axes: readonly number[],
  row: (data: Float64Array, start: number, length: number) => void,
): NDArray {
  const kept = x.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const moved = transposed(converted(x, 'double'), order);
  const data = Float64Array.from(moved.data as Float64Array);
  const length = product(axes.map((axis) => x.dims[axis] as number));
  for (let start = 0; start < data.length; start += length) row(data, start, length);
  const back = order.map((_, axis) => order.indexOf(axis));
  return converted(transposed(doubleArray(moved.dims, data), back), x.dataType);
}

function runMeanVarianceNormalization(context: KernelContext): NDArray {
  const x = context.input(0);
  const axes = normalAxes(context.ints('axes') ?? [0, 2, 3], x.dims.length);
  return alongAxes(x, axes, (data, start, length) => {
    const { mean, variance } = momentsOf(data, start, length);
    // The function body adds 1e-9 to the deviation, not to the variance.
    const deviation = Math.sqrt(variance) + 1e-9;
    for (let i = start; i < start + length; i++) data[i] = ((data[i] as number) - mean) / deviation;
  });
}

function runLpNormalization(context: KernelContext): NDArray {
  const x = context.input(0);
  const p = context.int('p');
  return alongAxes(x, [normalAxis(context.int('axis'), x.dims.length)], (data, start, length) => {
    let norm = 0;
    for (let i = start; i < start + length; i++) norm += Math.abs(data[i] as number) ** p;
    norm **= 1 / p;
    if (norm === 0 && context.opset < 22) context.disputed('a norm of 0 is undefined before opset 22');
    for (let i = start; i < start + length; i++) data[i] = norm === 0 ? 0 : (data[i] as number) / norm;
  });
}

/** Divides by a power of the squares in a window of `size` channels around each. */
function runLrn(context: KernelContext): NDArray {
  const x = context.input(0);
  const [alpha, beta, bias, size] = [
    context.float('alpha'),
    context.float('beta'),
    context.float('bias'),
    context.int('size'),
  ];
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  return alongAxes(x, [1], (data, start, length) => {
    const own = data.slice(start, start + length);
    for (let c = 0; c < length; c++) {
      let squares = 0;
      for (let k = Math.max(0, c - before); k <= Math.min(length - 1, c + after); k++)
        squares += (own[k] as number) ** 2;
      data[start + c] = (own[c] as number) / (bias + (alpha / size) * squares) ** beta;
    }
  });
}

export const normalizationKernels: readonly Kernel[] = [
  kernel(['BatchNormalization'], { exactness: 'bounded', ulp: 2, run: runBatchNormalization }),
  kernel(['LayerNormalization'], { exactness: 'bounded', ulp: 4, run: runLayerNormalization }),
  kernel(['RMSNormalization'], { exactness: 'bounded', ulp: 4, run: runRmsNormalization }),
  kernel(['InstanceNormalization'], { exactness: 'bounded', ulp: 4, run: runInstanceNormalization }),
  kernel(['GroupNormalization'], { exactness: 'bounded', ulp: 4, run: runGroupNormalization }),
  kernel(['MeanVarianceNormalization'], { exactness: 'bounded', ulp: 4, run: runMeanVarianceNormalization }),
  kernel(['LpNormalization'], { exactness: 'bounded', ulp: 2, run: runLpNormalization }),
  kernel(['LRN'], { exactness: 'bounded', ulp: 4, run: runLrn }),
];

/** Conv ConvTranspose ConvInteger Col2Im: sums over windows, in double, rounded once. X is [N, C, spatial...]. */
import type { NDArray } from '../array.ts';
import { multiplyMatrices, type Window, windowTable } from '../contraction.ts';
import { converted } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { windowAttributes, windowOf } from '../spatial.ts';
import { product } from '../strided.ts';

interface Doubles {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** [N, C, in...] * [M, C / group, kernel...] -> [N, M, out...]. */
export function convolve(
  x: Doubles,
  w: Doubles,
  bias: Float64Array | undefined,
  group: number,
  window: Window,
): Doubles {
  const [batches, channels, ...input] = x.dims as [number, number, ...number[]];
  const [filters, perGroup] = w.dims as [number, number];
  if (perGroup * group !== channels || filters % group !== 0)
    return refuse('channels and groups of a convolution do not fit');
  const table = windowTable(input, window);
  const taps = product(window.kernel);
  const places = product(window.output);
  const inputSize = product(input);
  const filtersPerGroup = filters / group;
  const columns = new Float64Array(perGroup * taps * places);
  const result = new Float64Array(batches * filters * places);
  for (let n = 0; n < batches; n++) {
    for (let g = 0; g < group; g++) {
      for (let c = 0; c < perGroup; c++) {
        const base = (n * channels + g * perGroup + c) * inputSize;
        for (let tap = 0; tap < taps; tap++) {
          const row = (c * taps + tap) * places;
          for (let place = 0; place < places; place++) {
            const at = table[place * taps + tap] as number;
            columns[row + place] = at < 0 ? 0 : (x.data[base + at] as number);
          }
        }
      }
      const from = (n * filters + g * filtersPerGroup) * places;
      for (let f = 0; bias !== undefined && f < filtersPerGroup; f++)
        result.fill(bias[g * filtersPerGroup + f] as number, from + f * places, from + (f + 1) * places);
      const weights = g * filtersPerGroup * perGroup * taps;
      multiplyMatrices(w.data, weights, columns, 0, result, from, filtersPerGroup, perGroup * taps, places);
    }
  }
  return { dims: [batches, filters, ...window.output], data: result };
}

function doubles(array: NDArray): Doubles {
  return { dims: array.dims, data: doublesIn(array) };
}

export function convolutionWindow(context: KernelContext, x: readonly number[], w: readonly number[]): Window {
  if (x.length < 3 || w.length !== x.length) return refuse('a convolution needs X and W of one rank, at least 3');
  const spatial = x.slice(2);
  const given = context.ints('kernel_shape');
  if (given !== undefined && given.some((size, axis) => size !== w[axis + 2]))
    return refuse('kernel_shape is not that of W');
  return windowOf(spatial, w.slice(2), windowAttributes(context, spatial.length));
}

function runConv(context: KernelContext): NDArray {
  const [x, w, bias] = [context.input(0), context.input(1), context.optional(2)];
  const window = convolutionWindow(context, x.dims, w.dims);
  const { dims, data } = convolve(doubles(x), doubles(w), bias && doublesIn(bias), context.int('group'), window);
  return converted({ dataType: 'double', dims, data }, x.dataType);
}

function runConvInteger(context: KernelContext): NDArray {
  const [x, w] = [context.input(0), context.input(1)];
  const window = convolutionWindow(context, x.dims, w.dims);
  const data = shifted(x, context.optional(2), 1);
  const filters = shifted(w, context.optional(3), product(w.dims.slice(1)));
  const result = convolve(
    { dims: x.dims, data },
    { dims: w.dims, data: filters },
    undefined,
    context.int('group'),
    window,
  );
  return converted(converted({ dataType: 'double', ...result }, 'int64'), 'int32');
}

/** Values less their zero point: one for all, or one for each `run` elements. */
export function shifted(array: NDArray, zeroPoint: NDArray | undefined, run: number): Float64Array {
  const values = Float64Array.from(doublesIn(array));
  if (zeroPoint === undefined) return values;
  const points = doublesIn(zeroPoint);
  for (let i = 0; i < values.length; i++)
    values[i] = (values[i] as number) - (points[points.length === 1 ? 0 : Math.floor(i / run)] as number);
  return values;
}

/** Output sizes and padding of ConvTranspose: out = stride (in - 1) + output_padding + extent - pads, or as output_shape says. */
function transposedWindow(context: KernelContext, input: readonly number[], kernelDims: readonly number[]): Window {
  const rank = input.length;
  const { strides, dilations, pads, autoPad } = windowAttributes(context, rank);
  const extra = context.ints('output_padding') ?? new Array<number>(rank).fill(0);
  const shape = context.ints('output_shape')?.slice(-rank);
  const begin: number[] = [];
  const end: number[] = [];
  const output = input.map((dim, axis) => {
    const [stride, dilation, size] = [strides[axis], dilations[axis], kernelDims[axis]] as [number, number, number];
    const full = stride * (dim - 1) + (extra[axis] ?? 0) + (size - 1) * dilation + 1;
    const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
    const wanted = shape?.[axis] ?? (same ? dim * stride : undefined);
    if (wanted === undefined) {
      begin.push(pads?.[axis] ?? 0);
      end.push(pads?.[axis + rank] ?? 0);
      return full - (pads?.[axis] ?? 0) - (pads?.[axis + rank] ?? 0);
    }
    const total = full - wanted;
    // The formula of the standard: with SAME_UPPER the smaller half goes to the begin, else the larger one.
    const small = Math.floor(total / 2);
    begin.push(autoPad === 'SAME_UPPER' ? small : total - small);
    end.push(autoPad === 'SAME_UPPER' ? total - small : small);
    return wanted;
  });
  if (output.some((size) => size < 0)) return refuse('ConvTranspose with an output smaller than nothing');
  return { kernel: kernelDims, strides, dilations, begin, end, output };
}

function runConvTranspose(context: KernelContext): NDArray {
  const [x, w, bias] = [context.input(0), context.input(1), context.optional(2)];
  const [batches, channels, ...input] = x.dims as [number, number, ...number[]];
  const [fromChannels, perGroup, ...kernelDims] = w.dims as [number, number, ...number[]];
  const group = context.int('group');
  if (fromChannels !== channels || channels % group !== 0)
    return refuse('channels and groups of ConvTranspose do not fit');
  const window = transposedWindow(context, input, kernelDims);
  // Seen from the output, the input is what a convolution with this window would give.
  const table = windowTable(window.output, { ...window, output: input });
  const [taps, places, size] = [product(kernelDims), product(input), product(window.output)];
  const [values, weights] = [doublesIn(x), doublesIn(w)];
  const filters = perGroup * group;
  const data = new Float64Array(batches * filters * size);
  const biases = bias && doublesIn(bias);
  const channelsPerGroup = channels / group;
  for (let n = 0; n < batches; n++) {
    for (let f = 0; f < filters; f++) {
      const put = (n * filters + f) * size;
      if (biases !== undefined) data.fill(biases[f] as number, put, put + size);
      const g = Math.floor(f / perGroup);
      for (let c = g * channelsPerGroup; c < (g + 1) * channelsPerGroup; c++) {
        const [xAt, wAt] = [(n * channels + c) * places, (c * perGroup + (f % perGroup)) * taps];
        for (let place = 0; place < places; place++) {
          for (let tap = 0; tap < taps; tap++) {
            const at = table[place * taps + tap] as number;
            if (at >= 0)
              data[put + at] =
                (data[put + at] as number) + (values[xAt + place] as number) * (weights[wAt + tap] as number);
          }
        }
      }
    }
  }
  return converted({ dataType: 'double', dims: [batches, filters, ...window.output], data }, x.dataType);
}

function runCol2Im(context: KernelContext): NDArray {
  const x = context.input(0);
  const image = context.numbers(1) ?? refuse('Col2Im has no image_shape');
  const block = context.numbers(2) ?? refuse('Col2Im has no block_shape');
  const window = windowOf(image, block, windowAttributes(context, image.length));
  const [batches, rows, columns] = x.dims as [number, number, number];
  const [taps, size] = [product(block), product(image)];
  const places = product(window.output);
  const channels = rows / taps;
  if (x.dims.length !== 3 || columns !== places || !Number.isInteger(channels))
    return refuse('the columns of Col2Im do not fit');
  const table = windowTable(image, window);
  const values = doublesIn(x);
  const data = new Float64Array(batches * channels * size);
  for (let plane = 0; plane < batches * channels; plane++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let place = 0; place < places; place++) {
        const at = table[place * taps + tap] as number;
        if (at >= 0)
          data[plane * size + at] =
            (data[plane * size + at] as number) + (values[(plane * taps + tap) * places + place] as number);
      }
    }
  }
  return converted({ dataType: 'double', dims: [batches, channels, ...image], data }, x.dataType);
}

export const convolutionKernels: readonly Kernel[] = [
  kernel(['Conv'], { exactness: 'bounded', ulp: 1, run: runConv }),
  kernel(['ConvTranspose'], { exactness: 'bounded', ulp: 1, run: runConvTranspose }),
  kernel(['ConvInteger'], { exactness: 'exact', run: runConvInteger }),
  kernel(['Col2Im'], { exactness: 'bounded', ulp: 1, run: runCol2Im }),
];

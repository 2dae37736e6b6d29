/** DeformConv: a convolution that reads between the grid points, each tap moved by an offset and scaled by a mask. */
import type { NDArray } from '../array.ts';
import { fromDoubles } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { windowAttributes, windowOf } from '../spatial.ts';
import { product, stridesOf } from '../strided.ts';

/** The multilinear value of `plane` at a point; what lies outside counts as 0. */
function valueAt(
  data: Float64Array,
  offset: number,
  dims: readonly number[],
  strides: readonly number[],
  point: Float64Array,
): number {
  let total = 0;
  for (let corner = 0; corner < 1 << dims.length; corner++) {
    let weight = 1;
    let at = offset;
    for (let axis = 0; axis < dims.length && weight !== 0; axis++) {
      const low = Math.floor(point[axis] as number);
      const part = (point[axis] as number) - low;
      const isHigh = ((corner >> axis) & 1) === 1;
      const index = isHigh ? low + 1 : low;
      if (index < 0 || index >= (dims[axis] as number)) weight = 0;
      else {
        weight *= isHigh ? part : 1 - part;
        at += index * (strides[axis] as number);
      }
    }
    if (weight !== 0) total += weight * (data[at] as number);
  }
  return total;
}

function runDeformConv(context: KernelContext): NDArray {
  const [x, w, offset, bias, mask] = [
    context.input(0),
    context.input(1),
    context.input(2),
    context.optional(3),
    context.optional(4),
  ];
  const [batches = 0, channels = 0, ...spatial] = x.dims;
  const [filters = 0, perGroup = 0, ...kernelDims] = w.dims;
  const [group, offsetGroup] = [context.int('group'), context.int('offset_group')];
  const rank = spatial.length;
  if (kernelDims.length !== rank || rank === 0) return refuse('the kernel of DeformConv does not fit');
  const window = windowOf(spatial, kernelDims, windowAttributes(context, rank));
  const [taps, places] = [product(kernelDims), product(window.output)];
  if (perGroup * group !== channels || filters % group !== 0 || channels % offsetGroup !== 0)
    return refuse('channels and groups of DeformConv do not fit');
  if (offset.dims.join() !== [batches, offsetGroup * taps * rank, ...window.output].join())
    return refuse('the offset of DeformConv does not fit');
  if (mask !== undefined && mask.dims.join() !== [batches, offsetGroup * taps, ...window.output].join())
    return refuse('the mask of DeformConv does not fit');
  const [values, weights, moves] = [doublesIn(x), doublesIn(w), doublesIn(offset)];
  const [masks, biases] = [mask && doublesIn(mask), bias && doublesIn(bias)];
  const [inner, outer, tapStrides] = [stridesOf(spatial), stridesOf(window.output), stridesOf(kernelDims)];
  const size = product(spatial);
  const perOffset = channels / offsetGroup;
  const perFilter = filters / group;
  const data = new Float64Array(batches * filters * places);
  const point = new Float64Array(rank);
  const coordinate = (index: number, strides: readonly number[], dims: readonly number[], axis: number): number =>
    Math.floor(index / (strides[axis] as number)) % (dims[axis] as number);
  for (let n = 0; n < batches; n++) {
    if (biases !== undefined)
      for (let f = 0; f < filters; f++)
        data.fill(biases[f] as number, (n * filters + f) * places, (n * filters + f + 1) * places);
    for (let c = 0; c < channels; c++) {
      const own = n * offsetGroup + Math.floor(c / perOffset);
      const g = Math.floor(c / perGroup);
      for (let tap = 0; tap < taps; tap++) {
        for (let place = 0; place < places; place++) {
          for (let axis = 0; axis < rank; axis++)
            point[axis] =
              coordinate(place, outer, window.output, axis) * (window.strides[axis] as number) -
              (window.begin[axis] as number) +
              coordinate(tap, tapStrides, kernelDims, axis) * (window.dilations[axis] as number) +
              (moves[((own * taps + tap) * rank + axis) * places + place] as number);
          const factor = masks === undefined ? 1 : (masks[(own * taps + tap) * places + place] as number);
          const value = factor * valueAt(values, (n * channels + c) * size, spatial, inner, point);
          for (let f = g * perFilter; f < (g + 1) * perFilter; f++) {
            const put = (n * filters + f) * places + place;
            data[put] =
              (data[put] as number) + value * (weights[(f * perGroup + (c % perGroup)) * taps + tap] as number);
          }
        }
      }
    }
  }
  return fromDoubles(data, [batches, filters, ...window.output], x.dataType);
}

export const deformableKernels: readonly Kernel[] = [
  kernel(['DeformConv'], { exactness: 'bounded', ulp: 2, run: runDeformConv }),
];

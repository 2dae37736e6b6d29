import { arrayOf } from '../fold/array.ts';
import { type Compute, ComputedPayload, Tensor } from '../ir/tensor.ts';
import { doublesOf, floatTensor } from './float-tensors.ts';

/**
 * Scaling the channels of a weight, as folding a BatchNormalization or a Mul needs it. Factors are computed in double and
 * rounded once, when they meet the weight, which is scaled chunk by chunk while the model is saved.
 */

/**
 * scale / sqrt(variance + epsilon) for each channel; undefined when the parameters are not resident floats, or a factor is
 * not finite: then w * x * factor and (w * factor) * x part ways.
 */
export function channelScale(scale: Tensor, variance: Tensor, epsilon: number): Float64Array | undefined {
  const gamma = doublesOf(scale);
  const spread = doublesOf(variance);
  if (gamma === undefined || spread === undefined || gamma.length !== spread.length) return undefined;
  const factors = gamma.map((factor, channel) => factor / Math.sqrt((spread[channel] ?? 0) + epsilon));
  return factors.every(Number.isFinite) ? factors : undefined;
}

/** (bias - mean) * factor + shift for each channel, as a vector of `dataType`; a missing bias counts as zeros. undefined when one is not finite. */
export function shiftedBias(
  dataType: Tensor['dataType'],
  factors: Float64Array,
  bias: Tensor | undefined,
  mean: Tensor,
  shift: Tensor,
): Tensor | undefined {
  const start = bias === undefined ? new Float64Array(factors.length) : doublesOf(bias);
  const average = doublesOf(mean);
  const beta = doublesOf(shift);
  if (start === undefined || average?.length !== factors.length || beta?.length !== factors.length) return undefined;
  const values = factors.map(
    (factor, channel) => ((start[channel] ?? 0) - (average[channel] ?? 0)) * factor + (beta[channel] ?? 0),
  );
  const shifted = floatTensor(dataType, [values.length], values);
  return doublesOf(shifted)?.every(Number.isFinite) === true ? shifted : undefined;
}

/**
 * The axis of a weight that a factor for each channel follows. In a weight of dims [A, B, ...] of a grouped operator, axis 1 holds
 * the channels of one group, and the groups lie one after the other along axis 0.
 */
export interface WeightAxis {
  readonly axis: 0 | 1;
  readonly groups: number;
}

/** The first axis: output channels of a Conv. */
const FIRST: WeightAxis = { axis: 0, groups: 1 };

/**
 * The weight with each element multiplied by the factor of its channel (or by the only one); a computed tensor when it is not in
 * memory. undefined when the type is not scaled, or cannot hold what a finite weight becomes.
 */
export function scaledTensor(weight: Tensor, factors: Float64Array, at = FIRST): Tensor | undefined {
  const { dataType, dims, payload } = weight;
  if (weight.elementCount === 0) return weight;
  const walk = factorWalk(dims, factors, at);
  if (weight.isResident) return scaledResident(weight, walk);
  const isNarrow = dataType === 'float16' || dataType === 'bfloat16';
  // Nobody sees the result of a narrow type before the file is written, so it must not be able to overflow.
  if (isNarrow && !factors.every((factor) => Math.abs(factor) <= 1)) return undefined;
  if (!isNarrow && dataType !== 'float' && dataType !== 'double') return undefined;
  const width = dataType === 'double' ? 8 : dataType === 'float' ? 4 : 2;
  const compute: Compute = async (offset, length, into) => {
    const source = await payload.read(offset, length, into);
    const start = offset / width;
    if (isNarrow) {
      const elements = doublesOf(new Tensor(dataType, [length / width], source)) ?? new Float64Array(0);
      walk(elements, start);
      return floatTensor(dataType, [elements.length], elements).bytes;
    }
    // Only a buffer that was handed in may be scaled where it is.
    const isOwn = source.buffer === into?.buffer && source.byteOffset % width === 0;
    const bytes = isOwn ? source : source.slice();
    const { buffer, byteOffset } = bytes;
    if (dataType === 'float') walk(new Float32Array(buffer, byteOffset, length / width), start);
    else walk(new Float64Array(buffer, byteOffset, length / width), start);
    return bytes;
  };
  return new Tensor(dataType, dims, new ComputedPayload(weight.byteLength, width, compute));
}

/** Multiplies, where they are, the elements of a weight from number `start` on. */
type FactorWalk = (elements: Float32Array | Float64Array, start: number) => void;

function factorWalk(dims: readonly number[], factors: Float64Array, { axis, groups }: WeightAxis): FactorWalk {
  const [only] = factors;
  if (factors.length === 1) {
    return (elements) => {
      for (let at = 0; at < elements.length; at++) elements[at] = (elements[at] as number) * (only as number);
    };
  }
  const rows = dims[0] ?? 1;
  const columns = dims[1] ?? 1;
  if (axis === 1 && groups === 1 && dims.length === 2) {
    return (elements, start) => {
      for (let at = 0, column = start % columns; at < elements.length; at++) {
        elements[at] = (elements[at] as number) * (factors[column] as number);
        if (++column === columns) column = 0;
      }
    };
  }
  const size = dims.reduce((product, dim) => product * dim, 1);
  // Runs of elements with one factor, one after the other.
  const run = axis === 0 ? size / rows : size / rows / columns;
  const rowsPerGroup = rows / groups;
  const channelOf = (at: number): number =>
    axis === 0 ? at : Math.floor(Math.floor(at / columns) / rowsPerGroup) * columns + (at % columns);
  return (elements, start) => {
    for (let at = 0; at < elements.length;) {
      const index = Math.floor((start + at) / run);
      const stop = Math.min(elements.length, (index + 1) * run - start);
      const factor = factors[channelOf(index)] as number;
      for (; at < stop; at++) elements[at] = (elements[at] as number) * factor;
    }
  };
}

function scaledResident(weight: Tensor, walk: FactorWalk): Tensor | undefined {
  const elements = doublesOf(weight);
  if (elements === undefined) return undefined;
  const data = elements.slice();
  walk(data, 0);
  const scaled = floatTensor(weight.dataType, weight.dims, data);
  return losesNothing(elements, scaled) ? scaled : undefined;
}

/** True when everything that was finite is finite still. */
function losesNothing(elements: Float64Array, result: Tensor): boolean {
  const results = result.dataType === 'float' ? (arrayOf(result).data as ArrayLike<number>) : doublesOf(result);
  if (results === undefined) return false;
  for (let index = 0; index < results.length; index++)
    if (!Number.isFinite(results[index]) && Number.isFinite(elements[index])) return false;
  return true;
}

/** What a constant `shift` of each input channel adds to each output channel; undefined when the weight is not at hand. */
export function weightSums(
  weight: Tensor,
  shifts: Float64Array,
  at: WeightAxis,
  outputs: { readonly count: number; readonly at: WeightAxis },
): Float64Array | undefined {
  const elements = doublesOf(weight);
  if (elements === undefined) return undefined;
  factorWalk(weight.dims, shifts, at)(elements, 0);
  const sums = new Float64Array(outputs.count);
  const [rows = 1, columns = 1] = weight.dims;
  const run = elements.length / rows / columns;
  for (let index = 0; index < elements.length; index++) {
    const pair = Math.floor(index / run);
    const channel = outputs.at.axis === 0 ? Math.floor(pair / columns) : pair % columns;
    sums[channel] = (sums[channel] ?? 0) + (elements[index] as number);
  }
  return sums;
}

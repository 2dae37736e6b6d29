import { arrayOf } from '../fold/array.ts';
import { type Compute, ComputedPayload, Tensor } from '../ir/tensor.ts';
import { doublesOf, floatTensor } from './float-tensors.ts';

/**
 * Scaling the output channels of a weight, as folding a BatchNormalization needs it. Factors are computed in double and
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

/** The weight with everything of index c of its first axis multiplied by factors[c]; a computed tensor when it is not in memory. */
export function scaledTensor(weight: Tensor, factors: Float64Array): Tensor | undefined {
  const { dataType, dims, payload } = weight;
  const isStreamed = !weight.isResident && (dataType === 'float' || dataType === 'double');
  if (!isStreamed) return scaledResident(weight, factors);
  const width = dataType === 'float' ? 4 : 8;
  const perChannel = weight.elementCount / factors.length;
  if (weight.elementCount === 0) return weight;
  const compute: Compute = async (offset, length, into) => {
    const source = await payload.read(offset, length, into);
    // Only a buffer that was handed in may be scaled where it is.
    const isOwn = source.buffer === into?.buffer && source.byteOffset % width === 0;
    const bytes = isOwn ? source : source.slice();
    const { buffer, byteOffset } = bytes;
    const start = offset / width;
    if (dataType === 'float')
      scaleInPlace(new Float32Array(buffer, byteOffset, length / width), start, perChannel, factors);
    else scaleInPlace(new Float64Array(buffer, byteOffset, length / width), start, perChannel, factors);
    return bytes;
  };
  return new Tensor(dataType, dims, new ComputedPayload(weight.byteLength, width, compute));
}

/** `elements` are those of a weight from `start` on; runs of one channel at a time, since all large weights come by here. */
function scaleInPlace(
  elements: Float32Array | Float64Array,
  start: number,
  perChannel: number,
  factors: Float64Array,
): void {
  for (let at = 0; at < elements.length;) {
    const channel = Math.floor((start + at) / perChannel);
    const stop = Math.min(elements.length, (channel + 1) * perChannel - start);
    const factor = factors[channel] as number;
    for (; at < stop; at++) elements[at] = (elements[at] as number) * factor;
  }
}

/** undefined when the type is not scaled, or cannot hold what a finite weight becomes. */
function scaledResident(weight: Tensor, factors: Float64Array): Tensor | undefined {
  const elements = doublesOf(weight);
  if (elements === undefined) return undefined;
  const perChannel = weight.elementCount / factors.length;
  const data = new Float64Array(elements.length);
  // Not through scaleInPlace, which is fast as long as it meets arrays of one kind.
  for (let channel = 0, at = 0; channel < factors.length; channel++) {
    const factor = factors[channel] as number;
    for (const stop = (channel + 1) * perChannel; at < stop; at++) data[at] = (elements[at] as number) * factor;
  }
  const scaled = floatTensor(weight.dataType, weight.dims, data);
  const results = scaled.dataType === 'float' ? (arrayOf(scaled).data as ArrayLike<number>) : doublesOf(scaled);
  if (results === undefined) return undefined;
  for (let index = 0; index < results.length; index++)
    if (!Number.isFinite(results[index]) && Number.isFinite(elements[index])) return undefined;
  return scaled;
}

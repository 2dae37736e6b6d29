/** One step of a random network, and what it may start from. */
import type { Value } from '../../src/ir/value.ts';
import type { Network } from './random-network.ts';

export type Step = (network: Network) => void;

export const hasRank =
  (...ranks: readonly number[]) =>
  (dims: readonly number[]): boolean =>
    ranks.includes(dims.length);
export const hasAxes = (dims: readonly number[]): boolean => dims.length > 0;
export const isNotEmpty = (dims: readonly number[]): boolean => dims.length > 0 && !dims.includes(0);
export const flag = (network: Network): number => network.choose.below(2);

/** A step on a tensor of floats. */
export const onData =
  (
    accepts: (dims: readonly number[]) => boolean,
    step: (network: Network, x: Value, dims: readonly number[]) => void,
  ): Step =>
  (network) => {
    const x = network.data(accepts);
    if (x !== undefined) step(network, x, network.dims(x));
  };

import { UsageError } from '../base/errors.ts';

/**
 * Where the elements of large tensors go when a model is saved:
 * - `auto`: external data stays where it is in the same folder, and is gathered into one data file in another one;
 * - `keep`: every reference stays as it is;
 * - `inline`: all elements go into the model;
 * - `split`: all tensors of at least the threshold go into one data file, all smaller ones into the model.
 *
 * With `auto` and `keep`, the tensors of a model that would not fit into one message go into a data file.
 */
export const externalDataPolicies = ['auto', 'keep', 'inline', 'split'] as const;

export type ExternalDataPolicy = (typeof externalDataPolicies)[number];

/** Many tools look into a model for shapes and scales; the onnx package draws the line at the same size. */
export const DEFAULT_EXTERNAL_THRESHOLD = 1024;

export interface ExternalDataOptions {
  /** Default `auto`. */
  readonly externalData?: ExternalDataPolicy | undefined;
  /** Bytes from which on a tensor may go into a data file; default 1024. */
  readonly externalThreshold?: number | undefined;
}

/** UsageError unless the threshold is a count of bytes. */
export function checkThreshold(threshold: number): number {
  if (Number.isSafeInteger(threshold) && threshold >= 0) return threshold;
  throw new UsageError(`the threshold of external data is ${threshold}, but must be a number of bytes`);
}

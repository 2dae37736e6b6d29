import { ModelError } from '../base/errors.ts';
import { inferModel } from '../infer/infer-model.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { convertOpset, OLDEST_RESULT } from '../rewrite/opset/convert.ts';

/**
 * Writes the model in opset `newest` when it is of a newer one and every node computes the same in it. Answers what was done, or why
 * nothing was; undefined when the model is old enough.
 */
export function lowerOpset(
  model: Model,
  newest: number,
): { readonly isLowered: boolean; readonly note: string } | undefined {
  const from = model.opsetVersion('');
  if (from === undefined || from <= newest) return undefined;
  const kept = `opset ${from} is newer than ${newest}, which the target is written for, and stays`;
  if (newest < OLDEST_RESULT)
    return { isLowered: false, note: `${kept}: models are converted down to ${OLDEST_RESULT} only` };
  // A conversion that fails halfway leaves a model that is of no use.
  const trial = cloneModel(model);
  try {
    convertOpset(trial, newest, inferModel(trial));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { isLowered: false, note: `${kept}: ${error.message}` };
  }
  convertOpset(model, newest, inferModel(model));
  return {
    isLowered: true,
    note: `converted from opset ${from} to ${newest}, the newest that the target is written for`,
  };
}

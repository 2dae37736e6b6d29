import { checkInferred, checkStructure } from '../check/check-model.ts';
import { inferModel } from '../infer/infer-model.ts';
import type { Model } from '../ir/model.ts';
import { type Problem, refuses } from '../ir/problem.ts';

/**
 * Everything that is not valid in a model, which may be one of which parts could not be read (LoadOptions.tolerant). The
 * model is not changed.
 */
export function check(model: Model): readonly Problem[] {
  const structural = checkStructure(model);
  // Of a model that was not read whole, types would be guesses.
  const facts = model.reading.problems.some(refuses) ? undefined : inferModel(model);
  return [...structural, ...checkInferred(model, facts)];
}

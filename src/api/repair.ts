import { checkInferred, checkStructure } from '../check/check-model.ts';
import { repairModel } from '../check/repair.ts';
import { inferModel } from '../infer/infer-model.ts';
import type { Model } from '../ir/model.ts';
import { InvalidModelError, type Problem, refuses } from '../ir/problem.ts';

/** Everything that is not valid in a model. The model is not changed; what reading left out is among it. */
export function check(model: Model): readonly Problem[] {
  const structural = checkStructure(model);
  // Of a model that was not read whole, types would be guesses.
  const facts = model.reading.problems.some(refuses) ? undefined : inferModel(model);
  return [...structural, ...checkInferred(model, facts)];
}

/**
 * Puts right, in place, what is not quite valid in a model but clear in what it means, and answers what was done, in a
 * sentence each. InvalidModelError, with all of it, when there is something that nobody can repair; the model is then as it was.
 */
export function repair(model: Model): readonly string[] {
  const refusing = check(model).filter(refuses);
  if (refusing.length > 0) throw new InvalidModelError(refusing);
  const done = [...repairModel(model, checkStructure(model), undefined)];
  const facts = inferModel(model);
  return [...done, ...repairModel(model, checkInferred(model, facts), facts)];
}

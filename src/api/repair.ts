import { checkInferred, checkStructure } from '../check/check-model.ts';
import { repairModel } from '../check/repair.ts';
import { inferModel } from '../infer/infer-model.ts';
import type { Model } from '../ir/model.ts';
import { InvalidModelError, refuses } from '../ir/problem.ts';
import { check } from './check.ts';

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

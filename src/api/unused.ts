import { graphsOfModel, type Model } from '../ir/model.ts';

/** Removes initializers that nothing reads; inputs keep their defaults, and what a training binding updates stays. Answers how many. */
export function removeUnusedInitializers(model: Model): number {
  let count = 0;
  for (const graph of graphsOfModel(model)) {
    for (const value of [...graph.initializers]) {
      if (value.isUsed || value.isInput || value.isMutable) continue;
      graph.deleteInitializer(value);
      count++;
    }
  }
  return count;
}

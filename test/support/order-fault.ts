import { compareCounts, countOperators, nodesIn } from '../../src/api/operator-counts.ts';
import { simplify } from '../../src/api/simplify.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import type { Model } from '../../src/ir/model.ts';
import { Random } from './random.ts';
import { shuffleNodes } from './shuffle-nodes.ts';

/**
 * Whether the nodes that simplify leaves depend on the order in which the model lists its own, and whether a second run finds
 * something: the first fault in words, or undefined. The model stays as it is.
 */
export function orderFault(model: Model, shuffles: number): string | undefined {
  const first = cloneModel(model);
  simplify(first);
  const expected = countOperators(first);
  const again = simplify(cloneModel(first));
  if (again.applied.length > 0)
    return `a second run applies ${again.applied.map(({ rule, count }) => `${rule} ${count} times`).join(', ')}`;
  for (let seed = 1; seed <= shuffles; seed++) {
    const shuffled = cloneModel(model);
    const random = new Random(seed);
    shuffleNodes(shuffled, () => random.next());
    simplify(shuffled);
    const counts = countOperators(shuffled);
    const difference = compareCounts(expected, counts)
      .filter(({ before, after }) => before !== after)
      .map(({ operator, before, after }) => `${operator} ${after} for ${before}`)
      .join(', ');
    if (difference !== '')
      return `${nodesIn(counts)} nodes instead of ${nodesIn(expected)} with shuffle ${seed}: ${difference}`;
  }
  return undefined;
}

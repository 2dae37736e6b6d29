import { graphsOfModel, type Model } from '../ir/model.ts';
import type { OperatorCount } from '../rewrite/report.ts';

/** Nodes by operator, over all graphs and subgraphs. */
export function countOperators(model: Model): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const graph of graphsOfModel(model)) {
    for (const { operator } of graph.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  return counts;
}

/** A Constant is a tensor in the shape of a node: it does not count. */
export function nodesIn(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [operator, count] of counts) if (operator !== 'Constant') sum += count;
  return sum;
}

/** Every operator of either, by name. */
export function compareCounts(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): OperatorCount[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((operator) => ({ operator, before: before.get(operator) ?? 0, after: after.get(operator) ?? 0 }));
}

import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/** True when nothing reads any output of the node, so that it can go. */
export function isDead(node: Node): boolean {
  return node.graph !== undefined && node.outputs.every((output) => output === undefined || !output.isUsed);
}

/**
 * Removes the nodes that made `values`, and those before them, as far as nothing else needs them; unused initializers go too.
 * `onRemoved` is told of each node, and `onLessUsed` of each value that lost a user and stays.
 */
export function removeUnused(
  values: readonly Value[],
  onRemoved: (node: Node) => void,
  onLessUsed: (value: Value) => void,
): void {
  const pending = [...values];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const { producer, graph } = value;
    if (producer !== undefined && isDead(producer)) {
      const inputs = [...producer.inputs, ...capturesOf(producer)].filter((input) => input !== undefined);
      producer.graph?.remove(producer);
      onRemoved(producer);
      pending.push(...inputs);
    } else if (
      producer === undefined &&
      graph !== undefined &&
      !value.isUsed &&
      !value.isInput &&
      graph.initializers.has(value)
    ) {
      if (!value.isMutable) graph.deleteInitializer(value);
    } else {
      onLessUsed(value);
    }
  }
}

/** Values that the subgraphs of a node read from around it. */
function capturesOf(node: Node): Value[] {
  if (node.attributes.size === 0 || node.subgraphs.length === 0) return [];
  const captures = new Set<Value>();
  const pending = [...node.subgraphs];
  const inside = new Set(pending);
  for (let graph = pending.pop(); graph !== undefined; graph = pending.pop()) {
    const read = [...graph.outputs];
    for (const inner of graph.nodes) {
      for (const input of inner.inputs) if (input !== undefined) read.push(input);
      for (const subgraph of inner.subgraphs) {
        inside.add(subgraph);
        pending.push(subgraph);
      }
    }
    for (const value of read) if (value.graph !== undefined && !inside.has(value.graph)) captures.add(value);
  }
  return [...captures];
}

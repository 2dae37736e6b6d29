import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/** True when a node at `anchor`'s place could read `value`: it is defined earlier, in the same graph or in one around it. */
export function isVisibleAt(value: Value, anchor: Node): boolean {
  let place: Node | undefined = anchor;
  while (place !== undefined) {
    const graph: Graph | undefined = place.graph;
    if (graph === undefined) return false;
    if (value.graph === graph) return value.producer === undefined || value.producer.position < place.position;
    place = graph.owner?.node;
  }
  return false;
}

import type { Graph } from '../ir/graph.ts';
import { withSubgraphs } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/**
 * The nodes of a graph so that makers come before readers, those that read through a subgraph included. Files must be in
 * such an order; where one is not, it is found here. Nodes on a cycle come in file order.
 */
export function inExecutionOrder(graph: Graph): Iterable<Node> {
  for (const node of graph.nodes)
    for (const { producer } of valuesRead(node))
      if (producer?.graph === graph && producer.position >= node.position) return sorted(graph);
  return graph.nodes;
}

function sorted(graph: Graph): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const start of graph.nodes) {
    const stack = [start];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (state.has(node)) {
        stack.pop();
        if (state.get(node) === 'done') continue;
        state.set(node, 'done');
        order.push(node);
        continue;
      }
      state.set(node, 'open');
      for (const { producer } of valuesRead(node))
        if (producer?.graph === graph && !state.has(producer)) stack.push(producer);
    }
  }
  return order;
}

function* valuesRead(node: Node): IterableIterator<Value> {
  for (const value of node.inputs) if (value !== undefined) yield value;
  if (node.attributes.size === 0) return;
  for (const subgraph of node.subgraphs) {
    for (const graph of withSubgraphs(subgraph)) {
      yield* graph.outputs;
      for (const inner of graph.nodes) for (const value of inner.inputs) if (value !== undefined) yield value;
    }
  }
}

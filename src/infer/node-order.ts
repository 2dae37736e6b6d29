import type { Graph } from '../ir/graph.ts';
import { withSubgraphs } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/**
 * The nodes of a graph so that makers come before readers, those that read through a subgraph included. Files must be in
 * such an order; where one is not, it is found here. Nodes on a cycle come in file order.
 */
export function inExecutionOrder(graph: Graph): Iterable<Node> {
  const isLate = (value: Value | undefined, node: Node): boolean =>
    value?.producer?.graph === graph && value.producer.position >= node.position;
  for (const node of graph.nodes) {
    for (const value of node.inputs) if (isLate(value, node)) return sorted(graph);
    for (const subgraph of subgraphsOf(node))
      for (const value of valuesReadWithin(subgraph)) if (isLate(value, node)) return sorted(graph);
  }
  return graph.nodes;
}

/** The nodes of a graph that its outputs need. */
export function liveNodes(graph: Graph): ReadonlySet<Node> {
  const live = new Set<Node>();
  const pending: Node[] = [];
  const need = (value: Value): void => {
    const { producer } = value;
    if (producer?.graph !== graph || live.has(producer)) return;
    live.add(producer);
    pending.push(producer);
  };
  for (const value of graph.outputs) need(value);
  for (let node = pending.pop(); node !== undefined; node = pending.pop())
    for (const value of valuesRead(node)) need(value);
  return live;
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
  for (const subgraph of subgraphsOf(node)) yield* valuesReadWithin(subgraph);
}

const NO_GRAPHS: readonly Graph[] = [];

/** `node.subgraphs`, without a list of its own for the many nodes that have none. */
export function subgraphsOf(node: Node): readonly Graph[] {
  for (const { kind } of node.attributes.values()) if (kind === 'graph' || kind === 'graphs') return node.subgraphs;
  return NO_GRAPHS;
}

function* valuesReadWithin(subgraph: Graph): IterableIterator<Value> {
  for (const graph of withSubgraphs(subgraph)) {
    yield* graph.outputs;
    for (const node of graph.nodes) for (const value of node.inputs) if (value !== undefined) yield value;
  }
}

import { ModelError } from '../base/errors.ts';
import type { Graph } from './graph.ts';
import { withSubgraphs } from './model.ts';
import type { Node } from './node.ts';
import type { Value } from './value.ts';

/**
 * Puts the nodes of a graph, and of all its subgraphs, in an order in which every value is computed before it is read;
 * what a subgraph reads counts as read by the node that holds it. A node moves only as far as it must: the order is
 * that of the file, but for producers, which come right before their first reader.
 * Answers whether anything moved. Throws a ModelError that names the nodes of a cycle.
 */
export function sortTopologically(graph: Graph): boolean {
  let moved = false;
  for (const current of [...withSubgraphs(graph)]) moved = sortNodes(current) || moved;
  return moved;
}

/** Nodes that read each other's outputs in a circle, in the order of the circle; undefined when there is none. */
export function cycleOf(graph: Graph): readonly Node[] | undefined {
  return orderOf(graph).cycle;
}

function sortNodes(graph: Graph): boolean {
  const { order, cycle } = orderOf(graph);
  if (cycle !== undefined) failOnCycle(graph, cycle);
  let node = graph.first;
  let index = 0;
  while (node !== undefined && node === order[index]) {
    node = node.next;
    index++;
  }
  // What is in place stays; the rest follows in its new order.
  for (const following of order.slice(index)) graph.moveBefore(following, undefined);
  return index < order.length;
}

/** Depth first over producers, with a stack of our own: chains of nodes are as long as the model is deep. */
function orderOf(graph: Graph): { readonly order: readonly Node[]; readonly cycle?: readonly Node[] } {
  const order: Node[] = [];
  const states = new Map<Node, 'entered' | 'done'>();
  for (const start of graph.nodes) {
    if (states.has(start)) continue;
    const path = [{ node: start, producers: producersOf(start) }];
    states.set(start, 'entered');
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { done, value: producer } = top.producers.next();
      if (done === true) {
        states.set(top.node, 'done');
        order.push(top.node);
        path.pop();
      } else if (states.get(producer) === undefined) {
        states.set(producer, 'entered');
        path.push({ node: producer, producers: producersOf(producer) });
      } else if (states.get(producer) === 'entered') {
        const nodes = path.map(({ node }) => node);
        return { order, cycle: nodes.slice(nodes.indexOf(producer)) };
      }
    }
  }
  return { order };
}

/** Nodes of the same graph that make what a node, with its subgraphs, reads. */
function* producersOf(node: Node): IterableIterator<Node> {
  const isLocal = (value: Value | undefined): value is Value & { readonly producer: Node } =>
    value?.producer !== undefined && value.producer.graph === node.graph;
  for (const value of node.inputs) if (isLocal(value)) yield value.producer;
  for (const subgraph of node.subgraphs)
    for (const graph of withSubgraphs(subgraph)) {
      for (const inner of graph.nodes) for (const value of inner.inputs) if (isLocal(value)) yield value.producer;
      for (const value of graph.outputs) if (isLocal(value)) yield value.producer;
    }
}

/** Names at most this many nodes of a cycle in the message. */
const NAMED_NODES = 8;

/** What a cycle is, in words. */
export function cycleText(nodes: readonly Node[]): string {
  const labels = nodes.slice(0, NAMED_NODES).map(({ label }) => label);
  const rest = nodes.length > NAMED_NODES ? ` and ${nodes.length - NAMED_NODES} more` : '';
  return nodes.length === 1
    ? `node ${labels[0] ?? ''} reads its own output`
    : `nodes read each other's outputs in a cycle: ${labels.join(', ')}${rest}`;
}

function failOnCycle(graph: Graph, nodes: readonly Node[]): never {
  const [first] = nodes;
  throw new ModelError(cycleText(nodes), { graph: graph.path, ...(first !== undefined && { node: first.label }) });
}

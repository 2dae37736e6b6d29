import { graphsOf } from '../../src/ir/attribute.ts';
import type { Graph } from '../../src/ir/graph.ts';
import { graphsOfModel, type Model, withSubgraphs } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Value } from '../../src/ir/value.ts';

/** Puts the nodes of every graph into another order in which makers come before readers, drawn by `random` (0 to 1). */
export function shuffleNodes(model: Model, random: () => number): void {
  for (const graph of graphsOfModel(model)) shuffleGraph(graph, random);
}

function shuffleGraph(graph: Graph, random: () => number): void {
  const waiting = new Map<Node, number>();
  const readers = new Map<Node, Node[]>();
  for (const node of graph.nodes) {
    const makers = new Set<Node>();
    for (const { producer } of readBy(node)) if (producer?.graph === graph && producer !== node) makers.add(producer);
    waiting.set(node, makers.size);
    for (const maker of makers) {
      const known = readers.get(maker);
      if (known === undefined) readers.set(maker, [node]);
      else known.push(node);
    }
  }
  const ready = [...waiting].filter(([, count]) => count === 0).map(([node]) => node);
  while (ready.length > 0) {
    const at = Math.floor(random() * ready.length);
    const node = ready[at] as Node;
    ready[at] = ready.at(-1) as Node;
    ready.pop();
    graph.moveBefore(node, undefined);
    for (const reader of readers.get(node) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
}

/** What a node reads, its subgraphs included. */
function readBy(node: Node): Set<Value> {
  const read = new Set<Value>();
  for (const input of node.inputs) if (input !== undefined) read.add(input);
  for (const attribute of node.attributes.values())
    for (const root of graphsOf(attribute))
      for (const graph of withSubgraphs(root)) {
        for (const inner of graph.nodes) for (const input of inner.inputs) if (input !== undefined) read.add(input);
        for (const output of graph.outputs) read.add(output);
      }
  return read;
}

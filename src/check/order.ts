/** The order of nodes: makers before readers, and no circles. */
import type { Graph } from '../ir/graph.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { modelRule } from '../ir/problem.ts';
import { cycleOf, cycleText } from '../ir/sort.ts';
import type { Value } from '../ir/value.ts';
import type { ProblemList } from './problem-list.ts';

export const orderRule = modelRule({
  id: 'model/topological-order',
  summary: 'A node stands before one whose output it reads.',
  why: 'Nodes must be sorted topologically (IR.md, Graphs); many runtimes read them in the order of the file.',
  severity: 'error',
  effect: 'repair',
  messages: { late: "node {node} reads '{value}' before {maker} makes it" },
  advice: '',
});

export const cycleRule = modelRule({
  id: 'model/cycle',
  summary: 'Nodes read each other in a circle.',
  why: 'A graph must be free of cycles (IR.md, Graphs): none of these nodes can ever run.',
  severity: 'error',
  effect: 'refuse',
  messages: { nodes: '{cycle}' },
  advice: '',
});

export function checkOrder(model: Model, list: ProblemList): void {
  // Graphs in which a node comes too early, in this graph or one below it, and the first such node.
  const unsorted = new Map<Graph, { readonly node: Node; readonly value: Value; readonly maker: Node }>();
  for (const graph of graphsOfModel(model)) {
    for (const node of graph.nodes) for (const value of node.inputs) note(unsorted, node, value);
    if (graph.owner !== undefined) for (const value of graph.outputs) note(unsorted, graph.owner.node, value);
  }
  for (const [graph, { node, value, maker }] of unsorted) {
    const cycle = cycleOf(graph);
    const subject = { graph, node, value: value.name };
    if (cycle === undefined)
      list.report(orderRule, 'late', { node: node.label, value: value.name, maker: maker.label }, subject);
    else {
      const [first = node] = cycle;
      list.report(cycleRule, 'nodes', { cycle: cycleText(cycle) }, { graph, node: first });
    }
  }
}

function note(
  unsorted: Map<Graph, { readonly node: Node; readonly value: Value; readonly maker: Node }>,
  reader: Node,
  value: Value | undefined,
): void {
  const maker = value?.producer;
  if (value === undefined || maker?.graph === undefined) return;
  // The node of the maker's graph in which the reading happens.
  let holder: Node | undefined = reader;
  while (holder !== undefined && holder.graph !== maker.graph) holder = holder.graph?.owner?.node;
  if (holder === undefined || maker.position < holder.position || unsorted.has(maker.graph)) return;
  unsorted.set(maker.graph, { node: holder, value, maker });
}

/** Repairs of names, and of what goes by them. */
import { graphsOfModel, type Model } from '../ir/model.ts';
import { createNode } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { duplicateNodeNames, shadowingValues } from './names.ts';

/** What PyTorch calls its graphs. */
const GRAPH_NAME = 'main_graph';

export function nameGraphs(model: Model): readonly string[] {
  let count = 0;
  for (const graph of graphsOfModel(model)) {
    if (graph.name !== '' || !graph.allowsInitializers) continue;
    graph.name = graph.owner?.attribute ?? GRAPH_NAME;
    graph.touch();
    count++;
  }
  return count === 0 ? [] : [`named ${count === 1 ? 'a graph that had' : `${count} graphs that had`} no name`];
}

export function renameShadowing(model: Model): readonly string[] {
  const done: string[] = [];
  for (const value of shadowingValues(model)) {
    const { name, graph } = value;
    if (graph === undefined) continue;
    value.rename(graph.names.unique(name));
    done.push(
      `renamed ${name} of graph ${graph.path.join('/')} to ${value.name}, since a graph around it has a ${name}`,
    );
  }
  return done;
}

/** An Identity makes a value of the graph itself. */
export function makeOutputsLocal(model: Model): readonly string[] {
  let count = 0;
  for (const graph of graphsOfModel(model)) {
    if (graph.owner === undefined) continue;
    const copies = new Map<Value, Value>();
    for (const [index, value] of graph.outputs.entries()) {
      if (value.graph === undefined || value.graph === graph) continue;
      let copy = copies.get(value);
      if (copy === undefined) {
        const node = createNode('Identity', [value], [graph.names.unique(value.name)]);
        graph.append(node);
        copy = node.output;
        copies.set(value, copy);
        count++;
      }
      graph.setOutput(index, copy);
    }
  }
  return count === 0 ? [] : [`added ${count} Identity for outputs of subgraphs that come from the graph around them`];
}

export function renameDuplicateNodes(model: Model): readonly string[] {
  let count = 0;
  for (const graph of graphsOfModel(model)) {
    const duplicates = duplicateNodeNames(graph);
    if (duplicates.size === 0) continue;
    const taken = new Set([...graph.nodes].map(({ name }) => name));
    for (const [name, [, ...others]] of duplicates) {
      let suffix = 0;
      for (const node of others) {
        do node.name = `${name}_${++suffix}`;
        while (taken.has(node.name));
        taken.add(node.name);
        node.touch();
        count++;
      }
    }
  }
  return count === 0 ? [] : [`renamed ${count === 1 ? 'a node' : `${count} nodes`} so that names of nodes are unique`];
}

export function dropStrayValueInfo(model: Model): readonly string[] {
  let count = 0;
  for (const graph of graphsOfModel(model)) {
    if (graph.strayValueInfo.length === 0) continue;
    count += graph.strayValueInfo.length;
    for (const { name } of graph.strayValueInfo) graph.names.delete(name);
    graph.strayValueInfo = [];
    graph.touch();
  }
  return count === 0
    ? []
    : [
        `dropped value_info of ${count === 1 ? 'a value' : `${count} values`} that there ${count === 1 ? 'is' : 'are'} not`,
      ];
}

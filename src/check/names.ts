/** Names of graphs, nodes and values: that they are there, and that they mean one thing. */
import type { Graph } from '../ir/graph.ts';
import { graphsOfModel, type Model, rootGraphsOf } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { modelRule } from '../ir/problem.ts';
import type { Value } from '../ir/value.ts';
import type { ProblemList } from './problem-list.ts';

export const graphNameRule = modelRule({
  id: 'model/unnamed-graph',
  summary: 'A graph or a function has no name.',
  why: 'Graphs and functions must have a name (IR.md, Graphs, Functions).',
  severity: 'error',
  effect: 'repair',
  messages: { graph: 'the graph has no name', function: 'a function has no name' },
  advice: '',
});

export const nodeNameRule = modelRule({
  id: 'model/duplicate-node-name',
  summary: 'Two nodes of a graph have the same name.',
  why: 'Names of nodes must be unique within a graph, where there are any (IR.md, Names Within a Graph); reports go by them.',
  severity: 'info',
  effect: 'repair',
  messages: { name: "{count} nodes of the graph are called '{name}'" },
  advice: '',
});

export const shadowingRule = modelRule({
  id: 'model/shadowed-value',
  summary: 'A value of a subgraph has the name of one that is visible there.',
  why: 'Names in a subgraph must differ from those of the graphs around it that are visible there (IR.md, Names Within a Graph).',
  severity: 'error',
  effect: 'repair',
  messages: { value: "'{value}' is defined in the subgraph, and in a graph around it" },
  advice: '',
});

export function checkNames(model: Model, list: ProblemList): void {
  for (const { body, name } of model.functions)
    if (name === '') list.report(graphNameRule, 'function', {}, { graph: body }, { effect: 'keep' });
  for (const graph of graphsOfModel(model)) {
    if (graph.name === '' && graph.root.context?.allowsInitializers !== false)
      list.report(graphNameRule, 'graph', {}, { graph });
    for (const [name, [node, ...others]] of duplicateNodeNames(graph))
      if (node !== undefined) list.report(nodeNameRule, 'name', { name, count: others.length + 1 }, { node });
  }
  for (const value of shadowingValues(model)) {
    const subject = value.producer === undefined ? { graph: value.graph as Graph } : { node: value.producer };
    // onnx.checker looks at outputs of nodes only.
    const weight = value.producer === undefined ? { severity: 'warning' as const } : {};
    list.report(shadowingRule, 'value', { value: value.name }, { ...subject, value: value.name }, weight);
  }
}

/** Nodes that share a name, by that name. */
export function duplicateNodeNames(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const first = new Map<string, Node>();
  let shared: Map<string, Node[]> | undefined;
  for (const node of graph.nodes) {
    const { name } = node;
    if (name === '') continue;
    const other = first.get(name);
    if (other === undefined) first.set(name, node);
    else {
      const nodes = (shared ??= new Map<string, Node[]>()).get(name);
      if (nodes === undefined) shared.set(name, [other, node]);
      else nodes.push(node);
    }
  }
  return shared ?? none;
}

const none: ReadonlyMap<string, readonly Node[]> = new Map();

/** A graph that is being walked. */
interface Frame {
  readonly graph: Graph;
  readonly defined: string[];
  readonly nodes: Iterator<Node>;
  node: Node | undefined;
  pending: Graph[];
}

/** Values of subgraphs whose name a value of a graph around them has, where that one is visible. */
export function shadowingValues(model: Model): readonly Value[] {
  const found: Value[] = [];
  for (const root of rootGraphsOf(model)) {
    // Most models have no subgraphs, and then there is nothing to shadow.
    if (hasSubgraphs(root)) walk(root, found);
  }
  return found;
}

function hasSubgraphs(graph: Graph): boolean {
  for (const node of graph.nodes) if (node.attributes.size > 0 && node.subgraphs.length > 0) return true;
  return false;
}

function walk(root: Graph, found: Value[]): void {
  const visible = new Map<string, Value>();
  const define = ({ defined, graph }: Frame, value: Value | undefined): void => {
    if (value === undefined || value.name === '') return;
    const other = visible.get(value.name);
    if (other === undefined) {
      visible.set(value.name, value);
      defined.push(value.name);
    } else if (other !== value && other.graph !== graph) found.push(value);
  };
  const enter = (graph: Graph): Frame => {
    const frame: Frame = { graph, defined: [], nodes: graph.nodes, node: undefined, pending: [] };
    for (const value of graph.inputs) define(frame, value);
    for (const value of graph.initializers) define(frame, value);
    return frame;
  };
  const frames = [enter(root)];
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const subgraph = frame.pending.pop();
    if (subgraph !== undefined) {
      frames.push(enter(subgraph));
      continue;
    }
    for (const value of frame.node?.outputs ?? []) define(frame, value);
    const { value: node, done } = frame.nodes.next() as IteratorResult<Node, undefined>;
    if (done === true) {
      for (const name of frame.defined) visible.delete(name);
      frames.pop();
      continue;
    }
    frame.node = node;
    if (node.attributes.size > 0) frame.pending = node.subgraphs.reverse();
  }
}

/** Structural invariants of the IR: what every pass must leave behind it. */
import { type Attribute, graphsOf } from './attribute.ts';
import type { Graph } from './graph.ts';
import type { Model } from './model.ts';
import type { Node } from './node.ts';
import type { Value } from './value.ts';

/**
 * Everything that is wrong with a model's structure, each in one sentence; empty when it is sound.
 *
 * - The node list is linked both ways, as long as nodeCount says, and its positions grow.
 * - Nodes, values and subgraphs know the graph, producer and node that they belong to.
 * - Every value is defined once (SSA), under a name that is not empty, not visible already, and registered.
 * - Every value that is read is defined before it, in the same graph or one around it; so are graph outputs.
 * - The uses that values count are those that nodes and graphs make.
 * - Initializers and attributes bear the name under which they are kept.
 *
 * Meant for tests and for `--verify`: it walks the whole model.
 */
export function verifyModel(model: Model): string[] {
  const problems: string[] = [];
  const roots: readonly (readonly [string, Graph | undefined])[] = [
    ['main graph', model.graph],
    ...model.functions.map(({ name, body }) => [`function ${name}`, body] as const),
    ...model.trainingInfo.flatMap(({ initialization, algorithm }) => [
      ['training initialization', initialization] as const,
      ['training algorithm', algorithm] as const,
    ]),
  ];
  for (const [label, root] of roots) {
    if (root === undefined) continue;
    if (root.owner !== undefined) problems.push(`${label}: a root graph is owned by node ${root.owner.node.label}`);
    if (root.context === undefined) problems.push(`${label}: it has no context, so its opset is unknown`);
    new Verifier(label, problems).verify(root);
  }
  return problems;
}

interface Uses {
  readonly users: Map<Node, number>;
  readonly outputOf: Map<Graph, number>;
}

/** A graph that is being walked, and the node that comes next. */
interface Frame {
  readonly graph: Graph;
  readonly defined: Value[];
  node: Node | undefined;
  previous: Node | undefined;
  count: number;
  /** Subgraphs of the node at hand that wait to be walked, before the node's outputs are defined. */
  pending: (readonly [attribute: Attribute, graph: Graph])[] | undefined;
}

/** Walks one root graph. Frames are kept by hand, since graphs may nest deeply. */
class Verifier {
  readonly #label: string;
  readonly #problems: string[];
  /** Values that can be read at this point, by name. */
  readonly #visible = new Map<string, Value>();
  readonly #graphs = new Set<Graph>();
  readonly #values = new Set<Value>();
  readonly #uses = new Map<Value, Uses>();
  #root: Graph | undefined;

  constructor(label: string, problems: string[]) {
    this.#label = label;
    this.#problems = problems;
  }

  verify(root: Graph): void {
    this.#root = root;
    const frames: Frame[] = [this.#enter(root)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { node } = frame;
      if (node === undefined) {
        this.#leave(frame);
        frames.pop();
        continue;
      }
      frame.pending ??= this.#begin(frame, node);
      const subgraph = frame.pending.pop();
      if (subgraph === undefined) this.#end(frame, node);
      else if (this.#owns(node, ...subgraph)) frames.push(this.#enter(subgraph[1]));
    }
    this.#compareUses();
  }

  #report(graph: Graph, problem: string): void {
    this.#problems.push(`${this.#label}, graph '${graph.name}': ${problem}`);
  }

  #enter(graph: Graph): Frame {
    this.#graphs.add(graph);
    const defined: Value[] = [];
    for (const value of graph.inputs) {
      if (!value.isInput) this.#report(graph, `input '${value.name}' does not know that it is one`);
      if (value.producer !== undefined) this.#report(graph, `input '${value.name}' has a producer`);
      this.#define(graph, value, defined);
    }
    for (const value of graph.initializers) {
      if (value.initializer === undefined && value.sparseInitializer === undefined)
        this.#report(graph, `initializer '${value.name}' has no tensor`);
      if (value.initializer !== undefined && value.initializer.name !== value.name)
        this.#report(graph, `the tensor of initializer '${value.name}' is called '${value.initializer.name}'`);
      if (value.producer !== undefined) this.#report(graph, `initializer '${value.name}' has a producer`);
      if (!value.isInput) this.#define(graph, value, defined);
      else if (!graph.inputs.includes(value))
        this.#report(graph, `initializer '${value.name}' is no input of its graph`);
    }
    return { graph, defined, node: graph.first, previous: undefined, count: 0, pending: undefined };
  }

  #define(graph: Graph, value: Value, defined: Value[]): void {
    const { name } = value;
    if (value.graph !== graph) this.#report(graph, `value '${name}' does not know that it belongs here`);
    if (this.#values.has(value)) this.#report(graph, `value '${name}' is defined twice`);
    if (name === '') this.#report(graph, 'a value has an empty name, which means an omitted one');
    else if (this.#visible.has(name))
      this.#report(graph, `the name '${name}' is taken by a value that is visible here`);
    if (!graph.names.has(name)) this.#report(graph, `the name '${name}' is not registered`);
    this.#values.add(value);
    if (this.#visible.has(name)) return;
    this.#visible.set(name, value);
    defined.push(value);
  }

  #read(graph: Graph, value: Value, reader: string): void {
    if (this.#visible.get(value.name) === value) return;
    const why =
      value.graph === undefined ? 'belongs to no graph' : 'is not defined before it, here or in a graph around it';
    this.#report(graph, `${reader} reads '${value.name}', which ${why}`);
  }

  #usesOf(value: Value): Uses {
    const uses = this.#uses.get(value) ?? { users: new Map<Node, number>(), outputOf: new Map<Graph, number>() };
    this.#uses.set(value, uses);
    return uses;
  }

  /** Checks a node's place in the list and what it reads; answers its subgraphs, last first. */
  #begin(frame: Frame, node: Node): (readonly [Attribute, Graph])[] {
    const { graph, previous } = frame;
    if (node.graph !== graph) this.#report(graph, `node ${node.label} does not know that it belongs here`);
    if (node.previous !== previous) this.#report(graph, `node ${node.label} does not know the node before it`);
    if (previous !== undefined && !(previous.position < node.position))
      this.#report(graph, `the position of node ${node.label} is not beyond that of node ${previous.label}`);
    for (const value of node.inputs) {
      if (value === undefined) continue;
      this.#read(graph, value, `node ${node.label}`);
      const { users } = this.#usesOf(value);
      users.set(node, (users.get(node) ?? 0) + 1);
    }
    const subgraphs: (readonly [Attribute, Graph])[] = [];
    for (const [name, attribute] of node.attributes) {
      if (attribute.name !== name)
        this.#report(graph, `node ${node.label} keeps attribute '${attribute.name}' under the name '${name}'`);
      for (const subgraph of graphsOf(attribute)) subgraphs.push([attribute, subgraph]);
    }
    return subgraphs.reverse();
  }

  /** Checks that a subgraph belongs to the node; false when it cannot be walked, since it was walked already. */
  #owns(node: Node, { name }: Attribute, subgraph: Graph): boolean {
    const { owner } = subgraph;
    if (owner?.node !== node || owner.attribute !== name)
      this.#report(subgraph, `it does not know that attribute '${name}' of node ${node.label} holds it`);
    if (subgraph.names !== this.#root?.names) this.#report(subgraph, 'it has a name scope of its own');
    if (!this.#graphs.has(subgraph)) return true;
    this.#report(subgraph, `attribute '${name}' of node ${node.label} holds it, and another attribute does too`);
    return false;
  }

  /** Defines a node's outputs and goes on to the next node. */
  #end(frame: Frame, node: Node): void {
    for (const value of node.outputs) {
      if (value === undefined) continue;
      if (value.producer !== node)
        this.#report(frame.graph, `'${value.name}' does not know that node ${node.label} makes it`);
      if (value.isInput || value.initializer !== undefined || value.sparseInitializer !== undefined)
        this.#report(frame.graph, `'${value.name}' is an output of node ${node.label} and an input or initializer too`);
      this.#define(frame.graph, value, frame.defined);
    }
    frame.pending = undefined;
    frame.previous = node;
    frame.count++;
    // A list that runs in a circle would never end.
    frame.node = frame.count > frame.graph.nodeCount ? undefined : node.next;
  }

  #leave({ graph, defined, previous, count }: Frame): void {
    if (graph.last !== previous) this.#report(graph, 'the last node of the list is not the one it ends with');
    if (count !== graph.nodeCount)
      this.#report(graph, `the list has ${count} nodes, but nodeCount is ${graph.nodeCount}`);
    for (const value of graph.outputs) {
      this.#read(graph, value, 'an output of the graph');
      const { outputOf } = this.#usesOf(value);
      outputOf.set(graph, (outputOf.get(graph) ?? 0) + 1);
    }
    for (const { name } of defined) this.#visible.delete(name);
  }

  #compareUses(): void {
    const none: Uses = { users: new Map(), outputOf: new Map() };
    for (const value of this.#values) {
      const { users, outputOf } = this.#uses.get(value) ?? none;
      const expected = sum(users) + sum(outputOf);
      const graph = value.graph ?? this.#root;
      if (graph === undefined) continue;
      if (value.useCount !== expected)
        this.#report(graph, `'${value.name}' counts ${value.useCount} uses, but has ${expected}`);
      for (const user of value.users)
        if (!users.has(user))
          this.#report(graph, `'${value.name}' counts node ${user.label} as a user, which does not read it`);
      for (const reader of value.outputOf)
        if (!outputOf.has(reader))
          this.#report(graph, `'${value.name}' counts as an output of graph '${reader.name}', which it is not`);
    }
  }
}

function sum(counts: ReadonlyMap<unknown, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

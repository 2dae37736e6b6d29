import { graphsOf } from './attribute.ts';
import { cloneNode } from './clone.ts';
import type { Graph } from './graph.ts';
import { withSubgraphs } from './model.ts';
import type { NameScope } from './name-scope.ts';
import type { Node } from './node.ts';
import type { PatchConstant } from './patch.ts';
import { Value } from './value.ts';
import type { ValueType } from './value-type.ts';

/** What a subgraph becomes where its node stood. */
export interface InlinedGraph {
  readonly nodes: readonly Node[];
  readonly constants: readonly PatchConstant[];
  /** In the order of the subgraph's outputs; values from around the subgraph stay what they are. */
  readonly outputs: readonly Value[];
}

export interface InlineOptions {
  /** For the inputs of the subgraph, in order; a function is called when the input is read. One without a value stays what it is. */
  readonly inputs?: readonly (Value | (() => Value) | undefined)[];
  /** Which outputs are wanted; all by default. What only the others need is left out. */
  readonly isWanted?: (output: number) => boolean;
  /** A name that is free where the nodes go. */
  readonly freshName: (base: string) => string;
  /**
   * Further copies may follow, as of the body of a Loop: they have no names of nodes, which are to be unique, and perhaps other
   * shapes than the subgraph declares.
   */
  readonly isRepeated: boolean;
  /** The scope of the names where the nodes go, when that is another one than theirs. */
  readonly names?: NameScope;
  /** Changes a copy to what it is to be; it is handed those in subgraphs, too. */
  readonly adjust?: (node: Node) => void;
}

/** Copies of the nodes and initializers of a subgraph; undefined when it holds a sparse initializer. */
export function inlineGraph(graph: Graph, options: InlineOptions): InlinedGraph | undefined {
  const { inputs = [], freshName, isRepeated, isWanted = () => true, adjust = () => undefined } = options;
  const needed = neededValues(graph, isWanted);
  const values = new Map<Value, Value>();
  graph.inputs.forEach((input, index) => {
    const given = inputs[index];
    if (given !== undefined && needed.has(input)) values.set(input, typeof given === 'function' ? given() : given);
  });
  const constants: PatchConstant[] = [];
  for (const value of graph.initializers) {
    // An input that is given needs no default.
    if (values.has(value) || !needed.has(value)) continue;
    if (value.initializer === undefined) return undefined;
    const copy = new Value(freshName(value.name));
    values.set(value, copy);
    constants.push({ value: copy, tensor: value.initializer.renamed(copy.name) });
  }
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (!node.outputs.some((output) => output !== undefined && needed.has(output))) continue;
    for (const output of node.outputs) {
      if (output === undefined) continue;
      const type = isRepeated ? withoutShape(output.type) : output.type;
      values.set(output, new Value(freshName(output.name), { type, docString: output.docString }));
    }
    const copy = cloneNode(node, values, options.names ?? graph.names);
    if (options.names !== undefined) renameInner(copy, freshName);
    forgetOrigins(copy, isRepeated, adjust);
    nodes.push(copy);
  }
  return { nodes, constants, outputs: graph.outputs.map((output) => values.get(output) ?? output) };
}

/** Values that the wanted outputs depend on. */
function neededValues(graph: Graph, isWanted: (output: number) => boolean): Set<Value> {
  const needed = new Set(graph.outputs.filter((_, index) => isWanted(index)));
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => output !== undefined && needed.has(output))) continue;
    const read = (reader: Node): void => reader.inputs.forEach((input) => input !== undefined && needed.add(input));
    read(node);
    for (const subgraph of node.subgraphs)
      for (const inner of withSubgraphs(subgraph)) {
        for (const innerNode of inner.nodes) read(innerNode);
        for (const output of inner.outputs) needed.add(output);
      }
  }
  return needed;
}

/** Names of subgraphs that come from another scope may be taken in this one. */
function renameInner(node: Node, freshName: (base: string) => string): void {
  for (const subgraph of node.subgraphs)
    for (const graph of withSubgraphs(subgraph)) {
      const values = new Set<Value>([...graph.inputs, ...graph.initializers]);
      for (const { outputs } of graph.nodes) for (const output of outputs) if (output !== undefined) values.add(output);
      for (const value of values) value.rename(freshName(value.name));
    }
}

function withoutShape(type: ValueType | undefined): ValueType | undefined {
  return type?.kind === 'tensor' ? { kind: 'tensor', dataType: type.dataType, shape: undefined } : undefined;
}

/** The copy is not what the source bytes of the original say: it reads other values, and so may its subgraphs. */
function forgetOrigins(node: Node, forgetsNames: boolean, adjust: (node: Node) => void): void {
  const forgetNode = (own: Node): void => {
    forget(own);
    if (forgetsNames) own.name = '';
    adjust(own);
  };
  forgetNode(node);
  for (const attribute of node.attributes.values()) {
    for (const root of graphsOf(attribute)) {
      for (const graph of withSubgraphs(root)) {
        forget(graph);
        for (const inner of graph.nodes) forgetNode(inner);
      }
    }
  }
}

function forget(object: { origin: unknown; changed: boolean }): void {
  object.origin = undefined;
  object.changed = true;
}

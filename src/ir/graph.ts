import { invariant } from '../base/errors.ts';
import { noMetadata } from './metadata.ts';
import { NameScope } from './name-scope.ts';
import type { Node } from './node.ts';
import type { SparseTensor, Tensor } from './tensor.ts';
import { Value } from './value.ts';
import type { ValueType } from './value-type.ts';

/** TensorAnnotation: the names of the values that hold a tensor's quantization parameters. */
export interface QuantizationAnnotation {
  readonly tensorName: string;
  readonly parameters: readonly (readonly [key: string, valueName: string])[];
}

/** A value_info entry whose name no value of the graph bears. Kept, since readers tolerate it. */
export interface StrayValueInfo {
  readonly name: string;
  readonly type: ValueType | undefined;
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
  readonly origin?: unknown;
}

/** What a root graph needs to know of its model or function. */
export interface GraphContext {
  /** Imported opset version of a domain ('' is ai.onnx), or undefined when it is not imported. */
  opsetVersion(domain: string): number | undefined;
  /** IR >= 4: an initializer that is also an input is a default that callers may override. */
  readonly inputsOverrideInitializers: boolean;
  /** False for the body of a function, which is nodes only. */
  readonly allowsInitializers: boolean;
}

export interface GraphOptions {
  readonly name?: string;
  readonly docString?: string | undefined;
  readonly metadataProps?: ReadonlyMap<string, string>;
  /** Scope of the enclosing root graph; a new one for a root graph. */
  readonly names?: NameScope;
  readonly origin?: unknown;
}

const POSITION_STEP = 1024;

/**
 * GraphProto, or the body of a function. Nodes form a list in execution order.
 * A graph is live while its uses are counted: root graphs always, subgraphs while their node is in a live graph.
 */
export class Graph {
  readonly isGraph = true;
  name: string;
  docString: string | undefined;
  metadataProps: ReadonlyMap<string, string>;
  readonly names: NameScope;
  /** The node and attribute that hold a subgraph; undefined for a root graph. Written by Node. */
  owner: { readonly node: Node; readonly attribute: string } | undefined;
  /** Set on root graphs by Model and FunctionDefinition. */
  context: GraphContext | undefined;
  quantizationAnnotations: readonly QuantizationAnnotation[] = [];
  strayValueInfo: readonly StrayValueInfo[] = [];
  origin: unknown;
  /** True once anything of the graph itself (lists, names, initializers; not the nodes' own contents) differs from `origin`. */
  changed = true;
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #initializers = new Set<Value>();
  #first: Node | undefined;
  #last: Node | undefined;
  #nodeCount = 0;
  #live = false;

  constructor(options: GraphOptions = {}) {
    this.name = options.name ?? '';
    this.docString = options.docString;
    this.metadataProps = options.metadataProps ?? noMetadata;
    this.names = options.names ?? new NameScope();
    this.origin = options.origin;
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  get outputs(): readonly Value[] {
    return this.#outputs;
  }

  /** Values with an initializer, dense or sparse, in file order. */
  get initializers(): ReadonlySet<Value> {
    return this.#initializers;
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  get first(): Node | undefined {
    return this.#first;
  }

  get last(): Node | undefined {
    return this.#last;
  }

  /** Nodes in order. Removing the node at hand while iterating is allowed. */
  get nodes(): IterableIterator<Node> {
    return this.#iterate();
  }

  *#iterate(): IterableIterator<Node> {
    let node = this.#first;
    while (node !== undefined) {
      const following: Node | undefined = node.next;
      yield node;
      node = following;
    }
  }

  /** The graph whose subgraph this is, or undefined for a root graph. */
  get parent(): Graph | undefined {
    return this.owner?.node.graph;
  }

  get root(): Graph {
    let graph: Graph = this;
    while (graph.parent !== undefined) graph = graph.parent;
    return graph;
  }

  get inputsOverrideInitializers(): boolean {
    return this.root.context?.inputsOverrideInitializers ?? true;
  }

  get allowsInitializers(): boolean {
    return this.root.context?.allowsInitializers ?? true;
  }

  opsetVersion(domain: string): number | undefined {
    return this.root.context?.opsetVersion(domain);
  }

  /** Graph path for messages: the root's name, then `node/attribute` of each subgraph entered. */
  get path(): string[] {
    const path: string[] = [];
    let graph: Graph = this;
    while (graph.owner !== undefined && graph.parent !== undefined) {
      path.unshift(`${graph.owner.node.label}/${graph.owner.attribute}`);
      graph = graph.parent;
    }
    path.unshift(graph.name);
    return path;
  }

  touch(): void {
    this.changed = true;
  }

  /** Adds an input; an initializer of the graph may become one, which is its default then (before IR 4: its value). */
  addInput(value: Value): void {
    value.isInput = true;
    if (!this.#initializers.has(value)) this.#define(value);
    this.#inputs.push(value);
    this.touch();
  }

  /** Takes an input away; one that is still used must be an initializer too. */
  deleteInput(value: Value): void {
    const index = this.#inputs.indexOf(value);
    invariant(index >= 0, `'${value.name}' is not an input`);
    this.#inputs.splice(index, 1);
    value.isInput = false;
    if (!this.#initializers.has(value)) {
      invariant(!value.isUsed, `input '${value.name}' is still used`);
      this.#undefine(value);
    }
    this.touch();
  }

  /** Adds a value that holds a tensor. An input that gets a default is handed in as it is. */
  addInitializer(value: Value, tensor?: Tensor, sparse?: SparseTensor): void {
    if (tensor !== undefined) value.initializer = tensor.name === value.name ? tensor : tensor.renamed(value.name);
    if (sparse !== undefined) value.sparseInitializer = sparse;
    if (!value.isInput) this.#define(value);
    this.#initializers.add(value);
    this.touch();
  }

  deleteInitializer(value: Value): void {
    invariant(this.#initializers.delete(value), `'${value.name}' is not an initializer`);
    value.initializer = undefined;
    value.sparseInitializer = undefined;
    if (!value.isInput) {
      invariant(!value.isUsed, `initializer '${value.name}' is still used`);
      this.#undefine(value);
    }
    this.touch();
  }

  /** A value may be an output of its graph more than once. */
  addOutput(value: Value): void {
    this.#outputs.push(value);
    if (this.#live) value.addUse(this);
    this.touch();
  }

  setOutput(index: number, value: Value): void {
    const old = this.#outputs[index];
    invariant(old !== undefined, `graph '${this.name}' has no output ${index}`);
    if (this.#live) {
      old.deleteUse(this);
      value.addUse(this);
    }
    this.#outputs[index] = value;
    this.touch();
  }

  deleteOutput(index: number): void {
    const [old] = this.#outputs.splice(index, 1);
    if (this.#live) old?.deleteUse(this);
    this.touch();
  }

  append(node: Node): void {
    this.#link(node, this.#last, undefined);
  }

  insertBefore(node: Node, anchor: Node): void {
    invariant(anchor.graph === this, `node ${anchor.label} is in another graph`);
    this.#link(node, anchor.previous, anchor);
  }

  insertAfter(node: Node, anchor: Node): void {
    invariant(anchor.graph === this, `node ${anchor.label} is in another graph`);
    this.#link(node, anchor, anchor.next);
  }

  /** Takes a node out of the graph. Its outputs must be unused. */
  remove(node: Node): void {
    invariant(node.graph === this, `node ${node.label} is in another graph`);
    for (const value of node.outputs) {
      if (value === undefined) continue;
      invariant(!value.isUsed, `value '${value.name}' is still used`);
      this.#undefine(value);
    }
    if (this.#live) node.release();
    this.#unlink(node);
    node.graph = undefined;
  }

  /** Puts a node of this graph elsewhere in the order. */
  moveBefore(node: Node, anchor: Node | undefined): void {
    invariant(node.graph === this && (anchor === undefined || anchor.graph === this), 'nodes move within their graph');
    this.#unlink(node);
    this.#insert(node, anchor === undefined ? this.#last : anchor.previous, anchor);
  }

  renameInAnnotations(old: string, name: string): void {
    if (this.quantizationAnnotations.length === 0) return;
    this.quantizationAnnotations = this.quantizationAnnotations.map(({ tensorName, parameters }) => ({
      tensorName: tensorName === old ? name : tensorName,
      parameters: parameters.map(([key, value]) => [key, value === old ? name : value] as const),
    }));
    this.touch();
  }

  /** Starts counting uses; for root graphs, and for Node when it comes alive. */
  acquire(): void {
    if (this.#live) return;
    this.#live = true;
    for (const value of this.#outputs) value.addUse(this);
    for (const node of this.nodes) node.acquire();
  }

  release(): void {
    if (!this.#live) return;
    this.#live = false;
    for (const value of this.#outputs) value.deleteUse(this);
    for (const node of this.nodes) node.release();
  }

  #define(value: Value): void {
    invariant(value.graph === undefined, `value '${value.name}' is in a graph already`);
    value.graph = this;
    this.names.add(value.name);
  }

  #undefine(value: Value): void {
    value.graph = undefined;
    this.names.delete(value.name);
  }

  #link(node: Node, previous: Node | undefined, next: Node | undefined): void {
    invariant(node.graph === undefined, `node ${node.label} is in a graph already`);
    node.graph = this;
    for (const value of node.outputs) if (value !== undefined) this.#define(value);
    this.#insert(node, previous, next);
    if (this.#live) node.acquire();
  }

  #insert(node: Node, previous: Node | undefined, next: Node | undefined): void {
    node.previous = previous;
    node.next = next;
    if (previous === undefined) this.#first = node;
    else previous.next = node;
    if (next === undefined) this.#last = node;
    else next.previous = node;
    this.#nodeCount++;
    const low = previous?.position ?? (next === undefined ? 0 : next.position - 2 * POSITION_STEP);
    const high = next?.position ?? low + 2 * POSITION_STEP;
    node.position = (low + high) / 2;
    if (node.position <= low || node.position >= high) this.#renumber();
    this.touch();
  }

  #unlink(node: Node): void {
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    this.#nodeCount--;
    this.touch();
  }

  #renumber(): void {
    let position = 0;
    for (const node of this.nodes) node.position = position += POSITION_STEP;
  }
}

/** A fresh initializer of `graph`, named after `base`. */
export function addConstant(graph: Graph, base: string, tensor: Tensor): Value {
  const value = new Value(graph.names.unique(base));
  graph.addInitializer(value, tensor);
  return value;
}

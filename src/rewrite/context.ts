import { invariant } from '../base/errors.ts';
import type { Dim } from '../infer/dim.ts';
import type { Fact } from '../infer/fact.ts';
import type { ModelFacts } from '../infer/facts.ts';
import { attribute, type Attribute } from '../ir/attribute.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Graph } from '../ir/graph.ts';
import type { FunctionDefinition, Model } from '../ir/model.ts';
import { Node } from '../ir/node.ts';
import type { InputChange, Patch, PatchConstant, Replacement } from '../ir/patch.ts';
import { inlineGraph, type InlineOptions } from '../ir/inline.ts';
import { int64Tensor, integersOf, Tensor } from '../ir/tensor.ts';
import { Value } from '../ir/value.ts';
import { type AttributeReader, attributesOf } from '../opset/attributes.ts';
import type { Assumption } from './report.ts';
import type { CallCount } from './call-count.ts';
import type { DuplicateIndex } from './duplicates.ts';
import type { InitializerIndex } from './initializer-index.ts';
import { foldNode } from '../fold/policy.ts';
import { knownTensor } from './known-tensor.ts';
import type { Refusal } from './rule.ts';

export interface NewNodeOptions {
  readonly domain?: string;
  readonly attributes?: readonly Attribute[];
  /** The node whose name, documentation and metadata the new one carries on. */
  readonly from?: Node;
  readonly outputs?: number;
}

/** What all attempts of one run share. */
export interface SharedIndexes {
  readonly model: Model;
  readonly duplicates: DuplicateIndex;
  readonly initializers: InitializerIndex;
  readonly calls: CallCount;
  /** True when callers accept that symbolic dims of graph inputs are at least 1. */
  readonly assumeNonempty: boolean;
  /** Fold with kernels that are exact to the bit only. */
  readonly exactOnly: boolean;
  /** Fold QuantizeLinear and DequantizeLinear of constants, too. */
  readonly foldQuantization: boolean;
  /** Layers of TensorRT's network count more than nodes. */
  readonly fewestLayers: boolean;
}

/**
 * What a rule sees of the model, and how it writes its patch. One context serves one attempt at one node.
 * Nothing here changes the graph.
 */
export class RewriteContext {
  readonly #facts: ModelFacts;
  readonly #anchor: Node;
  readonly #shared: SharedIndexes;
  readonly #nodes: Node[] = [];
  readonly #places = new Map<Node, Node>();
  readonly #copies = new Set<Node>();
  #place: Node | undefined;
  readonly #constants: PatchConstant[] = [];
  #newConstants: Map<Value, Tensor> | undefined;
  #assumptions: Set<Assumption> | undefined;
  #isBounded = false;

  constructor(facts: ModelFacts, anchor: Node, shared: SharedIndexes) {
    this.#facts = facts;
    this.#anchor = anchor;
    this.#shared = shared;
  }

  get graph(): Graph {
    invariant(this.#anchor.graph !== undefined, 'the anchor of a rule is in a graph');
    return this.#anchor.graph;
  }

  /** Kernels and rules must keep every bit. */
  get isExactOnly(): boolean {
    return this.#shared.exactOnly;
  }

  /** Where fewer nodes would cost layers of TensorRT's network, the layers count. */
  get prefersLayers(): boolean {
    return this.#shared.fewestLayers;
  }

  /** Nodes made from here on go right before `node`, and not before the node that the rule looks at. */
  placeBefore(node: Node): void {
    this.#place = node;
  }

  get assumptions(): ReadonlySet<Assumption> {
    return this.#assumptions ?? none;
  }

  /** True once a kernel that is not exact to the bit took part. */
  get isBounded(): boolean {
    return this.#isBounded;
  }

  /** Imported opset version of ai.onnx where the rule works; 0 when it is not imported. */
  get opset(): number {
    return this.graph.opsetVersion('') ?? 0;
  }

  fact(value: Value): Fact {
    if (this.#facts.isAssumed(value)) this.#assume();
    return this.#facts.get(value);
  }

  dataType(value: Value): DataType | undefined {
    return this.#facts.get(value).dataType;
  }

  /** Symbolic shape; undefined when the rank is not known. */
  shape(value: Value): readonly Dim[] | undefined {
    return this.fact(value).shape;
  }

  /** The tensor a value always is; its payload need not be resident. */
  tensor(value: Value | undefined): Tensor | undefined {
    return value === undefined ? undefined : (this.#newConstants?.get(value) ?? this.#facts.get(value).constant);
  }

  /** Elements of a constant integer tensor, or of a value known to be constant. */
  integers(value: Value | undefined): readonly bigint[] | undefined {
    if (value === undefined) return undefined;
    const tensor = this.tensor(value);
    if (tensor !== undefined) return integersOf(tensor);
    const elements = this.fact(value).elements?.map(({ constant }) => constant);
    return elements?.every((element) => element !== undefined) === true ? elements : undefined;
  }

  /** Elements of a constant bool tensor. */
  booleans(value: Value | undefined): readonly boolean[] | undefined {
    const tensor = this.tensor(value);
    if (tensor?.dataType !== 'bool' || !tensor.isResident) return undefined;
    return Array.from(tensor.bytes.subarray(0, tensor.elementCount), (byte) => byte !== 0);
  }

  /** The only element of a bool tensor in memory. */
  boolean(tensor: Tensor | undefined): boolean | undefined {
    if (tensor?.dataType !== 'bool' || !tensor.isResident || tensor.elementCount !== 1) return undefined;
    return tensor.bytes[0] !== 0;
  }

  booleanTensor(value: boolean): Tensor {
    return new Tensor('bool', [], Uint8Array.of(value ? 1 : 0));
  }

  /**
   * True when the node means what the standard says of its name, and its attributes are known: it calls no local function
   * that overrides the operator, and takes nothing from the call of the function around it.
   */
  isReadable(node: Node): boolean {
    return !node.hasReferences && !this.isOverridden(node);
  }

  isOverridden({ domain, opType, overload }: Node): boolean {
    return this.#shared.model.findFunction(domain, opType, overload) !== undefined;
  }

  attributes(node: Node): AttributeReader {
    return attributesOf(node);
  }

  /** True when the dim cannot be 0; notes the assumption when that rests on `nonempty`. */
  isPositive(dim: Dim): boolean {
    const { low } = dim.bounds();
    if (low !== undefined && low >= 1n) return true;
    if (!this.#shared.assumeNonempty) return false;
    const { low: assumed } = dim.bounds(this.#facts.positiveSymbols);
    if (assumed === undefined || assumed < 1n) return false;
    this.#assume();
    return true;
  }

  /** True for a new node that is a copy of one of the model, and means what that means. */
  isCopy(node: Node): boolean {
    return this.#copies.has(node);
  }

  /** The function of the model that a node calls. */
  functionOf({ domain, opType, overload }: Node): FunctionDefinition | undefined {
    return this.#shared.model.findFunction(domain, opType, overload);
  }

  /** How many nodes a call of the function becomes, with those of the functions that it calls. */
  expandedSizeOf(definition: FunctionDefinition): number {
    return this.#shared.calls.expandedSize(definition);
  }

  /** How many nodes of the model call the function. */
  callsOf(definition: FunctionDefinition): number {
    return this.#shared.calls.of(definition);
  }

  /** An earlier node that computes the same from the same inputs and is visible here. */
  duplicateOf(node: Node): Node | undefined {
    return this.#shared.duplicates.find(node);
  }

  /** An initializer with the same elements that is visible here, to be used in place of `value`. */
  duplicateInitializer(value: Value): Value | undefined {
    return this.#shared.initializers.twinOf(value, this.#anchor);
  }

  /** The tensor that a value is known to be although it is computed (the size of a fixed axis). */
  knownTensor(value: Value): Tensor | undefined {
    return knownTensor(this.fact(value));
  }

  /** The outputs of a node whose inputs are all constant, a reason not to fold it, or undefined when it is no candidate. */
  fold(node: Node): readonly (Tensor | undefined)[] | Refusal | undefined {
    const folded = foldNode(node, this.#facts, this.#shared.model, this.#shared);
    if (folded === undefined) return undefined;
    if ('refusal' in folded) return { refused: folded.refusal };
    if (folded.exactness === 'bounded') this.#isBounded = true;
    return folded.outputs;
  }

  get facts(): ModelFacts {
    return this.#facts;
  }

  /** A new node; its first output stands for it. */
  node(opType: string, inputs: readonly (Value | undefined)[], options: NewNodeOptions = {}): Value {
    const { from } = options;
    const stem = from?.outputs.find((output) => output !== undefined)?.name ?? `${opType}_output`;
    const outputs = Array.from({ length: options.outputs ?? 1 }, () => new Value(this.#freshName(stem)));
    const node = new Node(opType, withoutOmittedTail(inputs), outputs, {
      domain: options.domain ?? '',
      attributes: options.attributes ?? [],
      ...(from !== undefined && { name: from.name, docString: from.docString, metadataProps: from.metadataProps }),
    });
    this.#nodes.push(node);
    if (this.#place !== undefined) this.#places.set(node, this.#place);
    return node.output;
  }

  /** The same operator with other inputs, and with attributes added, exchanged or (given as undefined) taken away. */
  like(
    node: Node,
    inputs: readonly (Value | undefined)[],
    changes: Readonly<Record<string, Attribute | undefined>> = {},
  ): Value {
    invariant(node.subgraphs.length === 0, 'a node with subgraphs cannot be copied');
    const attributes = new Map(node.attributes);
    for (const [name, change] of Object.entries(changes)) {
      if (change === undefined) attributes.delete(name);
      else attributes.set(name, change);
    }
    return this.node(node.opType, inputs, {
      domain: node.domain,
      attributes: [...attributes.values()],
      from: node,
      outputs: node.outputs.length,
    });
  }

  /**
   * Copies of the nodes of a subgraph, to stand before the node that holds it; answers its outputs. Undefined when the subgraph
   * cannot be copied. With `inputs` the subgraph's inputs are these; the shapes it declares are kept for If only.
   */
  inlined(
    graph: Graph,
    inputs?: InlineOptions['inputs'],
    isWanted?: InlineOptions['isWanted'],
    adjust?: InlineOptions['adjust'],
  ): readonly Value[] | undefined {
    const taken = new Set<string>();
    const result = inlineGraph(graph, {
      inputs: inputs ?? [],
      isRepeated: inputs !== undefined,
      ...(isWanted !== undefined && { isWanted }),
      ...(adjust !== undefined && { adjust, names: this.graph.names }),
      freshName: (base) => {
        const name = this.graph.names.unique(base, (own) => taken.has(own) || this.#isPromised(own));
        taken.add(name);
        return name;
      },
    });
    if (result === undefined) return undefined;
    for (const node of result.nodes) {
      this.#nodes.push(node);
      this.#copies.add(node);
    }
    for (const constant of result.constants) {
      this.#constants.push(constant);
      this.#remember(constant.value, constant.tensor);
    }
    return result.outputs;
  }

  /** A new constant, named after `base`. */
  constant(tensor: Tensor, base: string): Value {
    const value = new Value(this.#freshName(base));
    this.#constants.push({ value, tensor: tensor.renamed(value.name) });
    this.#remember(value, tensor);
    return value;
  }

  /** A new int64 vector. */
  vector(values: readonly bigint[], base: string): Value {
    return this.constant(int64Tensor(values), base);
  }

  concat(parts: readonly Value[], axis: number): Value {
    return this.node('Concat', parts, { attributes: [attribute.int('axis', axis)] });
  }

  /** The patch in which `by` takes the place of `old`: of a value, or of the only output of a node. */
  replace(old: Node | Value, by: Value): Patch {
    return this.replaceAll([{ old: old instanceof Node ? old.output : old, by }]);
  }

  /** The patch of several replacements, and of single inputs of other nodes that change along with them. */
  replaceAll(replacements: readonly Replacement[], inputChanges: readonly InputChange[] = []): Patch {
    return this.#patch(replacements, inputChanges, []);
  }

  /** The patch that exchanges single inputs of nodes and leaves the other users of the old values alone. */
  changeInputs(inputChanges: readonly InputChange[]): Patch {
    return this.#patch([], inputChanges, []);
  }

  /** The patch that takes away a node whose outputs nobody uses. */
  removeDead(node: Node): Patch {
    return this.#patch(
      [],
      [],
      node.outputs.filter((output) => output !== undefined),
    );
  }

  #patch(replacements: readonly Replacement[], inputChanges: readonly InputChange[], unused: readonly Value[]): Patch {
    const { graph } = this;
    return {
      graph,
      anchor: this.#anchor,
      nodes: this.#nodes,
      places: this.#places,
      constants: this.#constants,
      replacements,
      inputChanges,
      unused,
    };
  }

  #assume(): void {
    (this.#assumptions ??= new Set()).add('nonempty');
  }

  #remember(value: Value, tensor: Tensor): void {
    (this.#newConstants ??= new Map()).set(value, tensor);
  }

  #freshName(base: string): string {
    return this.graph.names.unique(base, (name) => this.#isPromised(name));
  }

  #isPromised(name: string): boolean {
    return (
      this.#constants.some(({ value }) => value.name === name) ||
      this.#nodes.some((node) => node.outputs.some((output) => output?.name === name))
    );
  }
}

const none: ReadonlySet<Assumption> = new Set();

/** Omitted inputs at the end need not be written. */
function withoutOmittedTail(inputs: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  return inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);
}

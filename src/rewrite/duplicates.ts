import type { Attribute } from '../ir/attribute.ts';
import { graphsOf } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { isDeterministic } from '../opset/determinism.ts';
import { isVisibleAt } from './visibility.ts';

/** Attribute tensors longer than this are compared by identity only: hashing them would cost more than a repeated Constant. */
const MAXIMUM_COMPARED_BYTES = 4096;

/** Up to here candidates are compared one by one. */
const FEW_NODES = 8;

/** Nodes of one operator and the same inputs; once they are many, also by graph and attributes. */
interface Bucket {
  readonly nodes: Set<Node>;
  refined: Map<string, Twins> | undefined;
}

/** Nodes of one graph that compute the same. Who is visible to any of the others, the first is, so that they need not be gone through. */
class Twins {
  readonly nodes = new Set<Node>();
  #first: Node | undefined;

  get first(): Node | undefined {
    if (this.#first?.graph === undefined) {
      this.#first = undefined;
      for (const node of this.nodes) this.#compare(node);
    }
    return this.#first;
  }

  add(node: Node): void {
    this.nodes.add(node);
    // Without a first one all are gone through at the next question.
    if (this.#first !== undefined) this.#compare(node);
  }

  delete(node: Node): void {
    this.nodes.delete(node);
    if (this.#first === node) this.#first = undefined;
  }

  #compare(node: Node): void {
    if (node.graph !== undefined && (this.#first === undefined || node.position < this.#first.position))
      this.#first = node;
  }
}

/**
 * Nodes by what they compute: operator and inputs first, then attributes. Keys are refreshed when the engine visits a node,
 * so a candidate is checked again before it is offered.
 */
export class DuplicateIndex {
  readonly #model: Model;
  readonly #ids = new WeakMap<object, number>();
  #nextId = 0;
  readonly #byKey = new Map<string, Bucket>();
  readonly #keys = new WeakMap<Node, string>();
  readonly #refinedKeys = new WeakMap<Node, string>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** Puts a node under its present key. */
  note(node: Node): void {
    const key = this.#keyOf(node);
    const old = this.#keys.get(node);
    if (old === key) return;
    if (old !== undefined) this.#drop(node, old);
    this.#keys.set(node, key);
    const bucket = this.#byKey.get(key);
    if (bucket === undefined) this.#byKey.set(key, { nodes: new Set([node]), refined: undefined });
    else {
      bucket.nodes.add(node);
      if (bucket.refined !== undefined) this.#refine(node, bucket.refined);
    }
  }

  forget(node: Node): void {
    const key = this.#keys.get(node);
    if (key !== undefined) this.#drop(node, key);
    this.#keys.delete(node);
  }

  #drop(node: Node, key: string): void {
    const bucket = this.#byKey.get(key);
    bucket?.nodes.delete(node);
    const refinedKey = this.#refinedKeys.get(node);
    if (refinedKey !== undefined) bucket?.refined?.get(refinedKey)?.delete(node);
    this.#refinedKeys.delete(node);
  }

  /** Puts a node under its graph and attributes as they are now. */
  #refine(node: Node, refined: Map<string, Twins>): void {
    const key = this.#refinedKey(node.graph, this.#attributesKey(node));
    const old = this.#refinedKeys.get(node);
    if (old === key) return;
    if (old !== undefined) refined.get(old)?.delete(node);
    this.#refinedKeys.set(node, key);
    let twins = refined.get(key);
    if (twins === undefined) refined.set(key, (twins = new Twins()));
    twins.add(node);
  }

  #refinedKey(graph: Graph | undefined, attributes: string): string {
    return `${graph === undefined ? '' : this.#idOf(graph)}|${attributes}`;
  }

  /** Another node that computes the same and is visible at `node`. */
  find(node: Node): Node | undefined {
    this.note(node);
    const key = this.#keyOf(node);
    const bucket = this.#byKey.get(key);
    if (bucket === undefined || bucket.nodes.size < 2 || !this.#mayMerge(node)) return undefined;
    const attributes = this.#attributesKey(node);
    for (const candidate of this.#candidates(node, bucket, attributes)) {
      if (candidate === node || candidate.graph === undefined || this.#keyOf(candidate) !== key) continue;
      if (this.#attributesKey(candidate) === attributes && isVisibleAt(candidate.output, node)) return candidate;
    }
    return undefined;
  }

  *#candidates(node: Node, bucket: Bucket, attributes: string): IterableIterator<Node> {
    if (bucket.nodes.size <= FEW_NODES) {
      yield* bucket.nodes;
      return;
    }
    if (bucket.refined === undefined) {
      bucket.refined = new Map();
      for (const other of bucket.nodes) this.#refine(other, bucket.refined);
    }
    this.#refine(node, bucket.refined);
    for (let { graph } = node; graph !== undefined; graph = graph.parent) {
      const twins = bucket.refined.get(this.#refinedKey(graph, attributes));
      const first = twins?.first;
      if (twins === undefined || first === undefined) continue;
      yield first;
      // It was rewritten since it was noted: all are checked.
      if (this.#keyOf(first) !== this.#keys.get(first)) yield* twins.nodes;
    }
  }

  /** Not when the node is random or unknown, has subgraphs, or no first output to go by. */
  #mayMerge(node: Node): boolean {
    return node.outputs[0] !== undefined && node.subgraphs.length === 0 && isDeterministic(node, this.#model);
  }

  /** Operator, inputs and which outputs there are: cheap, since every node of the model is noted, and telling for most. */
  #keyOf(node: Node): string {
    let key = node.operator;
    let omitted = '';
    for (const input of node.inputs) {
      if (input === undefined) {
        omitted += ',';
        continue;
      }
      key += `${omitted},${this.#idOf(input)}`;
      omitted = '';
    }
    if (node.outputs.length > 1) key += `|${node.outputs.map((output) => (output === undefined ? '-' : 'o')).join('')}`;
    return key;
  }

  #attributesKey(node: Node): string {
    if (node.attributes.size === 0) return node.overload;
    return [
      node.overload,
      ...[...node.attributes.values()].map((attribute) => this.#attributeKey(attribute)).sort(),
    ].join('|');
  }

  #attributeKey(attribute: Attribute): string {
    const { name } = attribute;
    if (attribute.kind === 'reference') return `${name}@${attribute.refersTo}`;
    if (graphsOf(attribute).length > 0) return `${name}#${this.#idOf(attribute)}`;
    switch (attribute.kind) {
      case 'int':
      case 'ints':
      case 'string':
        return `${name}=${String(attribute.value)}`;
      case 'float':
        return `${name}=${floatKey(attribute.value)}`;
      case 'floats':
        return `${name}=${attribute.value.map(floatKey).join(',')}`;
      case 'strings':
        return `${name}=${attribute.value.map(String).join(';')}`;
      case 'tensor':
        return `${name}=${this.#tensorKey(attribute.value)}`;
      default:
        return `${name}#${this.#idOf(attribute)}`;
    }
  }

  #tensorKey(tensor: Tensor): string {
    if (!tensor.isResident || tensor.byteLength > MAXIMUM_COMPARED_BYTES) return `#${this.#idOf(tensor)}`;
    const elements = tensor.strings?.map(String).join(';') ?? String(tensor.bytes);
    return `${tensor.dataType}[${tensor.dims.join(',')}]${elements}`;
  }

  #idOf(object: Value | Tensor | Attribute | Graph): number {
    let id = this.#ids.get(object);
    if (id === undefined) this.#ids.set(object, (id = this.#nextId++));
    return id;
  }
}

/** Tells 0 from -0. */
function floatKey(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

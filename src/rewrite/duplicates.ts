import type { Attribute } from '../ir/attribute.ts';
import { graphsOf } from '../ir/attribute.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { isDeterministic } from '../opset/determinism.ts';
import { isVisibleAt } from './visibility.ts';

/** Attribute tensors longer than this are compared by identity only: hashing them would cost more than a repeated Constant. */
const MAXIMUM_COMPARED_BYTES = 4096;

/**
 * Nodes by what they compute: operator, attributes and inputs. Keys are refreshed when the engine visits a node,
 * so a candidate is checked again before it is offered.
 */
export class DuplicateIndex {
  readonly #model: Model;
  readonly #ids = new WeakMap<object, number>();
  #nextId = 0;
  readonly #byKey = new Map<string, Set<Node>>();
  readonly #keys = new WeakMap<Node, string>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** Puts a node under its present key. */
  note(node: Node): void {
    const key = this.#keyOf(node);
    const old = this.#keys.get(node);
    if (old === key) return;
    if (old !== undefined) this.#byKey.get(old)?.delete(node);
    if (key === undefined) return;
    this.#keys.set(node, key);
    const nodes = this.#byKey.get(key);
    if (nodes === undefined) this.#byKey.set(key, new Set([node]));
    else nodes.add(node);
  }

  forget(node: Node): void {
    const key = this.#keys.get(node);
    if (key !== undefined) this.#byKey.get(key)?.delete(node);
    this.#keys.delete(node);
  }

  /** Another node that computes the same and is visible at `node`. */
  find(node: Node): Node | undefined {
    this.note(node);
    const key = this.#keys.get(node);
    if (key === undefined) return undefined;
    for (const candidate of this.#byKey.get(key) ?? []) {
      if (candidate === node || candidate.graph === undefined || candidate.output === undefined) continue;
      if (this.#keyOf(candidate) === key && isVisibleAt(candidate.output, node)) return candidate;
    }
    return undefined;
  }

  /** undefined when the node must not be merged: random, unknown, with subgraphs or without outputs. */
  #keyOf(node: Node): string | undefined {
    if (node.outputs[0] === undefined || node.subgraphs.length > 0 || !isDeterministic(node, this.#model))
      return undefined;
    const inputs = node.inputs.map((input) => (input === undefined ? '' : this.#idOf(input)));
    while (inputs.at(-1) === '') inputs.pop();
    const attributes = [...node.attributes.values()].map((attribute) => this.#attributeKey(attribute)).sort();
    const outputs = node.outputs.map((output) => (output === undefined ? '-' : 'o')).join('');
    return [node.operator, node.overload, outputs, inputs.join(','), ...attributes].join('|');
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

  #idOf(object: Value | Tensor | Attribute): string {
    let id = this.#ids.get(object);
    if (id === undefined) this.#ids.set(object, (id = this.#nextId++));
    return String(id);
  }
}

/** Tells 0 from -0. */
function floatKey(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

import { invariant } from '../base/errors.ts';
import type { Graph } from './graph.ts';
import { noMetadata } from './metadata.ts';
import type { Node } from './node.ts';
import type { SparseTensor, Tensor } from './tensor.ts';
import type { ValueType } from './value-type.ts';

export interface ValueOptions {
  readonly type?: ValueType | undefined;
  readonly docString?: string | undefined;
  readonly metadataProps?: ReadonlyMap<string, string>;
  /** Serde's record of the source bytes of the ValueInfoProto; opaque to everyone else. */
  readonly origin?: unknown;
}

const nowhere = new Map<Graph, number>();
const nobody: Iterable<Node> = [];

/**
 * An SSA edge: a graph input, an initializer, or an output of a node.
 * Uses are counted by the nodes and graphs that make them, captures by subgraphs included; nobody else writes them.
 */
export class Value {
  #name: string;
  #type: ValueType | undefined;
  #initializer: Tensor | undefined;
  /** The one node that reads the value, with its number of slots, until a second comes along: most values have one reader. */
  #reader: Node | undefined;
  #readerSlots = 0;
  #users: Map<Node, number> | undefined;
  /** Most values are no output of a graph; those share one empty map. */
  #outputOf: Map<Graph, number> = nowhere;
  /** The graph that defines the value; undefined while the value's node is detached. */
  graph: Graph | undefined;
  /** The node that makes the value; undefined for graph inputs and initializers. */
  producer: Node | undefined;
  /** True for an input of its graph. A value may be an input and an initializer (its default). */
  isInput = false;
  /** True for an initializer that a training binding updates: it is state, not a constant (onnx.proto TrainingInfoProto). */
  isMutable = false;
  sparseInitializer: SparseTensor | undefined;
  docString: string | undefined;
  metadataProps: ReadonlyMap<string, string>;
  origin: unknown;
  /** True once the declared name, type or text differs from `origin`. */
  changed = true;

  constructor(name: string, options: ValueOptions = {}) {
    this.#name = name;
    this.#type = options.type;
    this.docString = options.docString;
    this.metadataProps = options.metadataProps ?? noMetadata;
    this.origin = options.origin;
  }

  get name(): string {
    return this.#name;
  }

  /** Type and shape as declared by value_info, graph input or output; a hint, except for graph inputs. */
  get type(): ValueType | undefined {
    return this.#type;
  }

  set type(type: ValueType | undefined) {
    this.#type = type;
    this.changed = true;
    this.graph?.touch();
  }

  get initializer(): Tensor | undefined {
    return this.#initializer;
  }

  set initializer(tensor: Tensor | undefined) {
    this.#initializer = tensor;
    this.graph?.touch();
  }

  /**
   * The tensor this value always is: an initializer that no caller can override.
   * From IR 4 on an initializer that is also a graph input is only a default (IR.md).
   */
  get constant(): Tensor | undefined {
    if (this.#initializer === undefined || this.isMutable) return undefined;
    return this.isInput && this.graph?.inputsOverrideInitializers === true ? undefined : this.#initializer;
  }

  /** Nodes that read the value, each once, in any graph that can see it. */
  get users(): Iterable<Node> {
    if (this.#users !== undefined) return this.#users.keys();
    return this.#reader === undefined ? nobody : [this.#reader];
  }

  get userCount(): number {
    return this.#users?.size ?? (this.#reader === undefined ? 0 : 1);
  }

  /** Number of reading positions: input slots of nodes and outputs of graphs. */
  get useCount(): number {
    let count = this.#readerSlots;
    for (const slots of this.#users?.values() ?? []) count += slots;
    for (const slots of this.#outputOf.values()) count += slots;
    return count;
  }

  /** Graphs that have the value among their outputs. */
  get outputOf(): IterableIterator<Graph> {
    return this.#outputOf.keys();
  }

  get isGraphOutput(): boolean {
    return this.#outputOf.size > 0;
  }

  get isUsed(): boolean {
    return this.userCount > 0 || this.#outputOf.size > 0;
  }

  /** The one node that reads the value, when nothing else does. */
  get onlyUser(): Node | undefined {
    if (this.userCount !== 1 || this.#outputOf.size > 0) return undefined;
    return this.#reader ?? this.#users?.keys().next().value;
  }

  /** Gives the value a name that is free in its scope, and tells everything that writes the old one. */
  rename(name: string): void {
    if (name === this.#name) return;
    const old = this.#name;
    if (this.graph !== undefined) {
      invariant(!this.graph.names.has(name), `the name '${name}' is taken`);
      this.graph.names.delete(old);
      this.graph.names.add(name);
      this.graph.renameInAnnotations(old, name);
    }
    this.#name = name;
    this.changed = true;
    if (this.#initializer !== undefined) this.#initializer = this.#initializer.renamed(name);
    this.producer?.touch();
    this.producer?.renameInDeviceConfigurations(old, name);
    for (const node of this.users) {
      node.touch();
      node.renameInDeviceConfigurations(old, name);
    }
    for (const graph of this.#outputOf.keys()) graph.touch();
  }

  /** For Node and Graph only. */
  addUse(user: Node | Graph): void {
    if (user.isGraph) {
      if (this.#outputOf === nowhere) this.#outputOf = new Map();
      this.#outputOf.set(user, (this.#outputOf.get(user) ?? 0) + 1);
    } else if (this.#users !== undefined) {
      this.#users.set(user, (this.#users.get(user) ?? 0) + 1);
    } else if (this.#reader === undefined || this.#reader === user) {
      this.#reader = user;
      this.#readerSlots++;
    } else {
      this.#users = new Map([
        [this.#reader, this.#readerSlots],
        [user, 1],
      ]);
      this.#reader = undefined;
      this.#readerSlots = 0;
    }
  }

  /** For Node and Graph only. */
  deleteUse(user: Node | Graph): void {
    if (user.isGraph) decrement(this.#outputOf, user);
    else if (this.#users !== undefined) decrement(this.#users, user);
    else {
      invariant(this.#reader === user, NEVER_COUNTED);
      if (--this.#readerSlots === 0) this.#reader = undefined;
    }
  }
}

const NEVER_COUNTED = 'a use was dropped that was never counted';

function decrement<Key>(counts: Map<Key, number>, key: Key): void {
  const count = counts.get(key) ?? 0;
  invariant(count > 0, NEVER_COUNTED);
  if (count > 1) counts.set(key, count - 1);
  else counts.delete(key);
}

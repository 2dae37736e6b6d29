import { invariant } from '../base/errors.ts';
import { type Attribute, graphsOf } from './attribute.ts';
import type { Graph } from './graph.ts';
import { noMetadata } from './metadata.ts';
import { Value } from './value.ts';

const noAttributes: ReadonlyMap<string, Attribute> = new Map();

/** ShardingSpecProto and its parents hold no value but by name; they are kept as serde read them. */
export interface DeviceConfiguration {
  readonly configurationId: string;
  readonly pipelineStage: number | undefined;
  readonly shardingSpecs: readonly ShardingSpec[];
}

export interface ShardingSpec {
  readonly tensorName: string;
  readonly device: readonly bigint[];
  readonly indexToDeviceGroupMap: readonly { readonly key: bigint; readonly value: readonly bigint[] }[];
  readonly shardedDims: readonly {
    readonly axis: bigint;
    readonly simpleShardings: readonly { readonly dim: bigint | string | undefined; readonly numShards: bigint }[];
  }[];
}

export interface NodeOptions {
  readonly name?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly docString?: string | undefined;
  readonly attributes?: Iterable<Attribute>;
  readonly metadataProps?: ReadonlyMap<string, string>;
  readonly deviceConfigurations?: readonly DeviceConfiguration[];
  readonly origin?: unknown;
}

/**
 * NodeProto. A node owns its outputs; inputs change only through `replaceInput`, so uses are always right.
 * An omitted optional input or output is undefined. A node counts its uses while it is part of a live graph.
 */
export class Node {
  readonly isGraph = false;
  name: string;
  readonly opType: string;
  /** '' is ai.onnx; serde keeps the spelling of the file in `origin`. */
  readonly domain: string;
  readonly overload: string;
  docString: string | undefined;
  metadataProps: ReadonlyMap<string, string>;
  deviceConfigurations: readonly DeviceConfiguration[];
  readonly #inputs: (Value | undefined)[];
  readonly #outputs: readonly (Value | undefined)[];
  #attributes: Map<string, Attribute> | undefined;
  #live = false;
  origin: unknown;
  /** True once anything of the node itself, its subgraphs apart, differs from `origin`. */
  changed = true;

  /** Written by Graph only. */
  graph: Graph | undefined;
  previous: Node | undefined;
  next: Node | undefined;
  /** Grows along the graph's node list; compare, do not store. */
  position = 0;

  constructor(
    opType: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly (Value | undefined)[],
    options: NodeOptions = {},
  ) {
    this.opType = opType;
    this.name = options.name ?? '';
    this.domain = options.domain === 'ai.onnx' ? '' : (options.domain ?? '');
    this.overload = options.overload ?? '';
    this.docString = options.docString;
    this.metadataProps = options.metadataProps ?? noMetadata;
    this.deviceConfigurations = options.deviceConfigurations ?? [];
    this.origin = options.origin;
    this.#inputs = [...inputs];
    this.#outputs = outputs;
    for (const value of outputs) {
      if (value === undefined) continue;
      invariant(value.producer === undefined, `value '${value.name}' has a producer already`);
      value.producer = this;
    }
    for (const attribute of options.attributes ?? []) {
      (this.#attributes ??= new Map()).set(attribute.name, attribute);
      for (const graph of graphsOf(attribute)) graph.owner = { node: this, attribute: attribute.name };
    }
  }

  get inputs(): readonly (Value | undefined)[] {
    return this.#inputs;
  }

  get outputs(): readonly (Value | undefined)[] {
    return this.#outputs;
  }

  /** The first output, which every operator but those without results has. */
  get output(): Value {
    const value = this.#outputs[0];
    invariant(value !== undefined, `node ${this.label} has no first output`);
    return value;
  }

  get attributes(): ReadonlyMap<string, Attribute> {
    return this.#attributes ?? noAttributes;
  }

  /** `domain::op_type`, without the domain when it is ai.onnx. */
  get operator(): string {
    return this.domain === '' ? this.opType : `${this.domain}::${this.opType}`;
  }

  /** How messages call the node: its name, else its first named output. */
  get label(): string {
    if (this.name !== '') return this.name;
    const value = this.#outputs.find((output) => output !== undefined);
    const kind = this.opType === '' ? 'no op_type' : this.opType;
    return value === undefined ? `(${kind})` : `(${kind} of ${value.name})`;
  }

  /** Graphs held by attributes, in attribute order. */
  get subgraphs(): Graph[] {
    const graphs: Graph[] = [];
    for (const attribute of this.attributes.values())
      if (attribute.kind === 'graph' || attribute.kind === 'graphs') graphs.push(...graphsOf(attribute));
    return graphs;
  }

  /** True when an attribute takes its value from the call of the surrounding function: its value is not known here. */
  get hasReferences(): boolean {
    for (const attribute of this.attributes.values()) if (attribute.kind === 'reference') return true;
    return false;
  }

  touch(): void {
    this.changed = true;
  }

  replaceInput(index: number, value: Value | undefined): void {
    while (this.#inputs.length <= index) this.#inputs.push(undefined);
    const old = this.#inputs[index];
    if (old === value) return;
    if (this.#live) {
      old?.deleteUse(this);
      value?.addUse(this);
    }
    this.#inputs[index] = value;
    this.touch();
  }

  /** Omitted inputs at the end need not be written. */
  dropOmittedTail(): void {
    const length = this.#inputs.findLastIndex((input) => input !== undefined) + 1;
    if (length < this.#inputs.length) this.touch();
    this.#inputs.length = length;
  }

  setAttribute(attribute: Attribute): void {
    this.deleteAttribute(attribute.name);
    (this.#attributes ??= new Map()).set(attribute.name, attribute);
    for (const graph of graphsOf(attribute)) {
      graph.owner = { node: this, attribute: attribute.name };
      if (this.#live) graph.acquire();
    }
    this.touch();
  }

  deleteAttribute(name: string): void {
    const old = this.#attributes?.get(name);
    if (old === undefined) return;
    if (this.#live) for (const graph of graphsOf(old)) graph.release();
    this.#attributes?.delete(name);
    this.touch();
  }

  renameInDeviceConfigurations(old: string, name: string): void {
    if (this.deviceConfigurations.length === 0) return;
    this.deviceConfigurations = this.deviceConfigurations.map((configuration) => ({
      ...configuration,
      shardingSpecs: configuration.shardingSpecs.map((spec) =>
        spec.tensorName === old ? { ...spec, tensorName: name } : spec,
      ),
    }));
  }

  /** Counts the node's uses, those of its subgraphs included. For Graph only. */
  acquire(): void {
    if (this.#live) return;
    this.#live = true;
    for (const value of this.#inputs) value?.addUse(this);
    for (const graph of this.subgraphs) graph.acquire();
  }

  /** Takes the node's uses back. For Graph only. */
  release(): void {
    if (!this.#live) return;
    this.#live = false;
    for (const value of this.#inputs) value?.deleteUse(this);
    for (const graph of this.subgraphs) graph.release();
  }
}

/** A node with fresh outputs, detached; each output is named by the caller, or undefined when it is omitted. */
export function createNode(
  opType: string,
  inputs: readonly (Value | undefined)[],
  outputNames: readonly (string | undefined)[],
  options: NodeOptions = {},
): Node {
  return new Node(
    opType,
    inputs,
    outputNames.map((name) => (name === undefined ? undefined : new Value(name))),
    options,
  );
}

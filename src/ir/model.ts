import type { Attribute } from './attribute.ts';
import type { Graph, GraphContext } from './graph.ts';
import { noMetadata } from './metadata.ts';
import type { Node } from './node.ts';
import type { Problem } from './problem.ts';

/** Model-local function (FunctionProto): identified by domain, name and overload. */
export interface FunctionOptions {
  readonly domain: string;
  readonly name: string;
  readonly overload?: string;
  readonly docString?: string | undefined;
  readonly metadataProps?: ReadonlyMap<string, string>;
  readonly opsetImports?: ReadonlyMap<string, number>;
  /** Attributes without a default. */
  readonly attributeNames?: readonly string[];
  /** Attributes with a default. */
  readonly attributeDefaults?: readonly Attribute[];
  readonly body: Graph;
  readonly origin?: unknown;
}

export class FunctionDefinition implements GraphContext {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  docString: string | undefined;
  metadataProps: ReadonlyMap<string, string>;
  opsetImports: ReadonlyMap<string, number>;
  readonly attributeNames: readonly string[];
  readonly attributeDefaults: readonly Attribute[];
  /** Inputs and outputs are values of the body; a body sees nothing else of the model. */
  readonly body: Graph;
  readonly inputsOverrideInitializers = true;
  readonly allowsInitializers = false;
  origin: unknown;
  changed = true;

  constructor(options: FunctionOptions) {
    this.domain = options.domain;
    this.name = options.name;
    this.overload = options.overload ?? '';
    this.docString = options.docString;
    this.metadataProps = options.metadataProps ?? noMetadata;
    this.opsetImports = options.opsetImports ?? new Map();
    this.attributeNames = options.attributeNames ?? [];
    this.attributeDefaults = options.attributeDefaults ?? [];
    this.body = options.body;
    this.origin = options.origin;
    this.body.context = this;
    this.body.acquire();
  }

  opsetVersion(domain: string): number | undefined {
    return importedVersion(this.opsetImports, domain);
  }

  /** What a call's attributes are when it leaves them out. A default that refers to an attribute in turn has no value. */
  defaultsByName(): Map<string, Attribute> {
    const values = this.attributeDefaults.filter(({ kind }) => kind !== 'reference');
    return new Map(values.map((attribute) => [attribute.name, attribute]));
  }
}

/** TrainingInfoProto. Initializers that a binding names are mutable: they must not be folded or fused. */
export interface TrainingInfo {
  readonly initialization: Graph | undefined;
  readonly algorithm: Graph | undefined;
  readonly initializationBinding: readonly (readonly [string, string])[];
  readonly updateBinding: readonly (readonly [string, string])[];
  readonly origin?: unknown;
}

/** DeviceConfigurationProto. */
export interface ModelDeviceConfiguration {
  readonly name: string;
  readonly numDevices: number;
  readonly devices: readonly string[];
}

/** What was wrong with the file that a model was read from, and cannot be seen in the model. */
export interface Reading {
  readonly problems: readonly Problem[];
  /** Nodes that lack something that could not be read. */
  readonly damagedNodes: ReadonlySet<Node>;
}

export interface ModelOptions {
  readonly irVersion: number;
  /** Versions by domain; '' is ai.onnx. */
  readonly opsetImports: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: bigint;
  readonly docString?: string | undefined;
  readonly metadataProps?: ReadonlyMap<string, string>;
  readonly functions?: readonly FunctionDefinition[];
  readonly trainingInfo?: readonly TrainingInfo[];
  readonly configurations?: readonly ModelDeviceConfiguration[];
  readonly reading?: Reading;
  readonly origin?: unknown;
}

const soundReading: Reading = { problems: [], damagedNodes: new Set() };

export class Model implements GraphContext {
  readonly allowsInitializers = true;
  irVersion: number;
  opsetImports: ReadonlyMap<string, number>;
  readonly graph: Graph;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: bigint | undefined;
  docString: string | undefined;
  metadataProps: ReadonlyMap<string, string>;
  functions: readonly FunctionDefinition[];
  trainingInfo: readonly TrainingInfo[];
  configurations: readonly ModelDeviceConfiguration[];
  /** Says nothing of a model that was not read from messages. */
  reading: Reading;
  origin: unknown;
  /** True once anything of the model itself, its graph and functions apart, differs from `origin`. */
  changed = true;

  #indexed:
    | {
        readonly functions: readonly FunctionDefinition[];
        readonly byName: ReadonlyMap<string, readonly FunctionDefinition[]>;
      }
    | undefined;

  constructor(options: ModelOptions) {
    this.irVersion = options.irVersion;
    this.opsetImports = options.opsetImports;
    this.graph = options.graph;
    this.producerName = options.producerName ?? '';
    this.producerVersion = options.producerVersion ?? '';
    this.domain = options.domain ?? '';
    this.modelVersion = options.modelVersion;
    this.docString = options.docString;
    this.metadataProps = options.metadataProps ?? noMetadata;
    this.functions = options.functions ?? [];
    this.trainingInfo = options.trainingInfo ?? [];
    this.configurations = options.configurations ?? [];
    this.reading = options.reading ?? soundReading;
    this.origin = options.origin;
    this.graph.context = this;
    this.graph.acquire();
    for (const { initialization, algorithm } of this.trainingInfo) {
      for (const graph of [initialization, algorithm]) {
        if (graph === undefined) continue;
        graph.context = this;
        graph.acquire();
      }
    }
  }

  get inputsOverrideInitializers(): boolean {
    return this.irVersion >= 4;
  }

  opsetVersion(domain: string): number | undefined {
    return importedVersion(this.opsetImports, domain);
  }

  /** The local function a node calls, which may override a standard operator of the same name; undefined when it calls none. */
  findFunction(domain: string, name: string, overload = ''): FunctionDefinition | undefined {
    if (this.functions.length === 0) return undefined;
    return this.#functionsByName()
      .get(name)
      ?.find((candidate) => normalDomain(candidate.domain) === normalDomain(domain) && candidate.overload === overload);
  }

  /** True when there is a function of this name, in whatever domain. */
  hasFunctionNamed(name: string): boolean {
    return this.functions.length > 0 && this.#functionsByName().has(name);
  }

  #functionsByName(): ReadonlyMap<string, readonly FunctionDefinition[]> {
    if (this.#indexed?.functions !== this.functions) {
      const byName = new Map<string, FunctionDefinition[]>();
      for (const definition of this.functions) {
        const known = byName.get(definition.name);
        if (known === undefined) byName.set(definition.name, [definition]);
        else known.push(definition);
      }
      this.#indexed = { functions: this.functions, byName };
    }
    return this.#indexed.byName;
  }
}

/** '' and 'ai.onnx' are one domain. */
export function normalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function importedVersion(imports: ReadonlyMap<string, number>, domain: string): number | undefined {
  return imports.get(normalDomain(domain));
}

/** The graphs of a model that are in no other: the main one, function bodies, training graphs. */
export function rootGraphsOf(model: Model): readonly Graph[] {
  const roots = [
    model.graph,
    ...model.functions.map(({ body }) => body),
    ...model.trainingInfo.flatMap(({ initialization, algorithm }) => [initialization, algorithm]),
  ];
  return roots.filter((root) => root !== undefined);
}

/** Every graph of a model: the main one, function bodies, training graphs, and all their subgraphs; outer before inner. */
export function* graphsOfModel(model: Model): IterableIterator<Graph> {
  for (const root of rootGraphsOf(model)) yield* withSubgraphs(root);
}

/** A graph and all graphs below it, outer before inner, without recursion. */
export function* withSubgraphs(graph: Graph): IterableIterator<Graph> {
  const pending: Graph[] = [graph];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    yield current;
    const inner: Graph[] = [];
    for (const node of current.nodes) if (node.attributes.size > 0) inner.push(...node.subgraphs);
    pending.push(...inner.reverse());
  }
}

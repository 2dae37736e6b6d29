import type { Place } from '../base/errors.ts';
import type { Attribute } from '../ir/attribute.ts';
import { Graph, type QuantizationAnnotation, type StrayValueInfo } from '../ir/graph.ts';
import type { NameScope } from '../ir/name-scope.ts';
import { type DeviceConfiguration, Node } from '../ir/node.ts';
import { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import { type NodeProto, onnx, type TensorAnnotation } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import { MAXIMUM_NESTING } from '../wire/limits.ts';
import type { ChildField, MessageParts, Spans } from '../wire/split.ts';
import { Origin } from './origin.ts';
import { readAttribute } from './read-attribute.ts';
import { type ReadContext, spansOf } from './read-context.ts';
import { readDeviceConfigurations } from './read-device.ts';
import { metadataOf, readSparseTensor, readTensor } from './read-tensor.ts';
import { readType } from './read-type.ts';

/** What a ValueInfoProto said; of a value, or of a name that no value bears. */
export interface ValueInfoSnapshot {
  readonly name: string;
  readonly type: ValueType | undefined;
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
}

/** A ValueInfoProto among a graph's outputs or value_info, and the value it is about. */
export interface ValueEntry {
  readonly value: Value;
  readonly origin: Origin<ValueInfoSnapshot>;
}

export interface GraphSnapshot {
  readonly name: string;
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
  readonly quantizationAnnotations: readonly QuantizationAnnotation[];
  readonly strayValueInfo: readonly StrayValueInfo[];
  readonly outputs: readonly ValueEntry[];
  readonly valueInfo: readonly ValueEntry[];
}

export interface NodeSnapshot {
  readonly name: string;
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
  readonly deviceConfigurations: readonly DeviceConfiguration[];
}

/** The values a graph defines, by name, and those of the graphs around it. */
export class Scope {
  readonly values = new Map<string, Value>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  find(name: string): Value | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#outer) {
      const value = scope.values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

export interface GraphPlace {
  readonly scope: Scope;
  readonly names: NameScope;
  /** Path of the graph, for messages. */
  readonly path: readonly string[];
  /** Graphs around this one. */
  readonly depth: number;
}

/** A node that was decoded, and whose outputs exist; its inputs are linked once all values of the graph do. */
export interface PendingNode {
  readonly spans: Spans;
  readonly parts: MessageParts;
  readonly own: NodeProto;
  readonly outputs: readonly (Value | undefined)[];
}

/** A subgraph costs a node, an attribute and a graph. */
const MAXIMUM_GRAPH_NESTING = Math.floor(MAXIMUM_NESTING / 3);

export function readGraph(context: ReadContext, spans: Spans, at: GraphPlace): Graph {
  const { parts, own } = context.open(layouts.graph, onnx.GraphProto, spans);
  const name = own.name ?? '';
  const path = at.depth === 0 ? [name] : at.path;
  const place: Place = { graph: path };
  if (at.depth > MAXIMUM_GRAPH_NESTING) throw context.error('subgraphs are nested too deeply to be read', place);

  const { scope, names } = at;
  const metadataProps = metadataOf(own.metadataProps);
  const annotations = (own.quantizationAnnotation ?? []).map(readAnnotation);
  const graph = new Graph({ name, docString: own.docString ?? undefined, metadataProps, names });
  graph.quantizationAnnotations = annotations;
  const lists = sortChildren(parts.children);

  for (const child of lists.inputs) {
    const value = valueFrom(readValueInfo(context, child));
    defineValue(context, scope, value, place);
    graph.addInput(value);
  }
  readInitializers(context, graph, scope, lists, place);
  const pending = lists.nodes.map((child) => openNode(context, scope, spansOf(child), place));
  const outputs = lists.outputs.map((child): ValueEntry => {
    const origin = readValueInfo(context, child);
    const value = scope.find(origin.snapshot.name);
    if (value === undefined) {
      throw context.error(`output '${origin.snapshot.name}' of the graph is not defined`, {
        ...place,
        value: origin.snapshot.name,
      });
    }
    return { value, origin };
  });
  for (const { value, origin } of outputs) if (scope.values.get(value.name) === value) describe(value, origin);
  const { valueInfo, stray } = readValueInfos(context, scope, lists.valueInfo, names);
  graph.strayValueInfo = stray;

  linkNodes(context, graph, pending, { ...at, path });
  for (const { value } of outputs) graph.addOutput(value);

  const snapshot: GraphSnapshot = {
    name,
    docString: graph.docString,
    metadataProps,
    quantizationAnnotations: annotations,
    strayValueInfo: stray,
    outputs,
    valueInfo,
  };
  setOrigin(graph, new Origin(context.skeleton, spans, snapshot));
  for (const value of scope.values.values()) value.changed = false;
  for (const value of graph.inputs) value.changed = false;
  return graph;
}

/** From here on the object counts as unchanged. */
export function setOrigin(object: { origin: unknown; changed: boolean }, origin: Origin<unknown>): void {
  origin.object = object;
  object.origin = origin;
  object.changed = false;
}

interface ChildLists {
  readonly nodes: readonly ChildField[];
  readonly initializers: readonly ChildField[];
  readonly inputs: readonly ChildField[];
  readonly outputs: readonly ChildField[];
  readonly valueInfo: readonly ChildField[];
}

function sortChildren(children: readonly ChildField[]): ChildLists {
  const { node, initializer, input, output, valueInfo, sparseInitializer } = field.graph;
  const of = (...numbers: number[]): ChildField[] => children.filter((child) => numbers.includes(child.number));
  return {
    nodes: of(node),
    initializers: of(initializer, sparseInitializer),
    inputs: of(input),
    outputs: of(output),
    valueInfo: of(valueInfo),
  };
}

export function defineValue(context: ReadContext, scope: Scope, value: Value, place: Place): void {
  // Nothing can refer to a value without a name.
  if (value.name === '') return;
  if (scope.values.has(value.name)) {
    throw context.error(
      `value '${value.name}' is defined twice`,
      { ...place, value: value.name },
      'names of values must be unique within a graph',
    );
  }
  scope.values.set(value.name, value);
}

export function readValueInfo(context: ReadContext, child: ChildField): Origin<ValueInfoSnapshot> {
  const own = context.decode(layouts.valueInfo, onnx.ValueInfoProto, child);
  return new Origin(context.skeleton, spansOf(child), {
    name: own.name ?? '',
    type: readType(own.type),
    docString: own.docString ?? undefined,
    metadataProps: metadataOf(own.metadataProps),
  });
}

function valueFrom(origin: Origin<ValueInfoSnapshot>): Value {
  const value = new Value(origin.snapshot.name);
  describe(value, origin);
  return value;
}

/** Gives a value what its ValueInfoProto says; the first one that describes it holds. */
export function describe(value: Value, origin: Origin<ValueInfoSnapshot>): void {
  if (value.origin !== undefined) return;
  value.type = origin.snapshot.type;
  value.docString = origin.snapshot.docString;
  value.metadataProps = origin.snapshot.metadataProps;
  value.origin = origin;
  origin.object = value;
}

export function readValueInfos(
  context: ReadContext,
  scope: Scope,
  children: readonly ChildField[],
  names: NameScope,
): { valueInfo: ValueEntry[]; stray: StrayValueInfo[] } {
  const valueInfo: ValueEntry[] = [];
  const stray: StrayValueInfo[] = [];
  for (const child of children) {
    const origin = readValueInfo(context, child);
    const value = scope.values.get(origin.snapshot.name);
    if (value === undefined) {
      const entry: StrayValueInfo = { ...origin.snapshot, origin };
      origin.object = entry;
      stray.push(entry);
      // A fresh value must not come by this name, and with it by a wrong type.
      names.add(entry.name);
    } else {
      describe(value, origin);
      valueInfo.push({ value, origin });
    }
  }
  return { valueInfo, stray };
}

function readInitializers(context: ReadContext, graph: Graph, scope: Scope, lists: ChildLists, place: Place): void {
  for (const child of lists.initializers) {
    const isDense = child.number === field.graph.initializer;
    const tensor = isDense ? readTensor(context, spansOf(child), place) : undefined;
    const sparse = isDense ? undefined : readSparseTensor(context, spansOf(child), place);
    const name = (tensor ?? sparse?.values)?.name ?? '';
    if (name === '') throw context.error('an initializer has no name', place);
    let value = scope.values.get(name);
    if (value === undefined || graph.initializers.has(value)) {
      value = new Value(name);
      defineValue(context, scope, value, place);
    }
    graph.addInitializer(value, tensor, sparse);
  }
}

export function openNode(context: ReadContext, scope: Scope, spans: Spans, place: Place): PendingNode {
  const { parts, own } = context.open(layouts.node, onnx.NodeProto, spans);
  const outputs = (own.output ?? []).map((name) => {
    if (name === '') return undefined;
    const value = new Value(name);
    defineValue(context, scope, value, { ...place, node: labelOf(own) });
    return value;
  });
  return { spans, parts, own, outputs };
}

function labelOf(own: NodeProto): string {
  const output = own.output?.find((name) => name !== '');
  return own.name ? own.name : `(${own.opType ?? ''}${output === undefined ? '' : ` of ${output}`})`;
}

/** Makes the nodes; every value they may refer to must be in scope. */
export function linkNodes(context: ReadContext, graph: Graph, pending: readonly PendingNode[], at: GraphPlace): void {
  for (const { spans, parts, own, outputs } of pending) {
    const inputs: (Value | undefined)[] = [];
    for (const name of own.input ?? []) {
      const value = name === '' ? undefined : at.scope.find(name);
      if (value === undefined && name !== '') {
        const node = labelOf(own);
        throw context.error(`input '${name}' of node ${node} is not defined`, { graph: at.path, node, value: name });
      }
      inputs.push(value);
    }
    const attributes =
      parts.children.length === 0 ? noAttributes : readAttributes(context, parts.children, labelOf(own), at);
    const node = new Node(own.opType ?? '', inputs, outputs, {
      name: own.name ?? '',
      domain: own.domain ?? '',
      overload: own.overload ?? '',
      docString: own.docString ?? undefined,
      attributes,
      metadataProps: metadataOf(own.metadataProps),
      deviceConfigurations: readDeviceConfigurations(own.deviceConfigurations),
    });
    if (node.attributes.size < attributes.length) {
      throw context.error(`node ${node.label} has an attribute twice`, { graph: at.path, node: node.label });
    }
    const { name, docString, metadataProps, deviceConfigurations } = node;
    const snapshot: NodeSnapshot = { name, docString, metadataProps, deviceConfigurations };
    graph.append(node);
    setOrigin(node, new Origin(context.skeleton, spans, snapshot));
  }
}

const noAttributes: readonly Attribute[] = [];

export function readAttributes(
  context: ReadContext,
  children: readonly ChildField[],
  label: string,
  at: GraphPlace,
): readonly Attribute[] {
  const place: Place = { graph: at.path, node: label };
  const readSubgraph = (spans: Spans): Graph =>
    readGraph(context, spans, {
      scope: new Scope(at.scope),
      names: at.names,
      path: [...at.path, label],
      depth: at.depth + 1,
    });
  return children.map((child) => readAttribute(context, spansOf(child), place, readSubgraph));
}

function readAnnotation(proto: TensorAnnotation): QuantizationAnnotation {
  return {
    tensorName: proto.tensorName ?? '',
    parameters: (proto.quantParameterTensorNames ?? []).map(({ key, value }) => [key ?? '', value ?? ''] as const),
  };
}

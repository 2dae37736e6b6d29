import { ModelError } from '../base/errors.ts';
import type { Attribute } from '../ir/attribute.ts';
import { Graph, type QuantizationAnnotation, type StrayValueInfo } from '../ir/graph.ts';
import type { NameScope } from '../ir/name-scope.ts';
import { type DeviceConfiguration, Node } from '../ir/node.ts';
import type { ProblemPlace } from '../ir/problem.ts';
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
import { readSparseTensor, readTensor } from './read-tensor.ts';
import { readType } from './read-type.ts';
import {
  attributeContents,
  duplicateValue,
  duplicateValueInfo,
  undefinedValue,
  unnamedInitializer,
} from './reading-rules.ts';

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
  /** True when something that may define values could not be read: names that are missing then mean nothing. */
  isIncomplete: boolean;
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
    this.isIncomplete = outer?.isIncomplete ?? false;
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
  /** Position in the graph. */
  readonly index: number;
  readonly spans: Spans;
  readonly parts: MessageParts;
  readonly own: NodeProto;
  readonly outputs: readonly (Value | undefined)[];
}

/** A subgraph costs a node, an attribute and a graph. */
const MAXIMUM_GRAPH_NESTING = Math.floor(MAXIMUM_NESTING / 3);

/** Undefined, and a problem, when the bytes are no graph. */
export function readGraph(context: ReadContext, spans: Spans, at: GraphPlace): Graph | undefined {
  const message = context.open(layouts.graph, onnx.GraphProto, spans, at.depth === 0 ? {} : { graph: at.path });
  if (message === undefined) return undefined;
  const { parts, own } = message;
  const name = own.name ?? '';
  const path = at.depth === 0 ? [name] : at.path;
  const place: ProblemPlace = { graph: path };
  if (at.depth > MAXIMUM_GRAPH_NESTING)
    throw new ModelError('subgraphs are nested too deeply to be read', {
      file: context.skeleton.source.name,
      ...place,
    });

  const { scope, names } = at;
  const metadataProps = context.metadata(own.metadataProps, 'a graph', place);
  const annotations = (own.quantizationAnnotation ?? []).map(readAnnotation);
  const graph = new Graph({ name, docString: own.docString ?? undefined, metadataProps, names });
  graph.quantizationAnnotations = annotations;
  const lists = sortChildren(parts.children);

  for (const child of lists.inputs) {
    const origin = readValueInfo(context, scope, child, place);
    if (origin === undefined) continue;
    const value = valueFrom(origin);
    defineValue(context, scope, value, place);
    graph.addInput(value);
  }
  readInitializers(context, graph, scope, lists, place);
  const pending = openNodes(context, scope, lists.nodes, place);
  const outputs: ValueEntry[] = [];
  for (const child of lists.outputs) {
    const origin = readValueInfo(context, scope, child, place);
    if (origin === undefined) continue;
    const { name: output } = origin.snapshot;
    const value = scope.find(output);
    if (value === undefined && !scope.isIncomplete)
      context.report(undefinedValue, 'output', { value: output }, { ...place, value: output });
    outputs.push({ value: value ?? standIn(origin), origin });
  }
  for (const { value, origin } of outputs) if (scope.values.get(value.name) === value) describe(value, origin);
  const { valueInfo, stray } = readValueInfos(context, scope, lists.valueInfo, names, place);
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

/** The value of an output that nothing defines. */
function standIn(origin: Origin<ValueInfoSnapshot>): Value {
  const value = valueFrom(origin);
  value.changed = false;
  return value;
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

export function defineValue(context: ReadContext, scope: Scope, value: Value, place: ProblemPlace): void {
  // Nothing can refer to a value without a name.
  if (value.name === '') return;
  if (!scope.values.has(value.name)) {
    scope.values.set(value.name, value);
    return;
  }
  value.changed = false;
  context.report(duplicateValue, 'value', { value: value.name }, { ...place, value: value.name });
}

/** Undefined, and a problem, when the bytes are no ValueInfoProto. */
export function readValueInfo(
  context: ReadContext,
  scope: Scope,
  child: ChildField,
  place: ProblemPlace,
): Origin<ValueInfoSnapshot> | undefined {
  const own = context.decode(layouts.valueInfo, onnx.ValueInfoProto, child, place);
  if (own === undefined) {
    scope.isIncomplete = true;
    return undefined;
  }
  const name = own.name ?? '';
  return new Origin(context.skeleton, spansOf(child), {
    name,
    type: readType(own.type),
    docString: own.docString ?? undefined,
    metadataProps: context.metadata(own.metadataProps, `value '${name}'`, place),
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
  place: ProblemPlace,
): { valueInfo: ValueEntry[]; stray: StrayValueInfo[] } {
  const valueInfo: ValueEntry[] = [];
  const stray: StrayValueInfo[] = [];
  const seen = new Set<string>();
  for (const child of children) {
    const origin = readValueInfo(context, scope, child, place);
    if (origin === undefined) continue;
    const { name } = origin.snapshot;
    if (seen.has(name)) context.report(duplicateValueInfo, 'value', { value: name }, { ...place, value: name });
    seen.add(name);
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

function readInitializers(
  context: ReadContext,
  graph: Graph,
  scope: Scope,
  lists: ChildLists,
  place: ProblemPlace,
): void {
  for (const child of lists.initializers) {
    const isDense = child.number === field.graph.initializer;
    const dense = isDense ? readTensor(context, spansOf(child), place) : undefined;
    const sparse = isDense ? undefined : readSparseTensor(context, spansOf(child), place);
    const name = (dense ?? sparse)?.name ?? '';
    if (name === '') {
      // Of bytes that are no tensor it was said already.
      if ((dense ?? sparse)?.tensor !== undefined) context.report(unnamedInitializer, 'initializer', {}, place);
      else scope.isIncomplete = true;
      continue;
    }
    let value = scope.values.get(name);
    if (value === undefined || graph.initializers.has(value)) {
      value = new Value(name);
      defineValue(context, scope, value, place);
    }
    graph.addInitializer(value, dense?.tensor, sparse?.tensor);
  }
}

export function openNodes(
  context: ReadContext,
  scope: Scope,
  children: readonly ChildField[],
  place: ProblemPlace,
): PendingNode[] {
  const pending: PendingNode[] = [];
  for (const [index, child] of children.entries()) {
    const spans = spansOf(child);
    const message = context.open(layouts.node, onnx.NodeProto, spans, { ...place, nodeIndex: index });
    if (message === undefined) {
      scope.isIncomplete = true;
      continue;
    }
    const { parts, own } = message;
    const outputs = (own.output ?? []).map((name) => {
      if (name === '') return undefined;
      const value = new Value(name);
      if (scope.values.has(name)) defineValue(context, scope, value, placeOfNode(place.graph ?? [], own, index));
      else scope.values.set(name, value);
      return value;
    });
    pending.push({ index, spans, parts, own, outputs });
  }
  return pending;
}

function placeOfNode(graph: readonly string[], own: NodeProto, nodeIndex: number): ProblemPlace {
  return { graph, node: labelOf(own), nodeIndex, opType: own.opType ?? '' };
}

function labelOf(own: NodeProto): string {
  const output = own.output?.find((name) => name !== '');
  return own.name ? own.name : `(${own.opType ?? ''}${output === undefined ? '' : ` of ${output}`})`;
}

/** Makes the nodes; every value they may refer to must be in scope. */
export function linkNodes(context: ReadContext, graph: Graph, pending: readonly PendingNode[], at: GraphPlace): void {
  for (const { index, spans, parts, own, outputs } of pending) {
    const inputs: (Value | undefined)[] = [];
    for (const name of own.input ?? []) {
      let value = name === '' ? undefined : at.scope.find(name);
      if (value === undefined && name !== '') {
        const node = labelOf(own);
        if (!at.scope.isIncomplete)
          context.report(
            undefinedValue,
            'input',
            { node, value: name },
            { ...placeOfNode(at.path, own, index), value: name },
          );
        value = new Value(name);
      }
      inputs.push(value);
    }
    const attributes =
      parts.children.length === 0
        ? noAttributes
        : readAttributes(context, parts.children, placeOfNode(at.path, own, index), at);
    const node = new Node(own.opType ?? '', inputs, outputs, {
      name: own.name ?? '',
      domain: own.domain ?? '',
      overload: own.overload ?? '',
      docString: own.docString ?? undefined,
      attributes,
      metadataProps: context.metadata(own.metadataProps, 'a node', { graph: at.path, nodeIndex: index }),
      deviceConfigurations: readDeviceConfigurations(own.deviceConfigurations),
    });
    if (node.attributes.size < attributes.length)
      reportTwice(context, node, attributes, placeOfNode(at.path, own, index));
    if (attributes.length < parts.children.length) context.damagedNodes.add(node);
    const { name, docString, metadataProps, deviceConfigurations } = node;
    const snapshot: NodeSnapshot = { name, docString, metadataProps, deviceConfigurations };
    graph.append(node);
    setOrigin(node, new Origin(context.skeleton, spans, snapshot));
  }
}

function reportTwice(context: ReadContext, node: Node, attributes: readonly Attribute[], place: ProblemPlace): void {
  const seen = new Set<string>();
  for (const { name } of attributes) {
    if (seen.has(name)) context.report(attributeContents, 'twice', { node: node.label, attribute: name }, place);
    seen.add(name);
  }
}

const noAttributes: readonly Attribute[] = [];

/** The attributes that can be read; `place` is that of what they belong to. */
export function readAttributes(
  context: ReadContext,
  children: readonly ChildField[],
  place: ProblemPlace,
  at: GraphPlace,
): readonly Attribute[] {
  const readSubgraph = (spans: Spans): Graph | undefined =>
    readGraph(context, spans, {
      scope: new Scope(at.scope),
      names: at.names,
      path: [...at.path, place.node ?? ''],
      depth: at.depth + 1,
    });
  const attributes: Attribute[] = [];
  for (const child of children) {
    const attribute = readAttribute(context, spansOf(child), place, readSubgraph);
    if (attribute !== undefined) attributes.push(attribute);
  }
  return attributes;
}

function readAnnotation(proto: TensorAnnotation): QuantizationAnnotation {
  return {
    tensorName: proto.tensorName ?? '',
    parameters: (proto.quantParameterTensorNames ?? []).map(({ key, value }) => [key ?? '', value ?? ''] as const),
  };
}

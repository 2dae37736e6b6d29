import type { Graph, QuantizationAnnotation, StrayValueInfo } from '../ir/graph.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import { onnx, type TensorAnnotation } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import type { Rope } from '../wire/rope.ts';
import { type Child, composeLike, copyOf } from './compose.ts';
import { type Origin, originOf } from './origin.ts';
import type { GraphSnapshot, ValueEntry, ValueInfoSnapshot } from './read-graph.ts';
import type { GraphWriter } from './write-attribute.ts';
import { entriesOf, isSame, optionalTextField, ownFields, textField, type WriteContext } from './write-context.ts';
import { nodeIsClean, writeNode } from './write-node.ts';
import { sparseTensorIsClean, tensorIsClean, writeSparseTensor, writeTensor } from './write-tensor.ts';
import { writeType } from './write-type.ts';

/** Writes graphs and, through nodes and attributes, the graphs below them; nesting is bounded by the reader's limit. */
export function graphWriter(context: WriteContext): GraphWriter {
  const writer: GraphWriter = {
    isClean: (graph) => graphIsClean(context, graph, writer),
    write: (graph) => writeGraph(context, graph, writer),
  };
  return writer;
}

function graphIsClean(context: WriteContext, graph: Graph, writer: GraphWriter): boolean {
  if (graph.changed) return false;
  const origin = originOf<GraphSnapshot>(graph);
  if (origin === undefined) return false;
  const keys = ['name', 'docString', 'metadataProps', 'quantizationAnnotations', 'strayValueInfo'] as const;
  if (!isSame<Pick<GraphSnapshot, (typeof keys)[number]>>(graph, origin.snapshot, keys)) return false;
  if (!contentsAreClean(context, graph, writer)) return false;
  for (const value of graph.initializers) {
    if (value.initializer !== undefined && !tensorIsClean(context, value.initializer)) return false;
    if (value.sparseInitializer !== undefined && !sparseTensorIsClean(context, value.sparseInitializer)) return false;
  }
  return true;
}

/** True when the nodes and the declarations of the values are as they were; said of function bodies too. */
export function contentsAreClean(context: WriteContext, graph: Graph, writer: GraphWriter): boolean {
  for (const value of graph.inputs) if (!valueIsClean(value)) return false;
  for (const value of graph.initializers) if (!valueIsClean(value)) return false;
  for (const node of graph.nodes) {
    if (!nodeIsClean(context, node, writer)) return false;
    for (const value of node.outputs) if (value !== undefined && !valueIsClean(value)) return false;
  }
  return true;
}

/** True when what a ValueInfoProto of the value says is what was read. */
function valueIsClean(value: Value): boolean {
  if (value.changed) return false;
  const origin = originOf<ValueInfoSnapshot>(value);
  if (origin === undefined) return value.docString === undefined && value.metadataProps.size === 0;
  return value.docString === origin.snapshot.docString && value.metadataProps === origin.snapshot.metadataProps;
}

function writeGraph(context: WriteContext, graph: Graph, writer: GraphWriter): Rope {
  const origin = originOf<GraphSnapshot>(graph);
  if (origin !== undefined && graphIsClean(context, graph, writer)) {
    return copyOf(origin);
  }
  const snapshot = origin?.snapshot;
  const own = ownFields(origin, layouts.graph, onnx.GraphProto);
  own.name = textField(own.name, graph.name);
  own.docString = optionalTextField(graph.docString);
  if (graph.metadataProps !== snapshot?.metadataProps) own.metadataProps = entriesOf(graph.metadataProps);
  if (graph.quantizationAnnotations !== snapshot?.quantizationAnnotations) {
    own.quantizationAnnotation = graph.quantizationAnnotations.map(writeAnnotation);
  }

  const children: Child[] = [];
  for (const node of graph.nodes) children.push([field.graph.node, writeNode(context, node, writer)]);
  const sparse: Rope[] = [];
  for (const value of graph.initializers) {
    if (value.initializer !== undefined) {
      children.push([field.graph.initializer, writeTensor(context, value.initializer)]);
    }
    if (value.sparseInitializer !== undefined) {
      sparse.push(writeSparseTensor(context, value.sparseInitializer, value.name));
    }
  }
  for (const value of graph.inputs) children.push([field.graph.input, writeValueInfo(value, originOf(value))]);
  const entries = snapshot?.outputs ?? [];
  const originOfOutput = new Map(entries.map(({ value, origin: read }) => [value, read]));
  graph.outputs.forEach((value, index) => {
    const same = entries[index];
    const read = same?.value === value ? same.origin : originOfOutput.get(value);
    children.push([field.graph.output, writeValueInfo(value, read ?? originOf(value))]);
  });
  const declared = new Set([...graph.inputs, ...graph.outputs]);
  for (const rope of writeValueInfos(graph, snapshot?.valueInfo, declared)) {
    children.push([field.graph.valueInfo, rope]);
  }
  for (const rope of sparse) children.push([field.graph.sparseInitializer, rope]);
  return composeLike(origin, layouts.graph, onnx.GraphProto, own, children);
}

/**
 * The value_info of a graph or function: entries of the file first, in their order, then those of values that got a type
 * since, then those of unknown names. `declared` are the values that a list of their own describes.
 */
export function writeValueInfos(
  graph: Graph,
  entries: readonly ValueEntry[] | undefined,
  declared: ReadonlySet<Value>,
): Rope[] {
  const ropes: Rope[] = [];
  const written = new Set(declared);
  for (const { value, origin } of entries ?? []) {
    if (value.graph !== graph) continue;
    // What was said a second time is dropped once it may no longer be true.
    if (written.has(value) && !valueIsClean(value)) continue;
    // What it said was taken away.
    if (!hasInfo(value) && !valueIsClean(value)) continue;
    written.add(value);
    ropes.push(writeValueInfo(value, origin));
  }
  const add = (value: Value | undefined): void => {
    if (value === undefined || written.has(value) || !hasInfo(value)) return;
    written.add(value);
    ropes.push(writeValueInfo(value, originOf(value)));
  };
  for (const value of graph.inputs) add(value);
  for (const value of graph.initializers) add(value);
  for (const node of graph.nodes) node.outputs.forEach(add);
  for (const stray of graph.strayValueInfo) ropes.push(writeStray(stray));
  return ropes;
}

function hasInfo(value: Value): boolean {
  return value.type !== undefined || value.docString !== undefined || value.metadataProps.size > 0;
}

function writeValueInfo(value: Value, origin: Origin<ValueInfoSnapshot> | undefined): Rope {
  return origin !== undefined && valueIsClean(value) ? copyOf(origin) : encodeValueInfo(value, origin);
}

function writeStray(stray: StrayValueInfo): Rope {
  const origin = originOf<ValueInfoSnapshot>(stray);
  return origin === undefined ? encodeValueInfo(stray, undefined) : copyOf(origin);
}

interface Described {
  readonly name: string;
  readonly type: ValueType | undefined;
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
}

function encodeValueInfo(value: Described, origin: Origin<ValueInfoSnapshot> | undefined): Rope {
  const own = ownFields(origin, layouts.valueInfo, onnx.ValueInfoProto);
  own.name = textField(own.name, value.name);
  if (origin === undefined || value.type !== origin.snapshot.type) {
    own.type = value.type === undefined ? null : writeType(value.type);
  }
  own.docString = optionalTextField(value.docString);
  if (value.metadataProps !== origin?.snapshot.metadataProps) own.metadataProps = entriesOf(value.metadataProps);
  return composeLike(origin, layouts.valueInfo, onnx.ValueInfoProto, own, []);
}

function writeAnnotation({ tensorName, parameters }: QuantizationAnnotation): TensorAnnotation {
  return { tensorName: tensorName === '' ? null : tensorName, quantParameterTensorNames: entriesOf(parameters) };
}

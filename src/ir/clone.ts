import { type Attribute, graphsOf } from './attribute.ts';
import { Graph } from './graph.ts';
import { FunctionDefinition, Model, type TrainingInfo } from './model.ts';
import type { NameScope } from './name-scope.ts';
import { Node } from './node.ts';
import { Value } from './value.ts';

/** A model of its own that shares what cannot change: tensors, types, texts, and the record of the source bytes. */
export function cloneModel(model: Model): Model {
  const values = new Map<Value, Value>();
  const clone = new Model({
    irVersion: model.irVersion,
    opsetImports: model.opsetImports,
    graph: cloneGraph(model.graph, values, undefined),
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    domain: model.domain,
    ...(model.modelVersion !== undefined && { modelVersion: model.modelVersion }),
    docString: model.docString,
    metadataProps: model.metadataProps,
    functions: model.functions.map(cloneFunction),
    trainingInfo: model.trainingInfo.map((info) => cloneTrainingInfo(info, values)),
    configurations: model.configurations,
    reading: model.reading,
    origin: model.origin,
  });
  clone.changed = model.changed;
  return clone;
}

function cloneFunction(definition: FunctionDefinition): FunctionDefinition {
  const clone = new FunctionDefinition({
    domain: definition.domain,
    name: definition.name,
    overload: definition.overload,
    docString: definition.docString,
    metadataProps: definition.metadataProps,
    opsetImports: definition.opsetImports,
    attributeNames: definition.attributeNames,
    attributeDefaults: definition.attributeDefaults,
    body: cloneGraph(definition.body, new Map(), undefined),
    origin: definition.origin,
  });
  clone.changed = definition.changed;
  return clone;
}

function cloneTrainingInfo(info: TrainingInfo, values: Map<Value, Value>): TrainingInfo {
  const { initialization, algorithm } = info;
  return {
    ...info,
    initialization: initialization && cloneGraph(initialization, values, undefined),
    algorithm: algorithm && cloneGraph(algorithm, values, undefined),
  };
}

/** `values` maps what the clone has defined so far, so that captures find their copies. */
function cloneGraph(graph: Graph, values: Map<Value, Value>, names: NameScope | undefined): Graph {
  const clone = new Graph({
    name: graph.name,
    docString: graph.docString,
    metadataProps: graph.metadataProps,
    ...(names !== undefined && { names }),
    origin: graph.origin,
  });
  for (const value of graph.inputs) clone.addInput(cloneValue(value, values));
  for (const value of graph.initializers) {
    const copy = values.get(value) ?? cloneValue(value, values);
    clone.addInitializer(copy, value.initializer, value.sparseInitializer);
  }
  // Nodes may stand in any order, so all values come first.
  for (const node of graph.nodes)
    for (const output of node.outputs) if (output !== undefined) cloneValue(output, values);
  for (const node of graph.nodes) clone.append(cloneNode(node, values, clone.names));
  for (const value of graph.outputs) clone.addOutput(values.get(value) ?? value);
  clone.quantizationAnnotations = graph.quantizationAnnotations;
  clone.strayValueInfo = graph.strayValueInfo;
  clone.changed = graph.changed;
  for (const value of [...graph.inputs, ...graph.initializers]) restoreFlag(value, values);
  for (const node of graph.nodes)
    for (const output of node.outputs) if (output !== undefined) restoreFlag(output, values);
  return clone;
}

function cloneValue(value: Value, values: Map<Value, Value>): Value {
  const clone = new Value(value.name, {
    type: value.type,
    docString: value.docString,
    metadataProps: value.metadataProps,
    origin: value.origin,
  });
  clone.isMutable = value.isMutable;
  values.set(value, clone);
  return clone;
}

function restoreFlag(value: Value, values: Map<Value, Value>): void {
  const clone = values.get(value);
  if (clone !== undefined) clone.changed = value.changed;
}

/** A detached copy that reads and makes the copies that `values` holds; copies of its subgraphs take part in `names`. */
export function cloneNode(node: Node, values: Map<Value, Value>, names: NameScope): Node {
  const copyOf = (value: Value | undefined): Value | undefined =>
    value === undefined ? undefined : (values.get(value) ?? value);
  const clone = new Node(node.opType, node.inputs.map(copyOf), node.outputs.map(copyOf), {
    name: node.name,
    domain: node.domain,
    overload: node.overload,
    docString: node.docString,
    attributes: [...node.attributes.values()].map((attribute) => cloneAttribute(attribute, values, names)),
    metadataProps: node.metadataProps,
    deviceConfigurations: node.deviceConfigurations,
    origin: node.origin,
  });
  clone.changed = node.changed;
  return clone;
}

function cloneAttribute(attribute: Attribute, values: Map<Value, Value>, names: NameScope): Attribute {
  if (graphsOf(attribute).length === 0) return attribute;
  if (attribute.kind === 'graph') return { ...attribute, value: cloneGraph(attribute.value, values, names) };
  if (attribute.kind === 'graphs')
    return { ...attribute, value: attribute.value.map((graph) => cloneGraph(graph, values, names)) };
  return attribute;
}

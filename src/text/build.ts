/** Makes the graph that a text describes: names become values, in whatever order they are defined. */
import { suggest } from '../base/suggest.ts';
import type { Attribute } from '../ir/attribute.ts';
import { Graph, type StrayValueInfo } from '../ir/graph.ts';
import { Node } from '../ir/node.ts';
import { Value } from '../ir/value.ts';
import type { Identifier, Reader } from './reader.ts';
import type { AttributeSyntax, GraphSyntax, NodeSyntax, ValueSyntax } from './syntax.ts';

/** The values a graph defines, within those of the graphs around it. An inner name hides an outer one. */
interface Scope {
  readonly graph: Graph;
  readonly values: ReadonlyMap<string, Value>;
  readonly outer: Scope | undefined;
}

/** Builds a graph with its subgraphs. Nodes may stand in any order; subgraphs see all values of the graphs around them. */
export function buildGraph(reader: Reader, syntax: GraphSyntax, outer?: Scope): Graph {
  const graph = new Graph({ name: syntax.name, ...(outer !== undefined && { names: outer.graph.names }) });
  const values = new Map<string, Value>();
  const define = ({ name, offset }: Identifier, type?: ValueSyntax['type']): Value => {
    if (values.has(name)) reader.fail(`'${name}' is defined twice in graph '${syntax.name}'`, offset);
    const value = new Value(name, { type });
    values.set(name, value);
    return value;
  };
  for (const input of syntax.inputs) graph.addInput(define(input, input.type));
  const initialized = new Set<string>();
  for (const initializer of syntax.initializers) {
    const { name, offset, tensor, sparse } = initializer;
    if (initialized.has(name)) reader.fail(`'${name}' has two initializers`, offset);
    initialized.add(name);
    graph.addInitializer(values.get(name) ?? define(initializer), tensor, sparse);
  }
  const outputs = syntax.nodes.map((node) =>
    node.outputs.map((output) => (output.name === '' ? undefined : define(output))),
  );
  graph.strayValueInfo = declareTypes(syntax, values);
  // A fresh value must not come by the name of a stray entry, and with it by a wrong type.
  for (const { name } of graph.strayValueInfo) graph.names.add(name);
  const scope: Scope = { graph, values, outer };
  syntax.nodes.forEach((node, index) => graph.append(buildNode(reader, node, outputs[index] ?? [], scope)));
  for (const output of syntax.outputs) graph.addOutput(resolve(reader, output, scope, 'computed'));
  return graph;
}

/** Gives values their declared types; answers the value_info of names that the graph does not define. */
function declareTypes(syntax: GraphSyntax, values: ReadonlyMap<string, Value>): StrayValueInfo[] {
  const strays: StrayValueInfo[] = [];
  for (const { name, type } of syntax.valueInfo) {
    const value = values.get(name);
    if (value === undefined) strays.push({ name, type, docString: undefined, metadataProps: new Map() });
    else if (type !== undefined) value.type = type;
  }
  for (const { name, type } of syntax.outputs) {
    const value = values.get(name);
    if (value !== undefined && type !== undefined && !value.isInput) value.type = type;
  }
  return strays;
}

function buildNode(reader: Reader, syntax: NodeSyntax, outputs: readonly (Value | undefined)[], scope: Scope): Node {
  const { opType, domain, name, overload } = syntax;
  const inputs = syntax.inputs.map((input) => (input.name === '' ? undefined : resolve(reader, input, scope, 'read')));
  const attributes = new Map<string, Attribute>();
  for (const attribute of syntax.attributes) {
    if (attributes.has(attribute.name)) reader.fail(`attribute '${attribute.name}' is given twice`, syntax.offset);
    attributes.set(attribute.name, buildAttribute(reader, attribute, scope));
  }
  return new Node(opType, inputs, outputs, { domain, name, overload, attributes: attributes.values() });
}

function buildAttribute(reader: Reader, attribute: AttributeSyntax, scope: Scope): Attribute {
  if (attribute.kind === 'graph') return { ...attribute, value: buildGraph(reader, attribute.value, scope) };
  if (attribute.kind !== 'graphs') return attribute;
  return { ...attribute, value: attribute.value.map((graph) => buildGraph(reader, graph, scope)) };
}

function resolve(reader: Reader, { name, offset }: Identifier, scope: Scope, verb: 'read' | 'computed'): Value {
  for (let current: Scope | undefined = scope; current !== undefined; current = current.outer) {
    const value = current.values.get(name);
    if (value !== undefined) return value;
  }
  const nearest = suggest(name, visibleNames(scope));
  return reader.fail(
    verb === 'read' ? `'${name}' is read, but nothing defines it` : `output '${name}' is computed by no node`,
    offset,
    nearest === undefined ? undefined : `did you mean '${nearest}'?`,
  );
}

function* visibleNames(scope: Scope): IterableIterator<string> {
  for (let current: Scope | undefined = scope; current !== undefined; current = current.outer)
    yield* current.values.keys();
}

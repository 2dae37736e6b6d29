import { acceptType, failUnknownType } from './parse-type.ts';
import { parseAttribute } from './parse-attribute.ts';
import { parseTensorData } from './parse-tensor.ts';
import type { Identifier, Reader } from './reader.ts';
import type { AttributeSyntax, GraphSyntax, InitializerSyntax, NodeSyntax, ValueSyntax } from './syntax.ts';

/** Graphs nest: this deep is beyond any model and far from the end of the stack. */
const MAX_GRAPH_DEPTH = 256;

/** A graph: `name (inputs) => (outputs) <initializers and value_info> { nodes }`. */
export function parseGraph(reader: Reader, depth = 0): GraphSyntax {
  if (depth > MAX_GRAPH_DEPTH) reader.fail(`graphs are nested more than ${MAX_GRAPH_DEPTH} deep`);
  const { name } = reader.identifier('the name of a graph');
  const initializers: InitializerSyntax[] = [];
  const inputs: ValueSyntax[] = [];
  reader.expect('(');
  reader.listUntil(')', () => {
    const input = parseValueOrInitializer(reader, initializers);
    inputs.push(input.value);
  });
  reader.expect('=>');
  const outputs = parseValues(reader, '(', ')');
  const valueInfo: ValueSyntax[] = [];
  if (reader.accept('<'))
    reader.listUntil('>', () => {
      const entry = parseValueOrInitializer(reader, initializers);
      if (!entry.isInitialized) valueInfo.push(entry.value);
    });
  return { name, inputs, outputs, initializers, valueInfo, nodes: parseNodes(reader, depth) };
}

/** `float[N] x` or `x`. */
function parseValue(reader: Reader): ValueSyntax {
  const type = acceptType(reader);
  const value = reader.identifier('the name of a value');
  if (type === undefined && (reader.peek() === '[' || reader.peekIdentifier() !== '')) failUnknownType(reader, value);
  return { ...value, type };
}

/** Values in parentheses or brackets, parted by commas. */
export function parseValues(reader: Reader, open: string, close: string): ValueSyntax[] {
  const values: ValueSyntax[] = [];
  reader.expect(open);
  reader.listUntil(close, () => values.push(parseValue(reader)));
  return values;
}

function parseValueOrInitializer(
  reader: Reader,
  initializers: InitializerSyntax[],
): { readonly value: ValueSyntax; readonly isInitialized: boolean } {
  reader.skipSpace();
  const { offset } = reader;
  const value = parseValue(reader);
  if (!reader.accept('=')) return { value, isInitialized: false };
  initializers.push({
    name: value.name,
    offset: value.offset,
    ...parseTensorData(reader, value.type, offset, value.name),
  });
  return { value, isInitialized: true };
}

/** The nodes of a graph or function, in braces. */
export function parseNodes(reader: Reader, depth: number): NodeSyntax[] {
  const nodes: NodeSyntax[] = [];
  reader.expect('{');
  while (!reader.accept('}')) nodes.push(parseNode(reader, depth));
  return nodes;
}

/** `[name] y, z = domain.Op:overload <attributes> (x, "")`; attributes may also stand last. */
function parseNode(reader: Reader, depth: number): NodeSyntax {
  reader.skipSpace();
  const { offset } = reader;
  let name = '';
  if (reader.accept('[')) {
    if (reader.peek() !== ']') name = reader.identifier('the name of a node').name;
    reader.expect(']');
  }
  const outputs = parseOperands(reader, '=');
  reader.expect('=', ',');
  const path = [reader.identifier('an operator').name];
  while (reader.accept('.')) path.push(reader.identifier('an operator').name);
  const opType = path.pop() ?? '';
  const overload = reader.accept(':') ? reader.identifier('an overload').name : '';
  const before = parseAttributes(reader, depth);
  reader.expect('(', ...(before.length === 0 ? ['<'] : []));
  const inputs = parseOperands(reader, ')');
  reader.expect(')', ',');
  const attributes = before.length > 0 ? before : parseAttributes(reader, depth);
  return { offset, name, domain: path.join('.'), opType, overload, inputs, outputs, attributes };
}

function parseAttributes(reader: Reader, depth: number): AttributeSyntax[] {
  const attributes: AttributeSyntax[] = [];
  if (!reader.accept('<')) return attributes;
  do attributes.push(parseAttribute(reader, () => parseGraph(reader, depth + 1)));
  while (reader.accept(','));
  reader.expect('>', ',');
  return attributes;
}

/**
 * Names of a node's inputs or outputs up to `close`, which stays unread. An omitted one is `""`, or nothing before a
 * comma: `(,x)` are two, `(,)` is one, and so is `(x,)`.
 */
function parseOperands(reader: Reader, close: string): Identifier[] {
  const operands: Identifier[] = [];
  for (;;) {
    const next = reader.peek();
    if (next === close) return operands;
    if (next === ',') operands.push({ name: '', offset: reader.offset });
    else operands.push(reader.identifier('the name of a value'));
    if (!reader.accept(',')) return operands;
  }
}

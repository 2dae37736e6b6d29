import type { AttributeKind, ValueAttribute } from '../ir/attribute.ts';
import { formatFloat32, parseFloat32 } from '../base/decimal.ts';
import { parseNamedTensor } from './parse-tensor.ts';
import { isTypeWord, parseType } from './parse-type.ts';
import type { Literal, Reader } from './reader.ts';
import type { AttributeSyntax, GraphSyntax } from './syntax.ts';

const listKinds = {
  float: 'floats',
  int: 'ints',
  string: 'strings',
  tensor: 'tensors',
  graph: 'graphs',
  sparse_tensor: 'sparse_tensors',
  type_proto: 'type_protos',
} as const satisfies Partial<Record<AttributeKind, AttributeKind>>;

type SingleKind = keyof typeof listKinds;

const singleKinds = Object.keys(listKinds) as readonly SingleKind[];

/** Reads the graph that comes next as the value of an attribute. */
export type NestedGraphParser = () => GraphSyntax;

interface SingleValue {
  readonly kind: SingleKind;
  readonly value: Exclude<ValueAttribute['value'], readonly unknown[]> | GraphSyntax;
}

/** What stands before an attribute's value. */
export interface AttributeStart {
  readonly name: string;
  readonly offset: number;
}

/** An attribute: `axis = 1`, `alpha: float = 1`, `empty: ints = []`, `perm: ints = @perm`, `body = graph (...) => (...) {...}`. */
export function parseAttribute(reader: Reader, parseNestedGraph: NestedGraphParser): AttributeSyntax {
  return parseAttributeValue(reader, reader.identifier('an attribute name'), parseNestedGraph);
}

/** The rest of an attribute, after its name. */
export function parseAttributeValue(
  reader: Reader,
  { name, offset }: AttributeStart,
  parseNestedGraph: NestedGraphParser,
): AttributeSyntax {
  const declared = reader.accept(':') ? parseKind(reader) : undefined;
  reader.expect('=', ...(declared === undefined ? [':'] : []));
  if (reader.accept('@'))
    return {
      kind: 'reference',
      name,
      refersTo: reader.identifier('an attribute of the function').name,
      type: declared,
    };
  if (reader.peek() === '[') return parseList(reader, name, declared, parseNestedGraph);
  const { kind, value } = parseSingle(reader, declared, parseNestedGraph);
  if (declared !== undefined && kind !== declared)
    return reader.fail(`attribute '${name}' is declared as ${declared}, but its value is of kind ${kind}`, offset);
  return { kind, name, value } as AttributeSyntax;
}

function parseKind(reader: Reader): AttributeKind {
  const { name, offset } = reader.identifier('an attribute type');
  const known = singleKinds.flatMap((single) => [single, listKinds[single]]).find((kind) => kind === name);
  return (
    known ??
    reader.fail(`'${name}' is not an attribute type`, offset, 'float, int, string, tensor, graph, type_proto, ...')
  );
}

function parseList(
  reader: Reader,
  name: string,
  declared: AttributeKind | undefined,
  parseNestedGraph: NestedGraphParser,
): AttributeSyntax {
  reader.skipSpace();
  const { offset } = reader;
  reader.expect('[');
  const declaredSingle = singleKinds.find((kind) => listKinds[kind] === declared);
  if (declared !== undefined && declaredSingle === undefined)
    return reader.fail(`attribute '${name}' is declared as ${declared}, which is no list`, offset);
  let element = declaredSingle;
  const values: unknown[] = [];
  reader.listUntil(']', () => {
    reader.skipSpace();
    const start = reader.offset;
    const { kind, value } = parseSingle(reader, element, parseNestedGraph);
    element ??= kind;
    if (kind !== element)
      reader.fail(`this list holds values of kind ${element}, but here is one of kind ${kind}`, start);
    values.push(value);
  });
  if (element === undefined) return reader.fail(`an empty list needs its type: '${name}: ints = []'`, offset);
  return { kind: listKinds[element], name, value: values } as AttributeSyntax;
}

function parseSingle(
  reader: Reader,
  expected: AttributeKind | undefined,
  parseNestedGraph: NestedGraphParser,
): SingleValue {
  reader.skipSpace();
  const { offset } = reader;
  if (isTypeWord(reader.peekIdentifier())) return parseTypeOrTensor(reader, offset);
  const literal = reader.acceptLiteral();
  if (literal === undefined && reader.peekIdentifier() === '')
    return reader.fail(`expected the value of an attribute but found ${reader.describeNext()}`);
  // A quoted graph name looks like a string until its inputs come.
  if (literal === undefined || (literal.kind === 'string' && reader.peek() === '(')) {
    reader.offset = offset;
    return { kind: 'graph', value: parseNestedGraph() };
  }
  return valueOfLiteral(reader, literal, expected);
}

function parseTypeOrTensor(reader: Reader, offset: number): SingleValue {
  const type = parseType(reader);
  const next = reader.peek();
  if (next !== '{' && next !== '=' && next !== '"' && next !== '.' && reader.peekIdentifier() === '')
    return { kind: 'type_proto', value: type };
  const { tensor, sparse } = parseNamedTensor(reader, type, offset);
  if (tensor !== undefined) return { kind: 'tensor', value: tensor };
  return sparse === undefined ? reader.fail('expected a tensor', offset) : { kind: 'sparse_tensor', value: sparse };
}

const INT64_LIMIT = 1n << 63n;

function valueOfLiteral(reader: Reader, literal: Literal, expected: AttributeKind | undefined): SingleValue {
  if (literal.kind === 'string') return { kind: 'string', value: literal.bytes };
  if (literal.kind === 'int' && expected !== 'float') {
    const value = BigInt(literal.text);
    if (value < -INT64_LIMIT || value >= INT64_LIMIT)
      return reader.fail(`${literal.text} is beyond int64`, literal.offset);
    return { kind: 'int', value };
  }
  const value = parseFloat32(literal.text);
  if (value === undefined)
    return reader.fail(
      `${literal.text} is beyond float32, which ends at ${formatFloat32(3.4028234663852886e38)}`,
      literal.offset,
    );
  return { kind: 'float', value };
}

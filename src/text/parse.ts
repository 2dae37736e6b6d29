/**
 * The textual syntax of ONNX: https://github.com/onnx/onnx/blob/main/docs/Syntax.md, read as onnx/defs/parser.cc does at
 * onnx 1.23.1. What is read beyond that parser:
 * - lists of tensors, graphs and types as attributes, which its printer writes and its grammar has, but it drops;
 * - quoted names wherever a name may stand: operators, domains, overloads, attributes, graphs in attributes;
 * - sparse tensors (parse-tensor.ts), 2- and 4-bit elements (elements.ts), types without element type (parse-type.ts);
 * - `\xHH` in strings is one byte.
 * What is refused beyond it, since no model could be made of it: a name that nothing defines or that is defined twice, a
 * tensor with more or fewer elements than its dims say, an element that its type cannot hold.
 */
import { FunctionDefinition, Model, normalDomain } from '../ir/model.ts';
import { buildGraph } from './build.ts';
import { parseAttributeValue } from './parse-attribute.ts';
import { parseGraph, parseNodes, parseValues } from './parse-graph.ts';
import { parseStringPairs } from './parse-tensor.ts';
import { Reader } from './reader.ts';
import type { AttributeSyntax, FunctionSyntax, GraphSyntax, HeaderSyntax, ModelSyntax, NodeSyntax } from './syntax.ts';

/** For a text that names no opset or IR version: those of onnx 1.16, well below what ONNX Runtime 1.30 loads (26 and 13). */
export const DEFAULT_OPSET_VERSION = 21;
export const DEFAULT_IR_VERSION = 10;

export interface ParseOptions {
  /** For a text without opset_import: the version of ai.onnx, or versions by domain. */
  readonly opset?: number | Readonly<Record<string, number>>;
  /** For a text without ir_version. */
  readonly irVersion?: number;
}

/**
 * A model from its text: header, graph and functions. Header entries that are left out come from `options`; a text that
 * says no opset_import also imports each further domain that its nodes name, at version 1.
 * Throws a ModelError that names line and column.
 */
export function parseModel(text: string, options: ParseOptions = {}): Model {
  const reader = new Reader(text);
  const syntax = parseModelSyntax(reader);
  const { header } = syntax;
  const functions = syntax.functions.map(({ header: own, attributeNames, attributeDefaults, body }) => {
    const defaults = attributeDefaults.map((attribute) => {
      if (attribute.kind === 'graph' || attribute.kind === 'graphs')
        return reader.fail(
          `the default of attribute '${attribute.name}' of function '${body.name}' cannot be a graph`,
          0,
        );
      return attribute;
    });
    return new FunctionDefinition({
      domain: own.domain ?? '',
      name: body.name,
      overload: own.overload ?? '',
      docString: own.docString,
      opsetImports: own.opsetImports ?? new Map(),
      attributeNames,
      attributeDefaults: defaults,
      body: buildGraph(reader, body),
    });
  });
  return new Model({
    irVersion: header.irVersion ?? options.irVersion ?? DEFAULT_IR_VERSION,
    opsetImports: header.opsetImports ?? defaultImports(syntax, options),
    graph: buildGraph(reader, syntax.graph),
    producerName: header.producerName ?? '',
    producerVersion: header.producerVersion ?? '',
    domain: header.domain ?? '',
    ...(header.modelVersion !== undefined && { modelVersion: header.modelVersion }),
    docString: header.docString,
    metadataProps: header.metadataProps ?? new Map(),
    functions,
  });
}

function parseModelSyntax(reader: Reader): ModelSyntax {
  const header = parseHeader(reader, 'model');
  const graph = parseGraph(reader);
  const functions: FunctionSyntax[] = [];
  while (!reader.atEnd) functions.push(parseFunction(reader));
  return { header, graph, functions };
}

function defaultImports({ graph }: ModelSyntax, { opset = DEFAULT_OPSET_VERSION }: ParseOptions): Map<string, number> {
  const imports = new Map<string, number>();
  if (typeof opset === 'number') imports.set('', opset);
  else for (const [domain, version] of Object.entries(opset)) imports.set(normalDomain(domain), version);
  for (const node of nodesOf(graph)) {
    const domain = normalDomain(node.domain);
    if (!imports.has(domain)) imports.set(domain, domain === '' ? DEFAULT_OPSET_VERSION : 1);
  }
  return imports;
}

function* nodesOf(graph: GraphSyntax): IterableIterator<NodeSyntax> {
  const pending = [graph];
  for (let current = pending.pop(); current !== undefined; current = pending.pop())
    for (const node of current.nodes) {
      yield node;
      for (const attribute of node.attributes) {
        if (attribute.kind === 'graph') pending.push(attribute.value);
        if (attribute.kind === 'graphs') pending.push(...attribute.value);
      }
    }
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** `<ir_version: 10, opset_import: ["": 21], ...>` before a graph, `<domain: "local", ...>` before a function. */
function parseHeader(reader: Reader, kind: 'model' | 'function'): HeaderSyntax {
  const header: Mutable<HeaderSyntax> = {};
  if (!reader.accept('<')) return header;
  const readers = kind === 'model' ? modelEntries : functionEntries;
  do {
    const { name, offset } = reader.identifier('an entry of the header');
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined)
      return reader.fail(`'${name}' is not an entry of a ${kind}`, offset, `one of ${Object.keys(readers).join(', ')}`);
    reader.expect(':');
    read(reader, header);
  } while (reader.accept(','));
  reader.expect('>', ',');
  return header;
}

type HeaderEntries = Readonly<Record<string, (reader: Reader, header: Mutable<HeaderSyntax>) => void>>;

const sharedEntries: HeaderEntries = {
  opset_import: (reader, header) => {
    header.opsetImports = parseOpsetImports(reader);
  },
  domain: (reader, header) => {
    header.domain = reader.string('a domain');
  },
  doc_string: (reader, header) => {
    header.docString = reader.string('a text');
  },
};

const modelEntries: HeaderEntries = {
  ir_version: (reader, header) => {
    header.irVersion = reader.number('a version');
  },
  ...sharedEntries,
  producer_name: (reader, header) => {
    header.producerName = reader.string('a name');
  },
  producer_version: (reader, header) => {
    header.producerVersion = reader.string('a version');
  },
  model_version: (reader, header) => {
    header.modelVersion = BigInt(reader.integer('a version'));
  },
  metadata_props: (reader, header) => {
    header.metadataProps = new Map(parseStringPairs(reader));
  },
};

const functionEntries: HeaderEntries = {
  ...sharedEntries,
  overload: (reader, header) => {
    header.overload = reader.string('an overload');
  },
};

function parseOpsetImports(reader: Reader): Map<string, number> {
  const imports = new Map<string, number>();
  reader.expect('[');
  reader.listUntil(']', () => {
    const domain = reader.string('a domain');
    reader.expect(':');
    imports.set(normalDomain(domain), reader.number('a version'));
  });
  return imports;
}

/** `<header> name <attributes> (inputs) => (outputs) <value_info> { nodes }`. */
function parseFunction(reader: Reader): FunctionSyntax {
  const header = parseHeader(reader, 'function');
  const { name } = reader.identifier('the name of a function');
  const attributeNames: string[] = [];
  const attributeDefaults: AttributeSyntax[] = [];
  if (reader.accept('<'))
    reader.listUntil('>', () => {
      const start = reader.identifier('an attribute name');
      const next = reader.peek();
      if (next !== ':' && next !== '=') attributeNames.push(start.name);
      else attributeDefaults.push(parseAttributeValue(reader, start, () => parseGraph(reader, 1)));
    });
  const inputs = parseValues(reader, '(', ')');
  reader.expect('=>');
  const outputs = parseValues(reader, '(', ')');
  const valueInfo = reader.peek() === '<' ? parseValues(reader, '<', '>') : [];
  const nodes = parseNodes(reader, 0);
  return {
    header,
    attributeNames,
    attributeDefaults,
    body: { name, inputs, outputs, initializers: [], valueInfo, nodes },
  };
}

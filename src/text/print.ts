/**
 * Models in the textual syntax of ONNX. `parseModel(printModel(model))` is the model again, but for what the syntax has
 * no place for: doc strings and metadata other than the model's (and the functions' doc strings), denotations,
 * quantization annotations, device configurations, training information, and the payloads of NaNs.
 *
 * Attributes state their type only where the value alone would be read as another one. Extensions: see parse.ts.
 */
import type { Attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { FunctionDefinition, Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { literalsOf } from './elements.ts';
import { formatFloat32 } from '../base/decimal.ts';
import { printDottedName, printName, printType, printValueName, quote } from './print-type.ts';

export interface PrintOptions {
  /**
   * Tensors with more elements, and strings of more characters, are cut off after as many and end in `...`; such a text
   * is for reading only. Without it everything is printed but elements that are not resident, which are always left out.
   */
  readonly maxElements?: number;
}

const INDENT = '  ';

/** Elements that are strings of their own at one time: of a large tensor they would fill the memory. */
const LITERALS_AT_ONCE = 4096;

export function printModel(model: Model, options: PrintOptions = {}): string {
  return [...modelPieces(model, options)].join('');
}

/** The text of `printModel` in pieces, none of which holds more than one tensor of the main graph. */
export function* modelPieces(model: Model, options: PrintOptions = {}): IterableIterator<string> {
  const entries = [`ir_version: ${model.irVersion}`, `opset_import: ${printImports(model.opsetImports)}`];
  if (model.producerName !== '') entries.push(`producer_name: ${quote(model.producerName)}`);
  if (model.producerVersion !== '') entries.push(`producer_version: ${quote(model.producerVersion)}`);
  if (model.domain !== '') entries.push(`domain: ${quote(model.domain)}`);
  if (model.modelVersion !== undefined) entries.push(`model_version: ${model.modelVersion}`);
  if (model.docString !== undefined) entries.push(`doc_string: ${quote(model.docString)}`);
  if (model.metadataProps.size > 0) {
    const pairs = [...model.metadataProps].map(([key, value]) => `${quote(key)}: ${quote(value)}`);
    entries.push(`metadata_props: [${pairs.join(', ')}]`);
  }
  yield `${printHeader(entries)}${printName(model.graph.name)} `;
  yield* new Printer(options).signaturePieces(model.graph, '');
  for (const definition of model.functions) yield `\n\n${printFunction(definition, options)}`;
  yield '\n';
}

/** `name (inputs) => (outputs) <initializers and value_info> { nodes }`, without a line break at the end. */
export function printGraph(graph: Graph, options: PrintOptions = {}): string {
  return new Printer(options).graph(graph, '');
}

/** One node, on one line unless it holds graphs. */
export function printNode(node: Node, options: PrintOptions = {}): string {
  return new Printer(options).node(node, '');
}

/** An attribute as it stands between a node's angle brackets. */
export function printAttribute(attribute: Attribute, options: PrintOptions = {}): string {
  return new Printer(options).attribute(attribute, '');
}

/** A tensor constant: `int64[2] {4, 6}`. */
export function printTensor(tensor: Tensor, options: PrintOptions = {}): string {
  return new Printer(options).tensor(tensor);
}

export function printFunction(definition: FunctionDefinition, options: PrintOptions = {}): string {
  const { body } = definition;
  const printer = new Printer(options);
  const entries = [`domain: ${quote(definition.domain)}`];
  if (definition.overload !== '') entries.push(`overload: ${quote(definition.overload)}`);
  entries.push(`opset_import: ${printImports(definition.opsetImports)}`);
  if (definition.docString !== undefined) entries.push(`doc_string: ${quote(definition.docString)}`);
  const attributes = [
    ...definition.attributeNames.map(printName),
    ...definition.attributeDefaults.map((attribute) => printer.attribute(attribute, '')),
  ];
  const parameters = attributes.length === 0 ? '' : `<${attributes.join(', ')}> `;
  return `${printHeader(entries)}${printName(definition.name)} ${parameters}${printer.signature(body, '')}`;
}

function printHeader(entries: readonly string[]): string {
  return `<\n${entries.map((entry) => INDENT + entry).join(',\n')}\n>\n`;
}

function printImports(imports: ReadonlyMap<string, number>): string {
  return `[${[...imports].map(([domain, version]) => `${quote(domain)}: ${version}`).join(', ')}]`;
}

class Printer {
  readonly #limit: number;

  constructor({ maxElements = Infinity }: PrintOptions) {
    this.#limit = maxElements;
  }

  graph(graph: Graph, indent: string): string {
    return `${printName(graph.name)} ${this.signature(graph, indent)}`;
  }

  /** A graph or function body without its name. */
  signature(graph: Graph, indent: string): string {
    return [...this.signaturePieces(graph, indent)].join('');
  }

  *signaturePieces(graph: Graph, indent: string): IterableIterator<string> {
    const inner = indent + INDENT;
    yield `(${graph.inputs.map(printValue).join(', ')}) => (${graph.outputs.map(printValue).join(', ')}) `;
    let separator = '<';
    for (const entries of [this.#initializers(graph), valueInfoOf(graph)]) {
      for (const entry of entries) {
        yield `${separator}\n${inner}${entry}`;
        separator = ',';
      }
    }
    yield separator === '<' ? '{\n' : `\n${indent}> {\n`;
    for (const node of graph.nodes) yield `${inner}${this.node(node, inner)}\n`;
    yield `${indent}}`;
  }

  *#initializers(graph: Graph): IterableIterator<string> {
    for (const { name, initializer, sparseInitializer } of graph.initializers) {
      if (initializer !== undefined)
        yield `${typeOfTensor(initializer)} ${printValueName(name)} = ${this.#data(initializer)}`;
      if (sparseInitializer !== undefined)
        yield `${typeOfSparse(sparseInitializer)} ${printValueName(name)} = ${this.#sparseData(sparseInitializer)}`;
    }
  }

  node(node: Node, indent: string): string {
    const name = node.name === '' ? '' : `[${printName(node.name)}] `;
    const outputs = node.outputs.map((value) => printName(value?.name ?? '')).join(', ');
    const domain = node.domain === '' ? '' : `${printDottedName(node.domain)}.`;
    const overload = node.overload === '' ? '' : `:${printName(node.overload)}`;
    const inputs = node.inputs.map((value) => printName(value?.name ?? '')).join(', ');
    const attributes = [...node.attributes.values()].map((attribute) => this.attribute(attribute, indent + INDENT));
    const operator = `${domain}${printName(node.opType)}${overload}`;
    const head = `${name}${outputs}${outputs === '' ? '' : ' '}= ${operator}`;
    if (attributes.length === 0) return `${head} (${inputs})`;
    if (node.subgraphs.length === 0) return `${head} <${attributes.join(', ')}> (${inputs})`;
    return `${head} (${inputs}) <\n${attributes.map((text) => indent + INDENT + text).join(',\n')}\n${indent}>`;
  }

  attribute(attribute: Attribute, indent: string): string {
    const { name, kind } = attribute;
    if (kind === 'reference') {
      const type = attribute.type === undefined ? '' : `: ${attribute.type}`;
      return `${printName(name)}${type} = @${printName(attribute.refersTo)}`;
    }
    const isEmptyList = Array.isArray(attribute.value) && attribute.value.length === 0;
    return `${printName(name)}${isEmptyList ? `: ${kind}` : ''} = ${this.#attributeValue(attribute, indent)}`;
  }

  #attributeValue(attribute: Exclude<Attribute, { kind: 'reference' }>, indent: string): string {
    switch (attribute.kind) {
      case 'float':
        return printFloat(attribute.value);
      case 'int':
        return String(attribute.value);
      case 'string':
        return this.#string(attribute.value);
      case 'tensor':
        return this.tensor(attribute.value);
      case 'sparse_tensor':
        return this.#sparse(attribute.value);
      case 'graph':
        return this.#nestedGraph(attribute.value, indent);
      case 'type_proto':
        return printType(attribute.value);
      case 'floats':
        return list(attribute.value.map(printFloat));
      case 'ints':
        return list(attribute.value.map(String));
      case 'strings':
        return list(attribute.value.map((text) => this.#string(text)));
      case 'tensors':
        return list(attribute.value.map((tensor) => this.tensor(tensor)));
      case 'sparse_tensors':
        return list(attribute.value.map((sparse) => this.#sparse(sparse)));
      case 'graphs':
        return list(attribute.value.map((graph) => this.#nestedGraph(graph, indent)));
      case 'type_protos':
        return list(attribute.value.map(printType));
    }
  }

  /** The name of a graph in an attribute must not read as a type or as a number. */
  #nestedGraph(graph: Graph, indent: string): string {
    const name = /^(inf|infinity|nan)$/i.test(graph.name) ? quote(graph.name) : printValueName(graph.name);
    return `${name} ${this.signature(graph, indent)}`;
  }

  tensor(tensor: Tensor): string {
    const name = tensor.name === '' ? '' : ` ${printValueName(tensor.name)}`;
    // In a scalar, brackets right after the type would be dimensions.
    return `${typeOfTensor(tensor)}${name}${tensor.external === undefined ? '' : ' ='} ${this.#data(tensor)}`;
  }

  #data(tensor: Tensor): string {
    if (tensor.external !== undefined)
      return list(tensor.external.entries.map(([key, value]) => `${quote(key)}: ${quote(value)}`));
    if (!tensor.isResident) return '...';
    const shown = Math.min(tensor.elementCount, this.#limit);
    const parts: string[] = [];
    for (let start = 0; start < shown; start += LITERALS_AT_ONCE) {
      const end = Math.min(start + LITERALS_AT_ONCE, shown);
      const literals =
        tensor.strings?.slice(start, end).map((text) => this.#string(text)) ??
        literalsOf(tensor.dataType, tensor.bytes, end - start, start);
      parts.push(literals.join(', '));
    }
    if (shown < tensor.elementCount) parts.push('...');
    return `{${parts.join(', ')}}`;
  }

  #sparse(sparse: SparseTensor): string {
    const name = sparse.values.name === '' ? '' : ` ${printValueName(sparse.values.name)}`;
    return `${typeOfSparse(sparse)}${name} ${this.#sparseData(sparse)}`;
  }

  #sparseData({ values, indices }: SparseTensor): string {
    return `{${this.tensor(values.name === '' ? values : values.renamed(''))}, ${this.tensor(indices)}}`;
  }

  #string(bytes: Uint8Array): string {
    const text = printBytes(bytes.length > this.#limit ? bytes.subarray(0, this.#limit) : bytes);
    return bytes.length > this.#limit ? `${text}...` : text;
  }
}

function printValue(value: Value): string {
  return value.type === undefined
    ? printValueName(value.name)
    : `${printType(value.type)} ${printValueName(value.name)}`;
}

/** Declared types of values that are neither inputs nor outputs, which show their own. */
function* valueInfoOf(graph: Graph): IterableIterator<string> {
  const shown = new Set<Value>([...graph.inputs, ...graph.outputs]);
  for (const value of graph.initializers) if (value.type !== undefined && !shown.has(value)) yield printValue(value);
  for (const node of graph.nodes)
    for (const value of node.outputs) if (value?.type !== undefined && !shown.has(value)) yield printValue(value);
  for (const { name, type } of graph.strayValueInfo)
    yield type === undefined ? printValueName(name) : `${printType(type)} ${printValueName(name)}`;
}

function typeOfTensor({ dataType, dims }: Tensor): string {
  return printType({ kind: 'tensor', dataType, shape: dims });
}

function typeOfSparse({ values, dims }: SparseTensor): string {
  return printType({ kind: 'sparse_tensor', dataType: values.dataType, shape: dims });
}

function list(items: readonly string[]): string {
  return `[${items.join(', ')}]`;
}

/** A float that does not read as an int. */
function printFloat(value: number): string {
  const text = formatFloat32(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

/** A string literal of any bytes: those that are not UTF-8 are written `\xHH`. */
function printBytes(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (!text.includes('\ufffd')) return quote(text);
  return `"${invalidAsEscapes(bytes)}"`;
}

function invalidAsEscapes(bytes: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  let text = '';
  for (let index = 0; index < bytes.length;) {
    const length = sequenceLength(bytes[index] ?? 0);
    const sequence = bytes.subarray(index, index + length);
    let piece: string | undefined;
    try {
      piece = strict.decode(sequence);
    } catch {
      piece = undefined;
    }
    if (piece === undefined || sequence.length < length) {
      text += `\\x${(bytes[index] ?? 0).toString(16).padStart(2, '0')}`;
      index++;
    } else {
      text += piece.replaceAll(/["\\]/g, '\\$&');
      index += length;
    }
  }
  return text;
}

/** Bytes of the UTF-8 sequence that starts with this byte, if it is one. */
function sequenceLength(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

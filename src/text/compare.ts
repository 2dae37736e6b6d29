/**
 * Whether two models say the same. Both are written down line by line in a canonical form, in which a value is called
 * by the order in which it turns up, and the first two lines that differ are reported.
 */
import type { Attribute } from '../ir/attribute.ts';
import { dataTypeInfo } from '../ir/data-type.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { literalsOf } from './elements.ts';
import { printAttribute, printTensor } from './print.ts';
import { printDottedName, printName, printType } from './print-type.ts';

export interface CompareOptions {
  /**
   * Names of all values, nodes and graphs, the types declared for inner values, and the producer count as well.
   * Without it names count only where callers see them: inputs and outputs of the model, operators, attributes.
   */
  readonly names?: boolean;
}

/** One line of the canonical form; elements of a tensor are compared as bytes, not as text. */
interface Line {
  readonly text: string;
  readonly tensor?: Tensor;
}

/**
 * undefined when the models are equal, else their first difference in words.
 * Equal models have the same nodes in the same order, the same initializers used by the same nodes (in whatever order they are
 * stored), inputs, outputs, functions and opset imports. Doc strings, metadata and annotations never count.
 */
export function sameModel(a: Model, b: Model, options: CompareOptions = {}): string | undefined {
  const [left, right] = [linesOf(a, options), linesOf(b, options)];
  for (;;) {
    const [first, second] = [left.next(), right.next()];
    if (first.done === true && second.done === true) return undefined;
    if (first.done === true) return `the second model goes on: ${show(second.value)}`;
    if (second.done === true) return `the first model goes on: ${show(first.value)}`;
    const difference = compareLines(first.value, second.value);
    if (difference !== undefined) return difference;
  }
}

function compareLines(a: Line, b: Line): string | undefined {
  if (a.text !== b.text) return `the first model has ${show(a)}, the second ${show(b)}`;
  if (a.tensor === undefined || b.tensor === undefined || a.tensor === b.tensor) return undefined;
  const where = firstDifference(a.tensor, b.tensor);
  if (where === undefined) return undefined;
  return `the first model has ${show(a)}, the second ${show(b)}: ${where}`;
}

function show({ text, tensor }: Line): string {
  return tensor === undefined ? `\`${text}\`` : `\`${text} = ${printTensor(tensor.renamed(''), { maxElements: 8 })}\``;
}

/** How two tensors of one type and dims differ in their elements; undefined when they do not. */
function firstDifference(a: Tensor, b: Tensor): string | undefined {
  if (a.strings !== undefined && b.strings !== undefined) {
    const index = a.strings.findIndex((text, position) => differingByte(text, b.strings?.[position]) !== undefined);
    return index < 0 ? undefined : `element ${index} differs`;
  }
  if (a.isResident && b.isResident) {
    const byte = differingByte(a.bytes, b.bytes);
    return byte === undefined
      ? undefined
      : describeElement(a, b, Math.floor((byte * 8) / dataTypeInfo(a.dataType).bits));
  }
  if (a.payload === b.payload) return undefined;
  const entries = (tensor: Tensor): string => JSON.stringify(tensor.external?.entries);
  if (a.external !== undefined && b.external !== undefined)
    return entries(a) === entries(b) ? undefined : 'their external data lie at different places';
  return 'the elements are not in memory, so they cannot be compared';
}

function describeElement(a: Tensor, b: Tensor, index: number): string {
  const width = dataTypeInfo(a.dataType).bits / 8;
  if (width < 1) return `they differ from element ${index} on`;
  const [first, second] = [a, b].map(({ dataType, bytes }) =>
    literalsOf(dataType, bytes.subarray(index * width, (index + 1) * width), 1).join(', '),
  );
  return `element ${index} is ${first ?? ''} in the first and ${second ?? ''} in the second`;
}

function differingByte(a: Uint8Array, b: Uint8Array | undefined): number | undefined {
  const index = a.findIndex((byte, position) => byte !== b?.[position]);
  if (index >= 0) return index;
  return a.length === b?.length ? undefined : a.length;
}

function* linesOf(model: Model, options: CompareOptions): IterableIterator<Line> {
  const names = options.names === true;
  yield { text: `ir_version: ${model.irVersion}` };
  yield { text: `opset_import: ${printImports(model.opsetImports)}` };
  if (names) yield { text: `producer: ${model.producerName} ${model.producerVersion}, domain: ${model.domain}` };
  yield* new Canonical(names, model.graph).graph(model.graph);
  for (const definition of model.functions) {
    const overload = definition.overload === '' ? '' : `:${printName(definition.overload)}`;
    const parameters = [
      ...definition.attributeNames,
      ...definition.attributeDefaults.map((each) => printAttribute(each)),
    ];
    const name = `${printDottedName(definition.domain)}.${printName(definition.name)}${overload}`;
    yield { text: `function ${name} <${parameters.join(', ')}>` };
    yield { text: `opset_import of ${name}: ${printImports(definition.opsetImports)}` };
    yield* new Canonical(names, undefined).graph(definition.body);
  }
}

function printImports(imports: ReadonlyMap<string, number>): string {
  return [...imports]
    .map(([domain, version]) => `"${domain}": ${version}`)
    .sort()
    .join(', ');
}

/** Writes a root graph with all its subgraphs down. */
class Canonical {
  readonly #names: boolean;
  readonly #called = new Map<Value, string>();
  readonly #written = new Set<Value>();

  /** `main` is the graph whose inputs and outputs callers know by name; a function has none. */
  constructor(names: boolean, main: Graph | undefined) {
    this.#names = names;
    for (const value of [...(main?.inputs ?? []), ...(main?.outputs ?? [])])
      this.#called.set(value, printName(value.name));
  }

  #call(value: Value): string {
    let name = this.#called.get(value);
    if (name === undefined) {
      // The mark keeps invented names apart from those of inputs and outputs.
      name = this.#names ? printName(value.name) : `%${this.#called.size}`;
      this.#called.set(value, name);
    }
    return name;
  }

  *graph(graph: Graph): IterableIterator<Line> {
    if (this.#names) yield { text: `graph ${printName(graph.name)}` };
    for (const input of graph.inputs) yield { text: `input ${printTyped(input, this.#call(input))}` };
    for (const input of graph.inputs) yield* this.#initializer(input);
    for (const node of graph.nodes) {
      for (const input of node.inputs) if (input !== undefined) yield* this.#initializer(input);
      yield* this.#node(node);
    }
    for (const output of graph.outputs) {
      yield* this.#initializer(output);
      yield { text: `output ${printTyped(output, this.#call(output))}` };
    }
    yield* this.#unread(graph);
  }

  /** The initializer of a value, where it is read first. */
  *#initializer(value: Value): IterableIterator<Line> {
    const { initializer, sparseInitializer } = value;
    if ((initializer === undefined && sparseInitializer === undefined) || this.#written.has(value)) return;
    this.#written.add(value);
    yield* this.#tensor(`initializer ${this.#call(value)}`, initializer);
    yield* this.#sparse(`initializer ${this.#call(value)}`, sparseInitializer);
    if (this.#names && !value.isInput) yield { text: `value_info ${printTyped(value, this.#call(value))}` };
  }

  /** Initializers that nothing reads: in the order of their text, since nothing else tells them apart. */
  *#unread(graph: Graph): IterableIterator<Line> {
    const unread = [...graph.initializers].filter((value) => !value.isUsed && !value.isInput);
    const name = (value: Value): string => (this.#names ? printName(value.name) : '');
    const lines = unread.flatMap((value) => [
      ...this.#tensor(`unread initializer ${name(value)}`, value.initializer),
      ...this.#sparse(`unread initializer ${name(value)}`, value.sparseInitializer),
    ]);
    const keyed = lines.map((line) => [show(line), line] as const);
    for (const [, line] of keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) yield line;
  }

  *#node(node: Node): IterableIterator<Line> {
    const inputs = node.inputs.map((value) => (value === undefined ? '""' : this.#call(value)));
    const outputs = node.outputs.map((value) => (value === undefined ? '""' : this.#call(value)));
    const overload = node.overload === '' ? '' : `:${printName(node.overload)}`;
    const domain = node.domain === '' ? '' : `${printDottedName(node.domain)}.`;
    const attributes = [...node.attributes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const plain = attributes
      .filter((attribute) => !holdsTensorsOrGraphs(attribute))
      .map((each) => printAttribute(each));
    const name = this.#names && node.name !== '' ? `[${printName(node.name)}] ` : '';
    const list = plain.length === 0 ? '' : `<${plain.join(', ')}> `;
    yield {
      text: `${name}${outputs.join(', ')} = ${domain}${printName(node.opType)}${overload} ${list}(${inputs.join(', ')})`,
    };
    if (this.#names)
      for (const value of node.outputs)
        if (value?.type !== undefined) yield { text: `value_info ${printTyped(value, this.#call(value))}` };
    for (const attribute of attributes) yield* this.#attribute(attribute);
  }

  *#attribute(attribute: Attribute): IterableIterator<Line> {
    const head = `attribute ${printName(attribute.name)}`;
    switch (attribute.kind) {
      case 'tensor':
        return yield* this.#tensor(head, attribute.value);
      case 'sparse_tensor':
        return yield* this.#sparse(head, attribute.value);
      case 'graph':
        return yield* this.#subgraph(head, attribute.value);
      case 'tensors':
        for (const [index, tensor] of attribute.value.entries()) yield* this.#tensor(`${head}[${index}]`, tensor);
        return;
      case 'sparse_tensors':
        for (const [index, sparse] of attribute.value.entries()) yield* this.#sparse(`${head}[${index}]`, sparse);
        return;
      case 'graphs':
        for (const [index, graph] of attribute.value.entries()) yield* this.#subgraph(`${head}[${index}]`, graph);
    }
  }

  *#subgraph(head: string, graph: Graph): IterableIterator<Line> {
    yield { text: `${head} begins` };
    yield* this.graph(graph);
    yield { text: `${head} ends` };
  }

  *#tensor(head: string, tensor: Tensor | undefined): IterableIterator<Line> {
    if (tensor === undefined) return;
    const type = printType({ kind: 'tensor', dataType: tensor.dataType, shape: tensor.dims });
    yield { text: `${head}: ${type}`, tensor };
  }

  *#sparse(head: string, sparse: SparseTensor | undefined): IterableIterator<Line> {
    if (sparse === undefined) return;
    yield { text: `${head}: sparse [${sparse.dims.join(',')}]` };
    yield* this.#tensor(`${head} values`, sparse.values);
    yield* this.#tensor(`${head} indices`, sparse.indices);
  }
}

function holdsTensorsOrGraphs({ kind, ...attribute }: Attribute): boolean {
  const held: readonly string[] = ['tensor', 'tensors', 'sparse_tensor', 'sparse_tensors', 'graph', 'graphs'];
  return (
    held.includes(kind) && !('value' in attribute && Array.isArray(attribute.value) && attribute.value.length === 0)
  );
}

function printTyped({ type }: Value, name: string): string {
  return type === undefined ? name : `${printType(type)} ${name}`;
}

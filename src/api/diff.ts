/** What sets two models apart: what a person asks who has two exports, or a model before and after. */
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { OperatorCount } from '../rewrite/report.ts';
import { printAttribute } from '../text/print.ts';
import { printType } from '../text/print-type.ts';
import { compareCounts, countOperators } from './operator-counts.ts';

/** Names of what only one model has, and of what both have, but not alike. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly name: string; readonly before: string; readonly after: string }[];
}

export interface ModelDifference {
  readonly isEqual: boolean;
  /** IR version, opset imports, producer, metadata_props. */
  readonly header: Changes;
  readonly inputs: Changes;
  readonly outputs: Changes;
  /** Operators of which the models have different numbers. */
  readonly operators: readonly OperatorCount[];
  /** Nodes by their name, or else by what they make; those of subgraphs and functions after their path. */
  readonly nodes: Changes;
  /** Initializers and the tensors of attributes. What was renamed counts as removed and added. */
  readonly weights: Changes;
}

/** Larger payloads are compared piece by piece. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Compares two models by names; the order of nodes and initializers does not count. Weights are read where both have one of the same
 * name, type and dims. Errors: those of reading the weights.
 */
export async function diffModels(a: Model, b: Model): Promise<ModelDifference> {
  const header = compareTexts(headerOf(a), headerOf(b));
  const inputs = compareTexts(typesOf(a.graph.inputs), typesOf(b.graph.inputs));
  const outputs = compareTexts(typesOf(a.graph.outputs), typesOf(b.graph.outputs));
  const operators = compareCounts(countOperators(a), countOperators(b)).filter(({ before, after }) => before !== after);
  const nodes = compareTexts(nodesOf(a), nodesOf(b));
  const weights = await compareWeights(weightsOf(a), weightsOf(b));
  const parts = [header, inputs, outputs, nodes, weights];
  const isEqual = parts.every(({ added, removed, changed }) => added.length + removed.length + changed.length === 0);
  return { isEqual, header, inputs, outputs, operators, nodes, weights };
}

function compareTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): Changes {
  const changed = [];
  for (const [name, before] of a) {
    const after = b.get(name);
    if (after !== undefined && after !== before) changed.push({ name, before, after });
  }
  return { ...onlyIn(a, b), changed };
}

function onlyIn(
  a: ReadonlyMap<string, unknown>,
  b: ReadonlyMap<string, unknown>,
): { readonly added: string[]; readonly removed: string[] } {
  return {
    added: [...b.keys()].filter((name) => !a.has(name)),
    removed: [...a.keys()].filter((name) => !b.has(name)),
  };
}

function headerOf(model: Model): Map<string, string> {
  const header = new Map([['ir_version', `${model.irVersion}`]]);
  for (const [domain, version] of model.opsetImports)
    header.set(`opset ${domain === '' ? 'ai.onnx' : domain}`, `${version}`);
  if (model.producerName !== '') header.set('producer', `${model.producerName} ${model.producerVersion}`.trim());
  for (const [key, value] of model.metadataProps) header.set(`metadata ${key}`, value);
  return header;
}

function typesOf(values: readonly Value[]): Map<string, string> {
  return new Map(values.map(({ name, type }) => [name, type === undefined ? 'of unknown type' : printType(type)]));
}

/** Each graph, with what stands before the names in it: nothing for the main graph. */
function* placesOf(model: Model): IterableIterator<readonly [graph: Graph, prefix: string]> {
  for (const graph of graphsOfModel(model)) {
    const path = graph.root === model.graph ? graph.path.slice(1) : graph.path;
    yield [graph, path.map((step) => `${step} > `).join('')];
  }
}

function nodesOf(model: Model): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [graph, prefix] of placesOf(model)) {
    for (const node of graph.nodes) {
      const key = prefix + node.label;
      // Names of nodes should be unique, but need not be.
      let name = key;
      for (let copy = 2; texts.has(name); copy++) name = `${key} (${copy})`;
      texts.set(name, nodeText(node));
    }
  }
  return texts;
}

/** `y = Conv <group = 1> (x, w)`; tensors are weights, and graphs are places of their own. */
function nodeText(node: Node): string {
  const attributes = [...node.attributes.values()]
    .filter(({ kind }) => !/tensor|graph/.test(kind))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((attribute) => printAttribute(attribute));
  const list = (values: Node['inputs']): string => values.map((value) => value?.name ?? '""').join(', ');
  const middle = attributes.length === 0 ? '' : `<${attributes.join(', ')}> `;
  return `${list(node.outputs)} = ${node.operator} ${middle}(${list(node.inputs)})`;
}

function weightsOf(model: Model): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const [graph, prefix] of placesOf(model)) {
    for (const { name, initializer, sparseInitializer } of graph.initializers) {
      if (initializer !== undefined) weights.set(prefix + name, initializer);
      if (sparseInitializer === undefined) continue;
      weights.set(`${prefix + name} (values)`, sparseInitializer.values);
      weights.set(`${prefix + name} (indices)`, sparseInitializer.indices);
    }
    for (const node of graph.nodes)
      for (const attribute of node.attributes.values())
        if (attribute.kind === 'tensor') weights.set(`${prefix}${node.label}.${attribute.name}`, attribute.value);
  }
  return weights;
}

async function compareWeights(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>): Promise<Changes> {
  const changed = [];
  for (const [name, before] of a) {
    const after = b.get(name);
    if (after === undefined) continue;
    const types = [before, after].map(({ dataType, dims }) => printType({ kind: 'tensor', dataType, shape: dims }));
    const [left = '', right = ''] = types;
    if (left !== right) changed.push({ name, before: left, after: right });
    else if (!(await haveSameElements(before, after)))
      changed.push({ name, before: left, after: `${right} of other values` });
  }
  return { ...onlyIn(a, b), changed };
}

/** Two tensors of one type and dims. */
async function haveSameElements(a: Tensor, b: Tensor): Promise<boolean> {
  if (a.payload === b.payload && a.strings === b.strings) return true;
  if (a.strings !== undefined || b.strings !== undefined) {
    const count = a.strings?.length ?? 0;
    for (let at = 0; at < count; at++) {
      const [left, right] = [a.strings?.[at], b.strings?.[at]];
      if (left === undefined || right === undefined || !sameBytes(left, right)) return false;
    }
    return true;
  }
  const { byteLength } = a;
  for (let offset = 0; offset < byteLength; offset += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, byteLength - offset);
    const [left, right] = await Promise.all([a.payload.read(offset, length), b.payload.read(offset, length)]);
    if (!sameBytes(left, right)) return false;
  }
  return true;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let at = 0; at < a.byteLength; at++) if (a[at] !== b[at]) return false;
  return true;
}

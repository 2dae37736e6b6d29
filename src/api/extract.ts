/** A part of a model, between values that the user names. */
import { ModelError, UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { DimParams } from '../infer/declared.ts';
import type { Facts } from '../infer/fact.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { Value } from '../ir/value.ts';
import { removeUnused } from '../rewrite/dead.ts';
import { declarationOf } from './declare-types.ts';

export interface Part {
  /** Values that the part begins with; the inputs that it needs when absent. */
  readonly inputs?: readonly string[] | undefined;
  /** Values that it ends with; the outputs of the model when absent. */
  readonly outputs?: readonly string[] | undefined;
}

/**
 * Cuts a part out of the main graph, in place, and answers what it did. Errors: UsageError for a name that no value has, and when
 * the outputs need an input that is not among those named; ModelError for training information, which speaks of the whole.
 */
export function extractPart(model: Model, { inputs, outputs }: Part, facts: Facts): string[] {
  if (inputs === undefined && outputs === undefined) return [];
  const { graph } = model;
  if (model.trainingInfo.length > 0)
    throw new ModelError('the model has training information, which a part of it cannot keep', { graph: [graph.name] });
  const values = mainValues(graph);
  const { names } = new DimParams(graph.inputs);
  const starts = (inputs ?? []).map((name) => namedValue(values, name, '--inputs'));
  const ends = outputs?.map((name) => namedValue(values, name, '--outputs'));
  const originalInputs = graph.inputs.map(({ name }) => name);
  if (ends !== undefined) setOutputs(graph, ends, facts, names);
  for (const value of starts) if (!value.isInput) makeInput(graph, value, facts, names);
  removeDead(graph);
  const wanted = new Set(inputs);
  const needed: string[] = [];
  for (const value of [...graph.inputs]) {
    if (inputs === undefined ? value.isUsed : wanted.has(value.name)) continue;
    if (value.isUsed && value.initializer === undefined) needed.push(value.name);
    else {
      graph.deleteInput(value);
      if (value.graph !== undefined && !value.isUsed) graph.deleteInitializer(value);
    }
  }
  if (needed.length > 0)
    throw new UsageError(
      `the outputs also need ${needed.map((name) => `'${name}'`).join(', ')}`,
      'name them with --inputs, or values that come after them',
    );
  dropAnnotations(graph);
  const isSameFront = graph.inputs.map(({ name }) => name).join('\0') === originalInputs.join('\0');
  if (isSameFront && ends === undefined) return [];
  const list = (all: readonly Value[]): string => all.map(({ name }) => name).join(', ');
  return [`cut out the part from ${list(graph.inputs)} to ${list(graph.outputs)}`];
}

/** The values of the main graph by name. */
export function mainValues(graph: Graph): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const value of [...graph.inputs, ...graph.initializers]) values.set(value.name, value);
  for (const node of graph.nodes)
    for (const value of node.outputs) if (value !== undefined) values.set(value.name, value);
  return values;
}

/** UsageError when the main graph has no value of this name. */
export function namedValue(values: ReadonlyMap<string, Value>, name: string, option: string): Value {
  const value = values.get(name);
  if (value !== undefined) return value;
  const near = suggest(name, values.keys());
  throw new UsageError(
    `${option} names '${name}', which is no value of the main graph`,
    near === undefined ? '`onnx-preflight inspect --text` shows them' : `did you mean '${near}'?`,
  );
}

function setOutputs(graph: Graph, ends: readonly Value[], facts: Facts, names: ReadonlySet<string>): void {
  for (let index = graph.outputs.length - 1; index >= 0; index--) graph.deleteOutput(index);
  for (const value of ends) {
    const type = declarationOf(value, facts.get(value), names);
    if (type !== undefined) value.type = type;
    graph.addOutput(value);
  }
}

/** What made the value so far makes another one, which nothing reads. */
function makeInput(graph: Graph, old: Value, facts: Facts, names: ReadonlySet<string>): void {
  const { name } = old;
  const type = declarationOf(old, facts.get(old), names);
  if (type === undefined || (type.kind === 'tensor' && type.dataType === undefined))
    throw new ModelError(`the type of '${name}' is not known, so it cannot become an input`, { value: name });
  old.rename(graph.names.unique(`${name}_before`));
  const input = new Value(name, { type, docString: old.docString, metadataProps: old.metadataProps });
  graph.addInput(input);
  for (const user of [...old.users]) replaceInputs(user, old, input);
  graph.outputs.forEach((output, index) => {
    if (output === old) graph.setOutput(index, input);
  });
  for (const inner of [...old.outputOf])
    inner.outputs.forEach((output, index) => {
      if (output === old) inner.setOutput(index, input);
    });
}

function replaceInputs(user: Node, old: Value, by: Value): void {
  user.inputs.forEach((input, index) => {
    if (input === old) user.replaceInput(index, by);
  });
}

/** Removes what no output needs. */
function removeDead(graph: Graph): void {
  const ends = [...graph.nodes].reverse().flatMap((node) => node.outputs.filter((value) => value !== undefined));
  const nothing = (): void => undefined;
  removeUnused(ends.reverse(), nothing, nothing);
  for (const value of [...graph.initializers]) if (!value.isUsed && !value.isInput) graph.deleteInitializer(value);
}

/** Quantization annotations of values that are gone. */
function dropAnnotations(graph: Graph): void {
  const { quantizationAnnotations: all } = graph;
  if (all.length === 0) return;
  const kept = all.filter(({ tensorName }) => graph.names.has(tensorName));
  if (kept.length === all.length) return;
  graph.quantizationAnnotations = kept;
  graph.touch();
}

/** Names and declared types of what goes into a graph and comes out of it. */
import { graphsOfModel, type Model } from '../ir/model.ts';
import { modelRule } from '../ir/problem.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import type { Facts } from '../infer/fact.ts';
import type { ProblemList } from './problem-list.ts';
import { typeOfFact } from './type-of-fact.ts';

export const valueTypeRule = modelRule({
  id: 'model/undeclared-type',
  summary: 'An input or output of the main graph does not say its type or shape.',
  why: 'Inputs and outputs of the main graph must have a type, and tensors a shape, if only a rank (IR.md, Graphs).',
  severity: 'error',
  effect: 'keep',
  messages: {
    noName: 'an {end} of the graph has no name',
    noType: "{end} '{value}' has no type",
    noElementType: "{end} '{value}' has no element type",
    noShape: "{end} '{value}' has no shape",
    noContents: "{end} '{value}' is of type {kind}, but does not say of what",
    noOpaqueName: "{end} '{value}' is of an opaque type without a name",
  },
  advice: { noShape: 'a shape whose dimensions are unknown is enough' },
});

export const outputRule = modelRule({
  id: 'model/output-from-outside',
  summary: 'An output of a subgraph is a value of the graph around it.',
  why: 'Outputs of a graph must be defined in that graph (onnx.checker); an Identity makes a value of the graph around one of its own.',
  severity: 'error',
  effect: 'repair',
  messages: { value: "output '{value}' of the subgraph is defined in the graph around it" },
  advice: '',
});

export const repeatedOutputRule = modelRule({
  id: 'model/repeated-output',
  summary: 'A value is an output of its graph more than once.',
  why: 'Outputs are told apart by name, so a caller cannot ask for each of them (IR.md, Graphs).',
  severity: 'warning',
  effect: 'keep',
  messages: { value: "'{value}' is an output of the graph {count} times" },
  advice: '',
});

/** `facts` tell which declarations of outputs can be completed. */
export function checkDeclarations(model: Model, list: ProblemList, facts: Facts | undefined): void {
  for (const value of model.graph.inputs) checkDeclared(model, value, 'input', list, undefined);
  for (const value of new Set(model.graph.outputs)) {
    // What is an input too was looked at.
    if (!value.isInput) checkDeclared(model, value, 'output', list, facts);
  }
}

export function checkOutputs(model: Model, list: ProblemList): void {
  for (const graph of graphsOfModel(model)) {
    const { outputs } = graph;
    if (graph.owner !== undefined)
      for (const value of outputs)
        if (value.graph !== undefined && value.graph !== graph)
          list.report(outputRule, 'value', { value: value.name }, { graph, value: value.name });
    if (outputs.length <= 1 || new Set(outputs).size === outputs.length) continue;
    const counts = new Map<Value, number>();
    for (const value of outputs) counts.set(value, (counts.get(value) ?? 0) + 1);
    for (const [value, count] of counts)
      if (count > 1)
        list.report(repeatedOutputRule, 'value', { value: value.name, count }, { graph, value: value.name });
  }
}

function checkDeclared(
  model: Model,
  value: Value,
  end: 'input' | 'output',
  list: ProblemList,
  facts: Facts | undefined,
): void {
  const { name, type } = value;
  const subject = { graph: model.graph, value: name };
  const args = { end, value: name };
  if (name === '') list.report(valueTypeRule, 'noName', { end }, subject);
  const lack = lackOf(type);
  if (lack === undefined) return;
  const weight = isCompleted(value, facts) ? { effect: 'repair' as const } : {};
  if (lack === 'noContents') list.report(valueTypeRule, lack, { ...args, kind: type?.kind ?? '' }, subject, weight);
  else list.report(valueTypeRule, lack, args, subject, weight);
}

/** True when inference knows what the declaration of an output lacks. */
function isCompleted(value: Value, facts: Facts | undefined): boolean {
  return facts !== undefined && lackOf(typeOfFact(facts.get(value))) === undefined;
}

type Lack = Exclude<keyof typeof valueTypeRule.messages, 'noName'>;

/** What a declaration of the main graph lacks; undefined when it is complete. */
export function lackOf(type: ValueType | undefined): Lack | undefined {
  switch (type?.kind) {
    case undefined:
      return 'noType';
    case 'tensor':
    case 'sparse_tensor':
      return type.dataType === undefined ? 'noElementType' : type.shape === undefined ? 'noShape' : undefined;
    case 'sequence':
    case 'optional':
      return type.element === undefined ? 'noContents' : undefined;
    case 'map':
      return type.keyType === undefined || type.valueType === undefined ? 'noContents' : undefined;
    case 'opaque':
      return type.name === '' ? 'noOpaqueName' : undefined;
  }
}

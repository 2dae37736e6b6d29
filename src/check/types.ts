/** Element types of operands against the type constraints of the schemas. */
import type { Facts } from '../infer/fact.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { modelRule } from '../ir/problem.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import { findSchema, type Parameter, type Schema } from '../opset/schema.ts';
import type { ProblemList } from './problem-list.ts';

export const operandTypeRule = modelRule({
  id: 'model/operand-type',
  summary: 'An operand is of a type that its operator does not take.',
  why: "The operator's schema lists the types of each operand, and operands of one type parameter have one type (Operators.md).",
  severity: 'error',
  effect: 'keep',
  messages: {
    unsupported: '{op} takes no {type} as {parameter}, in version {since}',
    inconsistent: '{op} needs {parameter} of the type of {other}, {expected}, but it is {type}',
  },
  advice: '',
});

export function checkTypes(model: Model, list: ProblemList, facts: Facts): void {
  for (const graph of graphsOfModel(model)) {
    const { context } = graph.root;
    for (const node of graph.nodes) {
      const version = context?.opsetVersion(node.domain);
      const schema = version === undefined ? undefined : findSchema(node.domain, node.opType, version);
      if (schema === undefined || schema.deprecated || isCall(model, node)) continue;
      checkOperands(node, schema, facts, list);
    }
  }
}

function isCall(model: Model, { domain, opType, overload }: Node): boolean {
  return model.functions.length > 0 && model.findFunction(domain, opType, overload) !== undefined;
}

interface Bound {
  readonly parameter: string;
  readonly type: string;
}

function checkOperands(node: Node, schema: Schema, facts: Facts, list: ProblemList): void {
  let bound: Map<string, Bound> | undefined;
  const check = (value: Value | undefined, parameters: readonly Parameter[], index: number): void => {
    const parameter = parameters[index] ?? lastVariadic(parameters);
    if (value === undefined || parameter === undefined) return;
    const type = typeText(value, facts);
    if (type === undefined) return;
    const { type: constraint, name } = parameter;
    const allowed = schema.typeConstraints.get(constraint);
    const subject = { node, value: value.name };
    const op = node.operator;
    if (allowed === undefined ? constraint !== type && isConcrete(constraint) : !allowed.includes(type)) {
      list.report(operandTypeRule, 'unsupported', { op, type, parameter: name, since: schema.sinceVersion }, subject);
      return;
    }
    if (allowed === undefined || (parameter.option === 'variadic' && !parameter.homogeneous)) return;
    const other = bound?.get(constraint);
    if (other === undefined) (bound ??= new Map()).set(constraint, { parameter: name, type });
    else if (other.type !== type)
      list.report(
        operandTypeRule,
        'inconsistent',
        { op, parameter: name, other: other.parameter, expected: other.type, type },
        subject,
      );
  };
  node.inputs.forEach((value, index) => check(value, schema.inputs, index));
  node.outputs.forEach((value, index) => check(value, schema.outputs, index));
}

function lastVariadic(parameters: readonly Parameter[]): Parameter | undefined {
  const last = parameters.at(-1);
  return last?.option === 'variadic' ? last : undefined;
}

/** `tensor(float)` and the like, not the name of a type parameter. */
function isConcrete(type: string): boolean {
  return type.includes('(');
}

/** The type in the notation of the schemas; undefined when it is not known. */
function typeText(value: Value, facts: Facts): string | undefined {
  const { dataType, otherType } = facts.get(value);
  if (otherType !== undefined) return textOfType(otherType);
  return dataType === undefined ? undefined : tensorTexts(dataType);
}

function tensorTexts(dataType: string): string {
  return `tensor(${dataType})`;
}

function textOfType(type: ValueType): string | undefined {
  switch (type.kind) {
    case 'tensor':
    case 'sparse_tensor':
      return type.dataType === undefined ? undefined : `${type.kind}(${type.dataType})`;
    case 'sequence':
    case 'optional': {
      const element = type.element && textOfType(type.element);
      return element === undefined ? undefined : `${type.kind === 'sequence' ? 'seq' : 'optional'}(${element})`;
    }
    case 'map': {
      const value = type.valueType?.kind === 'tensor' ? type.valueType.dataType : undefined;
      return type.keyType === undefined || value === undefined ? undefined : `map(${type.keyType}, ${value})`;
    }
    case 'opaque':
      return undefined;
  }
}

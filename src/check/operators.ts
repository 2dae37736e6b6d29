/** Nodes and the operators they name: known, in force, and used as their schemas say. */
import { suggest } from '../base/suggest.ts';
import { textOf } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import { type FunctionDefinition, graphsOfModel, type Model, normalDomain } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { modelRule } from '../ir/problem.ts';
import { findSchema, latestVersion, operatorNames, type Schema, schemaVersions } from '../opset/schema.ts';
import { shown } from './imports.ts';
import { type Misfit, misfitsOf } from './schema-fit.ts';
import type { ProblemList } from './problem-list.ts';

export const unknownOperatorRule = modelRule({
  id: 'model/unknown-operator',
  summary: 'The imported operator set has no such operator.',
  why: 'op_type and domain name an operator of the imported version, or a function of the model (IR.md, Nodes).',
  severity: 'error',
  effect: 'keep',
  messages: {
    noOpType: 'a node has no op_type',
    never: '{domain} has no operator {op}',
    later: '{domain} has {op} from version {since} on, but version {version} is imported',
    experimental: '{op} was an experiment of early versions and is no operator of {domain}',
    deprecated: '{op} is deprecated since version {since} of {domain}, and version {version} is imported',
  },
  advice: {
    later: 'import the version the exporter used',
    deprecated: 'convert the model to the operator that replaced it',
  },
});

export const operandsRule = modelRule({
  id: 'model/wrong-operands',
  summary: 'A node has too few or too many inputs or outputs, or omits one that it needs.',
  why: "The operator's schema says how many there are and which may be omitted (IR.md, Nodes; Operators.md).",
  severity: 'error',
  effect: 'refuse',
  messages: {
    tooFew: '{op} needs at least {limit} {of}, but has {count}',
    tooMany: '{op} takes at most {limit} {of}, but has {count}',
    omitted: '{op} omits {of} {index} ({name}), which it needs',
    nothing: '{op} has neither inputs nor outputs',
    callInputs: '{op} is called with {count} inputs, but the function has {limit}',
    branchInputs: 'the {branch} of {op} has {count} inputs, but a branch gets none',
    callOutputs: '{op} is called for {count} outputs, but the function has {limit}',
  },
  advice: '',
});

export const attributesRule = modelRule({
  id: 'model/wrong-attribute',
  summary:
    'A node has an attribute that its operator does not have, lacks one that it needs, or has it of another type.',
  why: "The operator's schema names the attributes and their types (IR.md, Attributes; Operators.md).",
  severity: 'error',
  effect: 'refuse',
  messages: {
    unknown: '{op} has no attribute {attribute} in version {since}',
    missing: '{op} needs the attribute {attribute}',
    type: 'attribute {attribute} of {op} is of type {actual}, but must be {expected}',
    reference: 'attribute {attribute} of {op} refers to {refersTo}, an attribute of a function, but is in no function',
    excluded: '{op} has pads [{pads}] beside auto_pad {padding}, and these exclude each other',
    undeclared: 'attribute {attribute} of {op} refers to {refersTo}, which the function does not declare',
  },
  advice: {
    unknown: 'runtimes refuse or ignore it',
    excluded: 'runtimes go by auto_pad; remove the one that is not meant',
  },
});

/** onnx.checker names them, so that old models pass with a warning. */
const experimentalOperators: ReadonlySet<string> = new Set([
  'ATen',
  'Affine',
  'ConstantFill',
  'Crop',
  'DynamicSlice',
  'GRUUnit',
  'GivenTensorFill',
  'ImageScaler',
  'ParametricSoftplus',
  'Scale',
  'ScaledTanh',
]);

/** Domains whose operators are all known. Others may have operators that only a runtime knows. */
const closedDomains: ReadonlySet<string> = new Set(['', 'ai.onnx.ml', 'ai.onnx.preview.training']);

export function checkOperators(model: Model, list: ProblemList): void {
  const functions = new Map(model.functions.map((definition) => [keyOf(definition), definition]));
  const owners = new Map<Graph, FunctionDefinition>(model.functions.map((definition) => [definition.body, definition]));
  for (const graph of graphsOfModel(model)) {
    const root = graph.root;
    const imports = root.context;
    const owner = owners.get(root);
    for (const node of graph.nodes) {
      checkReferences(node, owner, list);
      if (node.opType === '') list.report(unknownOperatorRule, 'noOpType', {}, { node }, { effect: 'refuse' });
      if (node.inputs.length === 0 && node.outputs.length === 0)
        list.report(operandsRule, 'nothing', { op: node.operator || 'a node' }, { node }, { effect: 'keep' });
      const callee =
        functions.size === 0
          ? undefined
          : functions.get(keyOf({ domain: node.domain, name: node.opType, overload: node.overload }));
      if (callee !== undefined) checkCall(node, callee, list);
      else if (node.operator === 'If') checkBranches(node, list);
      if (callee === undefined) checkOperator(node, imports?.opsetVersion(node.domain), list);
    }
  }
}

/** A branch sees the graph around it and is fed nothing (Operators.md, If). */
function checkBranches(node: Node, list: ProblemList): void {
  for (const attribute of node.attributes.values()) {
    if (attribute.kind !== 'graph' || attribute.value.inputs.length === 0) continue;
    const args = { op: node.operator, branch: attribute.name, count: attribute.value.inputs.length };
    list.report(operandsRule, 'branchInputs', args, { node }, { effect: 'keep' });
  }
}

function keyOf({ domain, name, overload }: Pick<FunctionDefinition, 'domain' | 'name' | 'overload'>): string {
  return `${normalDomain(domain)}\n${name}\n${overload}`;
}

function checkCall(node: Node, { body }: FunctionDefinition, list: ProblemList): void {
  const op = node.operator;
  const { inputs, outputs } = body;
  if (node.inputs.length > inputs.length)
    list.report(operandsRule, 'callInputs', { op, count: node.inputs.length, limit: inputs.length }, { node });
  if (node.outputs.length > outputs.length)
    list.report(operandsRule, 'callOutputs', { op, count: node.outputs.length, limit: outputs.length }, { node });
}

function checkOperator(node: Node, version: number | undefined, list: ProblemList): void {
  if (version === undefined || node.opType === '') return;
  const { domain, opType, operator: op } = node;
  const schema = findSchema(domain, opType, version);
  if (schema === undefined) reportUnknown(node, version, list);
  else if (schema.deprecated)
    list.report(
      unknownOperatorRule,
      'deprecated',
      { op, since: schema.sinceVersion, domain: shown(domain), version },
      { node },
    );
  else {
    const skipAttributes = list.model.reading.damagedNodes.has(node);
    for (const misfit of misfitsOf(node, schema, { skipAttributes })) reportMisfit(node, schema, misfit, list);
    if (schema.attributes.has('auto_pad')) checkPadding(node, list);
  }
}

/** Zeros ask for nothing, and some exporters always write them. */
function checkPadding(node: Node, list: ProblemList): void {
  const pads = node.attributes.get('pads');
  const padding = node.attributes.get('auto_pad');
  if (pads?.kind !== 'ints' || padding?.kind !== 'string' || pads.value.every((pad) => pad === 0n)) return;
  const text = textOf(padding.value);
  if (text === 'NOTSET' || text === '') return;
  const args = { op: node.operator, pads: pads.value.join(', '), padding: text };
  list.report(attributesRule, 'excluded', args, { node }, { effect: 'keep' });
}

function reportUnknown(node: Node, version: number, list: ProblemList): void {
  const { opType: op } = node;
  const domain = shown(node.domain);
  if (node.domain === '' && experimentalOperators.has(op))
    list.report(unknownOperatorRule, 'experimental', { op, domain }, { node }, { severity: 'warning' });
  if (!closedDomains.has(node.domain) || (node.domain === '' && experimentalOperators.has(op))) return;
  // Of an operator set that is newer than we know, nobody can say.
  const severity = version > (latestVersion(node.domain) ?? 0) ? 'warning' : 'error';
  const [first] = schemaVersions(node.domain, op);
  if (first !== undefined) {
    list.report(
      unknownOperatorRule,
      'later',
      { op, domain, since: first.sinceVersion, version },
      { node },
      { severity },
    );
    return;
  }
  const near = suggest(op, operatorNames(node.domain));
  const meant = near === undefined ? op : `${op} (did you mean ${near}?)`;
  list.report(unknownOperatorRule, 'never', { op: meant, domain }, { node }, { severity });
}

function reportMisfit(node: Node, schema: Schema, misfit: Misfit, list: ProblemList): void {
  const op = node.operator;
  switch (misfit.kind) {
    case 'too-few':
      // Outputs that are not there are only ones that nobody reads.
      return list.report(
        operandsRule,
        'tooFew',
        { op, ...misfit },
        { node },
        misfit.of === 'outputs' ? { effect: 'keep' } : {},
      );
    case 'too-many':
      return list.report(operandsRule, 'tooMany', { op, ...misfit }, { node });
    case 'omitted':
      return list.report(
        operandsRule,
        'omitted',
        { op, ...misfit },
        { node },
        misfit.of === 'output' ? { effect: 'keep' } : {},
      );
    case 'unknown-attribute':
      return list.report(
        attributesRule,
        'unknown',
        { op, attribute: misfit.name, since: schema.sinceVersion },
        { node },
        { effect: 'keep' },
      );
    case 'missing-attribute':
      return list.report(attributesRule, 'missing', { op, attribute: misfit.name }, { node });
    case 'wrong-attribute':
      return list.report(attributesRule, 'type', { op, attribute: misfit.name, ...misfit }, { node });
  }
}

function checkReferences(node: Node, owner: FunctionDefinition | undefined, list: ProblemList): void {
  if (node.attributes.size === 0) return;
  for (const attribute of node.attributes.values()) {
    if (attribute.kind !== 'reference') continue;
    const args = { op: node.operator, attribute: attribute.name, refersTo: attribute.refersTo };
    if (owner === undefined) list.report(attributesRule, 'reference', args, { node });
    else if (!declares(owner, attribute.refersTo))
      list.report(attributesRule, 'undeclared', args, { node }, { effect: 'keep' });
  }
}

function declares({ attributeNames, attributeDefaults }: FunctionDefinition, name: string): boolean {
  return attributeNames.includes(name) || attributeDefaults.some((attribute) => attribute.name === name);
}

import { ModelError } from '../../base/errors.ts';
import type { Facts } from '../../infer/fact.ts';
import type { Model } from '../../ir/model.ts';
import { withSubgraphs } from '../../ir/model.ts';
import type { Node } from '../../ir/node.ts';
import { findSchema, latestVersion, type Parameter, type Schema, schemaVersions, typesOf } from '../../opset/schema.ts';
import { Call, CannotConvert, type SourceFacts } from './change.ts';
import { changes } from './changes.ts';

/** Versions that models are converted from and to; what older ones mean by an operator is another matter. */
export const OLDEST_SOURCE = 7;
export const OLDEST_RESULT = 11;

/**
 * Writes the nodes of the main graph and its subgraphs in another opset of ai.onnx, in place. Every node computes what it did, to the bit.
 * Errors: ModelError, with the place of the first, for nodes that cannot be written so; the model is of no use then.
 */
export function convertOpset(model: Model, to: number, facts: Facts): void {
  const from = model.opsetVersion('');
  if (from === undefined || from === to) return;
  const latest = latestVersion('') ?? 0;
  if (from < OLDEST_SOURCE || from > latest)
    throw new ModelError(`the model is of opset ${from}; only ${OLDEST_SOURCE} to ${latest} can be converted`);
  if (model.functions.length > 0)
    throw new ModelError('the model has functions, which have opsets of their own', {}, 'inline them first');
  const refused: { readonly node: Node; readonly path: readonly string[]; readonly reason: string }[] = [];
  const known = new FollowedFacts(facts);
  for (const graph of [...withSubgraphs(model.graph)]) {
    for (const node of [...graph.nodes]) {
      if (node.domain !== '') continue;
      try {
        convertNode(new Call(node, known), from, to);
      } catch (error) {
        if (!(error instanceof CannotConvert)) throw error;
        refused.push({ node, path: graph.path, reason: error.message });
      }
    }
  }
  const [first] = refused;
  if (first !== undefined) {
    const more = refused.length === 1 ? '' : ` (and ${refused.length - 1} more nodes)`;
    throw new ModelError(
      `${first.node.opType} cannot be written in opset ${to}: ${first.reason}${more}`,
      { graph: first.path, node: first.node.label },
      'leave the opset as it is, or export the model with it',
    );
  }
  model.opsetImports = new Map([...model.opsetImports, ['', to]]);
  model.changed = true;
}

/** Facts of the model as it was; what takes the place of a value has the facts of that. */
class FollowedFacts implements SourceFacts {
  readonly #facts: Facts;
  readonly #follows = new Map<Parameters<Facts['get']>[0], Parameters<Facts['get']>[0]>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  get(value: Parameters<Facts['get']>[0]): ReturnType<Facts['get']> {
    return this.#facts.get(this.#follows.get(value) ?? value);
  }

  follow(by: Parameters<Facts['get']>[0], old: Parameters<Facts['get']>[0]): void {
    this.#follows.set(by, this.#follows.get(old) ?? old);
  }
}

function convertNode(call: Call, from: number, to: number): void {
  // The operator may become another one on the way.
  if (to > from) for (let version = from + 1; version <= to; version++) stepUp(call, version);
  else for (let version = from; version > to; version--) stepDown(call, version);
  checkTypes(call, to);
}

function stepUp(call: Call, version: number): void {
  const { opType } = call.node;
  const schema = findSchema('', opType, version);
  if (schema?.sinceVersion !== version) return;
  const before = findSchema('', opType, version - 1);
  if (before === undefined) return;
  const change = changes.get(`${opType} ${version}`);
  if (change?.up !== undefined) change.up(call);
  else if (schema.deprecated) call.refuse(`the operator ends with opset ${version - 1}`);
  // The checks are about what the new version has, so that an attribute without a place there is not lost.
  if (call.node.opType === opType) checkCall(call, schema);
}

function stepDown(call: Call, version: number): void {
  const { opType } = call.node;
  const schema = findSchema('', opType, version);
  if (schema?.sinceVersion !== version) return;
  const before = findSchema('', opType, version - 1);
  if (before === undefined || before.deprecated) call.refuse(`the operator came with opset ${version}`);
  changes.get(`${opType} ${version}`)?.down?.(call);
  for (const { name, default: usual } of schema.attributes.values()) {
    const given = call.node.attributes.get(name);
    if (given === undefined || before.attributes.has(name)) continue;
    if (usual === undefined || !isSameScalar(given, usual))
      call.refuse(`its attribute ${name} came with opset ${version}`);
    call.drop(name);
  }
  if (call.node.opType === opType) checkCall(call, before);
}

function isSameScalar(
  a: { readonly kind: string; readonly value?: unknown },
  b: { readonly kind: string; readonly value?: unknown },
): boolean {
  if (a.kind !== b.kind) return false;
  const [left, right] = [a.value, b.value];
  if (left instanceof Uint8Array && right instanceof Uint8Array)
    return left.length === right.length && left.every((byte, index) => byte === right[index]);
  return left === right;
}

/** The node must fit its schema: attributes that it has, inputs and outputs of their number. */
function checkCall({ node }: Call, schema: Schema): void {
  for (const name of node.attributes.keys())
    if (!schema.attributes.has(name))
      throw new CannotConvert(`version ${schema.sinceVersion} of it has no attribute ${name}`);
  const inputs = node.inputs.findLastIndex((input) => input !== undefined) + 1;
  if (inputs < schema.minInputs || inputs > schema.maxInputs)
    throw new CannotConvert(`version ${schema.sinceVersion} of it does not take ${inputs} inputs`);
  const outputs = node.outputs.findLastIndex((output) => output !== undefined) + 1;
  if (outputs > schema.maxOutputs)
    throw new CannotConvert(`version ${schema.sinceVersion} of it does not have ${outputs} outputs`);
}

/** What the operator takes in the new opset: types go both ways, since a few versions took some away. */
function checkTypes(call: Call, to: number): void {
  const { node } = call;
  const schema = findSchema('', node.opType, to);
  if (schema === undefined || schema.deprecated) {
    if (schemaVersions('', node.opType).length > 0) call.refuse(`opset ${to} has no such operator`);
    return;
  }
  const bound = new Map<string, string>();
  const check = (parameters: readonly Parameter[], index: number, dataType: string | undefined): void => {
    const parameter = parameters[index] ?? parameters.at(-1);
    if (dataType === undefined || parameter === undefined) return;
    if (!typesOf(schema, parameter).includes(`tensor(${dataType})`)) call.refuse(`it has no ${dataType} there`);
    if (parameter.option === 'variadic' && !parameter.homogeneous) return;
    const other = bound.get(parameter.type) ?? dataType;
    if (other !== dataType) call.refuse(`it does not take ${other} and ${dataType} together there`);
    bound.set(parameter.type, dataType);
  };
  node.inputs.forEach((_, index) => {
    check(schema.inputs, index, call.fact(index)?.dataType);
  });
  node.outputs.forEach((_, index) => {
    check(schema.outputs, index, call.outputType(index));
  });
}

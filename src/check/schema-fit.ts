/** Nodes against the schemas of their operators: how many inputs and outputs, and which attributes. */
import type { Attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { AttributeSchema, Parameter, Schema } from '../opset/schema.ts';

/** One way in which a node does not fit a schema. */
export type Misfit =
  | {
      readonly kind: 'too-few' | 'too-many';
      readonly of: 'inputs' | 'outputs';
      readonly count: number;
      readonly limit: number;
    }
  | { readonly kind: 'omitted'; readonly of: 'input' | 'output'; readonly index: number; readonly name: string }
  | { readonly kind: 'unknown-attribute'; readonly name: string }
  | { readonly kind: 'missing-attribute'; readonly name: string }
  | { readonly kind: 'wrong-attribute'; readonly name: string; readonly expected: string; readonly actual: string };

/** All misfits, inputs first. Attributes are left out for a node of which some could not be read. */
export function* misfitsOf(
  node: Node,
  schema: Schema,
  options: { readonly skipAttributes?: boolean } = {},
): Iterable<Misfit> {
  yield* countMisfits('inputs', node.inputs.length, schema.minInputs, schema.maxInputs);
  yield* countMisfits('outputs', node.outputs.length, schema.minOutputs, schema.maxOutputs);
  yield* omissions('input', node.inputs, schema.inputs);
  yield* omissions('output', node.outputs, schema.outputs);
  if (options.skipAttributes === true) return;
  for (const attribute of node.attributes.values()) yield* attributeMisfits(attribute, schema.attributes);
  for (const { name, required } of schema.attributes.values())
    if (required && !node.attributes.has(name)) yield { kind: 'missing-attribute', name };
}

export function fitsSchema(node: Node, schema: Schema): boolean {
  for (const misfit of misfitsOf(node, schema)) if (misfit !== undefined) return false;
  return true;
}

function* countMisfits(of: 'inputs' | 'outputs', count: number, least: number, most: number): Iterable<Misfit> {
  if (count < least) yield { kind: 'too-few', of, count, limit: least };
  if (count > most) yield { kind: 'too-many', of, count, limit: most };
}

function* omissions(
  of: 'input' | 'output',
  values: readonly (unknown | undefined)[],
  parameters: readonly Parameter[],
): Iterable<Misfit> {
  const last = Math.min(values.length, parameters.length);
  for (let index = 0; index < last; index++) {
    if (values[index] !== undefined) continue;
    const parameter = parameters[index];
    if (parameter?.option === 'single') yield { kind: 'omitted', of, index, name: parameter.name };
  }
}

/** Names that start with two underscores are nobody's business (onnx.checker). */
function* attributeMisfits(attribute: Attribute, schemas: ReadonlyMap<string, AttributeSchema>): Iterable<Misfit> {
  const { name } = attribute;
  const schema = schemas.get(name);
  if (schema === undefined) {
    if (!name.startsWith('__')) yield { kind: 'unknown-attribute', name };
    return;
  }
  const actual = attribute.kind === 'reference' ? attribute.type : attribute.kind;
  if (actual === undefined || actual === schema.kind || isEmptyList(attribute)) return;
  yield { kind: 'wrong-attribute', name, expected: schema.kind, actual };
}

/** An empty list without a type is read as ints. */
function isEmptyList(attribute: Attribute): boolean {
  return attribute.kind === 'ints' && attribute.value.length === 0;
}

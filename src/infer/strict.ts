/** What the standard excludes although runtimes take it: see `InferOptions.strict`. */
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { latestVersion, type Schema, typesOf } from '../opset/schema.ts';
import type { Contradiction } from './contradiction.ts';
import type { Fact } from './fact.ts';
import type { LawContext } from './law.ts';
import type { Frame } from './scope.ts';

/** A node against the schema, as far as inference can go on all the same: the operator, and the element types of its inputs. */
export function* schemaConflicts(context: LawContext, schema: Schema | undefined): IterableIterator<string> {
  const { node } = context;
  if (schema === undefined) {
    if (latestVersion(node.domain) !== undefined)
      yield `opset ${context.opset} of ${node.domain || 'ai.onnx'} has no operator ${node.opType}`;
    return;
  }
  for (const [index, value] of node.inputs.entries()) {
    const parameter = schema.inputs[index] ?? schema.inputs.at(-1);
    const dataType = value === undefined ? undefined : context.input(index)?.dataType;
    if (parameter === undefined || dataType === undefined) continue;
    const allowed = typesOf(schema, parameter);
    if (!allowed.includes(`tensor(${dataType})`))
      yield `its input '${value?.name ?? ''}' is ${dataType}, but ${parameter.name} takes ${allowed.join(', ')}`;
  }
}

/** The element type of an output against the schema. */
export function outputConflict(schema: Schema | undefined, index: number, { dataType }: Fact): string | undefined {
  const parameter = schema?.outputs[index] ?? schema?.outputs.at(-1);
  if (schema === undefined || parameter === undefined || dataType === undefined) return undefined;
  const allowed = typesOf(schema, parameter);
  return allowed.includes(`tensor(${dataType})`)
    ? undefined
    : `its output would be ${dataType}, but ${parameter.name} is one of ${allowed.join(', ')}`;
}

/** References to attributes that the function at hand does not declare. */
export function* referenceConflicts(node: Node, { call, attributes }: Frame): IterableIterator<string> {
  if (call === undefined) return;
  for (const attribute of node.attributes.values())
    if (attribute.kind === 'reference' && !attributes.has(attribute.refersTo))
      yield `its attribute ${attribute.name} refers to ${attribute.refersTo}, which ${call.definition.name} does not have`;
}

/** Inputs of the main graph must say what they are. */
export function untypedInputs(graph: Graph): Contradiction[] {
  return graph.inputs
    .filter(({ type, initializer }) => {
      if (initializer !== undefined) return false;
      return type === undefined || (type.kind === 'tensor' && type.dataType === undefined);
    })
    .map(({ name }) => ({
      graph: graph.path,
      node: undefined,
      value: name,
      message: `input '${name}' has no element type`,
    }));
}

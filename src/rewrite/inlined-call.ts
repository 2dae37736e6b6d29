import { type Attribute, graphsOf } from '../ir/attribute.ts';
import { type FunctionDefinition, withSubgraphs } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { findSchema } from '../opset/schema.ts';
import type { RewriteContext } from './context.ts';

/**
 * Nodes that all calls of a function may become. The layers of a large model are below it; functions that call one another twice over,
 * level by level, would become more than any memory holds.
 */
const MAXIMUM_INLINED_NODES = 20_000;

/** Copies of the nodes of a function in place of a call of it: answers its outputs, or why it cannot be done. */
export function inlinedCall(
  call: Node,
  definition: FunctionDefinition,
  context: RewriteContext,
): readonly Value[] | string {
  if (call.hasReferences) return 'its attributes come from the call of the function around it';
  const given = [...call.attributes.values()];
  if (given.some((attribute) => graphsOf(attribute).length > 0)) return 'it is called with a subgraph';
  const foreign = foreignNode(definition, context);
  if (foreign !== undefined) return `${foreign.operator} means something else in the opset of the function`;
  if (becomesMany(definition, context)) return 'its calls would become too many nodes';
  const { body } = definition;
  const omitted = new Set(body.inputs.filter((_, index) => call.inputs[index] === undefined));
  if (body.outputs.some((output) => omitted.has(output))) return 'it puts out an input that the call leaves out';
  const bound = new Map<string, Attribute>([...definition.defaultsByName(), ...call.attributes]);
  const adjust = (node: Node): void => {
    for (const [name, held] of [...node.attributes]) {
      if (held.kind !== 'reference') continue;
      const value = bound.get(held.refersTo);
      if (value === undefined) node.deleteAttribute(name);
      else node.setAttribute({ ...value, name });
    }
    for (const [index, input] of node.inputs.entries())
      if (input !== undefined && omitted.has(input)) node.replaceInput(index, undefined);
    node.dropOmittedTail();
  };
  const inputs = body.inputs.map((_, index) => call.inputs[index]);
  const isWanted = (output: number): boolean => call.outputs[output] !== undefined;
  return context.inlined(body, inputs, isWanted, adjust) ?? 'it holds a sparse initializer';
}

function becomesMany(definition: FunctionDefinition, context: RewriteContext): boolean {
  return context.callsOf(definition) * context.expandedSizeOf(definition) > MAXIMUM_INLINED_NODES;
}

/** A node that would be read by another schema where the call is. */
function foreignNode(definition: FunctionDefinition, context: RewriteContext): Node | undefined {
  const { graph } = context;
  for (const inner of withSubgraphs(definition.body))
    for (const node of inner.nodes) {
      const { domain, opType } = node;
      const [own, there] = [definition.opsetVersion(domain), graph.opsetVersion(domain)];
      if (there === undefined || own === undefined) return node;
      if (own === there || context.functionOf(node) !== undefined) continue;
      const schema = findSchema(domain, opType, own);
      if (schema === undefined || schema.sinceVersion !== findSchema(domain, opType, there)?.sinceVersion) return node;
    }
  return undefined;
}

/** How many nodes a call leaves of the function, when those whose inputs it makes constant are folded. */
export function nodesLeftOfCall(call: Node, { body }: FunctionDefinition, context: RewriteContext): number {
  const known = new Set<Value>();
  const sized = new Set<Value>();
  for (const [index, input] of body.inputs.entries()) {
    const value = call.inputs[index];
    if (value === undefined) continue;
    if (context.tensor(value) !== undefined || context.knownTensor(value) !== undefined) known.add(input);
    if (context.shape(value)?.every(({ constant }) => constant !== undefined) === true) sized.add(input);
  }
  let left = 0;
  for (const node of body.nodes) {
    const isFolded = node.operator === 'Constant' || isShape(node, sized) || readsOnly(node, known);
    if (!isFolded) left++;
    else for (const output of node.outputs) if (output !== undefined) known.add(output);
  }
  return left;
}

function isShape({ operator, inputs }: Node, sized: ReadonlySet<Value>): boolean {
  return (operator === 'Shape' || operator === 'Size') && inputs[0] !== undefined && sized.has(inputs[0]);
}

function readsOnly(node: Node, known: ReadonlySet<Value>): boolean {
  const inputs = node.inputs.filter((input) => input !== undefined);
  return inputs.length > 0 && node.subgraphs.length === 0 && inputs.every((input) => known.has(input));
}

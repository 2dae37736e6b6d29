/**
 * Which nodes compute the same outputs whenever they get the same inputs: only these may be folded, shared or moved.
 *
 * The determinism flag of the schemas is not used: at onnx 1.23.1 it calls If, Loop, Scan and AffineGrid nondeterministic
 * and leaves DepthToSpace and SpaceToDepth unknown, although all of them are pure. This is the list instead:
 * - RandomNormal, RandomNormalLike, RandomUniform, RandomUniformLike, Multinomial and Bernoulli are not deterministic,
 *   with a `seed` neither, since the standard does not specify the generator;
 * - Dropout is not where it drops anything: `is_test` is 0 (to opset 6), or `training_mode` may be true (from opset 12);
 * - BatchNormalization in training mode is: its statistics are outputs, and weight standardization is made of it;
 * - an operator that is neither standard nor a local function of the model is not known to be deterministic;
 * - a node with subgraphs, or a call of a local function, is as deterministic as every node in the bodies.
 */
import type { Graph } from '../ir/graph.ts';
import { type Model, withSubgraphs } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { attributesOf, schemaOf } from './attributes.ts';

const randomOperators: ReadonlySet<string> = new Set([
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
]);

/** Whether the node, with all bodies it runs, computes the same outputs from the same inputs, in any run of `model`. */
export function isDeterministic(node: Node, model: Model): boolean {
  const pending: Graph[] = [];
  const entered = new Set<Graph>();
  const enter = (graph: Graph): void => {
    if (entered.has(graph)) return;
    entered.add(graph);
    pending.push(graph);
  };
  // Bodies of bodies are entered from the list, so neither deep nesting nor a function that calls itself can hurt.
  const isDeterministicItself = (candidate: Node): boolean => {
    const definition = model.findFunction(candidate.domain, candidate.opType, candidate.overload);
    if (definition === undefined) return isDeterministicOperator(candidate);
    enter(definition.body);
    return true;
  };
  if (!isDeterministicItself(node)) return false;
  node.subgraphs.forEach(enter);
  for (let body = pending.pop(); body !== undefined; body = pending.pop())
    for (const graph of withSubgraphs(body))
      for (const inner of graph.nodes) if (!isDeterministicItself(inner)) return false;
  return true;
}

function isDeterministicOperator(node: Node): boolean {
  const schema = schemaOf(node);
  if (schema === undefined) return false;
  if (schema.domain !== '') return true;
  if (randomOperators.has(node.opType)) return false;
  if (node.opType === 'Dropout') return !mayDrop(node, schema.sinceVersion);
  return true;
}

function mayDrop(node: Node, sinceVersion: number): boolean {
  if (sinceVersion <= 6) return !flagIs(node, 'is_test', 1n);
  if (sinceVersion < 12) return false;
  const trainingMode = node.inputs[2];
  return trainingMode !== undefined && !isConstantFalse(trainingMode);
}

/** Whether an int attribute certainly has the value: a reference to a function's attribute may have any. */
function flagIs(node: Node, name: string, value: bigint): boolean {
  return node.attributes.get(name)?.kind !== 'reference' && attributesOf(node).int(name) === value;
}

function isConstantFalse(value: Value): boolean {
  const tensor = value.constant ?? constantOfNode(value);
  return tensor?.dataType === 'bool' && tensor.isResident && tensor.bytes[0] === 0;
}

function constantOfNode({ producer }: Value): Tensor | undefined {
  if (producer?.opType !== 'Constant' || producer.domain !== '') return undefined;
  const attribute = producer.attributes.get('value');
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
}

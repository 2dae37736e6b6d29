/** One node of a graph on given values: what tests of inference compare with. */
import { ModelError } from '../../src/base/errors.ts';
import { arrayOf, type NDArray } from '../../src/fold/array.ts';
import { controlFlow } from '../../src/fold/control-flow.ts';
import { Frame } from '../../src/fold/evaluate-model.ts';
import { evaluateArrays } from '../../src/fold/evaluate-node.ts';
import { KernelRefusal, refuse } from '../../src/fold/refusal.ts';
import { isArray, type RuntimeValue, sequenceOperators } from '../../src/fold/runtime-value.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Value } from '../../src/ir/value.ts';

export { Frame };

/** Larger results are not computed: they take time and show nothing that smaller ones do not. */
const LARGEST = 5000;
const MAXIMUM_ROUNDS = 4;

/** The value in this frame or one around it; a constant is seen everywhere. */
export function lookUp(value: Value, frame: Frame): RuntimeValue | undefined {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.outer) {
    const found = at.values.get(value);
    if (found !== undefined) return found;
  }
  return value.constant === undefined ? undefined : arrayOf(value.constant);
}

/**
 * The outputs of a node whose inputs are known in the frame, a node with graphs or a call of a function included; undefined where
 * it cannot be computed, an input is not known, or it would be large.
 */
export function runNode(node: Node, model: Model, frame: Frame): readonly (RuntimeValue | undefined)[] | undefined {
  const inputs: (RuntimeValue | undefined)[] = [];
  for (const input of node.inputs) {
    const value = input === undefined ? undefined : lookUp(input, frame);
    if (input !== undefined && value === undefined) return undefined;
    inputs.push(value);
  }
  const arrays = inputs.map((value) => (value !== undefined && isArray(value) ? value : undefined));
  if (isTooLarge(node, arrays)) return undefined;
  const run = (graph: Graph, given: readonly (RuntimeValue | undefined)[], outer?: Frame): RuntimeValue[] =>
    runGraph(graph, given, model, new Frame(outer, new Map()));
  try {
    const definition = model.findFunction(node.domain, node.opType, node.overload);
    if (definition !== undefined) return run(definition.body, inputs);
    const control = controlFlow(node, node.attributes, inputs, {
      run: (graph, given) => run(graph, given, frame),
    });
    const sequence = sequenceOperators.get(node.operator)?.(inputs, { node, attributes: node.attributes });
    if (control !== undefined || sequence !== undefined) return control ?? sequence;
    const result = evaluateArrays(node, arrays);
    return 'refusal' in result ? undefined : result.outputs;
  } catch (error) {
    if (error instanceof KernelRefusal || error instanceof ModelError) return undefined;
    throw error;
  }
}

function runGraph(
  graph: Graph,
  given: readonly (RuntimeValue | undefined)[],
  model: Model,
  frame: Frame,
): RuntimeValue[] {
  graph.inputs.forEach((input, index) => {
    const value = given[index];
    if (value !== undefined) frame.values.set(input, value);
  });
  for (const node of graph.nodes) {
    const outputs = runNode(node, model, frame) ?? refuse(`${node.label} cannot be computed`);
    node.outputs.forEach((output, index) => {
      if (output !== undefined) frame.values.set(output, outputs[index] ?? refuse(`no output ${index}`));
    });
  }
  return graph.outputs.map((output) => lookUp(output, frame) ?? refuse(`${output.name} is not known`));
}

/** Operators that make as much as an integer among their inputs says. */
const sizedByValue = new Set([
  ...['ConstantOfShape', 'Expand', 'Tile', 'Range', 'HannWindow', 'HammingWindow', 'BlackmanWindow', 'OneHot'],
  ...['CenterCropPad', 'Resize', 'Pad'],
]);

function isTooLarge({ opType }: Node, inputs: readonly (NDArray | undefined)[]): boolean {
  const count = (array: NDArray | undefined): number => array?.dims.reduce((total, dim) => total * dim, 1) ?? 0;
  const product = (array: NDArray | undefined): number =>
    array === undefined || array.dataType !== 'int64'
      ? 1
      : Array.from(array.data as BigInt64Array).reduce((all, each) => all * Math.max(1, Math.abs(Number(each))), 1);
  if (opType === 'Loop' && product(inputs[0]) > MAXIMUM_ROUNDS) return true;
  const whole = sizedByValue.has(opType) ? inputs.reduce((all, input) => all * product(input), 1) : 1;
  return Math.max(1, ...inputs.map(count)) * whole > LARGEST;
}

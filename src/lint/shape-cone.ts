/**
 * Whether TensorRT can compute a value when it works out shapes: such a shape tensor must come from weights, from shapes
 * and from integer inputs of the network, and its own extent must be known when the engine is built.
 * Observed with the parsers of 10.16 to 11.4: nearly every operator propagates, and the leaves decide.
 */
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { ParserView } from './parser-view.ts';

export interface ShapeProblem {
  /**
   * `input`: it depends on the elements of a network input that is no integer; `extent`: it depends on as many elements as are
   * known at run time only; `rank`: it is no vector; `branch`: it comes out of an If that is decided at run time; `data`: on the position of non-zero elements.
   */
  readonly kind: 'input' | 'extent' | 'rank' | 'branch' | 'data';
  readonly at: Value;
}

/** Reading the shape of a value asks nothing of its elements. */
const shapeReaders: ReadonlySet<string> = new Set(['Shape', 'Size']);
const dataDependent: ReadonlySet<string> = new Set(['NonZero', 'NonMaxSuppression', 'Compress', 'Unique']);

/** What keeps `value` from being a shape tensor of at most one dimension; undefined when nothing does. */
export function shapeProblem(view: ParserView, value: Value): ShapeProblem | undefined {
  const { dims, isWeights } = view.value(value);
  if (isWeights) return undefined;
  if (dims !== undefined && dims.length > 1) return { kind: 'rank', at: value };
  return problemOf(view, value);
}

/** What was found of each value, so that the shapes of a long chain cost one step each. */
const found = new WeakMap<ParserView, Map<Value, ShapeProblem | undefined>>();

/** The problem of a value or of what it is computed from: depth first, later operands first. */
function problemOf(view: ParserView, start: Value): ShapeProblem | undefined {
  const known = found.get(view) ?? new Map<Value, ShapeProblem | undefined>();
  found.set(view, known);
  const path: { readonly value: Value; readonly operands: Value[] }[] = [];
  const enter = (value: Value): void => {
    // A value of a circle is one of those that wait for it.
    known.set(value, undefined);
    if (view.value(value).isWeights) return;
    const own = leafProblem(view, value);
    if (own === undefined) path.push({ value, operands: [...operandsOf(value.producer)] });
    else known.set(value, own);
  };
  enter(start);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const operand = top.operands.at(-1);
    if (operand === undefined) path.pop();
    else if (!known.has(operand)) enter(operand);
    else {
      top.operands.pop();
      const problem = known.get(operand);
      if (problem === undefined) continue;
      known.set(top.value, problem);
      path.pop();
    }
  }
  return known.get(start);
}

/** Shapes are computed from a few values; what lies beyond this many is not looked at, since there may be one such shape a node. */
const MAXIMUM_CONE = 1024;

/** The values whose elements the value depends on, nearest first, the value itself included. */
export function shapeCone(view: ParserView, value: Value): ReadonlySet<Value> {
  const cone = new Set<Value>([value]);
  for (const current of cone) {
    if (cone.size >= MAXIMUM_CONE) break;
    if (view.value(current).isWeights) continue;
    for (const input of operandsOf(current.producer)) cone.add(input);
  }
  return cone;
}

function operandsOf(producer: Node | undefined): readonly Value[] {
  if (producer === undefined || shapeReaders.has(producer.opType) || producer.subgraphs.length > 0) return [];
  return producer.inputs.filter((input) => input !== undefined);
}

/** A Range that depends on nothing but constants and shapes that are known. */
function hasKnownLength(view: ParserView, range: Node): boolean {
  return range.inputs.every((input) => input === undefined || view.value(input).isConstant);
}

/** An If is followed when its condition is known ahead of time, or when each branch gives a constant. */
function isFollowedIf(view: ParserView, node: Node, output: Value): boolean {
  const [condition] = node.inputs;
  if (condition !== undefined && view.value(condition).knownIntegers !== undefined) return true;
  const index = node.outputs.indexOf(output);
  return node.subgraphs.every((branch) => {
    const value = branch.outputs[index];
    return value === undefined || view.value(value).isConstant;
  });
}

function leafProblem(view: ParserView, value: Value): ShapeProblem | undefined {
  const { producer } = value;
  if (producer !== undefined) {
    if (producer.opType === 'If')
      return isFollowedIf(view, producer, value) ? undefined : { kind: 'branch', at: value };
    if (producer.opType === 'Range' && view.value(value).dims?.[0] === -1 && !hasKnownLength(view, producer))
      return { kind: 'extent', at: value };
    return dataDependent.has(producer.opType) ? { kind: 'data', at: value } : undefined;
  }
  // Inputs of loop bodies and of functions are not inputs of the network.
  if (!value.isInput || value.graph !== view.model.graph) return undefined;
  const { type, dims } = view.value(value);
  if (type !== undefined && type !== 'INT32' && type !== 'INT64') return { kind: 'input', at: value };
  return dims?.includes(-1) === true ? { kind: 'extent', at: value } : undefined;
}

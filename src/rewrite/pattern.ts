import { arrayOf } from '../fold/array.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';

/** The state of one match: what was captured so far, and what it may ask about the graph. */
export interface Matching {
  readonly captures: Map<string, unknown>;
  /** The tensor a value always is. */
  readonly constantOf: (value: Value) => Tensor | undefined;
}

/**
 * A pattern is written as the graph it matches, from the root upwards:
 * `op('Reshape', 'outer', op('Reshape', 'inner', value('x')), value('shape'))`.
 * `Captures` is the type of what a match hands to the rule, by name; the same name twice means the same value or node.
 *
 * `match` calls `rest` for each way in which the pattern fits, until `rest` is content, and takes back what it captured when
 * it never is. So the inputs of Add and Mul are found in either order however deep the difference shows.
 */
export interface Pattern<Captures> {
  /** Operators of the node that makes the value; undefined when any value will do. */
  readonly operators: readonly string[] | undefined;
  readonly match: (value: Value | undefined, matching: Matching, rest: () => boolean) => boolean;
  readonly captures?: Captures;
}

export interface NodePattern<Captures> extends Pattern<Captures> {
  readonly matchNode: (node: Node, matching: Matching, rest: () => boolean) => boolean;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any pattern, whatever it captures
type AnyPattern = Pattern<any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the same of a node
type AnyNodePattern = NodePattern<any>;
type CapturesOf<P> = P extends Pattern<infer C> ? C : never;
type Merge<Union> = (Union extends unknown ? (part: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
type Captured<Name extends string, What, Inputs extends readonly AnyPattern[]> = Record<Name, What> &
  (Inputs extends readonly [] ? unknown : Merge<CapturesOf<Inputs[number]>>);

/** Operators whose first two inputs may be exchanged without changing a bit of the result. */
const COMMUTATIVE = new Set(['Add', 'Mul', 'And', 'Or', 'Xor', 'Equal']);

/** What a pattern captures at a node, or undefined when it does not fit. */
export function matchPattern(
  pattern: NodePattern<unknown>,
  node: Node,
  constantOf: Matching['constantOf'],
): ReadonlyMap<string, unknown> | undefined {
  const captures = new Map<string, unknown>();
  return pattern.matchNode(node, { captures, constantOf }, () => true) ? captures : undefined;
}

function capture({ captures }: Matching, name: string, what: unknown, rest: () => boolean): boolean {
  if (captures.has(name)) return captures.get(name) === what && rest();
  captures.set(name, what);
  if (rest()) return true;
  captures.delete(name);
  return false;
}

/**
 * A node of one of `operators` ('Conv', 'com.microsoft::Gelu'), captured as a Node under `name`.
 * Without input patterns any inputs match; with them, each is matched in place, and inputs beyond them must be omitted.
 * A node with several outputs matches through its first, which it must have.
 */
export function op<const Name extends string, const Inputs extends readonly AnyPattern[]>(
  operators: string | readonly string[],
  name: Name,
  ...inputs: Inputs
): NodePattern<Captured<Name, Node, Inputs>> {
  const names = typeof operators === 'string' ? [operators] : operators;
  const matchNode: NodePattern<unknown>['matchNode'] = (node, matching, rest) => {
    if (!names.includes(node.operator) || node.outputs[0] === undefined) return false;
    return capture(matching, name, node, () =>
      inputs.length === 0 ? rest() : matchInputs(node, inputs, matching, rest),
    );
  };
  return {
    operators: names,
    matchNode,
    match: (value, matching, rest) =>
      value?.producer !== undefined && value.producer.outputs[0] === value && matchNode(value.producer, matching, rest),
  };
}

function matchInputs(node: Node, patterns: readonly AnyPattern[], matching: Matching, rest: () => boolean): boolean {
  for (let at = patterns.length; at < node.inputs.length; at++) if (node.inputs[at] !== undefined) return false;
  const inOrder = (order: readonly (Value | undefined)[], at: number): boolean => {
    const pattern = patterns[at];
    return pattern === undefined ? rest() : pattern.match(order[at], matching, () => inOrder(order, at + 1));
  };
  if (inOrder(node.inputs, 0)) return true;
  return patterns.length === 2 && COMMUTATIVE.has(node.operator) && inOrder([node.inputs[1], node.inputs[0]], 0);
}

/** A node of any operator. */
export function anyNode<const Name extends string>(name: Name): NodePattern<Record<Name, Node>> {
  const matchNode: NodePattern<unknown>['matchNode'] = (node, matching, rest) => capture(matching, name, node, rest);
  return {
    operators: undefined,
    matchNode,
    match: (value, matching, rest) => value?.producer !== undefined && matchNode(value.producer, matching, rest),
  };
}

/** Any value, captured under `name`. */
export function value<const Name extends string>(name: Name): Pattern<Record<Name, Value>> {
  return {
    operators: undefined,
    match: (candidate, matching, rest) => candidate !== undefined && capture(matching, name, candidate, rest),
  };
}

/** A value, or an omitted input (captured as undefined). */
export function optional<const Name extends string>(name: Name): Pattern<Record<Name, Value | undefined>> {
  return { operators: undefined, match: (candidate, matching, rest) => capture(matching, name, candidate, rest) };
}

/** A value that is always the same tensor, captured under `name`. */
export function constant<const Name extends string>(name: Name): Pattern<Record<Name, Value>> {
  return {
    operators: undefined,
    match: (candidate, matching, rest) =>
      candidate !== undefined &&
      matching.constantOf(candidate) !== undefined &&
      capture(matching, name, candidate, rest),
  };
}

/**
 * Relative error at which a constant still counts as the number meant. Exporters write sqrt(2) with as few as five digits, and
 * narrow floats hold no more.
 */
const TOLERANCE: Partial<Record<DataType, number>> = {
  float: 2e-5,
  double: 2e-5,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

/** A float constant of one element that is one of `numbers`, but for rounding; 0, 1, 2 and 0.5 must be met exactly. */
export function near(...numbers: readonly number[]): Pattern<object> {
  return {
    operators: undefined,
    match: (candidate, matching, rest) => {
      const tensor = candidate === undefined ? undefined : matching.constantOf(candidate);
      const tolerance = tensor === undefined ? undefined : TOLERANCE[tensor.dataType];
      if (tensor === undefined || tolerance === undefined || tensor.elementCount !== 1 || !tensor.isResident)
        return false;
      const element = Number(arrayOf(tensor).data[0]);
      const isMet = (wanted: number): boolean =>
        element === wanted || (!isRound(wanted) && Math.abs(element - wanted) <= tolerance * Math.abs(wanted));
      return numbers.some(isMet) && rest();
    },
  };
}

/** A number that every float type holds, so that only itself can be meant. */
function isRound(number: number): boolean {
  return Number.isInteger(number * 16) && Math.abs(number) <= 16;
}

/** What an input pattern `P` may be, or else one of the others. */
export function oneOf<P extends readonly AnyPattern[]>(...patterns: P): Pattern<Partial<Merge<CapturesOf<P[number]>>>> {
  return {
    operators: undefined,
    match: (candidate, matching, rest) => patterns.some((pattern) => pattern.match(candidate, matching, rest)),
  };
}

/** As `oneOf`, where all alternatives are nodes: one of them may be the root of a rule. */
export function oneOfNodes<P extends readonly AnyNodePattern[]>(
  ...patterns: P
): NodePattern<Partial<Merge<CapturesOf<P[number]>>>> {
  return {
    operators: patterns.some(({ operators }) => operators === undefined)
      ? undefined
      : [...new Set(patterns.flatMap(({ operators }) => operators ?? []))],
    matchNode: (node, matching, rest) => patterns.some((pattern) => pattern.matchNode(node, matching, rest)),
    match: (candidate, matching, rest) => patterns.some((pattern) => pattern.match(candidate, matching, rest)),
  };
}

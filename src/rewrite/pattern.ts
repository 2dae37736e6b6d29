import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/**
 * A pattern is written as the graph it matches, from the root upwards:
 * `op('Reshape', 'outer', op('Reshape', 'inner', value('x')), value('shape'))`.
 * `Captures` is the type of what a match hands to the rule, by name.
 */
export interface Pattern<Captures> {
  /** Operators of the node that makes the value; undefined when any value will do. */
  readonly operators: readonly string[] | undefined;
  readonly match: (value: Value | undefined, captures: Map<string, unknown>) => boolean;
  readonly captures?: Captures;
}

export interface NodePattern<Captures> extends Pattern<Captures> {
  readonly matchNode: (node: Node, captures: Map<string, unknown>) => boolean;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any pattern, whatever it captures
type AnyPattern = Pattern<any>;
type CapturesOf<P> = P extends Pattern<infer C> ? C : never;
type Merge<Union> = (Union extends unknown ? (part: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
type Captured<Name extends string, What, Inputs extends readonly AnyPattern[]> = Record<Name, What> &
  (Inputs extends readonly [] ? unknown : Merge<CapturesOf<Inputs[number]>>);

/** Operators whose first two inputs may be exchanged without changing a bit of the result. */
const COMMUTATIVE = new Set(['Add', 'Mul', 'And', 'Or', 'Xor', 'Equal']);

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
  const matchNode = (node: Node, captures: Map<string, unknown>): boolean => {
    if (!names.includes(node.operator) || node.outputs[0] === undefined) return false;
    if (inputs.length > 0 && !matchInputs(node, inputs, captures)) return false;
    captures.set(name, node);
    return true;
  };
  return {
    operators: names,
    matchNode,
    match: (value, captures) =>
      value?.producer !== undefined && value.producer.outputs[0] === value && matchNode(value.producer, captures),
  };
}

function matchInputs(node: Node, patterns: readonly AnyPattern[], captures: Map<string, unknown>): boolean {
  if (node.inputs.slice(patterns.length).some((input) => input !== undefined)) return false;
  const inOrder = (order: readonly (Value | undefined)[]): boolean => {
    const trial = new Map(captures);
    if (!patterns.every((pattern, index) => pattern.match(order[index], trial))) return false;
    for (const [key, captured] of trial) captures.set(key, captured);
    return true;
  };
  if (inOrder(node.inputs)) return true;
  return patterns.length === 2 && COMMUTATIVE.has(node.operator) && inOrder([node.inputs[1], node.inputs[0]]);
}

/** A node of any operator. */
export function anyNode<const Name extends string>(name: Name): NodePattern<Record<Name, Node>> {
  const matchNode = (node: Node, captures: Map<string, unknown>): boolean => {
    captures.set(name, node);
    return true;
  };
  return {
    operators: undefined,
    matchNode,
    match: (value, captures) => value?.producer !== undefined && matchNode(value.producer, captures),
  };
}

/** Any value, captured under `name`; the same name twice means the same value. */
export function value<const Name extends string>(name: Name): Pattern<Record<Name, Value>> {
  return {
    operators: undefined,
    match: (candidate, captures) => {
      if (candidate === undefined) return false;
      const earlier = captures.get(name);
      if (earlier !== undefined) return earlier === candidate;
      captures.set(name, candidate);
      return true;
    },
  };
}

/** A value, or an omitted input (captured as undefined). */
export function optional<const Name extends string>(name: Name): Pattern<Record<Name, Value | undefined>> {
  return {
    operators: undefined,
    match: (candidate, captures) => {
      captures.set(name, candidate);
      return true;
    },
  };
}

/** What an input pattern `P` may be, or else one of the others: the first that matches captures. */
export function oneOf<P extends readonly AnyPattern[]>(...patterns: P): Pattern<Partial<Merge<CapturesOf<P[number]>>>> {
  return {
    operators: undefined,
    match: (candidate, captures) =>
      patterns.some((pattern) => {
        const trial = new Map(captures);
        if (!pattern.match(candidate, trial)) return false;
        for (const [key, captured] of trial) captures.set(key, captured);
        return true;
      }),
  };
}

/**
 * What a fold is for: a result that is large may be on its way to a small one, as a weight less its mean is on the way to its
 * variance. Then it is the last results that count.
 */
import type { Facts } from '../infer/fact.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { isSurelyDeferrable } from './deferrable.ts';

/** Weights are normalized in about ten steps; longer computations are judged step by step. */
const MAXIMUM_STEPS = 64;

export interface ConeOptions {
  /** Bytes of a value in the file; undefined when that is not known. */
  readonly byteLengthOf: (value: Value) => number | undefined;
  /** Bytes that a constant takes now. */
  readonly storedBytes: (value: Value) => number;
}

/**
 * How many bytes the file grows by when the node is folded, and all that then has constants only for inputs; undefined when
 * that is not known, or not all of it is sure to be folded.
 */
export function growthOfCone(start: Node, facts: Facts, options: ConeOptions): number | undefined {
  const cone = new Set<Node>();
  const made = new Set<Value>();
  const isConstant = (value: Value | undefined): boolean =>
    value === undefined || made.has(value) || facts.get(value).constant !== undefined;
  const pending = [start];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (cone.has(node)) continue;
    if (cone.size === MAXIMUM_STEPS || !isSurelyDeferrable(node)) return undefined;
    cone.add(node);
    for (const output of node.outputs) {
      if (output === undefined) continue;
      made.add(output);
      // Who reads something else that is not constant yet is asked again when that is made.
      for (const user of output.users)
        if (mayFold(user) && user.inputs.every((input) => isConstant(input))) pending.push(user);
    }
  }
  let growth = 0;
  for (const output of made) {
    if (isReadWithin(output, cone)) continue;
    const bytes = options.byteLengthOf(output);
    if (bytes === undefined) return undefined;
    growth += bytes;
  }
  for (const value of readBy(cone)) {
    if (!made.has(value) && !value.isInput && isReadWithin(value, cone)) growth -= options.storedBytes(value);
  }
  return growth;
}

/** What makes an output of the graph stays a node. */
function mayFold({ subgraphs, outputs }: Node): boolean {
  return subgraphs.length === 0 && outputs.every((output) => output?.isGraphOutput !== true);
}

function isReadWithin(value: Value, cone: ReadonlySet<Node>): boolean {
  if (value.isGraphOutput) return false;
  for (const user of value.users) if (!cone.has(user)) return false;
  return true;
}

function readBy(cone: ReadonlySet<Node>): ReadonlySet<Value> {
  const values = new Set<Value>();
  for (const { inputs } of cone) for (const value of inputs) if (value !== undefined) values.add(value);
  return values;
}

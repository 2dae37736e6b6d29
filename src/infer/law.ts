import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import type { AttributeReader } from '../opset/attributes.ts';
import type { Dim } from './dim.ts';
import type { Fact } from './fact.ts';
import type { Fraction } from './fraction.ts';

/** What a law can say of an output; what it leaves out stays unknown. */
export interface OutputFact {
  /** When a law leaves it out, the schema's type parameters are asked. */
  readonly dataType?: DataType | undefined;
  /** undefined is unknown rank. For an unknown dimension of known rank use `context.unknownDim`. */
  readonly shape?: readonly Dim[] | undefined;
  /** Row-major, as many as the (static) shape says; left aside when there are more than MAXIMUM_KNOWN_ELEMENTS. */
  readonly elements?: readonly Dim[] | undefined;
  /** The tensor that the output always is. */
  readonly constant?: Tensor | undefined;
  readonly otherType?: ValueType | undefined;
  /** As many as the static shape says; left aside for other types than float and double. */
  readonly fractions?: readonly Fraction[] | undefined;
  readonly items?: readonly Fact[] | undefined;
}

/** What a law sees: one node, the facts of its inputs, and a place to put those of its outputs. */
export interface LawContext {
  readonly node: Node;
  /** Imported opset version of the node's domain. */
  readonly opset: number;
  readonly attributes: AttributeReader;
  /** What the standard excludes and runtimes take all the same is a contradiction. See `InferOptions.strict`. */
  readonly isStrict: boolean;
  /** Number of inputs written, omitted ones in the middle included. */
  readonly inputCount: number;
  readonly outputCount: number;
  /** Fact of input `index`; undefined when the input is omitted. */
  input(index: number): Fact | undefined;
  /**
   * Known integer elements of input `index` (a constant or a value carried as expressions); undefined when omitted or unknown.
   * An element may be an expression over `int(...)` symbols that stand for elements known at run time only: these may be
   * negative, so ask the bounds before one is taken for a dimension.
   */
  elements(index: number): readonly Dim[] | undefined;
  /** The known elements as plain bigints; undefined unless every one is a constant. */
  integers(index: number): readonly bigint[] | undefined;
  /** Elements of a resident constant float input as doubles (scales of Resize, roi); undefined when not constant. */
  floats(index: number): readonly number[] | undefined;
  output(index: number, fact: OutputFact): void;
  /** The symbol for an unknown dimension of an output: one for each (value, axis), never minted twice. */
  unknownDim(output: number, axis: number): Dim;
  /** `rank` unknown dimensions of an output. */
  unknownShape(output: number, rank: number): readonly Dim[];
  /** The symbol for an unknown element of an integer output: a whole number of any sign. */
  unknownElement(output: number, index: number): Dim;
  /** Provably >= 1; where the walk assumes `nonempty`, symbols of graph inputs count as >= 1 and the outputs are marked. */
  isPositive(dim: Dim): boolean;
  /** The dimension that both must be, where the standard demands equality: the more precise one; a contradiction when they are provably unequal. */
  unify(a: Dim, b: Dim, what: string): Dim;
  /** Multidirectional (numpy) broadcasting; undefined when a rank is unknown. Unknown results get symbols of `output`. */
  broadcast(output: number, shapes: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined;
  /** The model is invalid, provably: the walk records it as a contradiction with the node's place and leaves the outputs unknown. */
  contradiction(message: string): never;

  /**
   * Infers a subgraph of the node with these facts of its inputs (undefined: what the body declares) and answers the facts of
   * its outputs. The last walk of a body is the one that counts for the values inside. A body that never runs is not
   * searched for contradictions.
   */
  inferBody(
    body: Graph,
    inputs: readonly (Fact | undefined)[],
    options?: { readonly neverRuns?: boolean },
  ): readonly Fact[];
  /** Runs the rounds of a loop: `before` is what the body came to when the loop around it was walked last. */
  settle(body: Graph, rounds: (before: readonly Fact[] | undefined) => readonly Fact[]): readonly Fact[];
  /** The symbol for an unknown dimension of an input of a body. */
  unknownDimOf(value: Value, axis: number): Dim;
  /** What holds of a value that is `a` in one run and `b` in another; dims and elements that differ are symbols of `value`. */
  join(a: Fact, b: Fact, value: Value): Fact;
  /** True when the dim depends on what may differ between runs of the body: nothing outside may be said in its terms. */
  isLocal(dim: Dim, body: Graph): boolean;
}

export interface Law {
  /** `op_type` for ai.onnx, `domain::op_type` for others. */
  readonly operators: readonly string[];
  readonly infer: (context: LawContext) => void;
}

/** A shape law and the operators it serves. */
export function law(operators: readonly string[], infer: (context: LawContext) => void): Law {
  return { operators, infer };
}

/** `axis` counted from the front; contradiction when out of [-rank, rank - 1]. */
export function normalAxis(context: LawContext, axis: number | bigint, rank: number): number {
  const number = Number(axis);
  if (!Number.isInteger(number) || number < -rank || number >= rank)
    context.contradiction(`axis ${number} is out of range for rank ${rank}`);
  return number < 0 ? number + rank : number;
}

import type { AttributeReader } from '../opset/attributes.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { joinFacts } from './combine.ts';
import { ContradictionFound } from './contradiction.ts';
import { Dim } from './dim.ts';
import type { PositiveNames } from './dim-bounds.ts';
import { type Fact, MAXIMUM_RANK } from './fact.ts';
import type { LawContext, OutputFact } from './law.ts';
import type { LoopRounds } from './loop-rounds.ts';
import type { Scope } from './scope.ts';
import type { SymbolTable } from './symbol-table.ts';
import { knownFloats } from './tensor-elements.ts';

/** So many different dims of one axis are compared, each with each; operators of that many operands that broadcast do not occur. */
const MAXIMUM_COMPARED_DIMS = 32;

/** What a context needs of the walk. */
export interface Surroundings {
  readonly symbols: SymbolTable;
  /** Symbols that count as >= 1 where the assumption `nonempty` is made; empty where it is not. */
  readonly assumedPositive: PositiveNames;
  readonly isStrict: boolean;
  readonly rounds: LoopRounds;
  inferBody(
    body: Graph,
    inputs: readonly (Fact | undefined)[],
    scope: Scope,
    neverRuns: boolean,
  ): { readonly outputs: readonly Fact[]; readonly isAssumed: boolean };
}

/** The law's view of one node in one scope. */
export class NodeContext implements LawContext {
  readonly node: Node;
  readonly opset: number;
  readonly attributes: AttributeReader;
  readonly outputs: (OutputFact | undefined)[] = [];
  /** True once an answer rested on the assumption `nonempty`. */
  isAssumed = false;
  readonly #scope: Scope;
  readonly #surroundings: Surroundings;

  constructor(node: Node, opset: number, attributes: AttributeReader, scope: Scope, surroundings: Surroundings) {
    this.node = node;
    this.opset = opset;
    this.attributes = attributes;
    this.#scope = scope;
    this.#surroundings = surroundings;
  }

  get isStrict(): boolean {
    return this.#surroundings.isStrict;
  }

  get inputCount(): number {
    return this.node.inputs.length;
  }

  get outputCount(): number {
    return this.node.outputs.length;
  }

  input(index: number): Fact | undefined {
    const value = this.node.inputs[index];
    if (value === undefined || this.#scope.frame.omitted.has(value)) return undefined;
    return this.#scope.get(value);
  }

  elements(index: number): readonly Dim[] | undefined {
    return this.input(index)?.elements;
  }

  integers(index: number): readonly bigint[] | undefined {
    const integers: bigint[] = [];
    const elements = this.elements(index);
    if (elements === undefined) return undefined;
    for (const { constant } of elements) {
      if (constant === undefined) return undefined;
      integers.push(constant);
    }
    return integers;
  }

  floats(index: number): readonly number[] | undefined {
    const tensor = this.input(index)?.constant;
    return tensor === undefined ? undefined : knownFloats(tensor);
  }

  output(index: number, fact: OutputFact): void {
    const isFollowed = (fact.shape?.length ?? 0) <= MAXIMUM_RANK;
    this.outputs[index] = isFollowed ? fact : { ...fact, shape: undefined };
  }

  unknownDim(output: number, axis: number): Dim {
    const value = this.node.outputs[output];
    return value === undefined
      ? Dim.symbol(`${this.node.label}#${output}[${axis}]`)
      : this.#surroundings.symbols.dim(value, axis, this.#scope.frame);
  }

  unknownShape(output: number, rank: number): readonly Dim[] {
    return Array.from({ length: rank }, (_, axis) => this.unknownDim(output, axis));
  }

  unknownElement(output: number, index: number): Dim {
    const value = this.node.outputs[output];
    return value === undefined
      ? Dim.signed(`${this.node.label}#${output}{${index}}`)
      : this.#surroundings.symbols.element(value, index, this.#scope.frame);
  }

  isPositive(dim: Dim): boolean {
    if (dim.isAtLeast(1n)) return true;
    const { assumedPositive } = this.#surroundings;
    if (assumedPositive.size === 0 || !dim.isAtLeast(1n, assumedPositive)) return false;
    this.isAssumed = true;
    return true;
  }

  unify(a: Dim, b: Dim, what: string): Dim {
    if (a.differs(b)) this.contradiction(`${what} must agree, but they are ${a.toString()} and ${b.toString()}`);
    if (a.constant !== undefined) return a;
    if (b.constant !== undefined) return b;
    const { symbols } = this.#surroundings;
    return symbols.isMinted(a) && !symbols.isMinted(b) ? b : a;
  }

  broadcast(output: number, shapes: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined {
    let rank = 0;
    for (const shape of shapes) {
      if (shape === undefined) return undefined;
      rank = Math.max(rank, shape.length);
    }
    const result: Dim[] = [];
    for (let axis = 0; axis < rank; axis++) {
      const dims = new Map<string, Dim>();
      for (const shape of shapes) {
        const dim = shape?.[axis - rank + shape.length];
        if (dim !== undefined && dim.constant !== 1n) dims.set(dim.key, dim);
      }
      const isCompared = dims.size <= MAXIMUM_COMPARED_DIMS;
      result.push(isCompared ? this.#broadcastDims([...dims.values()], output, axis) : this.unknownDim(output, axis));
    }
    return result;
  }

  /** `dims` are not equal and not 1. */
  #broadcastDims(dims: readonly Dim[], output: number, axis: number): Dim {
    const [first] = dims;
    if (first === undefined) return Dim.one;
    if (dims.length === 1) return first;
    // What is provably not 1 decides: the others are 1 or equal to it.
    const deciding = dims.filter((dim) => dim.differs(Dim.one));
    for (const [index, dim] of deciding.entries())
      for (const other of deciding.slice(index + 1))
        if (dim.differs(other))
          this.contradiction(`dimensions ${dim.toString()} and ${other.toString()} do not broadcast on axis ${axis}`);
    const decided = deciding.find(({ constant }) => constant !== undefined) ?? deciding[0];
    if (decided !== undefined) return decided;
    // Of dims that are >= 1, all but the greatest are 1 where they differ; a 0 would win over 1.
    if (dims.every((dim) => this.isPositive(dim))) return dims.reduce((greatest, dim) => greatest.maximum(dim));
    return this.unknownDim(output, axis);
  }

  contradiction(message: string): never {
    throw new ContradictionFound(message);
  }

  inferBody(
    body: Graph,
    inputs: readonly (Fact | undefined)[],
    { neverRuns = false }: { readonly neverRuns?: boolean } = {},
  ): readonly Fact[] {
    const { outputs, isAssumed } = this.#surroundings.inferBody(body, inputs, this.#scope, neverRuns);
    this.isAssumed ||= isAssumed;
    return outputs;
  }

  settle(body: Graph, rounds: (before: readonly Fact[] | undefined) => readonly Fact[]): readonly Fact[] {
    const memory = this.#surroundings.rounds;
    const { prefix } = this.#scope.frame;
    return memory.within(() => {
      const carried = rounds(memory.before(body, prefix));
      memory.note(body, prefix, carried);
      return carried;
    });
  }

  unknownDimOf(value: Value, axis: number): Dim {
    return this.#surroundings.symbols.dim(value, axis, this.#scope.frame);
  }

  join(a: Fact, b: Fact, value: Value): Fact {
    const { symbols } = this.#surroundings;
    const { frame } = this.#scope;
    return joinFacts(
      a,
      b,
      (axis) => symbols.dim(value, axis, frame),
      (index) => symbols.element(value, index, frame),
    );
  }

  isLocal(dim: Dim, body: Graph): boolean {
    if (dim.constant !== undefined) return false;
    for (const name of dim.symbols()) if (this.#surroundings.symbols.isLocal(name, body)) return true;
    return false;
  }
}

import type { Graph } from '../ir/graph.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { contradictionOf, provenBy, refineFact } from './combine.ts';
import type { Contradiction } from './contradiction.ts';
import { contractOf, declarationConflict, DimParams } from './declared.ts';
import type { Dim } from './dim.ts';
import type { Range } from './dim-bounds.ts';
import { type Fact, type Facts, UNKNOWN_FACT } from './fact.ts';
import { initializerFact } from './initializer-fact.ts';
import { type Frame, MAIN_FRAME, Scope } from './scope.ts';
import { SymbolRanges } from './symbol-ranges.ts';
import { untypedInputs } from './strict.ts';
import { Walk } from './walk.ts';

/**
 * Facts of all values of a model, kept up to date as the graph changes. Facts are only ever refined: a value that was known
 * stays known. Values in the body of a local function have the facts that hold in all its calls.
 */
export class ModelFacts implements Facts {
  /**
   * Symbols that come from dims of the main graph's inputs: they are >= 1 under the assumption `nonempty`.
   * Dims that depend on data are never among them.
   */
  readonly positiveSymbols: ReadonlySet<string>;
  readonly contradictions: readonly Contradiction[];
  readonly #model: Model;
  readonly #walk: Walk;
  readonly #scope = new Scope(MAIN_FRAME);
  /** What is particular to the body of a function, by its root graph. */
  readonly #frames = new Map<Graph, Frame>();

  /** Infers the whole model. See inferModel. */
  constructor(
    model: Model,
    options: { readonly allowEmpty: boolean; readonly strict: boolean; readonly ranges: ReadonlyMap<string, Range> },
  ) {
    this.#model = model;
    const params = new DimParams(model.graph.inputs);
    const positive = new Set<string>();
    this.positiveSymbols = positive;
    this.#walk = new Walk(
      model,
      new SymbolRanges(options.ranges, options.allowEmpty ? new Set() : positive),
      options.strict,
    );
    for (const name of params.names) this.#walk.symbols.reserve(name);
    for (const value of model.graph.inputs) {
      const fact = this.#inputFact(value, params);
      for (const { terms, constantTerm } of fact.shape ?? []) {
        // A dim c * s >= 1 says that s >= 1.
        const [factor, ...others] = terms[0]?.factors ?? [];
        if (terms.length === 1 && constantTerm === 0n && others.length === 0 && factor?.kind === 'symbol')
          positive.add(factor.name);
      }
      this.#scope.facts.set(value, fact);
    }
    this.#walk.inferGraph(model.graph, this.#scope);
    for (const { initialization, algorithm } of model.trainingInfo)
      for (const graph of [initialization, algorithm])
        if (graph !== undefined) this.#walk.inferGraph(graph, this.#scope);
    this.#inferFunctions();
    if (options.strict) this.#scope.contradictions.push(...untypedInputs(model.graph));
    this.contradictions = [...distinct(this.#scope.contradictions), ...this.#declarationConflicts(params)];
  }

  get(value: Value): Fact {
    return this.#scope.get(value);
  }

  /** True when what is known of the value rests on the assumption `nonempty`. */
  isAssumed(value: Value): boolean {
    return this.#scope.isAssumed(value);
  }

  /** Adds to what is known of a value; answers whether that was something new. The fact must be true. */
  refine(value: Value, fact: Fact): boolean {
    const old = this.get(value);
    const refined = refineFact(old, fact, (dim) => this.#walk.symbols.isMinted(dim));
    if (refined === old) return false;
    this.#scope.facts.set(value, refined);
    return true;
  }

  /** Takes up a new initializer. */
  inferInitializer(value: Value): void {
    this.refine(value, initializerFact(value));
  }

  /**
   * Computes the outputs of a node anew from its inputs, with what is in its bodies, and so on for the nodes whose bodies
   * have these outputs as results. Answers the values of which more is known now.
   */
  inferNode(node: Node): Value[] {
    const changed: Value[] = [];
    const pending = new Set([node]);
    for (const current of pending) {
      pending.delete(current);
      const before = changed.length;
      this.#inferAgain(current, changed);
      for (const value of changed.slice(before))
        for (const owner of value.outputOf) if (owner.owner !== undefined) pending.add(owner.owner.node);
    }
    return changed;
  }

  /**
   * `newValue` takes the place of `oldValue`: what was known of the old one holds of the new one, too. Between graphs, what a node
   * of a body proves stays behind: the new value may be computed where the body does not run.
   */
  adopt(newValue: Value, oldValue: Value): void {
    const { symbols } = this.#walk;
    const found = this.get(newValue);
    const known = this.get(oldValue);
    const old = newValue.graph === oldValue.graph ? known : provenBy(known, found);
    const refined = refineFact(old, found, (dim) => symbols.isMinted(dim));
    this.#scope.facts.set(newValue, refined);
    if (this.isAssumed(oldValue)) this.#scope.assumed.add(newValue);
  }

  /** Why both facts cannot be true of one value: element type, rank, a dimension or an element. undefined when nothing shows it. */
  contradicts(a: Fact, b: Fact): string | undefined {
    return contradictionOf(a, b);
  }

  /** The symbol that stands for an unknown dimension of a value. */
  symbolOf(value: Value, axis: number): Dim {
    return this.#walk.symbols.dim(value, axis, MAIN_FRAME);
  }

  #inferAgain(node: Node, changed: Value[]): void {
    const frame = (node.graph === undefined ? undefined : this.#frames.get(node.graph.root)) ?? MAIN_FRAME;
    const scope = new Scope(frame, this.#scope);
    this.#walk.begin();
    const facts = this.#walk.inferNode(node, scope);
    node.outputs.forEach((value, index) => {
      if (value !== undefined) scope.facts.set(value, facts[index] ?? UNKNOWN_FACT);
    });
    for (const [value, fact] of scope.facts) if (this.refine(value, fact)) changed.push(value);
    for (const value of scope.assumed) this.#scope.assumed.add(value);
  }

  #inputFact(value: Value, params: DimParams): Fact {
    const declared = contractOf(value.type, params, (axis) => this.#walk.symbols.dim(value, axis, MAIN_FRAME));
    return value.constant === undefined ? this.#walk.withElements(value, declared, MAIN_FRAME) : initializerFact(value);
  }

  /** The bodies of functions, by what their calls have in common. */
  #inferFunctions(): void {
    this.#walk.calls.close();
    for (const definition of this.#model.functions) {
      const { inputs, attributes, omitted } = this.#walk.calls.commonCall(definition);
      const frame: Frame = { ...MAIN_FRAME, attributes, omitted };
      const scope = new Scope(frame);
      definition.body.inputs.forEach((value, index) => scope.facts.set(value, inputs[index] ?? UNKNOWN_FACT));
      this.#walk.inferGraph(definition.body, scope);
      this.#frames.set(definition.body, frame);
      for (const [value, fact] of scope.facts) this.#scope.facts.set(value, fact);
      for (const value of scope.assumed) this.#scope.assumed.add(value);
      this.#scope.contradictions.push(...scope.contradictions);
    }
  }

  #neverRuns(graph: Graph): boolean {
    for (let current: Graph | undefined = graph; current !== undefined; current = current.parent)
      if (!this.#walk.isStrict && this.#walk.unreachable.has(current)) return true;
    return false;
  }

  #declarationConflicts(params: DimParams): Contradiction[] {
    const conflicts: Contradiction[] = [];
    const check = (graph: Graph, node: Node | undefined, value: Value | undefined): void => {
      if (value?.type === undefined) return;
      const message = declarationConflict(value.type, this.get(value), params);
      if (message !== undefined)
        conflicts.push({
          graph: graph.path,
          node: node?.label,
          value: value.name,
          message: `'${value.name}' is ${message}`,
          declared: value,
        });
    };
    for (const graph of graphsOfModel(this.#model)) {
      if (this.#neverRuns(graph)) continue;
      for (const value of graph.initializers) check(graph, undefined, value);
      for (const node of graph.nodes) for (const value of node.outputs) check(graph, node, value);
    }
    return conflicts;
  }
}

/** Each contradiction once: rounds of loops and calls of functions may meet one several times. */
function distinct(contradictions: readonly Contradiction[]): Contradiction[] {
  return [...new Map(contradictions.map((entry) => [JSON.stringify(entry), entry])).values()];
}

import { ModelError } from '../base/errors.ts';
import { INT64_MAX } from '../base/int64.ts';
import type { Attribute } from '../ir/attribute.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Graph } from '../ir/graph.ts';
import type { FunctionDefinition, Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { AttributeReader } from '../opset/attributes.ts';
import { findSchema, type Schema } from '../opset/schema.ts';
import { ContradictionFound } from './contradiction.ts';
import { hintOf } from './declared.ts';
import { Dim } from './dim.ts';
import { type Fact, MAXIMUM_KNOWN_ELEMENTS, MAXIMUM_KNOWN_ITEMS, UNKNOWN_FACT } from './fact.ts';
import { carriesFractions } from './fraction.ts';
import { FunctionCalls } from './function-calls.ts';
import { LoopRounds } from './loop-rounds.ts';
import { initializerFact } from './initializer-fact.ts';
import type { Law, OutputFact } from './law.ts';
import { NodeContext, type Surroundings } from './node-context.ts';
import { inExecutionOrder, liveNodes, subgraphsOf } from './node-order.ts';
import { laws } from './ops/index.ts';
import { countOf, fits, schemaType } from './output-type.ts';
import { outputConflict, referenceConflicts, schemaConflicts } from './strict.ts';
import { type Frame, Scope } from './scope.ts';
import type { SymbolRanges } from './symbol-ranges.ts';
import { SymbolTable } from './symbol-table.ts';
import { knownElements } from './tensor-elements.ts';

const lawsByOperator: ReadonlyMap<string, Law> = new Map(
  laws.flatMap((law) => law.operators.map((operator) => [operator, law] as const)),
);

/**
 * Elements of an int64 or int32 vector that is known at run time only get symbols of their own up to this length:
 * enough for any shape, so that what is computed from one element is still known to be computed from it.
 */
const MAXIMUM_UNKNOWN_ELEMENTS = 8;

/**
 * Calls of calls deeper than this, and more nodes than this in all calls, are not followed: the results are unknown then. A
 * few functions that call each other twice make 2^60 calls; 50,000 nodes take a quarter of a second, and exports whose
 * layers are functions stay far below.
 */
const MAXIMUM_CALL_DEPTH = 100;
const MAXIMUM_CALLED_NODES = 50_000;

/**
 * Loops walk their bodies until nothing changes, and so do the loops in them. Each node of a body may be walked again so often,
 * and so many may be in all, whatever there is: more than any model in order needs.
 */
const WALKS_OF_NODE = 30;
const WALKS_BEYOND = 30_000;

/** Derives facts of nodes from facts of their inputs, in whatever scope it is told to. */
export class Walk implements Surroundings {
  readonly symbols = new SymbolTable();
  readonly assumedPositive: SymbolRanges;
  readonly isStrict: boolean;
  readonly calls = new FunctionCalls();
  /** Bodies that never run: branches of a constant condition. */
  readonly unreachable = new Set<Graph>();
  readonly #model: Model;
  #calledNodes = 0;
  readonly #operators = new Map<number | undefined, Map<string, Operator>>();
  #live: ReadonlySet<Node> | undefined;
  readonly rounds = new LoopRounds();
  /** How many nodes of bodies may be walked again, since `begin`. */
  #walksLeft = WALKS_BEYOND;
  readonly #walkedBodies = new Set<Graph>();
  /** Facts that `inferBody` found last for each body of the node at hand. */
  #bodies = new Map<Graph, Scope>();

  constructor(model: Model, assumedPositive: SymbolRanges, isStrict: boolean) {
    this.#model = model;
    this.assumedPositive = assumedPositive;
    this.isStrict = isStrict;
  }

  /** Begins anew to count what is walked again and again. */
  begin(): void {
    this.#walksLeft = WALKS_BEYOND;
    this.#walkedBodies.clear();
  }

  /** Infers all nodes of a graph. The facts of its inputs are in the scope. */
  inferGraph(graph: Graph, scope: Scope): void {
    for (const value of graph.initializers) if (!scope.facts.has(value)) scope.facts.set(value, initializerFact(value));
    for (const node of inExecutionOrder(graph)) {
      const facts = this.inferNode(node, scope);
      node.outputs.forEach((value, index) => {
        if (value !== undefined) scope.facts.set(value, facts[index] ?? UNKNOWN_FACT);
      });
    }
  }

  /** The facts of a node's outputs; those of values in its bodies are left in the scope. */
  inferNode(node: Node, scope: Scope): readonly Fact[] {
    const outer = this.#bodies;
    this.#bodies = new Map();
    const definition = this.calls.find(this.#model, node);
    const inference = definition === undefined ? this.#applyLaw(node, scope) : this.#call(node, definition, scope);
    for (const body of this.#bodies.values()) commit(body, scope);
    this.#bodies = outer;
    const isAssumed = inference.isAssumed || node.inputs.some((value) => value !== undefined && scope.isAssumed(value));
    return node.outputs.map((value, index) => {
      if (value === undefined) return UNKNOWN_FACT;
      const { fact, isAssumed: isFactAssumed } = this.#complete(
        value,
        inference.outputs[index] ?? {},
        index,
        inference,
        scope,
      );
      if (isAssumed || isFactAssumed) scope.assumed.add(value);
      const conflict = this.isStrict ? outputConflict(inference.schema, index, fact) : undefined;
      if (conflict !== undefined) this.#contradict(scope, node, conflict);
      return fact;
    });
  }

  inferBody(
    body: Graph,
    inputs: readonly (Fact | undefined)[],
    outer: Scope,
    neverRuns = false,
  ): { readonly outputs: readonly Fact[]; readonly isAssumed: boolean } {
    const scope = new Scope(outer.frame, outer);
    body.inputs.forEach((value, index) => {
      const hint = this.hint(value, scope.frame);
      const fact = inputs[index];
      const known = fact === undefined ? hint : { ...fact, dataType: fact.dataType ?? hint.dataType };
      scope.facts.set(value, this.withElements(value, known, scope.frame));
    });
    if (this.#mayWalk(body)) this.inferGraph(body, scope);
    if (neverRuns) {
      if (!this.isStrict) scope.contradictions.length = 0;
      this.unreachable.add(body);
    } else this.unreachable.delete(body);
    this.#bodies.set(body, scope);
    return {
      outputs: body.outputs.map((value) => scope.get(value)),
      isAssumed: body.outputs.some((value) => scope.isAssumed(value)),
    };
  }

  /** False when bodies within bodies were walked so often that what is in this one stays unknown. */
  #mayWalk(body: Graph): boolean {
    if (!this.#walkedBodies.has(body)) {
      this.#walkedBodies.add(body);
      this.#walksLeft += WALKS_OF_NODE * body.nodeCount;
      return true;
    }
    this.#walksLeft -= body.nodeCount;
    return this.#walksLeft >= 0;
  }

  hint(value: Value, frame: Frame): Fact {
    return hintOf(value.type, (axis) => this.symbols.dim(value, axis, frame));
  }

  /** The fact with symbols for the elements of a small integer vector that is known at run time only. */
  withElements(value: Value, fact: Fact, frame: Frame): Fact {
    if (fact.elements !== undefined || fact.otherType !== undefined) return fact;
    const elements = this.#elements(value, undefined, fact.dataType, fact.shape, frame);
    return elements === undefined ? fact : { ...fact, elements };
  }

  #applyLaw(node: Node, scope: Scope): Inference {
    const opset = node.graph?.opsetVersion(node.domain) ?? (node.domain === '' ? 1 : undefined);
    const attributes = resolvedAttributes(node, scope.frame);
    const { law, schema } = this.#operatorOf(node, opset);
    const unknown: Inference = { node, schema, outputs: [], isAssumed: false };
    if (attributes === undefined) {
      if (this.isStrict)
        for (const conflict of referenceConflicts(node, scope.frame)) this.#contradict(scope, node, conflict);
      for (const body of subgraphsOf(node)) this.inferBody(body, [], scope);
      return unknown;
    }
    const context = new NodeContext(node, opset ?? 0, new AttributeReader(attributes, schema), scope, this);
    try {
      if (this.isStrict)
        for (const conflict of schemaConflicts(context, schema)) this.#contradict(scope, node, conflict);
      if (opset !== undefined) law?.infer(context);
      // A body that no law has walked is walked by what it declares.
      for (const body of subgraphsOf(node)) if (!this.#bodies.has(body)) this.inferBody(body, [], scope);
    } catch (error) {
      if (!(error instanceof ContradictionFound) && !(error instanceof ModelError)) throw error;
      // What a law tried in the bodies before it gave up need not hold.
      this.#bodies.clear();
      for (const body of subgraphsOf(node)) this.inferBody(body, [], scope);
      this.#contradict(scope, node, error.message);
      return unknown;
    }
    return { node, schema, outputs: context.outputs, isAssumed: context.isAssumed };
  }

  #contradict(scope: Scope, node: Node, message: string): void {
    const value = node.outputs.find((output) => output !== undefined)?.name;
    scope.contradictions.push({ graph: node.graph?.path ?? [], node: node.label, value, message });
  }

  #operatorOf(node: Node, opset: number | undefined): Operator {
    let operators = this.#operators.get(opset);
    if (operators === undefined) this.#operators.set(opset, (operators = new Map()));
    let operator = operators.get(node.operator);
    if (operator === undefined) {
      const schema = opset === undefined ? undefined : findSchema(node.domain, node.opType, opset);
      operator = { law: lawsByOperator.get(node.operator), schema };
      operators.set(node.operator, operator);
    }
    return operator;
  }

  /** The body of a function as the call at hand sees it. */
  #call(node: Node, definition: FunctionDefinition, outer: Scope): Inference {
    const unknown: Inference = { node, schema: undefined, outputs: [], isAssumed: false };
    const attributes = resolvedAttributes(node, outer.frame);
    const { body } = definition;
    this.#calledNodes += body.nodeCount;
    const isRecursive = framesOf(outer.frame).some(({ call }) => call?.definition === definition);
    if (isRecursive) this.#contradict(outer, node, `the function ${definition.name} calls itself`);
    else if (node.inputs.length > body.inputs.length)
      this.#contradict(outer, node, `${node.inputs.length} inputs for a function of ${body.inputs.length}`);
    else if (node.outputs.length > body.outputs.length || (this.isStrict && node.outputs.length < body.outputs.length))
      this.#contradict(outer, node, `${node.outputs.length} outputs of a function with ${body.outputs.length}`);
    if (
      isRecursive ||
      attributes === undefined ||
      outer.frame.depth >= MAXIMUM_CALL_DEPTH ||
      this.#calledNodes > MAXIMUM_CALLED_NODES
    ) {
      this.calls.noteUnknown(definition);
      return unknown;
    }
    const frame: Frame = {
      prefix: this.symbols.callPrefix(
        node.outputs.find((value) => value !== undefined),
        outer.frame,
      ),
      attributes: this.calls.bindingsOf(definition, attributes),
      omitted: new Set(
        body.inputs.filter((_, index) => {
          const value = node.inputs[index];
          return value === undefined || outer.frame.omitted.has(value);
        }),
      ),
      call: { node, definition, frame: outer.frame },
      depth: outer.frame.depth + 1,
    };
    const scope = new Scope(frame);
    body.inputs.forEach((value, index) => {
      const argument = node.inputs[index];
      scope.facts.set(value, argument === undefined ? UNKNOWN_FACT : outer.get(argument));
    });
    this.calls.note(
      definition,
      frame,
      body.inputs.map((value) => scope.get(value)),
      this.symbols,
    );
    this.inferGraph(body, scope);
    outer.contradictions.push(...scope.contradictions);
    return {
      node,
      schema: undefined,
      outputs: body.outputs.map((value) => scope.get(value)),
      isAssumed: body.outputs.some((value) => scope.isAssumed(value)),
    };
  }

  /** A law's answer with what the schema, the declaration and the assumption add. */
  #complete(
    value: Value,
    found: OutputFact,
    index: number,
    { node, schema }: Inference,
    scope: Scope,
  ): { readonly fact: Fact; readonly isAssumed: boolean } {
    const { frame } = scope;
    let isAssumed = false;
    const settle = (dim: Dim): Dim => {
      if (dim.constant !== undefined) return dim;
      const proven = this.assumedPositive.proven(dim);
      if (this.assumedPositive.size === 0) return proven;
      const settled = proven.assuming(this.assumedPositive);
      if (settled !== proven && settled.key !== proven.key) isAssumed = true;
      return settled;
    };
    const hint =
      found.otherType === undefined && (found.dataType ?? found.shape ?? found.constant) === undefined
        ? this.hint(value, frame)
        : undefined;
    const { otherType = hint?.otherType, constant } = found;
    if (otherType !== undefined) return { fact: { ...UNKNOWN_FACT, otherType, items: itemsOf(found) }, isAssumed };
    const dataType =
      found.dataType ??
      constant?.dataType ??
      schemaType(schema, node, index, scope) ??
      this.hint(value, frame).dataType;
    const declared = found.shape ?? constant?.dims.map((dim) => Dim.of(dim)) ?? this.hint(value, frame).shape;
    const shape = declared?.map(settle);
    const negative = shape?.findIndex(impossible) ?? -1;
    if (shape !== undefined && negative >= 0) {
      scope.contradictions.push({
        graph: node.graph?.path ?? [],
        node: node.label,
        value: value.name,
        message: `dimension ${negative} of '${value.name}' would be ${shape[negative]?.toString() ?? ''}`,
      });
      return { fact: { ...UNKNOWN_FACT, dataType }, isAssumed };
    }
    for (const dim of shape ?? [])
      if ((dim.constantTerm < 0n || dim.hasWhole) && this.#isAlwaysComputed(value)) this.assumedPositive.noteSize(dim);
    const given = found.elements ?? (constant === undefined ? undefined : knownElements(constant));
    const elements = this.#elements(value, given?.map(settle), dataType, shape, frame);
    const fractions =
      found.fractions?.length === countOf(shape) && carriesFractions(dataType) ? found.fractions : undefined;
    return { fact: { dataType, shape, elements, constant, otherType: undefined, fractions }, isAssumed };
  }

  /** True in the main graph for what its outputs need: no run succeeds without it. */
  #isAlwaysComputed(value: Value): boolean {
    const { producer } = value;
    if (producer?.graph !== this.#model.graph) return false;
    this.#live ??= liveNodes(this.#model.graph);
    return this.#live.has(producer);
  }

  #elements(
    value: Value,
    found: readonly Dim[] | undefined,
    dataType: DataType | undefined,
    shape: readonly Dim[] | undefined,
    frame: Frame,
  ): readonly Dim[] | undefined {
    const count = countOf(shape);
    if (dataType === undefined || shape === undefined || count === undefined || count > MAXIMUM_KNOWN_ELEMENTS)
      return undefined;
    if (found?.length === count && fits(found, dataType)) return found;
    const isVector = shape.length <= 1 && (dataType === 'int64' || dataType === 'int32');
    if (!isVector || count > MAXIMUM_UNKNOWN_ELEMENTS) return undefined;
    return Array.from({ length: count }, (_, at) => this.symbols.element(value, at, frame));
  }
}

function itemsOf({ items }: OutputFact): readonly Fact[] | undefined {
  return items !== undefined && items.length <= MAXIMUM_KNOWN_ITEMS ? items : undefined;
}

/** Below zero, or beyond what int64 counts, whatever the symbols are. */
function impossible(dim: Dim): boolean {
  const { constant, constantTerm } = dim;
  if (constant !== undefined) return constant < 0n || constant > INT64_MAX;
  return constantTerm > INT64_MAX && dim.isAtLeast(INT64_MAX + 1n);
}

/** The frame and those of the calls it is within. */
function framesOf(frame: Frame): Frame[] {
  const frames: Frame[] = [];
  for (let current: Frame | undefined = frame; current !== undefined; current = current.call?.frame)
    frames.push(current);
  return frames;
}

interface Operator {
  readonly law: Law | undefined;
  readonly schema: Schema | undefined;
}

interface Inference {
  readonly node: Node;
  readonly schema: Schema | undefined;
  readonly outputs: readonly (OutputFact | undefined)[];
  readonly isAssumed: boolean;
}

/** Puts what was found in an inner scope into the one around it. */
function commit(inner: Scope, outer: Scope): void {
  for (const [value, fact] of inner.facts) outer.facts.set(value, fact);
  for (const value of inner.assumed) outer.assumed.add(value);
  outer.contradictions.push(...inner.contradictions);
}

/** The attributes with references to the function's attributes resolved; undefined when one is not known. */
function resolvedAttributes(node: Node, frame: Frame): ReadonlyMap<string, Attribute> | undefined {
  if (node.attributes.size === 0 || !node.hasReferences) return node.attributes;
  const resolved = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind !== 'reference') {
      resolved.set(name, attribute);
      continue;
    }
    if (!frame.attributes.has(attribute.refersTo)) return undefined;
    const bound = frame.attributes.get(attribute.refersTo);
    if (bound !== undefined) resolved.set(name, { ...bound, name });
  }
  return resolved;
}

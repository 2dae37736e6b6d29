/**
 * What TensorRT's parser sees of a model. Its notion of a constant is not the standard's: a value is weights only when an
 * initializer or a Constant node gives it; whatever a node computes is a tensor of the network, even out of two constants
 * (the parser folds nothing but its own shape arithmetic). Rules ask this view, never inference, what is constant.
 */
import type { Fact, Facts } from '../infer/fact.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Graph } from '../ir/graph.ts';
import type { FunctionDefinition, Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { type ParserType, parserTypeOf } from './parser-type.ts';
import { storedWeights } from './stored-weights.ts';
import { floatsOf, integersOf } from './tensor-elements.ts';
import type { Version } from './version.ts';

/** Extent of a dimension, or -1 where it is known at run time only. */
export type ParserDim = number;

/** One value as the parser holds it: weights, or a tensor of the network. What costs to know is worked out when asked for. */
export class ParserValue {
  readonly value: Value;
  /** The stored tensor when the parser holds weights: an initializer, or the output of a Constant node. */
  readonly weights: Tensor | undefined;
  /** Element type by the standard; undefined when not known. */
  readonly dataType: DataType | undefined;
  /** TensorRT's type for it; undefined when the release has none, or the type is not known. */
  readonly type: ParserType | undefined;
  readonly #fact: Fact;
  #dims: readonly ParserDim[] | undefined;
  #knownElements: readonly bigint[] | undefined | null = null;
  #isConstant: boolean | undefined;

  constructor(
    value: Value,
    weights: Tensor | undefined,
    facts: Facts,
    typeOf: (dataType: DataType) => ParserType | undefined,
  ) {
    const declared = value.type;
    this.value = value;
    this.weights = weights;
    this.#fact = facts.get(value);
    this.dataType =
      weights?.dataType ?? this.#fact.dataType ?? (declared?.kind === 'tensor' ? declared.dataType : undefined);
    this.type = this.dataType === undefined ? undefined : typeOf(this.dataType);
  }

  /** True for a sequence, an optional, a map or a sparse tensor. */
  get isNoTensor(): boolean {
    const declared = this.value.type;
    return this.#fact.otherType !== undefined || (declared !== undefined && declared.kind !== 'tensor');
  }

  /** undefined is unknown rank. */
  get dims(): readonly ParserDim[] | undefined {
    this.#dims ??=
      this.weights?.dims ?? this.#fact.shape?.map((dim) => (dim.constant === undefined ? -1 : Number(dim.constant)));
    return this.#dims;
  }

  get name(): string {
    return this.value.name;
  }

  get isWeights(): boolean {
    return this.weights !== undefined;
  }

  get rank(): number | undefined {
    return this.weights?.dims.length ?? this.#fact.shape?.length;
  }

  /** Number of elements when every extent is known. */
  get elementCount(): number | undefined {
    return this.dims?.every((dim) => dim >= 0) === true
      ? this.dims.reduce((product, dim) => product * dim, 1)
      : undefined;
  }

  /** The elements of resident integer or bool weights. */
  get integers(): readonly bigint[] | undefined {
    return this.weights === undefined ? undefined : integersOf(this.weights);
  }

  /** The elements of resident float weights, as doubles. */
  get floats(): readonly number[] | undefined {
    return this.weights === undefined ? undefined : floatsOf(this.weights);
  }

  /** The integers it always holds, by inference: more than the parser knows, unless the value is weights. */
  get knownIntegers(): readonly bigint[] | undefined {
    if (this.weights !== undefined) return this.integers;
    if (this.#knownElements === null) {
      const elements = this.#fact.elements?.map((element) => element.constant);
      this.#knownElements = elements?.every((element) => element !== undefined) === true ? elements : undefined;
    }
    return this.#knownElements;
  }

  /** True when inference knows its value, whether the parser holds it as weights or not. */
  get isConstant(): boolean {
    return (this.#isConstant ??=
      this.isWeights ||
      this.#fact.constant !== undefined ||
      this.knownIntegers !== undefined ||
      isComputedFromConstants(this.value));
  }

  /** How messages call its origin: `an initializer`, `a graph input`, `Concat (node Concat_3)`. */
  get origin(): string {
    const { producer, isInput } = this.value;
    if (producer !== undefined) return `${producer.operator} (node ${producer.label})`;
    return isInput && this.weights === undefined ? 'a graph input' : 'an initializer';
  }
}

export class ParserView {
  readonly model: Model;
  readonly version: Version;
  readonly #facts: Facts;
  readonly #values = new Map<Value, ParserValue>();
  /** Another release's view of the same model: most values look the same there. */
  readonly #other: ParserView | undefined;
  readonly #types = new Map<DataType, ParserType | undefined>();
  readonly #weights: Map<Value, Tensor | undefined>;
  readonly #importedTypes = new Map<Value, ParserType | undefined>();
  readonly #resolvedWeights = new Map<Value, Tensor | undefined>();
  readonly #arguments: FunctionArguments;

  constructor(
    model: Model,
    facts: Facts,
    target: Version,
    functionArguments = collectArguments(model),
    other?: ParserView,
  ) {
    this.model = model;
    this.version = target;
    this.#facts = facts;
    this.#arguments = functionArguments;
    this.#other = other;
    this.#weights = other === undefined ? new Map<Value, Tensor | undefined>() : other.#weights;
  }

  value(value: Value): ParserValue {
    let seen = this.#values.get(value);
    if (seen === undefined) {
      seen = this.#other?.value(value);
      if (seen === undefined || (seen.dataType !== undefined && seen.type !== this.#typeOf(seen.dataType)))
        seen = new ParserValue(value, this.#weightsOf(value), this.#facts, (dataType) => this.#typeOf(dataType));
      this.#values.set(value, seen);
    }
    return seen;
  }

  #typeOf(dataType: DataType): ParserType | undefined {
    let type = this.#types.get(dataType);
    if (type === undefined && !this.#types.has(dataType)) {
      type = parserTypeOf(dataType, this.version);
      this.#types.set(dataType, type);
    }
    return type;
  }

  /** Input `index` of a node; undefined when it is not there. */
  input(node: Node, index: number): ParserValue | undefined {
    const value = node.inputs[index];
    return value === undefined ? undefined : this.value(value);
  }

  /**
   * The type a value has in the network. UINT8 weights become INT32 (ShapedWeights of 10.10; observed with 10.16 to 11.4),
   * and what QuantizeLinear makes of a UINT8 zero point is INT8.
   */
  importedType(value: Value): ParserType | undefined {
    const { type: own } = this.value(value);
    if (own !== 'UINT8') return own;
    return along(this.#importedTypes, value, (current) => {
      const { type, isWeights } = this.value(current);
      if (isWeights) return { result: 'INT32' };
      const { producer } = current;
      if (producer === undefined) return { result: type };
      if (typeMakers.has(producer.opType)) return { result: producer.opType === 'QuantizeLinear' ? 'INT8' : type };
      // Whatever computes in uint8 hands on the type of its first operand.
      const operand = producer.inputs[0];
      return operand !== undefined && this.value(operand).type === 'UINT8' ? { next: operand } : { result: type };
    });
  }

  /** The weights a value has, looked for through Identity and Cast: what resolveWeights does from 11.0 on, and quantization before. */
  resolveWeights(value: Value): Tensor | undefined {
    return along(this.#resolvedWeights, value, (current) => {
      const weights = this.#weightsOf(current);
      if (weights !== undefined) return { result: weights };
      const { producer } = current;
      const isPassed = producer?.opType === 'Identity' || producer?.opType === 'Cast';
      const operand = isPassed ? producer.inputs[0] : undefined;
      return operand === undefined ? { result: undefined } : { next: operand };
    });
  }

  #weightsOf(value: Value): Tensor | undefined {
    // An input of a function body is what its calls hand in; calls may nest, but the parser stops at a depth of 24.
    let current = value;
    for (let depth = 0; depth <= 24; depth++) {
      if (this.#weights.has(current)) break;
      const own = storedWeights(current);
      const handedIn: readonly (Value | undefined)[] | undefined =
        own === undefined ? this.#arguments.get(current) : undefined;
      const first = handedIn?.[0];
      if (first === undefined) {
        this.#weights.set(current, own);
        break;
      }
      if (
        handedIn?.some((argument) => argument === undefined || storedWeights(argument) === undefined) === true &&
        handedIn.length > 1
      ) {
        this.#weights.set(current, undefined);
        break;
      }
      current = first;
    }
    const found = this.#weights.get(current);
    if (current !== value) this.#weights.set(value, found);
    return found;
  }
}

/**
 * Follows a chain of values to its end, and keeps what was found for all of it, so that the nodes of a long chain cost one step each.
 * A broken graph may lead round in a circle, of which nothing is known.
 */
function along<Result>(
  known: Map<Value, Result | undefined>,
  start: Value,
  step: (value: Value) => { readonly result: Result | undefined } | { readonly next: Value },
): Result | undefined {
  if (known.has(start)) return known.get(start);
  const first = step(start);
  if ('result' in first) {
    known.set(start, first.result);
    return first.result;
  }
  const path = new Set<Value>([start]);
  let result: Result | undefined;
  for (let current = first.next; !path.has(current);) {
    if (known.has(current)) {
      result = known.get(current);
      break;
    }
    path.add(current);
    const taken = step(current);
    if ('result' in taken) {
      ({ result } = taken);
      break;
    }
    current = taken.next;
  }
  for (const value of path) known.set(value, result);
  return result;
}

/** For each input of a function body: the values its calls hand in. */
export type FunctionArguments = ReadonlyMap<Value, readonly (Value | undefined)[]>;

export function collectArguments(model: Model): FunctionArguments {
  const found = new Map<Value, (Value | undefined)[]>();
  if (model.functions.length === 0) return found;
  const byName = new Map<string, FunctionDefinition>(
    model.functions.map((definition) => [definition.name, definition]),
  );
  for (const graph of callingGraphs(model))
    for (const node of graph.nodes) {
      const definition = byName.get(node.opType);
      if (definition === undefined) continue;
      definition.body.inputs.forEach((input, index) => {
        const handedIn = found.get(input);
        if (handedIn === undefined) found.set(input, [node.inputs[index]]);
        else handedIn.push(node.inputs[index]);
      });
    }
  return found;
}

function* callingGraphs(model: Model): IterableIterator<Graph> {
  const pending: Graph[] = [model.graph, ...model.functions.map(({ body }) => body)];
  for (let graph = pending.pop(); graph !== undefined; graph = pending.pop()) {
    yield graph;
    for (const node of graph.nodes) if (node.attributes.size > 0) pending.push(...node.subgraphs);
  }
}

/** Operators whose result has a type of its own. */
const typeMakers: ReadonlySet<string> = new Set([
  'Cast',
  'CastLike',
  'QuantizeLinear',
  'Constant',
  'If',
  'Loop',
  'Scan',
]);

const MAXIMUM_CONE = 256;

/** True when nothing but initializers and Constant nodes feeds the value, through at most MAXIMUM_CONE nodes. */
function isComputedFromConstants(value: Value): boolean {
  const pending: Value[] = [value];
  const seen = new Set<Node>();
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    if (current.initializer !== undefined) continue;
    const { producer } = current;
    if (producer === undefined || producer.subgraphs.length > 0) return false;
    if (seen.has(producer)) continue;
    seen.add(producer);
    if (seen.size > MAXIMUM_CONE || producer.opType.startsWith('Random')) return false;
    for (const input of producer.inputs) if (input !== undefined) pending.push(input);
  }
  return true;
}

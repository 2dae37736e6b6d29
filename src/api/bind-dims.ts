/** Dims of a model's inputs that the user freezes or bounds, written into the model. */
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { DimParams } from '../infer/declared.ts';
import { Dim } from '../infer/dim.ts';
import type { ProfileRange } from '../lint/extents.ts';
import type { Facts } from '../infer/fact.ts';
import { inferModel } from '../infer/infer-model.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Graph } from '../ir/graph.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';
import type { Dimension, ValueType } from '../ir/value-type.ts';
import { printType } from '../text/print-type.ts';

/** A size, or the least and the greatest one, both included, and the one to tune an engine for. */
export type BoundSize = number | readonly [low: number, high: number, usual?: number];

export interface ShapeBindings {
  /** By dim_param of the graph's inputs: `{ batch: 1, seq: [1, 512] }`. */
  readonly dims?: Readonly<Record<string, BoundSize>>;
  /** By input: a size for each axis, null where it stays as it is: `{ x: [1, 3, null, null] }`. */
  readonly inputShapes?: Readonly<Record<string, readonly (BoundSize | null)[]>>;
}

/** What is known of dims that stay dynamic, for inference, and what was written into the model. */
export interface BoundDims {
  readonly ranges: ReadonlyMap<string, ProfileRange>;
  readonly notes: readonly string[];
}

/** True when nothing is bound. */
function isUnbound({ dims = {}, inputShapes = {} }: ShapeBindings): boolean {
  return Object.keys(dims).length === 0 && Object.keys(inputShapes).length === 0;
}

/**
 * Writes frozen dims into the types of the model's inputs; what other declarations say in their terms is taken back, until
 * `refreshTypes` writes what follows. Errors: UsageError for a dim or an input that there is not, and for sizes that contradict.
 */
export function bindDims(model: Model, { dims = {}, inputShapes = {} }: ShapeBindings): BoundDims {
  const binder = new Binder(model.graph);
  for (const [name, size] of Object.entries(dims)) binder.bindDim(name, rangeOf(size, `dim '${name}'`));
  for (const [name, sizes] of Object.entries(inputShapes)) binder.bindInput(name, sizes);
  const notes = binder.write(model);
  return { ranges: binder.ranges, notes };
}

/** A copy of the model with its inputs bound, and the types that follow; the model itself when nothing is bound. */
export function boundCopy(
  model: Model,
  bindings: ShapeBindings = {},
): { readonly model: Model; readonly ranges: ReadonlyMap<string, ProfileRange> } {
  if (isUnbound(bindings)) return { model, ranges: new Map() };
  const copy = cloneModel(model);
  const { ranges } = bindDims(copy, bindings);
  refreshTypes(copy, inferModel(copy, { ranges }));
  return { model: copy, ranges };
}

/** Writes dims that inference knows into declarations that leave them open. */
export function refreshTypes(model: Model, facts: Facts): void {
  const names = new DimParams(model.graph.inputs).names;
  for (const value of valuesOf(model)) {
    const { shape } = facts.get(value);
    if (value.type?.kind !== 'tensor' || value.type.shape?.length !== shape?.length) continue;
    changeShape(value, (dimension, axis) => {
      const dim = shape?.[axis];
      if (typeof dimension === 'number' || dim === undefined) return dimension;
      if (dim.constant !== undefined) return Number(dim.constant);
      return [...dim.symbols()].every((name) => names.has(name)) ? dim.toString() : dimension;
    });
  }
}

/** How much of the main graph is static, and in which dims the rest is not. */
export function staticNote(model: Model, facts: Facts): string {
  let all = 0;
  let known = 0;
  for (const node of model.graph.nodes)
    for (const value of node.outputs) {
      if (value === undefined) continue;
      all++;
      if (facts.get(value).shape?.every(({ constant }) => constant !== undefined) === true) known++;
    }
  const left = [...new DimParams(model.graph.inputs).names].sort();
  const rest = left.length === 0 ? '' : `; dynamic dims left: ${left.join(', ')}`;
  return known === all ? `all values are static (${all})${rest}` : `${known} of ${all} values are static${rest}`;
}

interface Bound extends ProfileRange {
  readonly low: bigint;
  readonly high: bigint;
  /** Who said so, for contradictions. */
  readonly source: string;
}

class Binder {
  readonly #inputs: readonly Value[];
  readonly #params: DimParams;
  /** Symbols in the dims of inputs. */
  readonly #symbols = new Set<string>();
  readonly #bounds = new Map<string, Bound>();
  /** Sizes of axes that no dim_param names. */
  readonly #axes = new Map<Value, Map<number, Bound>>();

  constructor(graph: Graph) {
    // From IR 4 on an input with an initializer is a default, whose shape is that of the initializer.
    this.#inputs = graph.inputs.filter(({ initializer }) => initializer === undefined);
    this.#params = new DimParams(graph.inputs);
    for (const name of this.#params.names)
      for (const symbol of this.#params.dimOf(name)?.symbols() ?? []) this.#symbols.add(symbol);
  }

  get ranges(): ReadonlyMap<string, ProfileRange> {
    const dynamic = new Map<string, ProfileRange>([...this.#bounds].filter(([, { low, high }]) => low !== high));
    for (const [value, axes] of this.#axes)
      for (const [axis, bound] of axes) if (bound.low !== bound.high) dynamic.set(`${value.name}[${axis}]`, bound);
    return dynamic;
  }

  bindDim(name: string, bound: Bound): void {
    if (!this.#symbols.has(name))
      throw new UsageError(`no input has a dim '${name}'`, nearest(name, this.#symbols, 'its dims are'));
    const known = this.#bounds.get(name);
    if (known === undefined) {
      this.#bounds.set(name, bound);
      return;
    }
    const low = known.low > bound.low ? known.low : bound.low;
    const high = known.high < bound.high ? known.high : bound.high;
    if (low > high)
      throw new UsageError(
        `${bound.source} is ${rangeText(bound)}, but ${known.source} is ${rangeText(known)}, and both are '${name}'`,
      );
    const usual = bound.usual ?? known.usual;
    const isWithin = usual !== undefined && usual >= low && usual <= high;
    this.#bounds.set(name, { low, high, source: bound.source, ...(isWithin && { usual }) });
  }

  bindInput(name: string, sizes: readonly (BoundSize | null)[]): void {
    const value = this.#inputs.find((input) => input.name === name);
    const names = this.#inputs.map((input) => input.name);
    if (value === undefined)
      throw new UsageError(`no input is named '${name}'`, nearest(name, names, 'its inputs are'));
    const type = value.type ?? { kind: 'tensor', dataType: undefined, shape: undefined };
    if (type.kind !== 'tensor') throw new UsageError(`input '${name}' is a ${type.kind}, which has no shape`);
    const shape = type.shape ?? sizes.map(() => undefined);
    if (shape.length !== sizes.length)
      throw new UsageError(`input '${name}' has rank ${shape.length}, but its given shape has ${sizes.length} sizes`);
    if (type.shape === undefined) value.type = { ...type, shape };
    for (const [axis, size] of sizes.entries()) {
      if (size === null) continue;
      this.#bindAxis(value, axis, shape[axis], rangeOf(size, `dimension ${axis} of '${name}'`));
    }
  }

  #bindAxis(value: Value, axis: number, declared: Dimension, bound: Bound): void {
    const dim = typeof declared === 'string' ? this.#params.dimOf(declared) : undefined;
    if (dim === undefined) {
      const number = declared === undefined || typeof declared === 'string' ? undefined : BigInt(declared);
      if (number !== undefined && (number < bound.low || number > bound.high))
        throw new UsageError(`${bound.source} is ${number} in the model, not ${rangeText(bound)}`);
      if (number !== undefined) return;
      const axes = this.#axes.get(value) ?? new Map<number, Bound>();
      this.#axes.set(value, axes.set(axis, bound));
      return;
    }
    const [term, ...others] = dim.terms;
    const [factor, ...factors] = term?.factors ?? [];
    if (term === undefined || others.length + factors.length > 0 || factor?.kind !== 'symbol')
      throw new UsageError(`${bound.source} is ${dim.toString()}`, 'bind its parts with --dim');
    // c * s + k lies between the bounds.
    const { coefficient } = term;
    const [low, high] = [bound.low - dim.constantTerm, bound.high - dim.constantTerm];
    const isExact = coefficient > 0n && low % coefficient === 0n && high % coefficient === 0n;
    if (!isExact) throw new UsageError(`${bound.source} is ${dim.toString()}, which cannot be ${rangeText(bound)}`);
    const usual = bound.usual === undefined ? undefined : (bound.usual - dim.constantTerm) / coefficient;
    this.bindDim(factor.name, {
      low: low / coefficient,
      high: high / coefficient,
      source: bound.source,
      ...(usual !== undefined && { usual }),
    });
  }

  /** Answers a note for each input that changed. */
  write(model: Model): string[] {
    const values = new Map<string, Dim>();
    for (const [name, { low, high }] of this.#bounds) if (low === high) values.set(name, Dim.of(low));
    const inputs = new Set(model.graph.inputs);
    const before = new Map(this.#inputs.map((value) => [value, textOf(value.type)]));
    const frozen = (dimension: Dimension): Dim | undefined => {
      const dim = typeof dimension === 'string' ? this.#params.dimOf(dimension) : undefined;
      return dim !== undefined && [...dim.symbols()].some((name) => values.has(name))
        ? dim.substitute(values)
        : undefined;
    };
    for (const value of valuesOf(model))
      changeShape(value, (dimension, axis) => {
        const own = this.#axes.get(value)?.get(axis);
        if (own !== undefined && own.low === own.high) return Number(own.low);
        const dim = frozen(dimension);
        if (dim === undefined) return dimension;
        // What is not an input has the size that follows from the inputs, whatever was declared.
        if (!inputs.has(value)) return undefined;
        return dim.constant === undefined ? dim.toString() : Number(dim.constant);
      });
    const notes = this.#inputs.filter((value) => textOf(value.type) !== before.get(value));
    return notes.map((value) => `input ${value.name} is ${textOf(value.type)}`);
  }
}

function* valuesOf(model: Model): IterableIterator<Value> {
  for (const graph of graphsOfModel(model)) {
    yield* graph.inputs;
    for (const node of graph.nodes) for (const value of node.outputs) if (value !== undefined) yield value;
  }
}

function changeShape(value: Value, change: (dimension: Dimension, axis: number) => Dimension): void {
  const { type } = value;
  if (type?.kind !== 'tensor' || type.shape === undefined) return;
  const shape = type.shape.map(change);
  if (shape.some((dimension, axis) => dimension !== type.shape?.[axis])) value.type = { ...type, shape };
}

function rangeOf(size: BoundSize, source: string): Bound {
  const [low, high, usual] = typeof size === 'number' ? [size, size] : size;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low < 0)
    throw new UsageError(`${source} must be whole numbers from 0 on, not ${low === high ? low : `${low}..${high}`}`);
  if (low > high) throw new UsageError(`${source} cannot be ${low}..${high}, which is empty`);
  if (usual !== undefined && (!Number.isSafeInteger(usual) || usual < low || usual > high))
    throw new UsageError(`${source} is usually ${usual}, which is not within ${low}..${high}`);
  return { low: BigInt(low), high: BigInt(high), source, ...(usual !== undefined && { usual: BigInt(usual) }) };
}

function rangeText({ low, high }: Bound): string {
  return low === high ? `${low}` : `${low}..${high}`;
}

function textOf(type: ValueType | undefined): string {
  return type === undefined ? '' : printType(type);
}

function nearest(name: string, candidates: Iterable<string>, otherwise: string): string {
  const best = suggest(name, candidates);
  if (best !== undefined) return `did you mean '${best}'?`;
  const all = [...candidates];
  return all.length === 0 ? 'its inputs have no dynamic dims' : `${otherwise} ${all.join(', ')}`;
}

/** Which sizes the dynamic dims of a model's inputs take, one run after the other. */
import { UsageError } from '../base/errors.ts';
import type { Dim } from '../infer/dim.ts';
import type { Range } from '../infer/dim-bounds.ts';
import type { Facts } from '../infer/fact.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/** Sizes by symbol: a dim_param, or `input[axis]` where a dim has no name. */
export type Binding = ReadonlyMap<string, bigint>;

export interface BindingOptions {
  /** Bounds that the user gave. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Symbols whose size is settled already. */
  readonly fixed: Binding;
  /** Dims may be 0. */
  readonly allowEmpty: boolean;
}

/** Sizes of dims that are no axes of images, so that no two of them are mistaken for each other. */
const SMALL_SIZES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n];
/** Sizes of the axes of images and signals: networks halve them, up to five times as a rule, and put the parts together again. */
const SPATIAL_SIZES = [64n, 96n];
/** What all axes but those of batches are tried at when a model takes few of the sizes above. */
const OTHER_SIZES = [2n, 8n, 16n, 32n, 128n, 224n, 512n];
const LARGEST_BATCH = 3n;

/** Axes of images and signals, first axes, and others. */
type SymbolKind = 'spatial' | 'batch' | 'other';

/**
 * Bindings in the order in which they are to be tried: all dims at their least, all different, at the sizes that the model was
 * exported with as far as it tells, at their greatest; then others, for models that refuse most of these. A model without dynamic
 * dims has one, which binds nothing.
 */
export function planBindings(inputs: readonly Value[], graph: Graph, facts: Facts, options: BindingOptions): Binding[] {
  const symbols = symbolsOf(inputs, facts, options.fixed);
  if (symbols.size === 0) return [options.fixed];
  const names = [...symbols.keys()];
  const least = options.allowEmpty ? 0n : 1n;
  const traced = tracedSizes(graph, facts);
  const different = differentSizes(symbols);
  const differentOf = (name: string): bigint => different.get(name) ?? 2n;
  const high = (name: string): bigint | undefined => options.ranges.get(name)?.high;

  const candidates: ((name: string) => bigint)[] = [() => least, differentOf];
  if (names.some((name) => traced.has(name))) candidates.push((name) => traced.get(name) ?? differentOf(name));
  if (names.some((name) => high(name) !== undefined)) candidates.push((name) => high(name) ?? differentOf(name));
  if (least === 0n) candidates.push(() => 1n);
  const onlyBatches = names.every((name) => symbols.get(name) === 'batch');
  for (const size of OTHER_SIZES)
    candidates.push((name) => {
      if (symbols.get(name) !== 'batch') return size;
      return !onlyBatches ? 1n : size > LARGEST_BATCH ? LARGEST_BATCH : size;
    });

  const bindings = new Map<string, Binding>();
  for (const sizeOf of candidates) {
    const binding = new Map(options.fixed);
    for (const name of names) binding.set(name, within(sizeOf(name), options.ranges.get(name), least));
    const key = names.map((name) => binding.get(name)).join();
    if (!bindings.has(key)) bindings.set(key, binding);
  }
  return [...bindings.values()];
}

function differentSizes(symbols: ReadonlyMap<string, SymbolKind>): ReadonlyMap<string, bigint> {
  const sizes = new Map<string, bigint>();
  const taken = { spatial: 0, others: 0 };
  for (const [name, kind] of symbols)
    sizes.set(
      name,
      kind === 'spatial'
        ? (SPATIAL_SIZES[taken.spatial++ % SPATIAL_SIZES.length] ?? 64n)
        : (SMALL_SIZES[taken.others++ % SMALL_SIZES.length] ?? 2n),
    );
  return sizes;
}

/** Without bindings that follow from others: `batch=1, seq=3`; '' where nothing is dynamic. */
export function bindingText(binding: Binding): string {
  return [...binding].map(([name, size]) => `${name}=${size}`).join(', ');
}

/**
 * The dims of an input under a binding. Undefined where one is not a size: below 0, or not to be computed.
 */
export function boundShape(shape: readonly Dim[], binding: Binding): number[] | undefined {
  const dims: number[] = [];
  for (const dim of shape) {
    const size = boundSize(dim, binding);
    if (size === undefined || size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
    dims.push(Number(size));
  }
  return dims;
}

/** The value of an expression under a binding; undefined when it has none, or speaks of other symbols. */
export function boundSize(dim: Dim, binding: Binding): bigint | undefined {
  try {
    return dim.evaluate(binding);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/**
 * Takes up that an input has these dims: of an expression of one symbol the symbol follows. Answers the axis that cannot be so,
 * because of what is fixed already; undefined when all can.
 */
export function fixSizes(
  shape: readonly Dim[],
  dims: readonly (number | undefined)[],
  fixed: Map<string, bigint>,
): number | undefined {
  for (const [axis, dim] of shape.entries()) {
    const size = dims[axis];
    if (size === undefined) continue;
    const [term, ...others] = dim.terms;
    const [factor, ...factors] = term?.factors ?? [];
    if (term !== undefined && others.length + factors.length === 0 && factor?.kind === 'symbol') {
      const rest = BigInt(size) - dim.constantTerm;
      if (rest % term.coefficient !== 0n) return axis;
      const value = rest / term.coefficient;
      if (value < 0n || (fixed.get(factor.name) ?? value) !== value) return axis;
      fixed.set(factor.name, value);
      continue;
    }
    const known = boundSize(dim, fixed);
    if (known !== undefined && known !== BigInt(size)) return axis;
  }
  return undefined;
}

/** Symbols in the shapes of inputs, but for those whose size is fixed. */
function symbolsOf(inputs: readonly Value[], facts: Facts, fixed: Binding): ReadonlyMap<string, SymbolKind> {
  const symbols = new Map<string, SymbolKind>();
  for (const input of inputs) {
    const { shape = [], dataType } = facts.get(input);
    const isImage = shape.length >= 4 && dataType !== 'int64' && dataType !== 'int32' && dataType !== 'bool';
    for (const [axis, dim] of shape.entries()) {
      const kind = isImage && axis >= 2 ? 'spatial' : axis === 0 && shape.length > 1 ? 'batch' : 'other';
      for (const name of dim.symbols()) {
        if (fixed.has(name)) continue;
        symbols.set(name, (symbols.get(name) ?? kind) === kind ? kind : 'other');
      }
    }
  }
  return symbols;
}

/** The sizes of the example that the model was exported with, as far as it still shows them. */
function tracedSizes(graph: Graph, facts: Facts): Binding {
  const sizes = new Map<string, bigint>();
  const note = (name: string | undefined, size: bigint): void => {
    if (name !== undefined && size > 0n && !sizes.has(name)) sizes.set(name, size);
  };
  for (const node of graph.nodes) {
    noteDeclared(node, facts, note);
    if (node.operator === 'Reshape') noteReshape(node, facts, note);
    else if (broadcasting.has(node.operator)) noteBroadcast(node, facts, note);
  }
  return sizes;
}

type Note = (name: string | undefined, size: bigint) => void;

/** A declared size of what inference knows to be dynamic. */
function noteDeclared(node: Node, facts: Facts, note: Note): void {
  for (const output of node.outputs) {
    if (output?.type?.kind !== 'tensor') continue;
    const { shape } = facts.get(output);
    for (const [axis, dimension] of (output.type.shape ?? []).entries())
      if (typeof dimension === 'number') note(shape?.[axis]?.symbolName, BigInt(dimension));
  }
}

/** A Reshape keeps the number of elements: where its target has a number in place of a symbol, that was the symbol's size. */
function noteReshape(node: Node, facts: Facts, note: Note): void {
  const [data] = node.inputs;
  const before = monomialOf(data && facts.get(data).shape);
  const after = monomialOf(facts.get(node.output).shape);
  if (before === undefined || after === undefined) return;
  const rest = [...before.symbols];
  for (const name of after.symbols) {
    const at = rest.indexOf(name);
    if (at < 0) return;
    rest.splice(at, 1);
  }
  const [only, ...others] = rest;
  if (only !== undefined && others.length === 0 && after.coefficient % before.coefficient === 0n)
    note(only, after.coefficient / before.coefficient);
}

/** A product of dims as a number and symbols; undefined when there are sums in it, or something is not known. */
function monomialOf(
  shape: readonly Dim[] | undefined,
): { readonly coefficient: bigint; readonly symbols: readonly string[] } | undefined {
  if (shape === undefined) return undefined;
  let coefficient = 1n;
  const symbols: string[] = [];
  for (const dim of shape) {
    if (dim.constant !== undefined) {
      coefficient *= dim.constant;
      continue;
    }
    const [term, ...others] = dim.terms;
    if (term === undefined || others.length > 0 || dim.constantTerm !== 0n) return undefined;
    coefficient *= term.coefficient;
    for (const factor of term.factors) {
      if (factor.kind !== 'symbol') return undefined;
      symbols.push(factor.name);
    }
  }
  return coefficient === 0n ? undefined : { coefficient, symbols };
}

const broadcasting: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Where', 'Equal', 'Less', 'Greater']);

/** A symbol that meets a number above 1 is that number, or 1. */
function noteBroadcast(node: Node, facts: Facts, note: Note): void {
  const shapes = node.inputs.map((input) => (input && facts.get(input).shape) ?? []);
  const rank = Math.max(...shapes.map(({ length }) => length));
  for (let axis = 1; axis <= rank; axis++) {
    const dims = shapes.map((shape) => shape.at(-axis));
    const number = dims.find((dim) => (dim?.constant ?? 1n) > 1n)?.constant;
    if (number !== undefined) for (const dim of dims) note(dim?.symbolName, number);
  }
}

function within(size: bigint, range: Range | undefined, least: bigint): bigint {
  const low = range?.low !== undefined && range.low > least ? range.low : least;
  const raised = size < low ? low : size;
  return range?.high !== undefined && raised > range.high ? range.high : raised;
}

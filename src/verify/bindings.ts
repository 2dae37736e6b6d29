/** Which sizes the dynamic dims of a model's inputs take, one run after the other. */
import { UsageError } from '../base/errors.ts';
import type { Dim } from '../infer/dim.ts';
import type { Range } from '../infer/dim-bounds.ts';
import type { Facts } from '../infer/fact.ts';
import type { Graph } from '../ir/graph.ts';
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
/** What is tried when a model takes few of the sizes above. */
const OTHER_SIZES = [2n, 8n, 16n, 32n, 128n, 224n, 512n];

/**
 * Bindings in the order in which they are to be tried: all dims at their least, all different, at the sizes that the model was
 * exported with as far as it tells, at their greatest; then others, for models that refuse most of these. A model without dynamic
 * dims has one, which binds nothing.
 */
export function planBindings(inputs: readonly Value[], graph: Graph, facts: Facts, options: BindingOptions): Binding[] {
  const symbols = symbolsOf(inputs, facts, options.fixed);
  if (symbols.size === 0) return [options.fixed];
  const traced = tracedSizes(graph, facts);
  const names = [...symbols.keys()];
  const least = options.allowEmpty ? 0n : 1n;
  const plain = names.filter((name) => symbols.get(name) === false);
  const spatial = names.filter((name) => symbols.get(name) === true);
  const different = new Map<string, bigint>();
  for (const [index, name] of plain.entries()) different.set(name, SMALL_SIZES[index % SMALL_SIZES.length] ?? 2n);
  for (const [index, name] of spatial.entries())
    different.set(name, SPATIAL_SIZES[index % SPATIAL_SIZES.length] ?? 64n);
  const high = (name: string): bigint | undefined => options.ranges.get(name)?.high;

  const candidates: ((name: string) => bigint)[] = [() => least, (name) => different.get(name) ?? 2n];
  if (names.some((name) => traced.has(name))) candidates.push((name) => traced.get(name) ?? different.get(name) ?? 2n);
  if (names.some((name) => high(name) !== undefined))
    candidates.push((name) => high(name) ?? different.get(name) ?? 2n);
  if (least === 0n) candidates.push(() => 1n);
  // Axes of images alone, then everything alike.
  if (spatial.length > 0 && plain.length > 0)
    for (const size of [64n, 224n]) candidates.push((name) => (symbols.get(name) === true ? size : 1n));
  for (const size of OTHER_SIZES) candidates.push(() => size);

  const bindings = new Map<string, Binding>();
  for (const sizeOf of candidates) {
    const binding = new Map(options.fixed);
    for (const name of names) binding.set(name, within(sizeOf(name), options.ranges.get(name), least));
    const key = names.map((name) => binding.get(name)).join();
    if (!bindings.has(key)) bindings.set(key, binding);
  }
  return [...bindings.values()];
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

/** Symbols in the shapes of inputs, and whether they are sizes of images or signals: axes behind the channels. */
function symbolsOf(inputs: readonly Value[], facts: Facts, fixed: Binding): ReadonlyMap<string, boolean> {
  const symbols = new Map<string, boolean>();
  for (const input of inputs) {
    const { shape = [], dataType } = facts.get(input);
    const isImage = shape.length >= 4 && dataType !== 'int64' && dataType !== 'int32' && dataType !== 'bool';
    for (const [axis, dim] of shape.entries())
      for (const name of dim.symbols())
        if (!fixed.has(name)) symbols.set(name, (symbols.get(name) ?? true) && isImage && axis >= 2);
  }
  return symbols;
}

/** Declared sizes of values that inference knows to be dynamic: exporters leave those of the example they traced. */
function tracedSizes(graph: Graph, facts: Facts): Binding {
  const sizes = new Map<string, bigint>();
  for (const node of graph.nodes)
    for (const output of node.outputs) {
      if (output?.type?.kind !== 'tensor') continue;
      const { shape } = facts.get(output);
      for (const [axis, dimension] of (output.type.shape ?? []).entries()) {
        const name = shape?.[axis]?.symbolName;
        if (name !== undefined && typeof dimension === 'number' && dimension > 0 && !sizes.has(name))
          sizes.set(name, BigInt(dimension));
      }
    }
  return sizes;
}

function within(size: bigint, range: Range | undefined, least: bigint): bigint {
  const low = range?.low !== undefined && range.low > least ? range.low : least;
  const raised = size < low ? low : size;
  return range?.high !== undefined && raised > range.high ? range.high : raised;
}

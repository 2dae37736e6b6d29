/** Known elements of small integer tensors, as laws move and compute them. */
import type { DataType } from '../../ir/data-type.ts';
import { Dim } from '../dim.ts';
import { type Fact, MAXIMUM_KNOWN_ELEMENTS } from '../fact.ts';
import type { LawContext, OutputFact } from '../law.ts';

/** A static shape and the elements that go with it, row-major. */
export interface KnownArray {
  readonly dims: readonly number[];
  readonly elements: readonly Dim[];
}

/** The shape as plain numbers; undefined unless every dim is one. */
export function staticDims(shape: readonly Dim[] | undefined): readonly number[] | undefined {
  const dims = shape?.map(({ constant }) => (constant === undefined ? undefined : Number(constant)));
  return dims?.every((dim) => dim !== undefined) === true ? dims : undefined;
}

/** What is known of an input's elements; undefined when it is omitted, large or not known. */
export function knownArray(context: LawContext, index: number): KnownArray | undefined {
  const elements = context.elements(index);
  const dims = staticDims(context.input(index)?.shape);
  return elements === undefined || dims === undefined ? undefined : { dims, elements };
}

/** An output with its shape and known elements. */
export function knownFact(dataType: DataType | undefined, { dims, elements }: KnownArray): OutputFact {
  return { dataType, shape: dims.map((dim) => Dim.of(dim)), elements };
}

/** True when so many elements are worth carrying. */
export function isSmall(dims: readonly number[]): boolean {
  return countOf(dims) <= MAXIMUM_KNOWN_ELEMENTS;
}

export function countOf(dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * dim, 1);
}

/** Distances between neighbours along each axis, in elements. */
export function stridesOf(dims: readonly number[]): readonly number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  return strides;
}

/** Where the element at a position lies. */
export function flatIndex(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((at, index, axis) => at + index * (strides[axis] ?? 0), 0);
}

/** Every position of an array of these dims, row by row. */
export function positionsOf(dims: readonly number[]): readonly (readonly number[])[] {
  const position = dims.map(() => 0);
  const positions: number[][] = [];
  for (let left = countOf(dims); left > 0; left--) {
    positions.push([...position]);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position[axis] = (position[axis] ?? 0) + 1;
      if ((position[axis] ?? 0) < (dims[axis] ?? 0)) break;
      position[axis] = 0;
    }
  }
  return positions;
}

/** The array of these dims whose element at each position is taken from where `from` says (a flat index). */
export function gathered<Element = Dim>(
  source: readonly Element[],
  dims: readonly number[],
  from: (position: readonly number[]) => number,
): { readonly dims: readonly number[]; readonly elements: readonly Element[] } | undefined {
  if (!isSmall(dims)) return undefined;
  const elements: Element[] = [];
  for (const position of positionsOf(dims)) {
    const element = source[from(position)];
    if (element === undefined) return undefined;
    elements.push(element);
  }
  return { dims, elements };
}

/** The array broadcast to `dims`, aligned at the last axis. */
export function broadcastTo(array: KnownArray, dims: readonly number[]): KnownArray | undefined {
  const offset = dims.length - array.dims.length;
  const strides = stridesOf(array.dims);
  return gathered(array.elements, dims, (position) =>
    array.dims.reduce(
      (at, dim, axis) => at + (dim === 1 ? 0 : (position[axis + offset] ?? 0) * (strides[axis] ?? 0)),
      0,
    ),
  );
}

/**
 * Elementwise combination of arrays broadcast to the static shape `shape`. An element that cannot be told is a symbol of the
 * output; undefined when no element can.
 */
export function combined(
  context: LawContext,
  shape: readonly Dim[] | undefined,
  arrays: readonly (KnownArray | undefined)[],
  combine: (...elements: readonly Dim[]) => Dim | undefined,
): readonly Dim[] | undefined {
  const dims = staticDims(shape);
  if (dims === undefined || !isSmall(dims)) return undefined;
  const inputs = arrays.map((array) => (array === undefined ? undefined : broadcastTo(array, dims)?.elements));
  if (!inputs.every((input) => input !== undefined)) return undefined;
  const elements = Array.from({ length: countOf(dims) }, (_, index) =>
    combine(...inputs.map((input) => input[index] ?? Dim.zero)),
  );
  return withUnknown(context, elements);
}

/** Beyond this many elements, it does not pay to know some of them only. */
const MAXIMUM_PARTLY_KNOWN = 64;

/** Elements of output 0 where some cannot be told: these are symbols. undefined when none can be told. */
export function withUnknown(
  context: LawContext,
  elements: readonly (Dim | undefined)[] | undefined,
): readonly Dim[] | undefined {
  const known = elements?.filter((element) => element !== undefined) ?? [];
  if (elements === undefined || known.length === elements.length) return elements === undefined ? undefined : known;
  if (known.length === 0 || elements.length > MAXIMUM_PARTLY_KNOWN) return undefined;
  return elements.map((element, index) => element ?? context.unknownElement(0, index));
}

const RANGES: Partial<Record<DataType, readonly [low: bigint, high: bigint]>> = {
  int64: [-(1n << 63n), (1n << 63n) - 1n],
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  int16: [-(1n << 15n), (1n << 15n) - 1n],
  int8: [-128n, 127n],
  uint64: [0n, (1n << 64n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  uint16: [0n, (1n << 16n) - 1n],
  uint8: [0n, 255n],
  bool: [0n, 1n],
};

/**
 * The elements as a tensor of that type holds them; undefined when the type carries none, or when a number would wrap.
 * Expressions over dims are taken to fit: a dim beyond 2^31 is no dim of a real model.
 */
export function fitting(
  dataType: DataType | undefined,
  elements: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  const range = dataType === undefined ? undefined : RANGES[dataType];
  if (range === undefined || elements === undefined) return undefined;
  const fits = ({ constant }: Dim): boolean => constant === undefined || (constant >= range[0] && constant <= range[1]);
  return elements.every(fits) ? elements : undefined;
}

/** True for a fact whose elements are whole numbers or bools. */
export function carriesElements(fact: Fact | undefined): boolean {
  return fact?.dataType !== undefined && RANGES[fact.dataType] !== undefined;
}

/** The sign of a - b where it is the same for all values of the symbols; undefined where it is not. */
export function compareDims(a: Dim, b: Dim): -1 | 0 | 1 | undefined {
  if (a.equals(b)) return 0;
  const { low, high } = a.minus(b).bounds();
  if (low !== undefined && low > 0n) return 1;
  return high !== undefined && high < 0n ? -1 : undefined;
}

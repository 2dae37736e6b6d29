/** How far two results are apart. */
import { type ArrayData, isStringData, type NDArray } from '../fold/array.ts';
import { isArray, isMap, type RuntimeValue } from '../fold/runtime-value.ts';
import { type DataType, dataTypeInfo } from '../ir/data-type.ts';
import { relativeBound, type Tolerance } from './tolerance.ts';

/** What came of comparing one output, B being held against A. Numbers are null where they are infinite or not defined. */
export interface OutputDifference {
  /** Its name in A. */
  readonly output: string;
  readonly equal: boolean;
  /** Why they differ although no element does: another type or shape, or one is missing; null otherwise. */
  readonly reason: string | null;
  readonly elements: number;
  /** Elements beyond the tolerance. */
  readonly different: number;
  /** The largest difference of two finite elements. */
  readonly maximumAbsolute: number | null;
  /** The same in parts of the scale. */
  readonly maximumRelative: number | null;
  /** The largest finite magnitude in A. */
  readonly scale: number | null;
  /** The parts of the scale that were allowed; 0 for exact comparison. */
  readonly allowed: number;
  /** Where the worst element is: an index for each axis; null when no elements differ. */
  readonly at: readonly number[] | null;
  /** That element in A and in B, as text. */
  readonly values: readonly [string, string] | null;
  /** NaN in A or B. */
  readonly nans: number;
}

export interface Judge {
  readonly tolerance: Tolerance;
  /** Types of floats that the models compute in. */
  readonly floatTypes: ReadonlySet<DataType>;
}

/** Compares an output of any type; of sequences and maps the first item that differs is told. */
export function compareValues(
  output: string,
  expected: RuntimeValue | undefined,
  actual: RuntimeValue | undefined,
  judge: Judge,
): OutputDifference {
  if (expected === undefined || actual === undefined) return otherwise(output, 'one of the two lacks it');
  if (expected === null || actual === null)
    return expected === actual ? same(output) : otherwise(output, 'one of the two is empty');
  if (isArray(expected) && isArray(actual)) return compareArrays(output, expected, actual, judge);
  if (isMap(expected) && isMap(actual)) {
    const keys = compareArrays(output, expected.keys, actual.keys, judge);
    return keys.equal ? compareArrays(output, expected.values, actual.values, judge) : keys;
  }
  if (!Array.isArray(expected) || !Array.isArray(actual))
    return otherwise(output, `one is ${kindOf(expected)}, the other ${kindOf(actual)}`);
  if (expected.length !== actual.length)
    return otherwise(output, `sequences of ${expected.length} and ${actual.length} items`);
  const items = (expected as readonly RuntimeValue[]).map((item, index) =>
    compareValues(`${output}[${index}]`, item, actual[index] as RuntimeValue, judge),
  );
  const [first = same(output), ...rest] = items;
  return { ...rest.reduce(together, first), output };
}

/** The one that says more: a difference before none, then the larger one. */
export function worse(a: OutputDifference, b: OutputDifference): OutputDifference {
  if (a.equal !== b.equal) return a.equal ? b : a;
  if ((a.reason === null) !== (b.reason === null)) return a.reason === null ? b : a;
  const [left, right] = [a, b].map(({ maximumRelative, at }) => maximumRelative ?? (at === null ? -1 : Infinity));
  return (right as number) > (left as number) ? b : a;
}

/** Two items of one output: the worse one, and the elements of both. */
function together(a: OutputDifference, b: OutputDifference): OutputDifference {
  return {
    ...worse(a, b),
    elements: a.elements + b.elements,
    different: a.different + b.different,
    nans: a.nans + b.nans,
  };
}

/** What nothing was found in. */
function same(output: string): OutputDifference {
  return {
    output,
    equal: true,
    reason: null,
    elements: 0,
    different: 0,
    maximumAbsolute: 0,
    maximumRelative: 0,
    scale: 0,
    allowed: 0,
    at: null,
    values: null,
    nans: 0,
  };
}

export function otherwise(output: string, reason: string): OutputDifference {
  return { ...same(output), equal: false, reason, maximumAbsolute: null, maximumRelative: null, scale: null };
}

function kindOf(value: RuntimeValue): string {
  if (value === null) return 'empty';
  return isArray(value) ? 'a tensor' : isMap(value) ? 'a map' : 'a sequence';
}

function compareArrays(output: string, expected: NDArray, actual: NDArray, judge: Judge): OutputDifference {
  if (expected.dataType !== actual.dataType)
    return otherwise(output, `types ${expected.dataType} and ${actual.dataType}`);
  if (expected.dims.join() !== actual.dims.join())
    return otherwise(output, `shapes [${expected.dims.join(', ')}] and [${actual.dims.join(', ')}]`);
  const [a, b] = [expected.data, actual.data];
  if (a.length !== b.length) return otherwise(output, `${a.length} and ${b.length} elements`);
  return isStringData(a) || isStringData(b)
    ? compareTexts(output, expected, actual)
    : compareNumbers(output, expected, actual, judge);
}

function compareTexts(output: string, expected: NDArray, actual: NDArray): OutputDifference {
  const decoder = new TextDecoder();
  const texts = (data: ArrayData): string[] =>
    Array.from(data as readonly Uint8Array[], (text) => decoder.decode(text));
  const [a, b] = [texts(expected.data), texts(actual.data)];
  const places = a.flatMap((text, place) => (text === b[place] ? [] : [place]));
  const [first] = places;
  return {
    ...same(output),
    equal: first === undefined,
    elements: a.length,
    different: places.length,
    ...(first !== undefined && {
      maximumAbsolute: null,
      maximumRelative: null,
      scale: null,
      at: placeOf(first, expected.dims),
      values: [JSON.stringify(a[first]), JSON.stringify(b[first])] as const,
    }),
  };
}

function compareNumbers(output: string, expected: NDArray, actual: NDArray, judge: Judge): OutputDifference {
  const { dataType } = expected;
  const a = expected.data as ArrayLike<number | bigint>;
  const b = actual.data as ArrayLike<number | bigint>;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    const magnitude = Math.abs(Number(a[i]));
    if (magnitude > scale && magnitude !== Infinity) scale = magnitude;
  }
  const allowed = allowedParts(dataType, judge);
  const bound = judge.tolerance.isExact ? 0 : boundOf(dataType, allowed, scale, judge.tolerance.absolute);
  let [largest, worst, different, nans] = [0, -1, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number | bigint, b[i] as number | bigint];
    if (x !== x || y !== y) nans++;
    if (Object.is(x, y) || (x !== x && y !== y)) continue;
    // Zeros of two signs compare equal within any bound, but are two results.
    const distance = differenceOf(x, y);
    if (judge.tolerance.isExact || distance > bound) different++;
    if (worst < 0 || distance > largest) [worst, largest] = [i, distance];
  }
  return {
    output,
    equal: different === 0,
    reason: null,
    elements: expected.dims.reduce((count, dim) => count * dim, 1),
    different,
    maximumAbsolute: finite(largest),
    maximumRelative: finite(largest === 0 ? 0 : largest / scale),
    scale: finite(scale),
    allowed,
    at: worst < 0 ? null : placeOf(dataTypeInfo(dataType).kind === 'complex' ? worst >> 1 : worst, expected.dims),
    values: worst < 0 ? null : [textOf(a[worst]), textOf(b[worst])],
    nans,
  };
}

/** NaN and an infinity are further from a number than any number is. */
function differenceOf(x: number | bigint, y: number | bigint): number {
  if (typeof x === 'bigint' && typeof y === 'bigint') return Math.abs(Number(x - y));
  const distance = Math.abs(Number(x) - Number(y));
  return Number.isNaN(distance) ? Infinity : distance;
}

function allowedParts(dataType: DataType, { tolerance, floatTypes }: Judge): number {
  if (tolerance.isExact) return 0;
  const { kind } = dataTypeInfo(dataType);
  return kind === 'float' || kind === 'complex' ? relativeBound(tolerance, dataType, floatTypes) : 0;
}

/** Integers of at most 8 bits are most often quantized, and a number on the edge between two of them may fall to either side. */
function boundOf(dataType: DataType, parts: number, scale: number, absolute: number): number {
  const { kind, bits } = dataTypeInfo(dataType);
  const isQuantized = (kind === 'int' || kind === 'uint') && bits <= 8;
  return Math.max(isQuantized ? 1 : 0, absolute + parts * scale);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function textOf(value: number | bigint | undefined): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function placeOf(index: number, dims: readonly number[]): number[] {
  const place: number[] = [];
  let rest = index;
  for (const dim of [...dims].reverse()) {
    place.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return place;
}

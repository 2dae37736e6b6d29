/** Casts between element types (Cast-24 has the tables). What the standard leaves undefined is refused. */
import { bytesOf, textOf } from '../ir/attribute.ts';
import { type DataType, dataTypeInfo, isFloatType } from '../ir/data-type.ts';
import { createData, createNumbers, isBigData, isStringData, type NDArray } from './array.ts';
import { isFloat8, type PowerRounding, roundingTo, roundToPowerOfTwo } from './float-formats.ts';
import { refuse } from './refusal.ts';

export interface ConversionOptions {
  /** For float8 targets: what is out of range becomes the largest number. Default true. */
  readonly saturate?: boolean;
  readonly roundMode?: PowerRounding;
  /** Infinities saturate in the *fnuz formats too: since Cast-24, before they became NaN. Default true. */
  readonly saturateInfinity?: boolean;
  /** Casts that the standard leaves undefined give what the reference gives, instead of being refused. */
  readonly followReference?: boolean;
}

export function converted(array: NDArray, to: DataType, options: ConversionOptions = {}): NDArray {
  if (array.dataType === to) return array;
  const { data, dims } = array;
  if (dataTypeInfo(to).kind === 'complex' || dataTypeInfo(array.dataType).kind === 'complex')
    return refuse('there is no cast to or from complex types');
  if (to === 'string') return { dataType: to, dims, data: stringsOf(array) };
  if (isStringData(data)) return parsed(data, dims, to, options);
  if (to === 'bool')
    return {
      dataType: to,
      dims,
      data: Uint8Array.from(data as ArrayLike<number | bigint>, (x) => (isZero(x) ? 0 : 1)),
    };
  if (isFloatType(to)) {
    const doubles = isBigData(data) ? Float64Array.from(data, to === 'double' ? Number : roundToOdd) : data;
    return { dataType: to, dims, data: floatsOf(doubles, to, options) };
  }
  return {
    dataType: to,
    dims,
    data: isFloatType(array.dataType)
      ? truncated(data as Float64Array, to, options.followReference === true)
      : wrapped(data as Int32Array | BigInt64Array, to),
  };
}

/** Results computed in double, rounded once to the type they are to have. */
export function fromDoubles(data: Float64Array, dims: readonly number[], dataType: DataType): NDArray {
  return converted({ dataType: 'double', dims, data }, dataType);
}

/** +0, -0 or 0n. */
export function isZero(x: number | bigint | undefined): boolean {
  return x === 0 || x === 0n;
}

/**
 * The double nearest to zero, with its last bit set when anything was cut off: rounding it once more, to a type of at most
 * 51 significant bits, gives what rounding the integer itself would have given.
 */
function roundToOdd(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 1n << 53n) return Number(value);
  const cut = BigInt(magnitude.toString(2).length - 53);
  const kept = magnitude >> cut;
  const odd = kept << cut === magnitude ? kept : kept | 1n;
  return Number(value < 0n ? -(odd << cut) : odd << cut);
}

function floatsOf(from: ArrayLike<number>, to: DataType, options: ConversionOptions): Float32Array | Float64Array {
  const { saturate = true, saturateInfinity = true } = options;
  const data = createNumbers(to, from.length) as Float32Array | Float64Array;
  if (to === 'float8e8m0') {
    for (let i = 0; i < from.length; i++) {
      const x = from[i] as number;
      const isNegative = x < 0 || Object.is(x, -0);
      if (isNegative && options.followReference !== true) return refuse('float8e8m0 of a negative number is undefined');
      data[i] = roundToPowerOfTwo(Math.abs(x), options.roundMode ?? 'up', saturate);
    }
    return data;
  }
  const round = roundingTo(to, isFloat8(to) && saturate);
  if (round === undefined) {
    data.set(from);
    return data;
  }
  const hasNaN = isFloat8(to) || to === 'float16' || to === 'bfloat16';
  const infinityIsNaN = to.endsWith('fnuz') && !saturateInfinity;
  for (let i = 0; i < from.length; i++) {
    const x = from[i] as number;
    if (Number.isNaN(x) && !hasNaN) {
      if (options.followReference !== true) return refuse(`${to} has no NaN`);
      data[i] = -0;
      continue;
    }
    data[i] = infinityIsNaN && Math.abs(x) === Infinity ? NaN : round(x);
  }
  return data;
}

/** Lowest and highest value of an integer type. */
export function integerRange(to: DataType): readonly [bigint, bigint] {
  const { kind, bits } = dataTypeInfo(to);
  const size = 1n << BigInt(bits);
  return kind === 'int' ? [-size / 2n, size / 2n - 1n] : [0n, size - 1n];
}

/** Floats towards zero; out of range, and NaN, are undefined (Cast-13). */
function truncated(from: Float32Array | Float64Array, to: DataType, followReference: boolean): NDArray['data'] {
  const [low, high] = integerRange(to);
  // Both bounds are powers of two, or one less: `lowest - 1 < x < highest + 1` is exact in doubles.
  const [above, below] = [Number(low) - 1, Number(high + 1n)];
  const wide = dataTypeInfo(to).bits === 64;
  const data = createData(to, from.length);
  for (let i = 0; i < from.length; i++) {
    const x = from[i] as number;
    const fits = wide ? x >= Number(low) && x < below : x > above && x < below;
    if (!fits && !followReference) return refuse(`${x} does not fit ${to}: the result is undefined`);
    if (isBigData(data)) data[i] = fits ? BigInt(Math.trunc(x)) : machineInteger(x, 64);
    else data[i] = fits ? Math.trunc(x) : wrappedNumber(machineInteger(x, to === 'uint32' ? 64 : 32), to);
  }
  return data;
}

/** What x86 makes of a float: its whole part, or the lowest integer where that does not fit the register. */
function machineInteger(x: number, bits: number): bigint {
  const limit = 2 ** (bits - 1);
  return x >= -limit && x < limit ? BigInt(Math.trunc(x)) : -(1n << BigInt(bits - 1));
}

/** The low bits of an integer as a number of a type of at most 32 bits. */
function wrappedNumber(value: bigint, to: DataType): number {
  const { kind, bits } = dataTypeInfo(to);
  const low = Number(BigInt.asIntN(32, value));
  const shift = 32 - bits;
  return kind === 'int' ? (low << shift) >> shift : (low << shift) >>> shift;
}

/** Integers and bools: the high bits are dropped. */
function wrapped(from: ArrayLike<number | bigint>, to: DataType): NDArray['data'] {
  const data = createData(to, from.length);
  if (isBigData(data)) {
    for (let i = 0; i < from.length; i++) data[i] = BigInt(from[i] as number | bigint);
    return data;
  }
  const { kind, bits } = dataTypeInfo(to);
  const shift = 32 - bits;
  for (let i = 0; i < from.length; i++) {
    const value = from[i] as number | bigint;
    const low = typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : value;
    data[i] = kind === 'int' ? (low << shift) >> shift : (low << shift) >>> shift;
  }
  return data;
}

/** Decimal text. Floats have the shortest digits that give the number back, as numpy and ONNX Runtime differ beyond that. */
function stringsOf(array: NDArray): Uint8Array[] {
  const { data, dataType } = array;
  if (isStringData(data)) return [...data];
  if (dataType === 'bool') return Array.from(data as Uint8Array, (x) => bytesOf(x === 0 ? 'False' : 'True'));
  return Array.from(data as ArrayLike<number | bigint>, (x) => bytesOf(textOfNumber(x, dataType)));
}

function textOfNumber(x: number | bigint, dataType: DataType): string {
  if (typeof x === 'bigint' || !isFloatType(dataType)) return String(x);
  if (Number.isNaN(x)) return 'NaN';
  if (Math.abs(x) === Infinity) return x > 0 ? 'INF' : '-INF';
  const shortest = dataType === 'double' ? String(x) : shortestText(x, dataType);
  return Number.isInteger(x) && !shortest.includes('e') ? `${shortest}.0` : shortest;
}

function shortestText(x: number, dataType: DataType): string {
  const round = roundingTo(dataType) ?? Math.fround;
  for (let digits = 1; digits < 17; digits++) {
    const text = String(Number(x.toPrecision(digits)));
    if (round(Number(text)) === x) return text;
  }
  return String(x);
}

function parsed(
  strings: readonly Uint8Array[],
  dims: readonly number[],
  to: DataType,
  options: ConversionOptions,
): NDArray {
  const texts = strings.map((bytes) => textOf(bytes).trim());
  if (isFloatType(to))
    return converted({ dataType: 'double', dims, data: Float64Array.from(texts, parseFloating) }, to, options);
  if (to === 'bool') return refuse('a cast of strings to bool');
  const [low, high] = integerRange(to);
  const values = texts.map((text) => {
    if (!/^[+-]?\d+$/.test(text)) return refuse(`'${text}' is no integer`);
    const value = BigInt(text.replace(/^\+/, ''));
    return value < low || value > high ? refuse(`'${text}' does not fit ${to}`) : value;
  });
  const data = createData(to, values.length);
  if (isBigData(data)) values.forEach((value, index) => (data[index] = value));
  else values.forEach((value, index) => (data[index] = Number(value)));
  return { dataType: to, dims, data };
}

function parseFloating(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : refuse(`'${text}' is no number`);
}

/**
 * The floating-point types narrower than float: rounding to them, and their bit patterns.
 * Formats: onnx.proto TensorProto.DataType; docs/docsgen/source/technical/{float8,float4}.md; OCP Microscaling Formats 1.0.
 */
import type { DataType } from '../ir/data-type.ts';

interface Format {
  readonly mantissaBits: number;
  /** Exponent of the smallest normal number; subnormal numbers share its quantum. */
  readonly minimumExponent: number;
  /** Largest finite number. */
  readonly maximum: number;
  /** What a number beyond the maximum rounds to when it does not saturate; undefined when the format can only saturate. */
  readonly overflow: number | undefined;
  /** Bit pattern of NaN, and the test for all patterns that are one; undefined when there is none. */
  readonly nan: number | undefined;
  readonly isNan: (code: number) => boolean;
  readonly signBit: number;
  readonly hasNegativeZero: boolean;
}

const never = (): boolean => false;

const formats: Partial<Record<DataType, Format>> = {
  float16: {
    mantissaBits: 10,
    minimumExponent: -14,
    maximum: 65504,
    overflow: Infinity,
    nan: 0x7e00,
    isNan: (code) => (code & 0x7fff) > 0x7c00,
    signBit: 0x8000,
    hasNegativeZero: true,
  },
  bfloat16: {
    mantissaBits: 7,
    minimumExponent: -126,
    maximum: 3.3895313892515355e38,
    overflow: Infinity,
    nan: 0x7fc0,
    isNan: (code) => (code & 0x7fff) > 0x7f80,
    signBit: 0x8000,
    hasNegativeZero: true,
  },
  float8e4m3fn: {
    mantissaBits: 3,
    minimumExponent: -6,
    maximum: 448,
    overflow: NaN,
    nan: 0x7f,
    isNan: (code) => (code & 0x7f) === 0x7f,
    signBit: 0x80,
    hasNegativeZero: true,
  },
  float8e4m3fnuz: {
    mantissaBits: 3,
    minimumExponent: -7,
    maximum: 240,
    overflow: NaN,
    nan: 0x80,
    isNan: (code) => code === 0x80,
    signBit: 0x80,
    hasNegativeZero: false,
  },
  float8e5m2: {
    mantissaBits: 2,
    minimumExponent: -14,
    maximum: 57344,
    overflow: Infinity,
    nan: 0x7f,
    isNan: (code) => (code & 0x7f) > 0x7c,
    signBit: 0x80,
    hasNegativeZero: true,
  },
  float8e5m2fnuz: {
    mantissaBits: 2,
    minimumExponent: -15,
    maximum: 57344,
    overflow: NaN,
    nan: 0x80,
    isNan: (code) => code === 0x80,
    signBit: 0x80,
    hasNegativeZero: false,
  },
  float6e2m3: {
    mantissaBits: 3,
    minimumExponent: 0,
    maximum: 7.5,
    overflow: undefined,
    nan: undefined,
    isNan: never,
    signBit: 0x20,
    hasNegativeZero: true,
  },
  float6e3m2: {
    mantissaBits: 2,
    minimumExponent: -2,
    maximum: 28,
    overflow: undefined,
    nan: undefined,
    isNan: never,
    signBit: 0x20,
    hasNegativeZero: true,
  },
  float4e2m1: {
    mantissaBits: 1,
    minimumExponent: 0,
    maximum: 6,
    overflow: undefined,
    nan: undefined,
    isNan: never,
    signBit: 0x8,
    hasNegativeZero: true,
  },
};

/** True for the float types that an NDArray holds as floats with fewer significant bits. float8e8m0 is one of them. */
export function isNarrowFloat(dataType: DataType): boolean {
  return dataType === 'float8e8m0' || Object.hasOwn(formats, dataType);
}

export function isFloat8(dataType: DataType): boolean {
  return dataType.startsWith('float8');
}

function formatOf(dataType: DataType): Format {
  const format = formats[dataType];
  if (format === undefined) throw new TypeError(`${dataType} is not a narrow float type`);
  return format;
}

const doubleView = new Float64Array(1);
const wordView = new Uint32Array(doubleView.buffer);
const floatView = new Float32Array(1);
const floatBits = new Uint32Array(floatView.buffer);

/** floor(log2(|x|)) of a finite, normal, non-zero double. */
export function exponentOf(x: number): number {
  doubleView[0] = x;
  return (((wordView[1] as number) >>> 20) & 0x7ff) - 1023;
}

export type PowerRounding = 'up' | 'down' | 'nearest';

/** Rounding (half to even) to a narrow float type, from the exact double. */
export type Rounding = (x: number) => number;

/**
 * The rounding of results to `dataType`, or undefined when storing into the typed array of the type rounds already.
 * Numbers beyond the range become infinite, or NaN where there is no infinity; with `saturate` the largest number,
 * infinities included (Cast-24, first table).
 */
export function roundingTo(dataType: DataType, saturate = false): Rounding | undefined {
  if (dataType === 'float8e8m0') return (x) => roundToPowerOfTwo(x, 'nearest', saturate);
  const format = formats[dataType];
  if (format === undefined) return undefined;
  const { mantissaBits, minimumExponent, maximum, hasNegativeZero, nan } = format;
  const overflow = saturate ? undefined : format.overflow;
  return (x) => {
    if (Number.isNaN(x)) return nan === undefined ? maximum : x;
    if (x === Infinity || x === -Infinity) return Math.sign(x) * (overflow ?? maximum);
    if (x === 0) return hasNegativeZero ? x : 0;
    const exponent = Math.max(exponentOf(x), minimumExponent);
    // Adding 1.5 * 2^52 quanta leaves no bits below the quantum: the addition itself rounds half to even.
    const magic = 6755399441055744 * 2 ** (exponent - mantissaBits);
    const rounded = x + magic - magic;
    if (Math.abs(rounded) > maximum) return Math.sign(x) * (overflow ?? maximum);
    if (rounded === 0) return hasNegativeZero && x < 0 ? -0 : 0;
    return rounded;
  };
}

/**
 * The power of two that float8e8m0 holds for x >= 0: the scales of microscaling formats have no sign and no zero.
 * What lies outside [2^-127, 2^127] saturates or is NaN. Ties of `nearest` go up. Source: Cast-24, second table.
 */
export function roundToPowerOfTwo(x: number, mode: PowerRounding, saturate: boolean): number {
  if (Number.isNaN(x)) return NaN;
  if (x === Infinity) return saturate ? 2 ** 127 : NaN;
  if (x < 2 ** -127) return saturate ? 2 ** -127 : NaN;
  let exponent = exponentOf(x);
  const fraction = x / 2 ** exponent;
  if ((mode === 'up' && fraction > 1) || (mode === 'nearest' && fraction >= 1.5)) exponent++;
  if (exponent > 127) return saturate ? 2 ** 127 : NaN;
  return 2 ** exponent;
}

/** Bits of the float that equals the element with bit pattern `code`. A NaN keeps its pattern in its payload. */
export function floatBitsOf(dataType: DataType, code: number): number {
  if (dataType === 'bfloat16') return (code << 16) >>> 0;
  if (dataType === 'float8e8m0') return code === 0xff ? 0x7fc000ff : code === 0 ? 0x00400000 : code << 23;
  const { mantissaBits, minimumExponent, isNan, signBit, overflow } = formatOf(dataType);
  const sign = (code & signBit) !== 0 ? 0x80000000 : 0;
  if (isNan(code))
    return dataType === 'float16'
      ? (sign | 0x7f800000 | ((code & 0x3ff) << 13)) >>> 0
      : (sign | 0x7fc00000 | code) >>> 0;
  const magnitude = code & (signBit - 1);
  const exponent = magnitude >>> mantissaBits;
  const mantissa = magnitude & ((1 << mantissaBits) - 1);
  if (overflow === Infinity && exponent === (signBit >>> mantissaBits) - 1) return (sign | 0x7f800000) >>> 0;
  if (exponent === 0) {
    floatView[0] = mantissa * 2 ** (minimumExponent - mantissaBits);
    return (sign | (floatBits[0] as number)) >>> 0;
  }
  return (sign | ((exponent - 1 + minimumExponent + 127) << 23) | (mantissa << (23 - mantissaBits))) >>> 0;
}

/** Bit pattern of the element that equals the float with these bits, which must be representable. */
export function codeOfFloatBits(dataType: DataType, bits: number): number {
  if (dataType === 'bfloat16') {
    const code = bits >>> 16;
    return (bits & 0x7fffffff) > 0x7f800000 && (code & 0x7f) === 0 ? code | 0x40 : code;
  }
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (dataType === 'float8e8m0') return exponent === 0xff ? 0xff : exponent;
  const { mantissaBits, minimumExponent, isNan, signBit, nan, hasNegativeZero } = formatOf(dataType);
  const sign = bits >>> 31 === 1 ? signBit : 0;
  if (exponent === 0xff) {
    if (mantissa === 0) return sign | ((signBit - 1) & ~((1 << mantissaBits) - 1));
    if (dataType === 'float16') return sign | 0x7c00 | (mantissa >>> 13 === 0 ? 0x200 : mantissa >>> 13);
    const kept = bits & 0xff;
    return isNan(kept) ? kept : hasNegativeZero ? sign | (nan ?? 0) : (nan ?? 0);
  }
  if (exponent === 0 && mantissa === 0) return hasNegativeZero ? sign : 0;
  const unbiased = exponent - 127;
  if (unbiased < minimumExponent)
    return sign | ((mantissa | 0x800000) >>> (23 - mantissaBits + minimumExponent - unbiased));
  return sign | ((unbiased - minimumExponent + 1) << mantissaBits) | (mantissa >>> (23 - mantissaBits));
}

/**
 * What small floating-point tensors hold where sizes take a detour through them, as in Floor(Mul(Cast(size), 0.5)): fractions of
 * dims. Floating-point arithmetic is followed only where it is exact, or rounded once on a quotient of whole numbers, which
 * Floor, Ceil and a cast to integers cannot see: a quotient n / d that is no whole number is at least 1 / d away from the next.
 * Sizes are taken to be exact in the type: below 2^24 in float, 2^53 in double.
 */
import type { DataType } from '../ir/data-type.ts';
import { Dim } from './dim.ts';

export interface Fraction {
  readonly numerator: Dim;
  /** At least 1. */
  readonly denominator: Dim;
  /** A quotient that the type may not hold exactly. */
  readonly isRounded: boolean;
}

/** Whole numbers up to this are exact. Half types are not followed: sizes are often beyond 2048. */
const limits: Partial<Record<DataType, bigint>> = { float: 1n << 24n, double: 1n << 53n };

/** Constants with more binary places than this leave too few for the sizes that they are multiplied with. */
const MAXIMUM_DENOMINATOR = 256n;
/** A factor beyond this makes a product of ordinary sizes inexact in float. */
const MAXIMUM_FACTOR = 4096n;

export function carriesFractions(dataType: DataType | undefined): dataType is 'float' | 'double' {
  return dataType !== undefined && limits[dataType] !== undefined;
}

export function wholeFraction(dim: Dim): Fraction {
  return { numerator: dim, denominator: Dim.one, isRounded: false };
}

/** The number as a fraction; undefined when it is not finite or has many binary places. */
export function fractionOfNumber(value: number): Fraction | undefined {
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled) && denominator < MAXIMUM_DENOMINATOR) {
    scaled *= 2;
    denominator *= 2n;
  }
  if (!Number.isSafeInteger(scaled)) return undefined;
  return { numerator: Dim.of(scaled), denominator: Dim.of(denominator), isRounded: false };
}

/** The fraction if the type can be taken to hold it. */
export function inType(fraction: Fraction | undefined, dataType: 'float' | 'double'): Fraction | undefined {
  if (fraction === undefined) return undefined;
  const { numerator, denominator } = fraction;
  const limit = limits[dataType] ?? 0n;
  if (denominator.constant !== undefined && denominator.constant > MAXIMUM_FACTOR) return undefined;
  if (numerator.constant !== undefined) return absolute(numerator.constant) < limit ? fraction : undefined;
  const numbers = [numerator.constantTerm, ...numerator.terms.map(({ coefficient }) => coefficient)];
  return numbers.every((number) => absolute(number) <= MAXIMUM_FACTOR) ? fraction : undefined;
}

export function multiplyFractions(a: Fraction, b: Fraction): Fraction | undefined {
  if (a.isRounded || b.isRounded) return undefined;
  return reduced(a.numerator.times(b.numerator), a.denominator.times(b.denominator));
}

export function addFractions(a: Fraction, b: Fraction): Fraction | undefined {
  if (a.isRounded || b.isRounded) return undefined;
  const sum = a.numerator.times(b.denominator).plus(b.numerator.times(a.denominator));
  return reduced(sum, a.denominator.times(b.denominator));
}

export function negateFraction({ numerator, ...rest }: Fraction): Fraction {
  return { ...rest, numerator: numerator.negated() };
}

/** a / b, for a b that is at least 1 / something; `isPositive` tells of a dim that it is >= 1. */
export function divideFractions(a: Fraction, b: Fraction, isPositive: (dim: Dim) => boolean): Fraction | undefined {
  if (a.isRounded || b.isRounded || !isPositive(b.numerator)) return undefined;
  return reduced(a.numerator.times(b.denominator), a.denominator.times(b.numerator));
}

export function floorFraction({ numerator, denominator }: Fraction): Dim {
  return numerator.floorDivide(denominator);
}

export function ceilFraction({ numerator, denominator }: Fraction): Dim {
  return numerator.ceilingDivide(denominator);
}

export function truncateFraction({ numerator, denominator }: Fraction): Dim {
  return numerator.truncatedDivide(denominator);
}

/** In lowest terms where that is plain to see. Only a power of 2 below the line is exact in binary. */
function reduced(numerator: Dim, denominator: Dim): Fraction {
  const whole = numerator.divideExactly(denominator);
  if (whole !== undefined) return wholeFraction(whole);
  let [top, bottom] = [numerator, denominator];
  for (let half = halves(top, bottom); half !== undefined; half = halves(top, bottom)) [top, bottom] = half;
  const { constant } = bottom;
  const isExact = constant !== undefined && (constant & (constant - 1n)) === 0n;
  return { numerator: top, denominator: bottom, isRounded: !isExact };
}

function halves(top: Dim, bottom: Dim): readonly [Dim, Dim] | undefined {
  const two = Dim.of(2);
  const [a, b] = [top.divideExactly(two), bottom.divideExactly(two)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

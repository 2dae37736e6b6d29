/**
 * Provable bounds of polynomials. A lower bound is found in two ways and the better one is taken:
 * by interval arithmetic over the atoms, and by putting what is known of a division, minimum or maximum in its place
 * (k * floor(a / k) lies in [a - k + 1, a]; a minimum is one of its operands and not above any), which keeps relations
 * such as n - 2 * floor(n / 2) <= 1 that intervals lose.
 */
import { greatestCommonDivisor, floorDivide } from '../base/int64.ts';
import { add, atomsOf, combine, contentOf, mapCoefficients, multiply, scale, splitAt } from './dim-arithmetic.ts';
import { type Atom, constant, type ExtremeAtom, ofAtom, Polynomial, type QuotientAtom } from './dim-terms.ts';

export interface Range {
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
}

/** What is known of symbols beyond that they are at least 0. A `ReadonlySet<string>` names those that are at least 1. */
export interface PositiveNames {
  readonly size: number;
  has(name: string): boolean;
  /** Where more is known. */
  rangeOf?(name: string): Range | undefined;
  /** A lower bound of a sum without its constant, by the key of the sum. */
  lowOf?(key: string): bigint | undefined;
}

export const NOTHING_POSITIVE: PositiveNames = new Set<string>();

/** Steps that one question may take before it is answered with what is known by then. */
const MAXIMUM_STEPS = 64;

/** The greatest bound found that no value is below; undefined when there is none. */
export function lowerBound(p: Polynomial, positive: PositiveNames = NOTHING_POSITIVE): bigint | undefined {
  if (p.terms.length === 0) return p.constant;
  return new BoundSearch(positive).lowest(p);
}

export function upperBound(p: Polynomial, positive: PositiveNames = NOTHING_POSITIVE): bigint | undefined {
  const low = lowerBound(scale(p, -1n), positive);
  return low === undefined ? undefined : -low;
}

/** Whether a >= b always. */
export function isAtLeast(a: Polynomial, b: Polynomial, positive: PositiveNames = NOTHING_POSITIVE): boolean {
  const low = lowerBound(combine(a, b, -1n), positive);
  return low !== undefined && low >= 0n;
}

/** Whether no value is 0. */
export function isNonzero(p: Polynomial, positive: PositiveNames = NOTHING_POSITIVE): boolean {
  if (p.value !== undefined) return p.value !== 0n;
  const content = contentOf(p);
  if (content > 1n && p.constant % content !== 0n) return true;
  const low = lowerBound(p, positive);
  if (low !== undefined && low > 0n) return true;
  const high = upperBound(p, positive);
  return high !== undefined && high < 0n;
}

class BoundSearch {
  readonly #positive: PositiveNames;
  #steps = 0;

  constructor(positive: PositiveNames) {
    this.#positive = positive;
  }

  lowest(p: Polynomial): bigint | undefined {
    const content = contentOf(p);
    if (content === 0n) return p.constant;
    // Without the constant, what is left is a multiple of `content`: rounding happens on that.
    const low = this.#lowestOfPrimitive(
      new Polynomial(
        p.terms.map(({ coefficient, atoms }) => ({ coefficient: coefficient / content, atoms })),
        0n,
      ),
    );
    return low === undefined ? undefined : low * content + p.constant;
  }

  #highest(p: Polynomial): bigint | undefined {
    const low = this.lowest(scale(p, -1n));
    return low === undefined ? undefined : -low;
  }

  #lowestOfPrimitive(p: Polynomial): bigint | undefined {
    const lows = [this.#lowestByIntervals(p), this.#lowestByElimination(p), this.#positive.lowOf?.(p.key)];
    return extremeOf(lows, 'greatest', false);
  }

  #lowestByElimination(p: Polynomial): bigint | undefined {
    const candidates = [...atomsOf(p).values()].filter(({ depth }) => depth > 0).sort((a, b) => b.depth - a.depth);
    for (const atom of candidates) {
      if (++this.#steps > MAXIMUM_STEPS) return undefined;
      const low =
        'dividend' in atom
          ? this.#withoutQuotient(p, atom)
          : 'operands' in atom
            ? this.#withoutExtreme(p, atom)
            : undefined;
      if (low !== undefined) return low;
    }
    return undefined;
  }

  #withoutQuotient(p: Polynomial, atom: QuotientAtom): bigint | undefined {
    const divisor = atom.divisor.value;
    if (divisor === undefined || divisor < 1n) return undefined;
    const parts = splitAt(p, atom);
    const sign = parts === undefined ? undefined : this.#signOf(parts.coefficient);
    if (parts === undefined || sign === undefined) return undefined;
    // divisor * p >= divisor * rest + coefficient * (least or greatest value of divisor * atom)
    const slack = atom.kind === 'whole' ? 0n : divisor - 1n;
    const shift = sign > 0 ? -slack : atom.kind === 'truncate' ? slack : 0n;
    const product = multiply(parts.coefficient, add(atom.dividend, constant(shift)));
    if (product === undefined) return undefined;
    const low = this.lowest(combine(product, parts.rest, divisor));
    return low === undefined ? undefined : -floorDivide(-low, divisor);
  }

  #withoutExtreme(p: Polynomial, atom: ExtremeAtom): bigint | undefined {
    const parts = splitAt(p, atom);
    const sign = parts === undefined ? undefined : this.#signOf(parts.coefficient);
    if (parts === undefined || sign === undefined) return undefined;
    const anyOperandWillDo = (atom.kind === 'maximum') === sign > 0;
    let best: bigint | undefined;
    for (const operand of atom.operands) {
      const product = multiply(parts.coefficient, operand);
      const low = product === undefined ? undefined : this.lowest(add(product, parts.rest));
      if (low === undefined) {
        if (anyOperandWillDo) continue;
        return undefined;
      }
      if (best === undefined || (anyOperandWillDo ? low > best : low < best)) best = low;
    }
    return best;
  }

  #signOf(p: Polynomial): 1 | -1 | undefined {
    if (p.value !== undefined) return p.value < 0n ? -1 : 1;
    const low = this.lowest(p);
    if (low !== undefined && low >= 0n) return 1;
    const high = this.#highest(p);
    return high !== undefined && high <= 0n ? -1 : undefined;
  }

  #lowestByIntervals(p: Polynomial): bigint | undefined {
    const ranges = new Map<string, Range>();
    for (const [key, atom] of atomsOf(p)) ranges.set(key, this.#rangeOf(atom));
    const plain = sumOfLows(p, ranges);
    if (plain !== undefined) return plain;
    // n * m - n >= 0 for n, m >= 1 shows once each is written as 1 + something that is >= 0.
    let shifted: Polynomial | undefined = p;
    let isShifted = false;
    for (const [key, atom] of atomsOf(p)) {
      const { low, high } = ranges.get(key) ?? { low: undefined, high: undefined };
      if (low === undefined || low <= 0n || shifted === undefined) continue;
      shifted = shiftAtom(shifted, atom, low);
      ranges.set(key, { low: 0n, high: high === undefined ? undefined : high - low });
      isShifted = true;
    }
    return isShifted && shifted !== undefined ? sumOfLows(shifted, ranges) : undefined;
  }

  #rangeOf(atom: Atom): Range {
    switch (atom.kind) {
      case 'symbol':
        if (atom.isSigned) return { low: undefined, high: undefined };
        return this.#positive.rangeOf?.(atom.name) ?? { low: this.#positive.has(atom.name) ? 1n : 0n, high: undefined };
      case 'opaque':
        return { low: atom.low, high: undefined };
      case 'floor':
      case 'truncate':
      case 'whole':
        return this.#rangeOfQuotient(atom);
      default:
        return this.#rangeOfExtreme(atom);
    }
  }

  #rangeOfQuotient({ kind, dividend, divisor }: QuotientAtom): Range {
    if (++this.#steps > MAXIMUM_STEPS) return { low: undefined, high: undefined };
    const low = this.lowest(dividend);
    const high = this.#highest(dividend);
    if (divisor.value !== undefined && divisor.value > 0n) {
      const by = divisor.value;
      const down = (value: bigint): bigint => (kind === 'truncate' ? value / by : floorDivide(value, by));
      const up = (value: bigint): bigint => (kind === 'whole' ? -floorDivide(-value, by) : down(value));
      return { low: low === undefined ? undefined : up(low), high: high === undefined ? undefined : down(high) };
    }
    // The divisor is never 0 where the quotient exists; a quotient is no further from 0 than its dividend,
    // but for floor of a negative one, which is at least -1 when rounded away from 0. A whole one is 0 for 0 only.
    const least = this.lowest(divisor);
    if (least === undefined || least < 0n) return { low: undefined, high: undefined };
    return {
      low: low === undefined ? undefined : low < 0n ? low : low > 0n && kind === 'whole' ? 1n : 0n,
      high: high === undefined ? undefined : high < 0n ? (kind === 'truncate' ? 0n : -1n) : high,
    };
  }

  #rangeOfExtreme({ kind, operands }: ExtremeAtom): Range {
    if (++this.#steps > MAXIMUM_STEPS) return { low: undefined, high: undefined };
    const lows = operands.map((operand) => this.lowest(operand));
    const highs = operands.map((operand) => this.#highest(operand));
    return kind === 'minimum'
      ? { low: extremeOf(lows, 'least', true), high: extremeOf(highs, 'least', false) }
      : { low: extremeOf(lows, 'greatest', false), high: extremeOf(highs, 'greatest', true) };
  }
}

/** The least or greatest of the known ones; undefined when none is, or when `needsAll` and one is not. */
function extremeOf(
  values: readonly (bigint | undefined)[],
  which: 'least' | 'greatest',
  needsAll: boolean,
): bigint | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 || (needsAll && known.length < values.length)) return undefined;
  return known.reduce((best, value) => ((which === 'least' ? value < best : value > best) ? value : best));
}

/** p with `atom` standing for what it exceeds `low` by; undefined when that grows too large. */
function shiftAtom(p: Polynomial, atom: Atom, low: bigint): Polynomial | undefined {
  const shifted = new Polynomial(ofAtom(atom).terms, low);
  let sum: Polynomial | undefined = constant(p.constant);
  for (const { coefficient, atoms } of p.terms) {
    const others = atoms.filter(({ key }) => key !== atom.key);
    let product: Polynomial | undefined =
      others.length === 0 ? constant(coefficient) : new Polynomial([{ coefficient, atoms: others }], 0n);
    for (let power = others.length; power < atoms.length && product !== undefined; power++)
      product = multiply(product, shifted);
    if (product === undefined) return undefined;
    sum = add(sum, product);
  }
  return sum;
}

/** Sum of the lower bounds of the terms; undefined when one has none. */
function sumOfLows(p: Polynomial, ranges: ReadonlyMap<string, Range>): bigint | undefined {
  let sum = p.constant;
  for (const { coefficient, atoms } of p.terms) {
    let range: Range = { low: coefficient, high: coefficient };
    for (const atom of atoms)
      range = multiplyRanges(range, ranges.get(atom.key) ?? { low: undefined, high: undefined });
    if (range.low === undefined) return undefined;
    sum += range.low;
  }
  return sum;
}

function multiplyRanges(a: Range, b: Range): Range {
  if (isZero(a) || isZero(b)) return { low: 0n, high: 0n };
  if (a.low !== undefined && a.low >= 0n) return multiplyByNonnegative(a.low, a.high, b);
  if (b.low !== undefined && b.low >= 0n) return multiplyByNonnegative(b.low, b.high, a);
  if (a.high !== undefined && a.high <= 0n) return negate(multiplyRanges(negate(a), b));
  if (b.high !== undefined && b.high <= 0n) return negate(multiplyRanges(a, negate(b)));
  if (a.low === undefined || a.high === undefined || b.low === undefined || b.high === undefined)
    return { low: undefined, high: undefined };
  const products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return { low: extremeOf(products, 'least', true), high: extremeOf(products, 'greatest', true) };
}

/** [low, high] * b for low >= 0; an undefined bound is an infinite one. */
function multiplyByNonnegative(low: bigint, high: bigint | undefined, b: Range): Range {
  const scaled = (bound: bigint | undefined, by: bigint | undefined): bigint | undefined =>
    bound === undefined || by === undefined ? undefined : bound * by;
  return {
    low: scaled(b.low, b.low !== undefined && b.low < 0n ? high : low),
    high: scaled(b.high, b.high !== undefined && b.high > 0n ? high : low),
  };
}

function isZero({ low, high }: Range): boolean {
  return low === 0n && high === 0n;
}

function negate({ low, high }: Range): Range {
  return { low: high === undefined ? undefined : -high, high: low === undefined ? undefined : -low };
}

/** Divides every coefficient and the constant by their greatest common divisor; that divisor comes with it. */
export function primitivePart(p: Polynomial): { readonly content: bigint; readonly primitive: Polynomial } {
  const content = greatestCommonDivisor(contentOf(p), p.constant);
  if (content <= 1n) return { content: content === 0n ? 1n : content, primitive: p };
  return { content, primitive: mapCoefficients(p, (coefficient) => coefficient / content) };
}

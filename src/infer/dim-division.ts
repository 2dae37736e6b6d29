/**
 * Division of polynomials with rounding, in canonical form.
 *
 * A quotient by a positive integer k keeps only what k does not divide: multiples are pulled out, divisions inside are
 * merged (floor((x + floor(a / b)) / k) = floor((b * x + a) / (b * k))), and of the two ways to write the rest,
 * floor(r / k) and -floor((k - 1 - r) / k), one is chosen. So `n - n//2` and `(n + 1)//2` are one expression.
 *
 * A remainder is written x - k * floor(x / k) and has no form of its own: sums such as x - mod(x, k) then cancel by themselves.
 *
 * Nothing is cancelled that may be 0: n // n stays as it is unless n is known to be at least 1.
 */
import { floorDivide, floorModulo, greatestCommonDivisor } from '../base/int64.ts';
import { isAtLeast, isNonzero, lowerBound, type PositiveNames, primitivePart, upperBound } from './dim-bounds.ts';
import {
  add,
  atomsWithout,
  combine,
  contentOf,
  divideWithRest,
  mapCoefficients,
  multiply,
  scale,
  splitAt,
  subtract,
} from './dim-arithmetic.ts';
import { asFraction, nearestMultiple } from './dim-whole.ts';
import { type Atom, constant, ofAtom, ONE, Polynomial, quotientAtom, ZERO } from './dim-terms.ts';

/** floor(a / b). `b` is not the constant 0. */
export function floorQuotient(a: Polynomial, b: Polynomial, positive: PositiveNames): Polynomial {
  if (b.value !== undefined)
    return b.value > 0n ? floorByConstant(a, b.value, positive) : floorByConstant(scale(a, -1n), -b.value, positive);
  if (a.value === 0n && isNonzero(b, positive)) return ZERO;
  const [dividend, divisor] = withoutCommonFactors(a, b, positive);
  if (divisor.value !== undefined) return floorQuotient(dividend, divisor, positive);
  const division = divideWithRest(dividend, divisor);
  if (division === undefined) return ofAtom(quotientAtom('floor', dividend, divisor));
  const { quotient, rest } = division;
  if (rest.value === 0n) {
    // The division must stay visible where the divisor may be 0.
    return isNonzero(divisor, positive) ? quotient : ofAtom(quotientAtom('floor', dividend, divisor));
  }
  if (isAtLeast(rest, ZERO, positive) && isAtLeast(divisor, add(rest, ONE), positive)) return quotient;
  return add(quotient, ofAtom(quotientAtom('floor', rest, divisor)));
}

/** a / b rounded towards zero. `b` is not the constant 0. */
export function truncatedQuotient(a: Polynomial, b: Polynomial, positive: PositiveNames): Polynomial {
  const sign = b.terms[0]?.coefficient ?? b.constant;
  if (sign < 0n) return truncatedQuotient(scale(a, -1n), scale(b, -1n), positive);
  if (a.value !== undefined && b.value !== undefined) return constant(a.value / b.value);
  if (isAtLeast(b, ZERO, positive)) {
    if (isAtLeast(a, ZERO, positive)) return floorQuotient(a, b, positive);
    if (isAtLeast(ZERO, a, positive)) return scale(floorQuotient(scale(a, -1n), b, positive), -1n);
  }
  const exact = exactQuotient(a, b);
  if (exact !== undefined && isNonzero(b, positive)) return exact;
  const [dividend, divisor] = withoutCommonFactors(a, b, positive);
  const leading = dividend.terms[0]?.coefficient ?? dividend.constant;
  if (leading < 0n) return scale(ofAtom(quotientAtom('truncate', scale(dividend, -1n), divisor)), -1n);
  return ofAtom(quotientAtom('truncate', dividend, divisor));
}

/**
 * a / b where that is known to be whole and b not to be 0: what does not divide becomes a `whole` atom, in lowest terms.
 * undefined where it is plain that there is a remainder.
 */
export function wholeQuotient(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const identical = a.value === 0n ? ZERO : exactQuotient(a, b);
  if (identical !== undefined) return identical;
  let [dividend, divisor] = withoutCommonNumbers(a, b);
  for (const atom of commonAtoms(dividend, divisor)) {
    dividend = divideByAtom(dividend, atom);
    divisor = divideByAtom(divisor, atom);
  }
  if (divisor.value !== undefined) return wholeByConstant(dividend, divisor.value);
  const { quotient, rest } = divideWithRest(dividend, divisor) ?? { quotient: ZERO, rest: dividend };
  const [above, below] = withoutCommonNumbers(rest, divisor);
  return add(quotient, signedWhole(above, below));
}

function wholeByConstant(a: Polynomial, k: bigint): Polynomial | undefined {
  const quotient = mapCoefficients(a, (coefficient) => nearestMultiple(coefficient, k));
  const rest = combine(a, quotient, -k);
  if (rest.value !== undefined) return rest.value === 0n ? quotient : undefined;
  const [dividend, divisor] = withoutCommonNumbers(rest, constant(k));
  if (divisor.value !== k) {
    const smaller = wholeByConstant(dividend, divisor.value ?? k);
    return smaller && add(quotient, smaller);
  }
  // Half of k is its own negative: the first other coefficient decides the sign.
  const deciding = rest.terms.find(({ coefficient }) => 2n * coefficient !== k)?.coefficient ?? 1n;
  if (deciding > 0n) return add(quotient, ofAtom(quotientAtom('whole', rest, constant(k))));
  const negated = mapCoefficients(rest, (coefficient) => -coefficient + (2n * coefficient === k ? k : 0n));
  const shift = mapCoefficients(rest, (coefficient) => (2n * coefficient === k ? 1n : 0n));
  return add(quotient, subtract(shift, ofAtom(quotientAtom('whole', negated, constant(k)))));
}

function signedWhole(a: Polynomial, b: Polynomial): Polynomial {
  if (a.value === 0n) return ZERO;
  const isNegative = (a.terms[0]?.coefficient ?? a.constant) < 0n;
  const quotient = ofAtom(quotientAtom('whole', isNegative ? scale(a, -1n) : a, b));
  return isNegative ? scale(quotient, -1n) : quotient;
}

/** q with q * b = a identically; undefined when there is none. */
export function exactQuotient(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const quotient = identicalQuotient(a, b);
  if (quotient !== undefined || !b.hasWhole) return quotient;
  // n is 4 times its whole fourth.
  const fraction = asFraction(b);
  const scaled = fraction && multiply(a, fraction.denominator);
  return scaled && identicalQuotient(scaled, fraction.numerator);
}

function identicalQuotient(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (b.value !== undefined) {
    const divisor = b.value;
    if (divisor === 0n || a.constant % divisor !== 0n || contentOf(a) % divisor !== 0n) return undefined;
    return mapCoefficients(a, (coefficient) => coefficient / divisor);
  }
  const division = divideWithRest(a, b);
  return division?.rest.value === 0n ? division.quotient : undefined;
}

function floorByConstant(a: Polynomial, by: bigint, positive: PositiveNames): Polynomial {
  let quotient = ZERO;
  let rest = a;
  let divisor = by;
  for (;;) {
    const merged = mergeInnerDivision(rest, divisor);
    if (merged !== undefined) {
      quotient = add(quotient, merged.carry);
      rest = merged.dividend;
      divisor = merged.divisor;
      continue;
    }
    const modulus = divisor;
    quotient = add(
      quotient,
      mapCoefficients(rest, (coefficient) => floorDivide(coefficient, modulus)),
    );
    rest = mapCoefficients(rest, (coefficient) => floorModulo(coefficient, modulus));
    const common = greatestCommonDivisor(contentOf(rest), divisor);
    if (common === 1n) break;
    rest = mapCoefficients(rest, (coefficient) => floorDivide(coefficient, common));
    divisor /= common;
    if (rest.terms.length === 0) break;
  }
  if (rest.terms.length === 0) return add(quotient, constant(floorDivide(rest.constant, divisor)));
  return add(quotient, restQuotient(rest, divisor, positive));
}

interface Merged {
  readonly dividend: Polynomial;
  readonly divisor: bigint;
  readonly carry: Polynomial;
}

/** floor((x + q) / k) and floor((x - q) / k) for q = floor(a / b), as one division; multiples k * q are carried out of it. */
function mergeInnerDivision(p: Polynomial, k: bigint): Merged | undefined {
  for (const { coefficient, atoms } of p.terms) {
    const [atom] = atoms;
    if (atoms.length !== 1 || (atom?.kind !== 'floor' && atom?.kind !== 'whole')) continue;
    const inner = atom.divisor.value;
    const sign = signWithin(coefficient, k);
    const parts = splitAt(p, atom);
    // In a product with something else the division is not free to move.
    if (inner === undefined || sign === undefined || parts?.coefficient.value === undefined) continue;
    const scaled = scale(parts.rest, inner);
    const carry = scale(ofAtom(atom), (coefficient - sign) / k);
    if (sign > 0n) return { dividend: add(scaled, atom.dividend), divisor: inner * k, carry };
    // -floor(a / b) = floor((b - 1 - a) / b)
    const slack = constant(atom.kind === 'floor' ? inner - 1n : 0n);
    return { dividend: add(subtract(scaled, atom.dividend), slack), divisor: inner * k, carry };
  }
  return undefined;
}

/** The 1 or -1 that is nearest to the coefficient among the numbers that differ from it by a multiple of k. */
function signWithin(coefficient: bigint, k: bigint): bigint | undefined {
  const signs = coefficient < 0n ? [-1n, 1n] : [1n, -1n];
  return signs.find((sign) => (coefficient - sign) % k === 0n);
}

/** floor(r / k) where all coefficients and the constant are in [0, k): in the one of its two forms with the smaller coefficients. */
function restQuotient(rest: Polynomial, k: bigint, positive: PositiveNames): Polynomial {
  const plain = onlyQuotient(rest, k, positive);
  if (plain !== undefined) return constant(plain);
  const reflected = new Polynomial(
    rest.terms.map(({ coefficient, atoms }) => ({ coefficient: k - coefficient, atoms })),
    k - 1n - rest.constant,
  );
  const whole = new Polynomial(
    rest.terms.map(({ atoms }) => ({ coefficient: 1n, atoms })),
    0n,
  );
  const mirrored = onlyQuotient(reflected, k, positive);
  if (mirrored !== undefined) return subtract(whole, constant(mirrored));
  if (isFirst(rest, reflected)) return ofAtom(quotientAtom('floor', rest, constant(k)));
  return subtract(whole, ofAtom(quotientAtom('floor', reflected, constant(k))));
}

/** The only value that floor(p / k) can have, by the bounds of p. */
function onlyQuotient(p: Polynomial, k: bigint, positive: PositiveNames): bigint | undefined {
  const low = lowerBound(p, positive);
  const high = low === undefined ? undefined : upperBound(p, positive);
  if (low === undefined || high === undefined) return undefined;
  const quotient = floorDivide(low, k);
  return quotient === floorDivide(high, k) ? quotient : undefined;
}

function isFirst(a: Polynomial, b: Polynomial): boolean {
  for (const [index, { coefficient }] of a.terms.entries()) {
    const other = b.terms[index]?.coefficient ?? 0n;
    if (coefficient !== other) return coefficient < other;
  }
  return a.constant <= b.constant;
}

/** Both divided by what they share: numbers, and atoms that cannot be 0. The divisor leads with a positive coefficient. */
function withoutCommonFactors(
  a: Polynomial,
  b: Polynomial,
  positive: PositiveNames,
): readonly [Polynomial, Polynomial] {
  let [dividend, divisor] = withoutCommonNumbers(a, b);
  for (const atom of commonAtoms(dividend, divisor)) {
    if (!isNonzero(ofAtom(atom), positive)) continue;
    dividend = divideByAtom(dividend, atom);
    divisor = divideByAtom(divisor, atom);
  }
  return [dividend, divisor];
}

function withoutCommonNumbers(a: Polynomial, b: Polynomial): readonly [Polynomial, Polynomial] {
  const content = greatestCommonDivisor(primitivePart(a).content, primitivePart(b).content);
  const sign = (b.terms[0]?.coefficient ?? b.constant) < 0n ? -1n : 1n;
  const factor = content * sign;
  const divided = (p: Polynomial): Polynomial => mapCoefficients(p, (coefficient) => coefficient / factor);
  return [a.value === 0n ? a : divided(a), divided(b)];
}

/** Atoms that are in every term of both, as often as they are there. */
function commonAtoms(a: Polynomial, b: Polynomial): readonly Atom[] {
  if (a.constant !== 0n || b.constant !== 0n) return [];
  const common: Atom[] = [];
  for (const atom of a.terms[0]?.atoms ?? []) {
    const tried = [...common, atom];
    if ([...a.terms, ...b.terms].every(({ atoms }) => atomsWithout(atoms, tried) !== undefined)) common.push(atom);
  }
  return common;
}

function divideByAtom(p: Polynomial, atom: Atom): Polynomial {
  let sum = ZERO;
  for (const { coefficient, atoms } of p.terms) {
    const others = atomsWithout(atoms, [atom]) ?? atoms;
    sum = combine(
      sum,
      others.length === 0 ? constant(coefficient) : new Polynomial([{ coefficient, atoms: others }], 0n),
      1n,
    );
  }
  return sum;
}

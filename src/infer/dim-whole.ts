/**
 * Quotients that are known to be whole. A Reshape to [-1, 4] succeeds for multiples of 4 only, so its first dim is an atom q of its own
 * with 4 * q = n, which the floor of n / 4 is not. What is said with such an atom holds of values that are computed from the node
 * that proves it; two runs have only roundings of it in common (`roundingsOf`).
 */
import { floorModulo } from '../base/int64.ts';
import { add, atomsWithout, mergeAtoms, multiply, multiplyByTerm, subtract } from './dim-arithmetic.ts';
import { type Atom, constant, ONE, type Polynomial, type QuotientAtom, type Term } from './dim-terms.ts';

/** Rewriting ends by itself; long expressions are left as they are, which is true, too. */
const MAXIMUM_STEPS = 64;

/** The same polynomial, with dividends in the place of whole quotients that are multiplied by their divisors. */
export function cancelled(p: Polynomial): Polynomial {
  let current = p;
  for (let steps = 0; current.hasWhole && steps < MAXIMUM_STEPS; steps++) {
    const change = firstCancellation(current);
    if (change === undefined) return current;
    current = add(current, change);
  }
  return current;
}

/** What is to be added so that one term is cancelled; undefined when none is left. */
function firstCancellation(p: Polynomial): Polynomial | undefined {
  for (const term of p.terms) {
    for (const atom of term.atoms) {
      const change = atom.kind === 'whole' ? cancellation(term, atom) : undefined;
      if (change !== undefined) return change;
    }
  }
  return undefined;
}

/** q * (lead + others) = dividend: as many multiples of q * lead as there are in the term become dividend - q * others. */
function cancellation({ coefficient, atoms }: Term, atom: QuotientAtom): Polynomial | undefined {
  const { dividend, divisor } = atom;
  const lead = divisor.terms[0] ?? { coefficient: divisor.constant, atoms: [] };
  const beside = atomsWithout(atomsWithout(atoms, [atom]) ?? atoms, lead.atoms);
  if (beside === undefined) return undefined;
  const count = nearestMultiple(coefficient, lead.coefficient);
  return count === 0n
    ? undefined
    : subtract(multiplyByTerm(dividend, count, beside), multiplyByTerm(divisor, count, mergeAtoms(beside, [atom])));
}

/** How often k > 0 is taken from a number so that what is left is in (-k / 2, k / 2]: of 3 fourths and -1 fourth one is written. */
export function nearestMultiple(value: bigint, k: bigint): bigint {
  const rest = floorModulo(value, k);
  return (value - (2n * rest > k ? rest - k : rest)) / k;
}

/** The polynomial as a fraction without whole quotients but those within other atoms; undefined when it would be too large. */
export function asFraction(
  p: Polynomial,
): { readonly numerator: Polynomial; readonly denominator: Polynomial } | undefined {
  let numerator: Polynomial = p;
  let denominator: Polynomial = ONE;
  for (let steps = 0; steps < MAXIMUM_STEPS; steps++) {
    const atom = outermostWhole(numerator);
    if (atom === undefined) return { numerator, denominator: numerator.value === 0n ? ONE : denominator };
    const degree = Math.max(...numerator.terms.map(({ atoms }) => countOf(atom, atoms)));
    let sum: Polynomial | undefined = raised(constant(numerator.constant), atom, 0, degree);
    for (const { coefficient, atoms } of numerator.terms) {
      const others = atoms.filter(({ key }) => key !== atom.key);
      const product = raised(multiplyByTerm(ONE, coefficient, others), atom, countOf(atom, atoms), degree);
      sum = sum === undefined || product === undefined ? undefined : add(sum, product);
    }
    const below = raised(denominator, atom, 0, degree);
    if (sum === undefined || below === undefined) return undefined;
    [numerator, denominator] = [sum, below];
  }
  return undefined;
}

/** One that is not within another one. */
function outermostWhole(p: Polynomial): QuotientAtom | undefined {
  let found: QuotientAtom | undefined;
  for (const { atoms } of p.terms)
    for (const atom of atoms)
      if (atom.kind === 'whole' && (found === undefined || atom.depth > found.depth)) found = atom;
  return found;
}

/** p * dividend^count * divisor^(degree - count). */
function raised(
  p: Polynomial,
  { dividend, divisor }: QuotientAtom,
  count: number,
  degree: number,
): Polynomial | undefined {
  let product: Polynomial | undefined = p;
  for (let at = 0; at < degree && product !== undefined; at++)
    product = multiply(product, at < count ? dividend : divisor);
  return product;
}

function countOf(atom: Atom, atoms: readonly Atom[]): number {
  return atoms.filter(({ key }) => key === atom.key).length;
}

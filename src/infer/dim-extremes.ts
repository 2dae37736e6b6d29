/**
 * Minima and maxima in canonical form: flattened, sorted, without operands that never decide, with common terms and
 * factors outside: min(n + m, n + 3) = n + min(m, 3). Of min(-a, -b) = -max(a, b) the one with fewer signs is kept.
 */
import { greatestCommonDivisor } from '../base/int64.ts';
import { isAtLeast, type PositiveNames } from './dim-bounds.ts';
import { add, contentOf, mapCoefficients, scale, subtract } from './dim-arithmetic.ts';
import { constant, extremeAtom, ofAtom, Polynomial, type Term, ZERO } from './dim-terms.ts';

type Kind = 'minimum' | 'maximum';

/** Comparing every pair, and flattening sums of extremes, pays for a few operands only; longer lists stay as they are. */
const MAXIMUM_COMPARED = 12;

export function extreme(kind: Kind, operands: readonly Polynomial[], positive: PositiveNames): Polynomial {
  let distinct = sortedOnce(flattened(kind, operands));
  if (distinct.length <= MAXIMUM_COMPARED) distinct = withoutDominated(kind, distinct, positive);
  const [first] = distinct;
  if (first === undefined || distinct.length === 1) return first ?? ZERO;
  const shared = sharedTerms(distinct);
  const own = distinct.map((operand) => subtract(operand, shared));
  const negated = own.map((operand) => scale(operand, -1n));
  const isNegated = prefers(negated, own) || (!prefers(own, negated) && kind === 'minimum');
  const kept = isNegated ? negated : own;
  const offset = offsetOf(kept);
  const rest = kept.map((operand) => subtract(operand, constant(offset)));
  const content = rest.reduce(
    (divisor, operand) => greatestCommonDivisor(greatestCommonDivisor(divisor, contentOf(operand)), operand.constant),
    0n,
  );
  const factor = content === 0n ? 1n : content;
  const reduced = sortedOnce(rest.map((operand) => mapCoefficients(operand, (coefficient) => coefficient / factor)));
  const keptKind = isNegated ? (kind === 'minimum' ? 'maximum' : 'minimum') : kind;
  const result = add(constant(offset), scale(ofAtom(extremeAtom(keptKind, reduced)), factor));
  return add(shared, isNegated ? scale(result, -1n) : result);
}

/** Extremes of the same kind inside of the operands become operands; a list that would get long stays as it is. */
function flattened(kind: Kind, operands: readonly Polynomial[]): readonly Polynomial[] {
  const pending = [...operands];
  const flat: Polynomial[] = [];
  for (let operand = pending.pop(); operand !== undefined; operand = pending.pop()) {
    const parts = operandsWithin(kind, operand);
    if (parts === undefined) flat.push(operand);
    else pending.push(...parts);
    if (pending.length + flat.length > MAXIMUM_COMPARED) return operands;
  }
  return flat;
}

/** The operands of c + min(a, b) are c + a and c + b. */
function operandsWithin(kind: Kind, operand: Polynomial): readonly Polynomial[] | undefined {
  for (const { coefficient, atoms } of operand.terms) {
    const [atom] = atoms;
    if (atoms.length !== 1 || (atom?.kind !== 'minimum' && atom?.kind !== 'maximum')) continue;
    if ((atom.kind === kind) !== coefficient > 0n) continue;
    const others = subtract(operand, scale(ofAtom(atom), coefficient));
    return atom.operands.map((inner) => add(others, scale(inner, coefficient)));
  }
  return undefined;
}

function withoutDominated(kind: Kind, operands: readonly Polynomial[], positive: PositiveNames): Polynomial[] {
  const decides = (winner: Polynomial, loser: Polynomial): boolean =>
    kind === 'minimum' ? isAtLeast(loser, winner, positive) : isAtLeast(winner, loser, positive);
  const kept: Polynomial[] = [];
  for (const operand of operands) {
    if (kept.some((other) => decides(other, operand))) continue;
    const undecided = kept.filter((other) => !decides(operand, other));
    kept.splice(0, kept.length, ...undecided, operand);
  }
  return kept;
}

/** Terms that all operands have alike. */
function sharedTerms(operands: readonly Polynomial[]): Polynomial {
  const [first, ...others] = operands;
  const isEverywhere = (term: Term): boolean =>
    others.every(({ terms }) =>
      terms.some((other) => other.coefficient === term.coefficient && sameAtoms(other, term)),
    );
  return new Polynomial((first?.terms ?? []).filter(isEverywhere), 0n);
}

/**
 * Whether a list of operands is to be written rather than its negation `b`. Constants and a common factor play no part
 * in the choice, since they move outside afterwards.
 */
function prefers(a: readonly Polynomial[], b: readonly Polynomial[]): boolean {
  const minuses = (operands: readonly Polynomial[]): number =>
    operands.filter(({ terms }) => (terms[0]?.coefficient ?? 1n) < 0n).length;
  const difference = minuses(a) - minuses(b);
  if (difference !== 0) return difference < 0;
  const common = a.reduce((divisor, operand) => greatestCommonDivisor(divisor, contentOf(operand)), 0n);
  const text = (operands: readonly Polynomial[]): string =>
    operands
      .map(({ terms }) => mapCoefficients(new Polynomial(terms, 0n), (coefficient) => coefficient / (common || 1n)).key)
      .sort()
      .join(', ');
  return text(a) < text(b);
}

/** The constant of the first operand that has terms: outside of the extreme, sums with different constants are alike. */
function offsetOf(operands: readonly Polynomial[]): bigint {
  const [anchor] = operands
    .filter(({ terms }) => terms.length > 0)
    .map((operand) => ({ key: new Polynomial(operand.terms, 0n).key, constant: operand.constant }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.constant < b.constant ? -1 : 1));
  return anchor?.constant ?? 0n;
}

function sameAtoms(a: Term, b: Term): boolean {
  return a.atoms.length === b.atoms.length && a.atoms.every(({ key }, index) => key === b.atoms[index]?.key);
}

function sortedOnce(operands: readonly Polynomial[]): Polynomial[] {
  return [...new Map(operands.map((operand) => [operand.key, operand])).values()].sort((a, b) =>
    a.key < b.key ? -1 : a.key > b.key ? 1 : 0,
  );
}

/** Arithmetic on polynomials. Sums are always written out; products only up to a size, see MAXIMUM_TERMS. */
import { greatestCommonDivisor } from '../base/int64.ts';
import {
  type Atom,
  constant,
  type ExtremeAtom,
  ONE,
  Polynomial,
  type QuotientAtom,
  type Term,
  ZERO,
} from './dim-terms.ts';

export function add(a: Polynomial, b: Polynomial): Polynomial {
  return combine(a, b, 1n);
}

export function subtract(a: Polynomial, b: Polynomial): Polynomial {
  return combine(a, b, -1n);
}

/** a + factor * b. */
export function combine(a: Polynomial, b: Polynomial, factor: bigint): Polynomial {
  if (factor === 0n) return a;
  const terms: Term[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a.terms[i];
    const right = b.terms[j];
    if (left === undefined && right === undefined) break;
    const order = left === undefined ? 1 : right === undefined ? -1 : compareAtoms(left.atoms, right.atoms);
    if (order < 0 && left !== undefined) {
      terms.push(left);
      i++;
    } else if (order > 0 && right !== undefined) {
      terms.push({ coefficient: right.coefficient * factor, atoms: right.atoms });
      j++;
    } else if (left !== undefined && right !== undefined) {
      const coefficient = left.coefficient + right.coefficient * factor;
      if (coefficient !== 0n) terms.push({ coefficient, atoms: left.atoms });
      i++;
      j++;
    }
  }
  return new Polynomial(terms, a.constant + b.constant * factor);
}

export function scale(a: Polynomial, factor: bigint): Polynomial {
  if (factor === 1n) return a;
  if (factor === 0n) return ZERO;
  return mapCoefficients(a, (coefficient) => coefficient * factor);
}

/** Every coefficient and the constant, exchanged; zero drops a term. */
export function mapCoefficients(a: Polynomial, change: (coefficient: bigint) => bigint): Polynomial {
  const terms: Term[] = [];
  for (const { coefficient, atoms } of a.terms) {
    const changed = change(coefficient);
    if (changed !== 0n) terms.push({ coefficient: changed, atoms });
  }
  return new Polynomial(terms, change(a.constant));
}

/** Products above this many terms are not written out. No shape of a real model comes near. */
export const MAXIMUM_TERMS = 32;

/** Powers and products above this many factors are not written out. */
export const MAXIMUM_DEGREE = 12;

/** The product; undefined when it would be too large to write out. */
export function multiply(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (a.terms.length === 0) return scale(b, a.constant);
  if (b.terms.length === 0) return scale(a, b.constant);
  if ((a.terms.length + 1) * (b.terms.length + 1) > 4 * MAXIMUM_TERMS) return undefined;
  if (degreeOf(a) + degreeOf(b) > MAXIMUM_DEGREE) return undefined;
  let product = scale(a, b.constant);
  for (const { coefficient, atoms } of b.terms) product = add(product, multiplyByTerm(a, coefficient, atoms));
  return product.terms.length > MAXIMUM_TERMS ? undefined : product;
}

/** Multiplying by a monomial, which may be a number, keeps the order of the terms. */
export function multiplyByTerm(a: Polynomial, coefficient: bigint, atoms: readonly Atom[]): Polynomial {
  if (atoms.length === 0) return scale(a, coefficient);
  const terms = a.terms.map((term) => ({
    coefficient: term.coefficient * coefficient,
    atoms: mergeAtoms(term.atoms, atoms),
  }));
  if (a.constant !== 0n) terms.push({ coefficient: a.constant * coefficient, atoms: [...atoms] });
  return new Polynomial(terms, 0n);
}

/** Terms in any order, equal monomials allowed. */
export function ofTerms(terms: readonly Term[], value = 0n): Polynomial {
  let sum = constant(value);
  for (const term of terms) sum = add(sum, new Polynomial([term], 0n));
  return sum;
}

export function degreeOf(a: Polynomial): number {
  return a.terms[0]?.atoms.length ?? 0;
}

/** Greatest common divisor of the coefficients of the terms; the constant does not count. 0 when there are none. */
export function contentOf(a: Polynomial): bigint {
  let content = 0n;
  for (const { coefficient } of a.terms) {
    content = greatestCommonDivisor(content, coefficient);
    if (content === 1n) break;
  }
  return content;
}

/** Atoms of the terms, each once; not those inside of atoms. */
export function atomsOf(a: Polynomial): Map<string, Atom> {
  const atoms = new Map<string, Atom>();
  for (const term of a.terms) for (const atom of term.atoms) atoms.set(atom.key, atom);
  return atoms;
}

/** Names of all symbols, at any depth. */
export function collectNames(a: Polynomial, names: Set<string>): void {
  for (const { atoms } of a.terms) {
    for (const atom of atoms) {
      if (atom.kind === 'symbol') names.add(atom.name);
      else if (atom.kind === 'opaque') for (const name of atom.names) names.add(name);
      else for (const part of partsOf(atom)) collectNames(part, names);
    }
  }
}

export function partsOf(atom: QuotientAtom | ExtremeAtom): readonly Polynomial[] {
  return 'operands' in atom ? atom.operands : [atom.dividend, atom.divisor];
}

/** p = coefficient * atom + rest, when the atom is in no term more than once and not in `rest`; undefined otherwise. */
export function splitAt(p: Polynomial, atom: Atom): { coefficient: Polynomial; rest: Polynomial } | undefined {
  const inside: Term[] = [];
  const outside: Term[] = [];
  let value = 0n;
  for (const term of p.terms) {
    const index = term.atoms.findIndex(({ key }) => key === atom.key);
    if (index < 0) {
      outside.push(term);
      continue;
    }
    const others = term.atoms.toSpliced(index, 1);
    if (others.some(({ key }) => key === atom.key)) return undefined;
    if (others.length === 0) value += term.coefficient;
    else inside.push({ coefficient: term.coefficient, atoms: others });
  }
  return { coefficient: ofTerms(inside, value), rest: new Polynomial(outside, p.constant) };
}

/**
 * Long division by `divisor`, whose leading term is its first: a = quotient * divisor + rest, where no term of `rest`
 * is a multiple of the leading term. Undefined when the quotient gets too large.
 */
export function divideWithRest(
  a: Polynomial,
  divisor: Polynomial,
): { readonly quotient: Polynomial; readonly rest: Polynomial } | undefined {
  const leading = divisor.terms[0];
  if (leading === undefined) return undefined;
  let remaining = a;
  let quotient = ZERO;
  const kept: Term[] = [];
  for (let steps = 0; ; steps++) {
    const [first] = remaining.terms;
    if (first === undefined) return { quotient, rest: new Polynomial(kept, remaining.constant) };
    if (steps > 2 * MAXIMUM_TERMS) return undefined;
    const others = atomsWithout(first.atoms, leading.atoms);
    if (others === undefined || first.coefficient % leading.coefficient !== 0n) {
      kept.push(first);
      remaining = new Polynomial(remaining.terms.slice(1), remaining.constant);
      continue;
    }
    const coefficient = first.coefficient / leading.coefficient;
    remaining = subtract(remaining, multiplyByTerm(divisor, coefficient, others));
    quotient = add(quotient, multiplyByTerm(ONE, coefficient, others));
  }
}

/** The multiset `atoms` without `removed`; undefined when it does not contain it. */
export function atomsWithout(atoms: readonly Atom[], removed: readonly Atom[]): readonly Atom[] | undefined {
  if (removed.length === 0) return atoms;
  const left: Atom[] = [];
  let index = 0;
  for (const atom of atoms) {
    if (index < removed.length && removed[index]?.key === atom.key) index++;
    else left.push(atom);
  }
  return index === removed.length ? left : undefined;
}

function compareAtoms(a: readonly Atom[], b: readonly Atom[]): number {
  if (a.length !== b.length) return b.length - a.length;
  for (const [index, { key }] of a.entries()) {
    const other = b[index]?.key ?? '';
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}

export function mergeAtoms(a: readonly Atom[], b: readonly Atom[]): readonly Atom[] {
  return [...a, ...b].sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
}

/**
 * Where all runs that succeed prove a quotient whole, its floor is that number for values, too, that were not computed from the proof:
 * of n in fours, n - 4 * (n//4) is 0 and n//2 is half of it.
 */
import { add, multiply, multiplyByTerm, scale, subtract } from './dim-arithmetic.ts';
import { NOTHING_POSITIVE } from './dim-bounds.ts';
import { floorQuotient, wholeQuotient } from './dim-division.ts';
import { constant, ofAtom, ONE, type Polynomial, type QuotientAtom } from './dim-terms.ts';

/** Of a larger divisor the smaller ones in it are not looked for. */
const MAXIMUM_DIVISOR = 1024n;

/** By the keys of floors, what they are where the whole quotients in `p` are whole: these, and with divisors of their divisors. */
export function floorsOfWhole(p: Polynomial): ReadonlyMap<string, Polynomial> {
  const floors = new Map<string, Polynomial>();
  const pending = [p];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    for (const { atoms } of part.terms) {
      for (const atom of atoms) {
        if (atom.kind !== 'whole') continue;
        pending.push(atom.dividend, atom.divisor);
        for (const divisor of divisorsOf(atom.divisor)) note(floors, atom, divisor);
      }
    }
  }
  return floors;
}

function divisorsOf(p: Polynomial): readonly Polynomial[] {
  const { value } = p;
  if (value === undefined || value > MAXIMUM_DIVISOR) return [p];
  const divisors: Polynomial[] = [];
  for (let divisor = 2n; divisor <= value; divisor++) if (value % divisor === 0n) divisors.push(constant(divisor));
  return divisors;
}

function note(floors: Map<string, Polynomial>, { dividend }: QuotientAtom, divisor: Polynomial): void {
  const rounded = floorQuotient(dividend, divisor, NOTHING_POSITIVE);
  const whole = wholeQuotient(dividend, divisor);
  const found = rounded.terms.find(({ atoms: [atom] }) => atom?.kind === 'floor');
  const [floor, ...others] = found?.atoms ?? [];
  if (whole === undefined || found === undefined || floor === undefined || others.length > 0) return;
  // rounded = others + sign * floor
  const sign = found.coefficient;
  if (sign !== 1n && sign !== -1n) return;
  const rest = subtract(rounded, scale(ofAtom(floor), sign));
  floors.set(floor.key, scale(subtract(whole, rest), sign));
}

/** The same number, for known values of floors; undefined when it would be too large. */
export function withKnownFloors(p: Polynomial, floors: ReadonlyMap<string, Polynomial>): Polynomial | undefined {
  if (!p.terms.some(({ atoms }) => atoms.some(({ key }) => floors.has(key)))) return p;
  let sum: Polynomial | undefined = constant(p.constant);
  for (const { coefficient, atoms } of p.terms) {
    let product: Polynomial | undefined = multiplyByTerm(
      ONE,
      coefficient,
      atoms.filter(({ key }) => !floors.has(key)),
    );
    for (const { key } of atoms) {
      const known = floors.get(key);
      if (known !== undefined && product !== undefined) product = multiply(product, known);
    }
    sum = sum === undefined || product === undefined ? undefined : add(sum, product);
  }
  return sum;
}

import { add, mapCoefficients, scale, splitAt, subtract } from './dim-arithmetic.ts';
import { type Atom, constant, ofAtom, type Polynomial, quotientAtom, type QuotientAtom } from './dim-terms.ts';

/**
 * Text for people. The canonical form has one of floor(r / k) and its mirror image, so the upper half of an odd split is
 * `n - n//2`; where the other of the two makes the sum shorter, `(n + 1)//2`, that is written.
 */
export function readableText(p: Polynomial): string {
  let shortest = p;
  for (const { atoms } of p.terms) {
    const [atom] = atoms;
    if (atoms.length !== 1 || !isMirrored(atom)) continue;
    const mirrored = withMirror(shortest, atom);
    if (mirrored !== undefined && mirrored.terms.length < shortest.terms.length) shortest = mirrored;
  }
  return shortest.key;
}

function isMirrored(atom: Atom | undefined): atom is QuotientAtom {
  return atom?.kind === 'floor' && atom.divisor.value !== undefined;
}

/** p with floor(r / k) = x - floor((k - 1 - r + k * x) / k), where x has every monomial of r once. */
function withMirror(p: Polynomial, atom: QuotientAtom): Polynomial | undefined {
  const k = atom.divisor.value;
  const parts = splitAt(p, atom);
  if (k === undefined || parts?.coefficient.value === undefined) return undefined;
  const { dividend } = atom;
  const whole = subtract(
    mapCoefficients(dividend, () => 1n),
    constant(1n),
  );
  const mirrored = add(subtract(scale(whole, k), dividend), constant(k - 1n));
  const quotient = ofAtom(quotientAtom('floor', mirrored, atom.divisor));
  return add(parts.rest, scale(subtract(whole, quotient), parts.coefficient.value));
}

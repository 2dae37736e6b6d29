/**
 * Integer polynomials over atoms, in canonical form: the raw material of `Dim`.
 * Terms are sorted by degree and then by the keys of their atoms (graded lexicographic order, which long division needs),
 * coefficients are never zero, so two polynomials are the same exactly when their keys are.
 */

interface AtomCommon {
  /** Canonical text; equal keys are equal atoms. */
  readonly key: string;
  /** Number of parts, nested ones included: the measure that stops expressions from growing without end. */
  readonly size: number;
  /** Nesting depth of divisions, minima and maxima. */
  readonly depth: number;
  /** True when it may be written more simply once symbols are known to be at least 1: an extreme, or a division by a symbol. */
  readonly isConditional: boolean;
  /** True when a `whole` quotient is in it, at any depth. */
  readonly hasWhole: boolean;
}

/** A named whole number: >= 0, or of any sign when `isSigned` (an unknown element of an integer tensor). */
export interface SymbolAtom extends AtomCommon {
  readonly kind: 'symbol';
  readonly name: string;
  readonly isSigned: boolean;
}

/**
 * A quotient that is rounded towards minus infinity (`floor`) or towards zero (`truncate`), or that is known to be `whole`:
 * there is no remainder, and the divisor is not 0. See dim-whole.ts.
 */
export interface QuotientAtom extends AtomCommon {
  readonly kind: 'floor' | 'truncate' | 'whole';
  readonly dividend: Polynomial;
  readonly divisor: Polynomial;
}

export interface ExtremeAtom extends AtomCommon {
  readonly kind: 'minimum' | 'maximum';
  readonly operands: readonly Polynomial[];
}

/** What an operation gives beyond the size limit: some number that depends on `names` and on nothing else. */
export interface OpaqueAtom extends AtomCommon {
  readonly kind: 'opaque';
  readonly low: bigint | undefined;
  readonly names: ReadonlySet<string>;
}

export type Atom = SymbolAtom | QuotientAtom | ExtremeAtom | OpaqueAtom;

/** A product of atoms (at least one, sorted by key, repeated for powers) with a coefficient that is not zero. */
export interface Term {
  readonly coefficient: bigint;
  readonly atoms: readonly Atom[];
}

export class Polynomial {
  readonly terms: readonly Term[];
  readonly constant: bigint;
  #key: string | undefined;
  #size: number | undefined;

  /** `terms` must be canonical. */
  constructor(terms: readonly Term[], constant: bigint) {
    this.terms = terms;
    this.constant = constant;
  }

  get key(): string {
    return (this.#key ??= textOf(this));
  }

  get size(): number {
    return (this.#size ??= this.terms.reduce(
      (size, { atoms }) => atoms.reduce((sum, atom) => sum + atom.size, size + 1),
      1,
    ));
  }

  get depth(): number {
    let depth = 0;
    for (const { atoms } of this.terms) for (const atom of atoms) depth = Math.max(depth, atom.depth);
    return depth;
  }

  get isConditional(): boolean {
    return this.terms.some(({ atoms }) => atoms.some((atom) => atom.isConditional));
  }

  get hasWhole(): boolean {
    return this.terms.some(({ atoms }) => atoms.some((atom) => atom.hasWhole));
  }

  /** The value of a polynomial without terms. */
  get value(): bigint | undefined {
    return this.terms.length === 0 ? this.constant : undefined;
  }

  /** The atom when the polynomial is exactly one, once. */
  get onlyAtom(): Atom | undefined {
    const [term] = this.terms;
    if (term === undefined || this.terms.length > 1 || this.constant !== 0n) return undefined;
    return term.coefficient === 1n && term.atoms.length === 1 ? term.atoms[0] : undefined;
  }
}

export const ZERO = new Polynomial([], 0n);
export const ONE = new Polynomial([], 1n);

export function constant(value: bigint): Polynomial {
  return value === 0n ? ZERO : value === 1n ? ONE : new Polynomial([], value);
}

export function ofAtom(atom: Atom): Polynomial {
  return new Polynomial([{ coefficient: 1n, atoms: [atom] }], 0n);
}

export function symbolAtom(name: string, isSigned: boolean): SymbolAtom {
  const text = /^[A-Za-z_][\w.]*(\[\d+\]|\{\d+\})?$/.test(name) ? name : JSON.stringify(name);
  return {
    kind: 'symbol',
    name,
    isSigned,
    key: isSigned ? `int(${text})` : text,
    size: 1,
    depth: 0,
    isConditional: false,
    hasWhole: false,
  };
}

export function quotientAtom(kind: QuotientAtom['kind'], dividend: Polynomial, divisor: Polynomial): QuotientAtom {
  const [above, below] = [grouped(dividend), grouped(divisor)];
  const key = kind === 'floor' ? `${above}//${below}` : `${kind === 'whole' ? 'whole' : 'trunc'}(${above}/${below})`;
  const size = 1 + dividend.size + divisor.size;
  const depth = 1 + Math.max(dividend.depth, divisor.depth);
  const isOpen = kind === 'truncate' || (kind === 'floor' && divisor.value === undefined);
  const isConditional = isOpen || dividend.isConditional || divisor.isConditional;
  const hasWhole = kind === 'whole' || dividend.hasWhole || divisor.hasWhole;
  return { kind, dividend, divisor, key, size, depth, isConditional, hasWhole };
}

/** `operands` must be canonical: sorted by key, none dominated by another. */
export function extremeAtom(kind: 'minimum' | 'maximum', operands: readonly Polynomial[]): ExtremeAtom {
  const key = `${kind === 'minimum' ? 'min' : 'max'}(${operands.map((operand) => operand.key).join(', ')})`;
  const depth = 1 + Math.max(...operands.map((operand) => operand.depth));
  const size = operands.reduce((sum, operand) => sum + operand.size, 1);
  const hasWhole = operands.some((operand) => operand.hasWhole);
  return { kind, operands, key, size, depth, isConditional: true, hasWhole };
}

export function opaqueAtom(
  key: string,
  low: bigint | undefined,
  names: ReadonlySet<string>,
  hasWhole: boolean,
): OpaqueAtom {
  return { kind: 'opaque', key, low, names, size: 1, depth: 0, isConditional: false, hasWhole };
}

/** Text that needs no parentheses inside of a quotient. */
function grouped(p: Polynomial): string {
  const atom = p.onlyAtom;
  const isPlain = p.value === undefined ? atom !== undefined && atom.kind !== 'floor' : p.value >= 0n;
  return isPlain ? p.key : `(${p.key})`;
}

export function textOf(p: Polynomial): string {
  let text = '';
  for (const { coefficient, atoms } of p.terms) {
    const magnitude = coefficient < 0n ? -coefficient : coefficient;
    const isBare = coefficient === 1n && atoms.length === 1;
    // `//` binds as `*` does, and a leading minus binds more tightly.
    const factors = atoms.map((atom) => (atom.kind === 'floor' && !isBare ? `(${atom.key})` : atom.key));
    if (magnitude !== 1n) factors.unshift(String(magnitude));
    text += joined(text, coefficient < 0n, factors.join('*'));
  }
  if (p.constant !== 0n || text === '')
    text += joined(text, p.constant < 0n, String(p.constant < 0n ? -p.constant : p.constant));
  return text;
}

function joined(before: string, isNegative: boolean, part: string): string {
  if (before === '') return isNegative ? `-${part}` : part;
  return isNegative ? ` - ${part}` : ` + ${part}`;
}

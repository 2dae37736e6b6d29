import { invariant, UsageError } from '../base/errors.ts';
import { floorDivide } from '../base/int64.ts';
import { isAtLeast, isNonzero, lowerBound, NOTHING_POSITIVE, type PositiveNames, upperBound } from './dim-bounds.ts';
import { exactQuotient, floorQuotient, truncatedQuotient, wholeQuotient } from './dim-division.ts';
import { evaluate, remainderText } from './dim-evaluate.ts';
import { extreme } from './dim-extremes.ts';
import { floorsOfWhole, withKnownFloors } from './dim-known-floors.ts';
import { readableText } from './dim-text.ts';
import { add, collectNames, MAXIMUM_TERMS, multiply, scale, subtract } from './dim-arithmetic.ts';
import {
  type Atom,
  constant,
  ofAtom,
  ONE,
  opaqueAtom,
  Polynomial,
  type QuotientAtom,
  symbolAtom,
  ZERO,
} from './dim-terms.ts';
import { asFraction, cancelled } from './dim-whole.ts';
import { hashOf } from './hash.ts';

/** Parts of an expression, nested ones included, beyond which it is not written out any more. */
const MAXIMUM_SIZE = 160;

/** One addend of a dim: a product of factors with a coefficient. */
export interface DimTerm {
  readonly coefficient: bigint;
  readonly factors: readonly DimFactor[];
}

/** `opaque` is an expression that grew too large to be written out. A quotient that is known to be whole is a `floorDivide`. */
export type DimFactor =
  | { readonly kind: 'symbol'; readonly name: string; readonly isSigned: boolean }
  | { readonly kind: 'floorDivide' | 'truncatedDivide'; readonly dividend: Dim; readonly divisor: Dim }
  | { readonly kind: 'minimum' | 'maximum'; readonly operands: readonly Dim[] }
  | { readonly kind: 'opaque'; readonly key: string };

/**
 * The algebra of dimensions: integer polynomials over symbols and opaque floor-div, min and max terms, in a canonical form,
 * so that equality is a comparison of keys. Immutable. Symbols are >= 0 and may be 0: nothing here assumes more, but for
 * the methods that are told by `positive` which symbols are at least 1.
 */
export class Dim {
  /** The value when it is a plain integer. */
  readonly constant: bigint | undefined;
  readonly #polynomial: Polynomial;

  private constructor(polynomial: Polynomial) {
    this.#polynomial = polynomial;
    this.constant = polynomial.value;
  }

  static readonly zero: Dim = new Dim(ZERO);
  static readonly one: Dim = new Dim(ONE);
  /** The numbers that are asked for most. */
  static readonly #small: readonly Dim[] = Array.from({ length: 256 }, (_, value) =>
    value === 0 ? Dim.zero : value === 1 ? Dim.one : new Dim(constant(BigInt(value))),
  );

  static of(value: number | bigint): Dim {
    if (typeof value === 'number' && value >= 0 && value < Dim.#small.length) return Dim.#small[value] ?? Dim.zero;
    const whole = BigInt(value);
    if (whole >= 0n && whole < BigInt(Dim.#small.length)) return Dim.#small[Number(whole)] ?? Dim.zero;
    return new Dim(constant(whole));
  }

  /** A symbol; equal names are equal dims. Symbols are whole numbers >= 0. */
  static symbol(name: string): Dim {
    return new Dim(ofAtom(symbolAtom(name, false)));
  }

  /** A whole number of any sign: an unknown element of an integer tensor. Never the same as a symbol of the same name. */
  static signed(name: string): Dim {
    return new Dim(ofAtom(symbolAtom(name, true)));
  }

  /** Canonical text; dims of equal keys are equal. `equals` proves more. */
  get key(): string {
    return this.#polynomial.key;
  }

  /** The name when the dim is exactly one symbol that is >= 0. */
  get symbolName(): string | undefined {
    const atom = this.#polynomial.onlyAtom;
    return atom?.kind === 'symbol' && !atom.isSigned ? atom.name : undefined;
  }

  /** The name when the dim is exactly one `Dim.signed`. */
  get signedName(): string | undefined {
    const atom = this.#polynomial.onlyAtom;
    return atom?.kind === 'symbol' && atom.isSigned ? atom.name : undefined;
  }

  /** The addends without the constant one; `constantTerm` completes the sum. */
  get terms(): readonly DimTerm[] {
    return this.#polynomial.terms.map(({ coefficient, atoms }) => ({ coefficient, factors: atoms.map(factorOf) }));
  }

  get constantTerm(): bigint {
    return this.#polynomial.constant;
  }

  /** The sum of the terms alone. */
  minusConstant(): Dim {
    return new Dim(new Polynomial(this.#polynomial.terms, 0n));
  }

  plus(other: Dim): Dim {
    if (this.constant !== undefined && other.constant !== undefined) return Dim.of(this.constant + other.constant);
    return Dim.#limited(add(this.#polynomial, other.#polynomial), '+', this, other);
  }

  minus(other: Dim): Dim {
    if (this.constant !== undefined && other.constant !== undefined) return Dim.of(this.constant - other.constant);
    return Dim.#limited(subtract(this.#polynomial, other.#polynomial), '-', this, other);
  }

  times(other: Dim): Dim {
    if (this.constant !== undefined && other.constant !== undefined) return Dim.of(this.constant * other.constant);
    return Dim.#limited(multiply(this.#polynomial, other.#polynomial), '*', this, other);
  }

  negated(): Dim {
    return new Dim(cancelled(scale(this.#polynomial, -1n)));
  }

  /** Rounds towards minus infinity. `other` must not be the constant 0. */
  floorDivide(other: Dim): Dim {
    invariant(other.constant !== 0n, 'a dimension is divided by 0');
    if (this.constant !== undefined && other.constant !== undefined)
      return Dim.of(floorDivide(this.constant, other.constant));
    return Dim.#limited(floorQuotient(this.#polynomial, other.#polynomial, NOTHING_POSITIVE), '//', this, other);
  }

  /** Rounds towards zero, as ONNX integer Div does; equals floorDivide where both are provably >= 0. `other` must not be the constant 0. */
  truncatedDivide(other: Dim): Dim {
    invariant(other.constant !== 0n, 'a dimension is divided by 0');
    if (this.constant !== undefined && other.constant !== undefined) return Dim.of(this.constant / other.constant);
    return Dim.#limited(truncatedQuotient(this.#polynomial, other.#polynomial, NOTHING_POSITIVE), 'trunc', this, other);
  }

  /**
   * The quotient where a node fails unless it is whole and `other` is not 0: multiplied by `other` it is this dim again. Good for
   * what is computed from that node; see `roundings`. A remainder that is plain to see is rounded down.
   */
  wholeDivide(other: Dim): Dim {
    invariant(other.constant !== 0n, 'a dimension is divided by 0');
    const quotient = wholeQuotient(this.#polynomial, other.#polynomial);
    return quotient === undefined ? this.floorDivide(other) : Dim.#limited(quotient, '//', this, other);
  }

  /** Rounds towards plus infinity. `other` must not be the constant 0. */
  ceilingDivide(other: Dim): Dim {
    return this.negated().floorDivide(other).negated();
  }

  /** The remainder of floorDivide: it has the sign of the divisor (ONNX Mod with fmod = 0). `other` must not be the constant 0. */
  modulo(other: Dim): Dim {
    return this.minus(this.floorDivide(other).times(other));
  }

  minimum(other: Dim): Dim {
    return Dim.#extreme('minimum', this, other);
  }

  maximum(other: Dim): Dim {
    return Dim.#extreme('maximum', this, other);
  }

  /** Provably equal for every value of the symbols. */
  equals(other: Dim): boolean {
    if (this === other) return true;
    if (this.constant !== undefined && other.constant !== undefined) return this.constant === other.constant;
    if (this.key === other.key) return true;
    const difference = subtract(this.#polynomial, other.#polynomial);
    // A polynomial in symbols alone that is not zero takes other values than 0.
    if (difference.depth === 0) return false;
    if (difference.hasWhole && new Dim(difference).roundings().some((rounded) => rounded.constant === 0n)) return true;
    return lowerBound(difference) === 0n && upperBound(difference) === 0n;
  }

  /** Provably different for every value of the symbols (>= 0, or >= 1 for `positive` ones). */
  differs(other: Dim, positive: PositiveNames = NOTHING_POSITIVE): boolean {
    if (this.constant !== undefined && other.constant !== undefined) return this.constant !== other.constant;
    if (this.key === other.key) return false;
    const difference = subtract(this.#polynomial, other.#polynomial);
    if (isNonzero(difference, positive)) return true;
    const fraction = difference.hasWhole ? asFraction(difference) : undefined;
    return fraction !== undefined && isNonzero(fraction.numerator, positive);
  }

  /** Provable lower and upper bounds; undefined when unbounded. `positive`: names of symbols known to be >= 1. */
  bounds(positive: PositiveNames = NOTHING_POSITIVE): {
    readonly low: bigint | undefined;
    readonly high: bigint | undefined;
  } {
    if (this.constant !== undefined) return { low: this.constant, high: this.constant };
    return { low: lowerBound(this.#polynomial, positive), high: upperBound(this.#polynomial, positive) };
  }

  /** Whether the dim is provably >= `other`. */
  isAtLeast(other: Dim | bigint, positive: PositiveNames = NOTHING_POSITIVE): boolean {
    const bound = typeof other === 'bigint' ? constant(other) : other.#polynomial;
    if (this.constant !== undefined && bound.value !== undefined) return this.constant >= bound.value;
    return isAtLeast(this.#polynomial, bound, positive);
  }

  /** Names of all symbols in the expression. */
  symbols(): ReadonlySet<string> {
    const names = new Set<string>();
    collectNames(this.#polynomial, names);
    return names;
  }

  /** The same number, written as it can be when the `positive` symbols are at least 1: max(n, 1) is n then, n // n is 1. */
  assuming(positive: PositiveNames): Dim {
    return !this.#polynomial.isConditional ? this : this.#rebuild((atom) => new Dim(ofAtom(atom)), positive);
  }

  /** What is known of floors where the whole quotients in this dim are whole, by the keys of the floors. */
  floorsOfWhole(): ReadonlyMap<string, Polynomial> {
    return floorsOfWhole(this.#polynomial);
  }

  /** The same number, where these are known of floors. */
  withKnownFloors(floors: ReadonlyMap<string, Polynomial>): Dim {
    const known = withKnownFloors(this.#polynomial, floors);
    return known === undefined || known === this.#polynomial ? this : Dim.#limited(known, 'floors', this);
  }

  /** True when the expression rests on a node that proves a quotient whole. */
  get hasWhole(): boolean {
    return this.#polynomial.hasWhole;
  }

  /**
   * Expressions that are the same number wherever the dim holds, and that are numbers elsewhere, too: with the floor of each
   * quotient that is known to be whole, and with all of them over one denominator.
   */
  roundings(): readonly Dim[] {
    if (!this.hasWhole) return [this];
    const floors = (polynomial: Polynomial): Dim =>
      new Dim(polynomial).#rebuild((atom) => new Dim(ofAtom(atom)), NOTHING_POSITIVE, 'floor');
    const fraction = asFraction(this.#polynomial);
    if (fraction === undefined) return [floors(this.#polynomial)];
    const { numerator, denominator } = fraction;
    const joint = Dim.#limited(floorQuotient(numerator, denominator, NOTHING_POSITIVE), '//', this);
    return [floors(this.#polynomial), floors(joint.#polynomial)];
  }

  /** The dim with other dims in the place of symbols. */
  substitute(values: ReadonlyMap<string, Dim>): Dim {
    if (this.constant !== undefined) return this;
    const replace = (atom: Atom): Dim => {
      if (atom.kind === 'symbol') return values.get(atom.name) ?? new Dim(ofAtom(atom));
      invariant(atom.kind === 'opaque', 'only symbols and opaque terms are leaves');
      const replaced = [...atom.names].filter((name) => values.has(name)).sort();
      if (replaced.length === 0) return new Dim(ofAtom(atom));
      // Some number that depends on the old expression and on what was put in.
      const bindings = replaced.map((name) => `${name} = ${values.get(name)?.key ?? ''}`);
      const names = new Set([...atom.names].filter((name) => !values.has(name)));
      for (const name of replaced) for (const inner of values.get(name)?.symbols() ?? []) names.add(inner);
      return new Dim(
        ofAtom(opaqueAtom(`opaque(${hashOf([atom.key, ...bindings].join('; '))})`, undefined, names, atom.hasWhole)),
      );
    };
    return this.#rebuild(replace, NOTHING_POSITIVE);
  }

  /** Exact division: the dim q with q * other = this identically, or undefined. */
  divideExactly(other: Dim): Dim | undefined {
    const quotient = exactQuotient(this.#polynomial, other.#polynomial);
    return quotient === undefined ? undefined : new Dim(quotient);
  }

  /** The value at a point. UsageError when a symbol has no value there, or when the expression divides by 0 there. */
  evaluate(values: ReadonlyMap<string, bigint>): bigint {
    return evaluate(this.#polynomial, values);
  }

  /** For people: sums are written with roundings that read well, `(n + 1)//2` for `n - n//2`. `parseDim` reads it back. */
  toString(): string {
    const texts = this.roundings().map((dim) => readableText(dim.#polynomial));
    return texts.reduce((shortest, text) => (text.length < shortest.length ? text : shortest));
  }

  /** Puts `replace(atom)` for symbols and opaque atoms, and redoes everything above them, whole quotients as `wholeAs`. */
  #rebuild(replace: (atom: Atom) => Dim, positive: PositiveNames, wholeAs: 'whole' | 'floor' = 'whole'): Dim {
    const again = (polynomial: Polynomial): Dim => {
      let sum = Dim.of(polynomial.constant);
      for (const { coefficient, atoms } of polynomial.terms) {
        let product = Dim.of(coefficient);
        for (const atom of atoms) product = product.times(rebuildAtom(atom));
        sum = sum.plus(product);
      }
      return sum;
    };
    const rebuildAtom = (atom: Atom): Dim => {
      if (atom.kind === 'symbol' || atom.kind === 'opaque') return replace(atom);
      if ('operands' in atom) {
        const operands = atom.operands.map(again);
        return Dim.#limited(
          extreme(
            atom.kind,
            operands.map((operand) => operand.#polynomial),
            positive,
          ),
          atom.kind,
          ...operands,
        );
      }
      const dividend = again(atom.dividend);
      const divisor = again(atom.divisor);
      if (divisor.constant === 0n) throw new UsageError(`division by zero in ${atom.key}`);
      if (atom.kind === 'whole' && wholeAs === 'whole') return divideWhole(dividend, divisor, atom);
      const divide = atom.kind === 'truncate' ? truncatedQuotient : floorQuotient;
      return Dim.#limited(divide(dividend.#polynomial, divisor.#polynomial, positive), atom.kind, dividend, divisor);
    };
    return again(this.#polynomial);
  }

  static #extreme(kind: 'minimum' | 'maximum', a: Dim, b: Dim): Dim {
    if (a.constant !== undefined && b.constant !== undefined)
      return (kind === 'minimum') === a.constant < b.constant ? a : b;
    return Dim.#limited(extreme(kind, [a.#polynomial, b.#polynomial], NOTHING_POSITIVE), kind, a, b);
  }

  /** The result, or, when it is too large to carry on, an opaque number named after the operation and its operands. */
  static #limited(result: Polynomial | undefined, operation: string, ...operands: readonly Dim[]): Dim {
    const short = result === undefined ? undefined : cancelled(result);
    if (short !== undefined && short.terms.length <= MAXIMUM_TERMS && short.size <= MAXIMUM_SIZE) return new Dim(short);
    const names = new Set<string>();
    for (const operand of operands) collectNames(operand.#polynomial, names);
    const key = `opaque(${hashOf([operation, ...operands.map((operand) => operand.key)].join('; '))})`;
    const hasWhole = operands.some((operand) => operand.hasWhole);
    return new Dim(ofAtom(opaqueAtom(key, lowOfOpaque(operation, operands), names, hasWhole)));
  }

  /** For the parts of a dim that `terms` hands out. */
  static fromPolynomial(polynomial: Polynomial): Dim {
    return new Dim(polynomial);
  }
}

/** 0 when an operation cannot lead below it from operands that are not. */
function lowOfOpaque(operation: string, operands: readonly Dim[]): bigint | undefined {
  if (operation === '-') return undefined;
  return operands.every((operand) => operand.isAtLeast(0n)) ? 0n : undefined;
}

/** A whole quotient of what was put in for its symbols. */
function divideWhole(dividend: Dim, divisor: Dim, atom: QuotientAtom): Dim {
  const [a, b] = [dividend.constant, divisor.constant];
  if (a !== undefined && b !== undefined && a % b !== 0n) throw new UsageError(remainderText(atom));
  return dividend.wholeDivide(divisor);
}

function factorOf(atom: Atom): DimFactor {
  switch (atom.kind) {
    case 'symbol':
      return { kind: 'symbol', name: atom.name, isSigned: atom.isSigned };
    case 'opaque':
      return { kind: 'opaque', key: atom.key };
    case 'floor':
    case 'truncate':
    case 'whole':
      return {
        kind: atom.kind === 'truncate' ? 'truncatedDivide' : 'floorDivide',
        dividend: Dim.fromPolynomial(atom.dividend),
        divisor: Dim.fromPolynomial(atom.divisor),
      };
    default:
      return { kind: atom.kind, operands: atom.operands.map((operand) => Dim.fromPolynomial(operand)) };
  }
}

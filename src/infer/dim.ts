/**
 * The algebra of dimensions: integer polynomials over symbols and opaque floor-div, mod, min and max terms,
 * in a canonical form, so that equality is a comparison of keys.
 */
export declare class Dim {
  /** Canonical text; two dims are provably equal exactly when their keys are equal (or when `equals` proves it). */
  readonly key: string;
  static of(value: number | bigint): Dim;
  /** A symbol; equal names are equal dims. Symbols are whole numbers >= 0. */
  static symbol(name: string): Dim;
  static readonly zero: Dim;
  static readonly one: Dim;
  /** The value when it is a plain integer. */
  readonly constant: bigint | undefined;
  /** The name when the dim is exactly one symbol. */
  readonly symbolName: string | undefined;
  plus(other: Dim): Dim;
  minus(other: Dim): Dim;
  times(other: Dim): Dim;
  negated(): Dim;
  /** Rounds towards minus infinity. `other` must not be provably zero. */
  floorDivide(other: Dim): Dim;
  /** Rounds towards zero, as ONNX integer Div does; equals floorDivide where both are provably >= 0. */
  truncatedDivide(other: Dim): Dim;
  ceilingDivide(other: Dim): Dim;
  /** Sign of the divisor (ONNX Mod with fmod = 0). */
  modulo(other: Dim): Dim;
  minimum(other: Dim): Dim;
  maximum(other: Dim): Dim;
  equals(other: Dim): boolean;
  /** Provably different for every value of the symbols (>= 0, or >= 1 for `positive` ones). */
  differs(other: Dim): boolean;
  /** Provable lower and upper bounds; undefined when unbounded. `positive`: names of symbols known to be >= 1. */
  bounds(positive?: ReadonlySet<string>): { readonly low: bigint | undefined; readonly high: bigint | undefined };
  symbols(): ReadonlySet<string>;
  substitute(values: ReadonlyMap<string, Dim>): Dim;
  /** Exact division: the dim q with q * other = this identically, or undefined. */
  divideExactly(other: Dim): Dim | undefined;
  evaluate(values: ReadonlyMap<string, bigint>): bigint;
  toString(): string;
}
/** The dim a dim_param names: an expression when it reads as one over known symbols (PyTorch writes `2*s53`, `((s0 - 1)//2) + 1`), else an opaque symbol. */
export declare function parseDim(text: string, isKnownSymbol: (name: string) => boolean): Dim;

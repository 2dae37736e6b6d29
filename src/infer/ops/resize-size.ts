/**
 * Sizes that Resize computes from floating-point factors. ONNX's own inference multiplies exactly, runtimes in float32,
 * and the two can land on different sides of an integer: a size is given only where both agree.
 */
import { Dim } from '../dim.ts';
import type { LawContext } from '../law.ts';

/**
 * Up to this numerator a product with a dimension below 65536 is exact in float32 (24 bits), so that the formula may
 * be kept for a dimension that is not known.
 */
const MAXIMUM_EXACT_NUMERATOR = 256n;

/** floor(input * scale), where every implementation gets the same; undefined where not. */
export function scaledSize(context: LawContext, input: Dim, scale: number): Dim | undefined {
  // Beyond the range of float32 it is no number to a runtime.
  if (!(scale > 0 && Number.isFinite(Math.fround(scale))))
    context.contradiction(`${context.node.opType} has a scale of ${scale}`);
  const { numerator, denominator } = fractionOf(Math.fround(scale));
  if (input.constant !== undefined) {
    const exact = (input.constant * numerator) / denominator;
    const single = Math.floor(Math.fround(Math.fround(Number(input.constant)) * Math.fround(scale)));
    return Number(exact) === single ? Dim.of(exact) : undefined;
  }
  if (numerator > MAXIMUM_EXACT_NUMERATOR) return undefined;
  return input.times(Dim.of(numerator)).floorDivide(Dim.of(denominator));
}

/**
 * keep_aspect_ratio_policy: one factor for all axes, the smallest size / input (`not_larger`) or the largest, and
 * sizes rounded with halves up. Undefined for the axes where exact and float32 arithmetic differ.
 */
export function fitSizes(
  inputs: readonly Dim[],
  sizes: readonly (Dim | undefined)[],
  notLarger: boolean,
): readonly (Dim | undefined)[] {
  if (inputs.length === 1) return sizes;
  const before = inputs.map((dim) => dim.constant);
  const wanted = sizes.map((dim) => dim?.constant);
  let numerator: bigint | undefined;
  let denominator = 1n;
  let single = notLarger ? Infinity : -Infinity;
  for (const [index, size] of wanted.entries()) {
    const old = before[index];
    if (size === undefined || old === undefined || old <= 0n) return sizes.map(() => undefined);
    const order = numerator === undefined ? 0n : size * denominator - numerator * old;
    if (numerator === undefined || (notLarger ? order < 0n : order > 0n)) [numerator, denominator] = [size, old];
    const factor = Math.fround(Number(size) / Number(old));
    single = notLarger ? Math.min(single, factor) : Math.max(single, factor);
  }
  const factor = numerator ?? 1n;
  return before.map((old) => {
    if (old === undefined) return undefined;
    const exact = (2n * factor * old + denominator) / (2n * denominator);
    const rounded = Math.floor(Math.fround(single * Number(old)) + 0.5);
    return Number(exact) === rounded ? Dim.of(exact) : undefined;
  });
}

/** A finite positive double as the exact fraction it is. */
function fractionOf(value: number): { readonly numerator: bigint; readonly denominator: bigint } {
  let scaled = value;
  let denominator = 1n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(scaled), denominator };
}

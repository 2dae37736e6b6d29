/** int64 stays exact: it is a bigint at every border, and a number only where it is known to be safe. */

export const INT64_MAX = 9223372036854775807n;
export const INT64_MIN = -9223372036854775808n;
export const INT32_MAX = 2147483647n;
export const INT32_MIN = -2147483648n;

/** The number that equals `value`, or undefined when a double cannot hold it exactly. */
export function toSafeNumber(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Division that rounds towards minus infinity, as Python's `//` and ONNX's integer Mod assume. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** The remainder with the sign of the divisor: `a - b * floorDivide(a, b)`. */
export function floorModulo(a: bigint, b: bigint): bigint {
  return a - b * floorDivide(a, b);
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

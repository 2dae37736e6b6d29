import { formatFloat32, formatFloat64 } from '../../base/decimal.ts';
import type { FieldSchema } from './schema.ts';

/** Least and greatest number of each type of integer; an enum is an int32. */
const ranges: Readonly<Record<string, readonly [least: bigint, greatest: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** Digits that a double holds whatever they are. */
const SAFE_DIGITS = 15;

export function integerTypeOf({ type }: FieldSchema): string {
  return type.kind === 'scalar' ? type.scalar : 'int32';
}

/** The number that `digits` (decimal, or with 0x or 0o) say; undefined when `type` cannot hold it. */
export function integerFrom(digits: string, isNegative: boolean, type: string): bigint | number | undefined {
  if (digits.length <= SAFE_DIGITS && !isNegative && type !== 'int32') return Number(digits);
  // A number too long for any of the types is not worth computing.
  if (digits.length > 70) return undefined;
  const value = isNegative ? -BigInt(digits) : BigInt(digits);
  const [least, greatest] = ranges[type] ?? [0n, 0n];
  return value < least || value > greatest ? undefined : value;
}

/**
 * The shortest decimal that reads back as the same float32 or double, spelt as Python spells it (`1e-05`, `1.0`), so that a
 * text of ours is the text that the onnx package writes. `nan`, `inf`, `-inf` as in the text format.
 */
export function formatFraction(value: number, isDouble: boolean): string {
  const text = isDouble ? formatFloat64(value) : formatFloat32(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return `${sign}0.0`;
  const leadingZeros = (whole + fraction).length - digits.length;
  /** Of the first digit. */
  const power = whole.length - 1 - leadingZeros + Number(exponent);
  const significant = digits.replace(/0+$/, '');
  if (power < -4 || power >= 16) {
    const [first = '', rest = ''] = [significant.slice(0, 1), significant.slice(1)];
    const size = String(Math.abs(power)).padStart(2, '0');
    return `${sign}${first}${rest === '' ? '' : `.${rest}`}e${power < 0 ? '-' : '+'}${size}`;
  }
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${significant}`;
  const padded = significant.padEnd(power + 1, '0');
  return `${sign}${padded.slice(0, power + 1)}.${padded.slice(power + 1) || '0'}`;
}

/** Decimal text of floating-point numbers that reads back as the same number. */

const SMALLEST_NORMAL = 2 ** -126;

/** Shortest decimal that reads back as this float32: `0.1`, not `0.10000000149011612`. `nan`, `inf`, `-inf`, `-0`. */
export function formatFloat32(value: number): string {
  // toPrecision would drop the sign of -0.
  if (value === 0 || !Number.isFinite(value) || Math.fround(value) !== value) return formatFloat64(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const tryDigits = (precision: number): number | undefined => {
    const rounded = Number(value.toPrecision(precision));
    return Math.fround(rounded) === value ? rounded : undefined;
  };
  if (Math.abs(value) < SMALLEST_NORMAL) {
    // Of a subnormal fewer digits may tell more than there are.
    for (let precision = 1; precision < 9; precision++) {
      const rounded = tryDigits(precision);
      if (rounded !== undefined) return formatFloat64(rounded);
    }
  } else {
    // Six digits hold every shorter decimal. Most floats need eight or nine, so those are tried first.
    const eight = tryDigits(8);
    if (eight !== undefined) {
      const seven = tryDigits(7);
      return formatFloat64((seven === undefined ? undefined : tryDigits(6)) ?? seven ?? eight);
    }
  }
  return formatFloat64(Number(value.toPrecision(9)));
}

/** Shortest decimal that reads back as this double. */
export function formatFloat64(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The double nearest to a numeric literal; undefined when a finite literal is too large for a double. */
export function parseFloat64(text: string): number | undefined {
  const special = parseSpecial(text);
  if (special !== undefined) return special;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The float32 nearest to a numeric literal, rounded once; undefined when a finite literal is too large for a float32. */
export function parseFloat32(text: string): number | undefined {
  const special = parseSpecial(text);
  if (special !== undefined) return special;
  const double = Number(text);
  const float = Math.fround(double);
  if (!Number.isFinite(float)) return undefined;
  // The double may stand exactly between two floats although the text does not: then the text decides, not the double.
  const neighbour = 2 * double - float;
  if (neighbour === float || Math.fround(neighbour) !== neighbour) return float;
  const order = compareDecimal(text, double);
  if (order === 0) return float;
  return order > 0 ? Math.max(float, neighbour) : Math.min(float, neighbour);
}

function parseSpecial(text: string): number | undefined {
  const isNegative = text.startsWith('-');
  const word = (isNegative ? text.slice(1) : text).toLowerCase();
  if (word === 'nan') return NaN;
  if (word !== 'inf' && word !== 'infinity') return undefined;
  return isNegative ? -Infinity : Infinity;
}

/** Sign of `decimal - double`, exactly. */
function compareDecimal(decimal: string, double: number): number {
  const [mantissa = '', exponentText = '0'] = decimal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  let left = BigInt(whole.replace('-', '') + fraction);
  if (whole.startsWith('-')) left = -left;
  const tens = Number(exponentText) - fraction.length;
  const [significand, twos] = partsOf(double);
  let right = significand;
  if (tens >= 0) left *= 10n ** BigInt(tens);
  else right *= 10n ** BigInt(-tens);
  if (twos >= 0) right *= 2n ** BigInt(twos);
  else left *= 2n ** BigInt(-twos);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A double as `mantissa * 2 ** exponent`. */
function partsOf(double: number): [mantissa: bigint, exponent: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, double);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return [double < 0 ? -mantissa : mantissa, Math.max(exponent, 1) - 1075];
}

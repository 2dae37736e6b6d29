/** erf and erfc to about one unit in the last place of a double: a series up to 1, a continued fraction beyond. */

const SERIES_FACTOR = 2 / Math.sqrt(Math.PI);

/** 2x/sqrt(pi) exp(-x^2) sum (2x^2)^n / (2n+1)!!: positive terms, so nothing cancels. */
function series(x: number): number {
  const square = 2 * x * x;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= square / (2 * n + 1);
    sum += term;
  }
  return x * SERIES_FACTOR * expOfSquare(x) * sum;
}

/** exp(-x^2), x split so that its square is exact in its upper half: exp would magnify the rounding of x * x. */
function expOfSquare(x: number): number {
  const head = Math.fround(x);
  return Math.exp(-head * head) * Math.exp((head - x) * (head + x));
}

/** exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) for x >= 1 (Abramowitz and Stegun 7.1.14). */
function fraction(x: number): number {
  let value = x;
  for (let n = Math.ceil(20 + 160 / (x * x)); n >= 1; n--) value = x + n / 2 / value;
  return expOfSquare(x) / (Math.sqrt(Math.PI) * value);
}

export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (magnitude < 1) return series(x);
  return Math.sign(x) * (magnitude > 6 ? 1 : 1 - fraction(magnitude));
}

/** 1 - erf(x), without the cancellation. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < 1) return 1 - erf(x);
  return x > 27.3 ? 0 : fraction(x);
}

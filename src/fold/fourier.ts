/** Discrete Fourier transforms in double, in time n log n for any length. */

export interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Below this length the defining sum is as fast, and the most accurate. */
const DIRECT_LENGTH = 64;

/** Sum over n of x[n] exp(-+ 2 pi i k n / N), for k < `bins`; the inverse is divided by N. */
export function transform(x: Spectrum, bins: number, inverse: boolean): Spectrum {
  const length = x.real.length;
  // The inverse transform is the forward one with real and imaginary parts exchanged, before and after.
  const entry = inverse ? { real: x.imaginary, imaginary: x.real } : x;
  const result =
    length <= DIRECT_LENGTH
      ? direct(entry, bins)
      : (length & (length - 1)) === 0
        ? powerOfTwo(entry)
        : anyLength(entry);
  const scale = inverse ? 1 / length : 1;
  const cut = (data: Float64Array): Float64Array => data.subarray(0, bins).map((value) => value * scale);
  const [real, imaginary] = [cut(result.real), cut(result.imaginary)];
  return inverse ? { real: imaginary, imaginary: real } : { real, imaginary };
}

function direct({ real, imaginary }: Spectrum, bins: number): Spectrum {
  const length = real.length;
  const cos = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sin = Float64Array.from({ length }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
  const result = { real: new Float64Array(bins), imaginary: new Float64Array(bins) };
  for (let k = 0; k < bins; k++) {
    let [a, b] = [0, 0];
    for (let n = 0; n < length; n++) {
      const turn = (k * n) % length;
      const [c, s] = [cos[turn] as number, sin[turn] as number];
      a += (real[n] as number) * c - (imaginary[n] as number) * s;
      b += (real[n] as number) * s + (imaginary[n] as number) * c;
    }
    result.real[k] = a;
    result.imaginary[k] = b;
  }
  return result;
}

/** Cooley and Tukey's, in place on a copy in bit-reversed order. */
function powerOfTwo(x: Spectrum): Spectrum {
  const length = x.real.length;
  const [real, imaginary] = [new Float64Array(length), new Float64Array(length)];
  for (let i = 0, reversed = 0; i < length; i++) {
    real[reversed] = x.real[i] as number;
    imaginary[reversed] = x.imaginary[i] as number;
    let bit = length >> 1;
    for (; bit > 0 && (reversed & bit) !== 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos((2 * Math.PI * k) / size), -Math.sin((2 * Math.PI * k) / size)];
      for (let at = k; at < length; at += size) {
        const [a, b] = [real[at + half] as number, imaginary[at + half] as number];
        const [turnedReal, turnedImaginary] = [a * c - b * s, a * s + b * c];
        real[at + half] = (real[at] as number) - turnedReal;
        imaginary[at + half] = (imaginary[at] as number) - turnedImaginary;
        real[at] = (real[at] as number) + turnedReal;
        imaginary[at] = (imaginary[at] as number) + turnedImaginary;
      }
    }
  }
  return { real, imaginary };
}

/** Bluestein's: kn = (k^2 + n^2 - (k - n)^2) / 2 makes the transform a convolution, which powers of two compute. */
function anyLength(x: Spectrum): Spectrum {
  const length = x.real.length;
  let size = 1;
  while (size < 2 * length - 1) size *= 2;
  const chirp = (n: number): readonly [number, number] => {
    // n^2 modulo 2N keeps the angle small; n^2 itself is exact below 2^53.
    const angle = (Math.PI * ((n * n) % (2 * length))) / length;
    return [Math.cos(angle), -Math.sin(angle)];
  };
  const a = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  const b = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (let n = 0; n < length; n++) {
    const [c, s] = chirp(n);
    const [re, im] = [x.real[n] as number, x.imaginary[n] as number];
    a.real[n] = re * c - im * s;
    a.imaginary[n] = re * s + im * c;
    for (const at of n === 0 ? [0] : [n, size - n]) {
      b.real[at] = c;
      b.imaginary[at] = -s;
    }
  }
  const [p, q] = [powerOfTwo(a), powerOfTwo(b)];
  const product = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (let k = 0; k < size; k++) {
    const [pr, pi] = [p.real[k] as number, p.imaginary[k] as number];
    const [qr, qi] = [q.real[k] as number, q.imaginary[k] as number];
    product.real[k] = pr * qr - pi * qi;
    product.imaginary[k] = pr * qi + pi * qr;
  }
  const back = powerOfTwo({ real: product.imaginary, imaginary: product.real });
  const result = { real: new Float64Array(length), imaginary: new Float64Array(length) };
  for (let k = 0; k < length; k++) {
    const [c, s] = chirp(k);
    const [re, im] = [(back.imaginary[k] as number) / size, (back.real[k] as number) / size];
    result.real[k] = re * c - im * s;
    result.imaginary[k] = re * s + im * c;
  }
  return result;
}

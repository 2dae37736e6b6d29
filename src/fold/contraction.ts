/** Matrix products in double, and the index tables of sliding windows: what MatMul, Gemm, Conv and the pools share. */

/**
 * c[m, n] += a[m, k] b[k, n], row-major, each from its offset. Four rows of b at a time, all in Float64Array: engines keep
 * the inner loop in registers (Swin-T evaluates in 8 s, instead of 35 s on arrays of changing types).
 */
export function multiplyMatrices(
  a: Float64Array,
  aOffset: number,
  b: Float64Array,
  bOffset: number,
  c: Float64Array,
  cOffset: number,
  m: number,
  k: number,
  n: number,
): void {
  const whole = k - (k % 4);
  for (let i = 0; i < m; i++) {
    const row = cOffset + i * n;
    const left = aOffset + i * k;
    for (let p = 0; p < whole; p += 4) {
      const f0 = a[left + p] as number;
      const f1 = a[left + p + 1] as number;
      const f2 = a[left + p + 2] as number;
      const f3 = a[left + p + 3] as number;
      const b0 = bOffset + p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++)
        c[row + j] =
          (c[row + j] as number) +
          f0 * (b[b0 + j] as number) +
          f1 * (b[b1 + j] as number) +
          f2 * (b[b2 + j] as number) +
          f3 * (b[b3 + j] as number);
    }
    for (let p = whole; p < k; p++) {
      const factor = a[left + p] as number;
      const from = bOffset + p * n;
      for (let j = 0; j < n; j++) c[row + j] = (c[row + j] as number) + factor * (b[from + j] as number);
    }
  }
}

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before each spatial axis. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly output: readonly number[];
}

/** For each place of the output and each tap of the kernel the linear place in the input, or -1 in the padding. */
export function windowTable(
  input: readonly number[],
  { kernel, strides, dilations, begin, output }: Window,
): Int32Array {
  let table = Int32Array.of(0);
  let places = 1;
  let taps = 1;
  for (let axis = 0; axis < input.length; axis++) {
    const [dim, size, out] = [input[axis], kernel[axis], output[axis]] as [number, number, number];
    const [stride, dilation, before] = [strides[axis], dilations[axis], begin[axis]] as [number, number, number];
    const next = new Int32Array(places * out * taps * size);
    let put = 0;
    for (let place = 0; place < places; place++) {
      for (let o = 0; o < out; o++) {
        for (let tap = 0; tap < taps; tap++) {
          const outer = table[place * taps + tap] as number;
          for (let k = 0; k < size; k++) {
            const at = o * stride + k * dilation - before;
            next[put++] = outer < 0 || at < 0 || at >= dim ? -1 : outer * dim + at;
          }
        }
      }
    }
    table = next;
    places *= out;
    taps *= size;
  }
  return table;
}

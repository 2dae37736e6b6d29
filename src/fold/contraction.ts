/** Matrix products in double, and the index tables of sliding windows: what MatMul, Gemm, Conv and the pools share. */

/** Parts of b that stay in the cache of a core while all rows of a pass by: 256 KiB of doubles. */
const BLOCK_ROWS = 128;
const BLOCK_COLUMNS = 256;

/**
 * c[m, n] += a[m, k] b[k, n], row-major, each from its offset. Every element of c is summed along k from front to back, whatever
 * the blocks, so that its bits do not depend on them. Two rows of a and four of b at a time, all in Float64Array: engines
 * keep the inner loop in registers.
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
  for (let column = 0; column < n; column += BLOCK_COLUMNS) {
    const columns = Math.min(BLOCK_COLUMNS, n - column);
    for (let row = 0; row < k; row += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, k - row);
      const from = bOffset + row * n + column;
      let i = 0;
      for (; i + 2 <= m; i += 2)
        addRows(a, aOffset + i * k + row, k, b, from, n, c, cOffset + i * n + column, rows, columns);
      if (i < m) addRow(a, aOffset + i * k + row, b, from, n, c, cOffset + i * n + column, rows, columns);
    }
  }
}

/** Two rows of c, `n` apart, of which the second takes the row of a that is `k` further on. */
function addRows(
  a: Float64Array,
  left: number,
  k: number,
  b: Float64Array,
  from: number,
  n: number,
  c: Float64Array,
  top: number,
  rows: number,
  columns: number,
): void {
  const bottom = top + n;
  const whole = rows - (rows % 4);
  for (let p = 0; p < whole; p += 4) {
    const f0 = a[left + p] as number;
    const f1 = a[left + p + 1] as number;
    const f2 = a[left + p + 2] as number;
    const f3 = a[left + p + 3] as number;
    const g0 = a[left + k + p] as number;
    const g1 = a[left + k + p + 1] as number;
    const g2 = a[left + k + p + 2] as number;
    const g3 = a[left + k + p + 3] as number;
    const b0 = from + p * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let j = 0; j < columns; j++) {
      const x0 = b[b0 + j] as number;
      const x1 = b[b1 + j] as number;
      const x2 = b[b2 + j] as number;
      const x3 = b[b3 + j] as number;
      c[top + j] = (c[top + j] as number) + f0 * x0 + f1 * x1 + f2 * x2 + f3 * x3;
      c[bottom + j] = (c[bottom + j] as number) + g0 * x0 + g1 * x1 + g2 * x2 + g3 * x3;
    }
  }
  for (let p = whole; p < rows; p++) {
    const f = a[left + p] as number;
    const g = a[left + k + p] as number;
    const at = from + p * n;
    for (let j = 0; j < columns; j++) {
      const x = b[at + j] as number;
      c[top + j] = (c[top + j] as number) + f * x;
      c[bottom + j] = (c[bottom + j] as number) + g * x;
    }
  }
}

function addRow(
  a: Float64Array,
  left: number,
  b: Float64Array,
  from: number,
  n: number,
  c: Float64Array,
  top: number,
  rows: number,
  columns: number,
): void {
  const whole = rows - (rows % 4);
  for (let p = 0; p < whole; p += 4) {
    const f0 = a[left + p] as number;
    const f1 = a[left + p + 1] as number;
    const f2 = a[left + p + 2] as number;
    const f3 = a[left + p + 3] as number;
    const b0 = from + p * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let j = 0; j < columns; j++)
      c[top + j] =
        (c[top + j] as number) +
        f0 * (b[b0 + j] as number) +
        f1 * (b[b1 + j] as number) +
        f2 * (b[b2 + j] as number) +
        f3 * (b[b3 + j] as number);
  }
  for (let p = whole; p < rows; p++) {
    const factor = a[left + p] as number;
    const at = from + p * n;
    for (let j = 0; j < columns; j++) c[top + j] = (c[top + j] as number) + factor * (b[at + j] as number);
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

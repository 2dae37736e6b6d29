/** DFT STFT, the windows, MelWeightMatrix and Det. Transforms are sums in double. */
import type { NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { transform } from '../fourier.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, normalAxis, safeNumber, scalarIn } from '../kernel.ts';
import { transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';
import { typeAttribute } from './cast.ts';

/** Input [..., 1 or 2], real or complex, transformed along one axis, which is cut or padded to dft_length. */
function runDft(context: KernelContext): NDArray {
  const x = context.input(0);
  const rank = x.dims.length;
  const given = context.opset >= 20 ? context.integers(2)?.[0] : context.attributes.int('axis');
  const axis = normalAxis(given ?? (context.opset >= 20 ? -2n : 1n), rank);
  const lanes = x.dims[rank - 1];
  if (axis === rank - 1 || (lanes !== 1 && lanes !== 2))
    return refuse('DFT needs a last axis of real or complex numbers');
  const [inverse, oneSided] = [context.flag('inverse'), context.flag('onesided')];
  const length = context.integers(1)?.[0];
  const available = x.dims[axis] as number;
  const restores = inverse && oneSided;
  const size = length === undefined ? (restores ? 2 * (available - 1) : available) : safeNumber(length);
  if (size < 1) return refuse(`a transform of ${size} points`);
  if (oneSided && !inverse && lanes === 2) return refuse('a one-sided transform of complex numbers');
  const bins = oneSided && !inverse ? Math.floor(size / 2) + 1 : size;
  const outputLanes = restores ? 1 : 2;
  const order = [...x.dims.map((_, at) => at).filter((at) => at !== axis && at !== rank - 1), axis, rank - 1];
  const rows = doublesIn(transposed(x, order));
  const count = product(x.dims) / (available * lanes);
  const data = new Float64Array(count * bins * outputLanes);
  for (let row = 0; row < count; row++) {
    const entry = { real: new Float64Array(size), imaginary: new Float64Array(size) };
    const known = Math.min(available, restores ? Math.floor(size / 2) + 1 : size);
    for (let n = 0; n < known; n++) {
      const at = (row * available + n) * lanes;
      entry.real[n] = rows[at] as number;
      entry.imaginary[n] = lanes === 2 ? (rows[at + 1] as number) : 0;
      // The other half of the spectrum of a real signal is the conjugate of the first.
      if (restores && n > 0 && n < size - n) {
        entry.real[size - n] = entry.real[n] as number;
        entry.imaginary[size - n] = -(entry.imaginary[n] as number);
      }
    }
    const { real, imaginary } = transform(entry, bins, inverse);
    for (let k = 0; k < bins; k++) {
      data[(row * bins + k) * outputLanes] = real[k] as number;
      if (outputLanes === 2) data[(row * bins + k) * 2 + 1] = imaginary[k] as number;
    }
  }
  const dims = order.map((at) => (at === axis ? bins : at === rank - 1 ? outputLanes : (x.dims[at] as number)));
  const back = order.map((_, at) => order.indexOf(at));
  return converted(transposed({ dataType: 'double', dims, data }, back), x.dataType);
}

/** Signal [batch, length, 1 or 2] cut into windowed frames: [batch, frames, bins, 2]. */
function runStft(context: KernelContext): NDArray {
  const signal = context.input(0);
  const [batches, length, lanes = 1] = signal.dims as [number, number, number?];
  const step = scalarIn(context.input(1));
  const window = context.optional(2) && doublesIn(context.input(2));
  const size = context.optional(3) === undefined ? (window?.length ?? length) : scalarIn(context.input(3));
  if (window !== undefined && window.length !== size) return refuse('the window is not as long as a frame');
  if (step < 1 || size > length) return refuse('frames do not fit the signal');
  const oneSided = (context.attributes.int('onesided') ?? 1n) !== 0n && lanes === 1;
  const bins = oneSided ? Math.floor(size / 2) + 1 : size;
  const frames = Math.floor((length - size) / step) + 1;
  const values = doublesIn(signal);
  const data = new Float64Array(batches * frames * bins * 2);
  for (let b = 0; b < batches; b++) {
    for (let frame = 0; frame < frames; frame++) {
      const entry = { real: new Float64Array(size), imaginary: new Float64Array(size) };
      for (let n = 0; n < size; n++) {
        const at = (b * length + frame * step + n) * lanes;
        const factor = window?.[n] ?? 1;
        entry.real[n] = factor * (values[at] as number);
        entry.imaginary[n] = lanes === 2 ? factor * (values[at + 1] as number) : 0;
      }
      const { real, imaginary } = transform(entry, bins, false);
      for (let k = 0; k < bins; k++) {
        const put = ((b * frames + frame) * bins + k) * 2;
        data[put] = real[k] as number;
        data[put + 1] = imaginary[k] as number;
      }
    }
  }
  return converted({ dataType: 'double', dims: [batches, frames, bins, 2], data }, signal.dataType);
}

/** A sum of cosines: a0 + a1 cos(2 pi n / N) + a2 cos(4 pi n / N), N one less when symmetric. */
function windowKernel(opType: string, [a0, a1, a2]: readonly [number, number, number]): Kernel {
  return kernel([opType], {
    exactness: 'bounded',
    ulp: 2,
    run: (context) => {
      const size = scalarIn(context.input(0));
      const periodic = (context.attributes.int('periodic') ?? 1n) !== 0n;
      const period = periodic ? size : size - 1;
      if (size < 0 || period === 0) return refuse(`a window of ${size}`);
      const angle = (2 * Math.PI) / period;
      const data = Float64Array.from(
        { length: size },
        (_, n) => a0 + a1 * Math.cos(angle * n) + a2 * Math.cos(2 * angle * n),
      );
      return converted(
        { dataType: 'double', dims: [size], data },
        typeAttribute(context, 'output_datatype') ?? 'float',
      );
    },
  });
}

/** Triangles evenly spaced in mel over the bins of a spectrum: [bins, num_mel_bins]. */
function runMelWeightMatrix(context: KernelContext): NDArray {
  const [count, length, rate, low, high] = [0, 1, 2, 3, 4].map((index) => scalarIn(context.input(index))) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const bins = Math.floor(length / 2) + 1;
  const mel = (hertz: number): number => (2595 * Math.log1p(hertz / 700)) / Math.LN10;
  const step = (mel(high) - mel(low)) / (count + 2);
  const edges = Array.from({ length: count + 2 }, (_, index) => {
    const hertz = 700 * Math.expm1(((mel(low) + index * step) / 2595) * Math.LN10);
    return Math.floor(((length + 1) * hertz) / rate);
  });
  if (edges.some((edge) => edge < 0 || edge >= bins)) return refuse('mel bins reach beyond the spectrum');
  const data = new Float64Array(bins * count);
  for (let i = 0; i < count; i++) {
    const [from, centre, to] = edges.slice(i, i + 3) as [number, number, number];
    if (from === centre) data[centre * count + i] = 1;
    else for (let j = from; j <= centre; j++) data[j * count + i] = (j - from) / (centre - from);
    for (let j = centre; j < to; j++) data[j * count + i] = (to - j) / (to - centre);
  }
  return converted(
    { dataType: 'double', dims: [bins, count], data },
    typeAttribute(context, 'output_datatype') ?? 'float',
  );
}

/** By elimination with partial pivoting. */
function determinant(matrix: Float64Array, n: number): number {
  let result = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (Math.abs(matrix[row * n + column] as number) > Math.abs(matrix[pivot * n + column] as number)) pivot = row;
    const head = matrix[pivot * n + column] as number;
    if (head === 0) return 0;
    if (pivot !== column) {
      for (let k = 0; k < n; k++)
        [matrix[pivot * n + k], matrix[column * n + k]] = [
          matrix[column * n + k] as number,
          matrix[pivot * n + k] as number,
        ];
      result = -result;
    }
    result *= head;
    for (let row = column + 1; row < n; row++) {
      const factor = (matrix[row * n + column] as number) / head;
      for (let k = column; k < n; k++)
        matrix[row * n + k] = (matrix[row * n + k] as number) - factor * (matrix[column * n + k] as number);
    }
  }
  return result;
}

function runDet(context: KernelContext): NDArray {
  const x = context.input(0);
  const n = x.dims.at(-1) ?? 0;
  if (x.dims.length < 2 || x.dims.at(-2) !== n) return refuse('Det of a matrix that is not square');
  const values = doublesIn(x);
  const dims = x.dims.slice(0, -2);
  const data = Float64Array.from({ length: product(dims) }, (_, index) =>
    determinant(values.slice(index * n * n, (index + 1) * n * n), n),
  );
  return converted({ dataType: 'double', dims, data }, x.dataType);
}

export const signalKernels: readonly Kernel[] = [
  kernel(['DFT'], { exactness: 'bounded', ulp: 8, run: runDft }),
  kernel(['STFT'], { exactness: 'bounded', ulp: 8, run: runStft }),
  windowKernel('HannWindow', [0.5, -0.5, 0]),
  windowKernel('HammingWindow', [25 / 46, -21 / 46, 0]),
  windowKernel('BlackmanWindow', [0.42, -0.5, 0.08]),
  kernel(['MelWeightMatrix'], { exactness: 'bounded', ulp: 2, run: runMelWeightMatrix }),
  kernel(['Det'], { exactness: 'bounded', ulp: 8, run: runDet }),
];

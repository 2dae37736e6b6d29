/** ai.onnx.ml operators on feature matrices: ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer Normalizer Scaler. */
import { isFloatType } from '../../ir/data-type.ts';
import { countOf, isBigData, isStringData, type NDArray } from '../array.ts';
import { converted, fromDoubles } from '../convert.ts';
import { mapBigs, mapNumbers } from '../elementwise.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { cloneArray, gatherRuns, reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';
import { indicesIn } from './gather.ts';
import { concatenated } from './movement.ts';
import { padded, zeroOf } from './pad.ts';

/** Columns picked by index; of a vector the result is a matrix of one row, as in ONNX Runtime and the reference. */
function runArrayFeatureExtractor(context: KernelContext): NDArray {
  const x = context.input(0);
  const width = x.dims.at(-1) ?? refuse('ArrayFeatureExtractor of a scalar');
  const picked = indicesIn(context.input(1), width, false);
  const outer = width === 0 ? 0 : countOf(x) / width;
  const positions = new Float64Array(outer * picked.length);
  for (let i = 0, put = 0; i < outer; i++) for (const at of picked) positions[put++] = i * width + at;
  const lead = x.dims.length === 1 ? [1] : x.dims.slice(0, -1);
  return gatherRuns(x, positions, 1, [...lead, picked.length]);
}

function runBinarizer(context: KernelContext): NDArray {
  const x = context.input(0);
  const threshold = context.float('threshold');
  if (isBigData(x.data)) return mapBigs(x, (value) => (value > threshold ? 1n : 0n));
  return mapNumbers(x, (value) => (value > threshold ? 1 : 0));
}

/** Inputs side by side, each cut or padded with zeros to its size. A vector is read as a row, [1, C]. */
function runFeatureVectorizer(context: KernelContext): NDArray {
  const sizes = context.ints('inputdimensions') ?? refuse('FeatureVectorizer has no inputdimensions');
  const parts = context.all().map((array, index) => {
    const matrix = array.dims.length === 1 ? reshaped(array, [1, countOf(array)]) : array;
    if (matrix.dims.length !== 2) return refuse('FeatureVectorizer of other than vectors and matrices');
    if (array.dims.length === 1 && countOf(array) !== sizes[index])
      context.disputed('implementations disagree on a vector of another size');
    const float = converted(matrix, 'float');
    const missing = (sizes[index] ?? refuse('inputdimensions are too few')) - (matrix.dims[1] as number);
    return padded(float, [0, 0, 0, missing], 'constant', zeroOf(float));
  });
  return concatenated(parts, 1);
}

/** One value replaced by another, which may differ by column; NaN counts as equal to NaN. */
function runImputer(context: KernelContext): NDArray {
  const x = context.input(0);
  if (isStringData(x.data)) return refuse('Imputer of strings');
  const width = x.dims.at(-1) ?? 1;
  const isReal = isFloatType(x.dataType);
  const values = isReal
    ? context.attributes.floats('imputed_value_floats')
    : context.attributes.ints('imputed_value_int64s');
  const replaced = isReal ? context.float('replaced_value_float') : context.attributes.int('replaced_value_int64');
  if (values === undefined || replaced === undefined || (values.length !== 1 && values.length !== width))
    return refuse('the imputed values do not fit');
  const result = cloneArray(x);
  const data = result.data as Float64Array | BigInt64Array;
  for (let i = 0; i < data.length; i++) {
    const own = isBigData(data) || isReal ? data[i] : BigInt(data[i] as number);
    if (own !== replaced && !(Number.isNaN(own) && Number.isNaN(replaced))) continue;
    const value = values[values.length === 1 ? 0 : i % width] as number | bigint;
    if (isBigData(data)) data[i] = value as bigint;
    else data[i] = Number(value);
  }
  return result;
}

const norms: ReadonlyMap<string, (row: Float64Array) => number> = new Map([
  ['MAX', (row) => row.reduce((most, value) => Math.max(most, value), -Infinity)],
  ['L1', (row) => row.reduce((sum, value) => sum + Math.abs(value), 0)],
  ['L2', (row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))],
]);

/** Each row divided by its norm, or left as it is where that is 0. */
function runNormalizer(context: KernelContext): NDArray {
  const x = context.input(0);
  if (x.dims.length === 0 || x.dims.length > 2) return refuse('Normalizer of other than [C] and [N, C]');
  const name = context.attributes.string('norm') ?? 'MAX';
  const norm = norms.get(name) ?? refuse(`the norm '${name}'`);
  const data = Float64Array.from(doublesIn(x));
  // The standard's text takes the maximum of the elements, the reference that of their magnitudes.
  if (name === 'MAX' && data.some((value) => value < 0)) context.disputed('the maximum norm of negative numbers');
  const width = x.dims.at(-1) as number;
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    const divisor = norm(row);
    if (divisor !== 0) for (let i = 0; i < width; i++) row[i] = (row[i] as number) / divisor;
  }
  return fromDoubles(data, x.dims, 'float');
}

/** (x - offset) * scale, each given once or by column. */
function runScaler(context: KernelContext): NDArray {
  const x = context.input(0);
  const width = x.dims.at(-1) ?? 1;
  const [offset, scale] = ['offset', 'scale'].map((name) => context.attributes.floats(name)) as [
    readonly number[] | undefined,
    readonly number[] | undefined,
  ];
  for (const list of [offset, scale])
    if (list !== undefined && list.length !== 1 && list.length !== width) return refuse('offset or scale do not fit');
  const at = (list: readonly number[] | undefined, index: number, standard: number): number =>
    list === undefined ? standard : (list[list.length === 1 ? 0 : index % width] as number);
  const data = doublesIn(x).map((value, index) => (value - at(offset, index, 0)) * at(scale, index, 1));
  return fromDoubles(data, x.dims, 'float');
}

export const featureKernels: readonly Kernel[] = [
  kernel(['ai.onnx.ml::ArrayFeatureExtractor'], { exactness: 'exact', run: runArrayFeatureExtractor }),
  kernel(['ai.onnx.ml::Binarizer'], { exactness: 'exact', run: runBinarizer }),
  kernel(['ai.onnx.ml::FeatureVectorizer'], { exactness: 'exact', run: runFeatureVectorizer }),
  kernel(['ai.onnx.ml::Imputer'], { exactness: 'exact', run: runImputer }),
  kernel(['ai.onnx.ml::Normalizer'], { exactness: 'bounded', ulp: 2, run: runNormalizer }),
  kernel(['ai.onnx.ml::Scaler'], { exactness: 'bounded', ulp: 2, run: runScaler }),
];

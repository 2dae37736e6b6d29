/** Arrays from little: Constant ConstantOfShape Shape Size Range EyeLike OneHot. */
import { type DataType, isFloatType } from '../../ir/data-type.ts';
import { elementCountOf, type SparseTensor } from '../../ir/tensor.ts';
import {
  arrayOf,
  countOf,
  createData,
  createNumbers,
  int64Array,
  isBigData,
  isStringData,
  type NDArray,
} from '../array.ts';
import { converted } from '../convert.ts';
import { roundingTo } from '../float-formats.ts';
import { integersIn, type Kernel, kernel, type KernelContext, normalAxis, numbersIn, scalarIn } from '../kernel.ts';
import { gatherRuns, gatherStrided, reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';
import { typeAttribute } from './cast.ts';
import { concatenated } from './movement.ts';

function runConstant({ attributes }: KernelContext): NDArray {
  const tensor = attributes.tensor('value');
  if (tensor !== undefined)
    return tensor.isResident ? arrayOf(tensor) : refuse('the value of the Constant is not in memory');
  const int = attributes.int('value_int');
  if (int !== undefined) return int64Array([int], []);
  const ints = attributes.ints('value_ints');
  if (ints !== undefined) return int64Array(ints);
  const float = attributes.float('value_float');
  if (float !== undefined) return { dataType: 'float', dims: [], data: Float32Array.of(float) };
  const floats = attributes.floats('value_floats');
  if (floats !== undefined) return { dataType: 'float', dims: [floats.length], data: Float32Array.from(floats) };
  const string = attributes.bytes('value_string');
  if (string !== undefined) return { dataType: 'string', dims: [], data: [string] };
  const strings = attributes.bytesList('value_strings');
  if (strings !== undefined) return { dataType: 'string', dims: [strings.length], data: strings };
  return densified(attributes.sparseTensor('sparse_value') ?? refuse('the Constant has no value'));
}

/** A sparse value made dense: zeros, but at `indices`, linear or one row each. Refuses what is not in memory. */
export function densified(sparse: SparseTensor): NDArray {
  if (!sparse.values.isResident || !sparse.indices.isResident) return refuse('a sparse value is not in memory');
  const values = arrayOf(sparse.values);
  const indices = arrayOf(sparse.indices);
  const positions = integersIn(indices).map(Number);
  const rank = sparse.dims.length;
  const count = elementCountOf(sparse.dims);
  const linear =
    indices.dims.length === 1
      ? positions
      : Array.from({ length: countOf(values) }, (_, row) =>
          sparse.dims.reduce((at, dim, axis) => at * dim + (positions[row * rank + axis] as number), 0),
        );
  // Element `count of values` of the extended source is the zero.
  const zero: NDArray = isStringData(values.data)
    ? { dataType: 'string', dims: [1], data: [new Uint8Array(0)] }
    : { dataType: values.dataType, dims: [1], data: createData(values.dataType, 1) };
  const source = concatenated([values, zero], 0);
  const from = new Uint32Array(count).fill(countOf(values));
  linear.forEach((at, index) => {
    if (at < 0 || at >= count) refuse(`index ${at} of a sparse value is out of range`);
    from[at] = index;
  });
  return gatherRuns(source, from, 1, sparse.dims);
}

function runConstantOfShape(context: KernelContext): NDArray {
  const dims = context.numbers(0) ?? refuse('ConstantOfShape has no shape');
  const tensor = context.attributes.tensor('value');
  const value: NDArray =
    tensor === undefined ? { dataType: 'float', dims: [1], data: new Float32Array(1) } : arrayOf(tensor);
  if (countOf(value) !== 1) return refuse('the value of ConstantOfShape is not one element');
  elementCountOf(dims);
  return gatherStrided(
    reshaped(value, []),
    dims,
    dims.map(() => 0),
  );
}

function runShape(context: KernelContext): NDArray {
  const { dims } = context.input(0);
  const clamp = (value: bigint): number => {
    const at = Number(value) + (value < 0n ? dims.length : 0);
    return Math.min(Math.max(at, 0), dims.length);
  };
  const start = clamp(context.attributes.int('start') ?? 0n);
  const end = clamp(context.attributes.int('end') ?? BigInt(dims.length));
  return int64Array(dims.slice(start, Math.max(start, end)));
}

/** start + i * delta, computed in the type itself; half types compute in float or double since Range-27 (stash_type). */
function runRange(context: KernelContext): NDArray {
  const [start, limit, delta] = [context.input(0), context.input(1), context.input(2)];
  const { dataType } = start;
  if (limit.dataType !== dataType || delta.dataType !== dataType)
    return refuse('start, limit and delta differ in type');
  if (!isFloatType(dataType)) return integerRange(start, limit, delta);
  const [from, to, step] = [scalarIn(start), scalarIn(limit), scalarIn(delta)];
  if (step === 0 || ![from, to, step].every(Number.isFinite)) return refuse(`Range from ${from} to ${to} by ${step}`);
  const count = Math.max(0, Math.ceil((to - from) / step));
  const stash = typeAttribute(context, 'stash_type') ?? dataType;
  const inner: DataType = dataType === 'float' || dataType === 'double' ? dataType : stash;
  const round = roundingTo(inner) ?? (inner === 'double' ? (x: number): number => x : Math.fround);
  const data = createNumbers(inner, count);
  for (let i = 0; i < count; i++) data[i] = round(from + round(i * step));
  return converted({ dataType: inner, dims: [count], data }, dataType);
}

function integerRange(start: NDArray, limit: NDArray, delta: NDArray): NDArray {
  const [from, to, step] = [start, limit, delta].map((array) => integersIn(array)[0]) as [bigint, bigint, bigint];
  if (step === 0n) return refuse('the delta of a Range is 0');
  const distance = step > 0n ? to - from : from - to;
  const stride = step > 0n ? step : -step;
  const count = distance <= 0n ? 0 : Number((distance + stride - 1n) / stride);
  elementCountOf([count]);
  const data = createData(start.dataType, count);
  for (let i = 0; i < count; i++) {
    const value = from + BigInt(i) * step;
    if (isBigData(data)) data[i] = value;
    else data[i] = Number(value);
  }
  return { dataType: start.dataType, dims: [count], data };
}

function runEyeLike(context: KernelContext): NDArray {
  const array = context.input(0);
  const [rows, columns] = array.dims;
  if (rows === undefined || columns === undefined || array.dims.length !== 2)
    return refuse('EyeLike of other than a matrix');
  const dataType = typeAttribute(context, 'dtype') ?? array.dataType;
  const diagonal = context.int('k');
  const data = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const column = row + diagonal;
    if (column >= 0 && column < columns) data[row * columns + column] = 1;
  }
  return converted({ dataType: 'uint8', dims: [rows, columns], data }, dataType);
}

function runOneHot(context: KernelContext): NDArray {
  const indices = context.input(0);
  const [off, on] = [0, 1];
  const values = context.input(2);
  if (countOf(values) !== 2) return refuse('values of OneHot are not two');
  const depth = Math.trunc(scalarIn(context.input(1)));
  const axis = normalAxis(context.attributes.int('axis') ?? -1n, indices.dims.length + 1);
  const dims = [...indices.dims.slice(0, axis), depth, ...indices.dims.slice(axis)];
  const inner = product(indices.dims.slice(axis));
  const outer = product(indices.dims.slice(0, axis));
  const hot = isBigData(indices.data) ? Float64Array.from(indices.data, Number) : numbersIn(indices);
  const from = new Uint8Array(elementCountOf(dims)).fill(off);
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      const index = hot[i * inner + k] as number;
      // Before OneHot-11 a negative index had no meaning; both readings give rows of `off` or wrap as below.
      const at = index < 0 ? index + depth : index;
      if (Number.isInteger(at) && at >= 0 && at < depth) from[(i * depth + at) * inner + k] = on;
    }
  }
  return gatherRuns(values, from, 1, dims);
}

export const generateKernels: readonly Kernel[] = [
  kernel(['Constant'], { exactness: 'exact', run: runConstant }),
  kernel(['ConstantOfShape'], { exactness: 'exact', run: runConstantOfShape }),
  kernel(['Shape'], { exactness: 'exact', run: runShape }),
  kernel(['Size'], { exactness: 'exact', run: (context) => int64Array([countOf(context.input(0))], []) }),
  kernel(['Range'], {
    exactness: (context) => (isFloatType(context.input(0).dataType) ? 'bounded' : 'exact'),
    ulp: 2,
    run: runRange,
  }),
  kernel(['EyeLike'], { exactness: 'exact', run: runEyeLike }),
  kernel(['OneHot'], { exactness: 'exact', run: runOneHot }),
];

/** Many elements to one: the Reduce* family, ArgMax ArgMin, CumSum CumProd. Floats are summed in double and rounded once. */
import { type DataType, isFloatType, isIntegerType } from '../../ir/data-type.ts';
import { countOf, createData, createNumbers, isBigData, isStringData, type NDArray } from '../array.ts';
import { integerRange } from '../convert.ts';
import { roundingTo } from '../float-formats.ts';
import {
  exactOnIntegers,
  type Kernel,
  kernel,
  type KernelContext,
  normalAxes,
  normalAxis,
  scalarIn,
} from '../kernel.ts';
import { transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';

/** A run of `length` numbers of `data`, from `start` on. */
type Run<Result, Data> = (data: Data, start: number, length: number) => Result;

interface Reduction {
  readonly float: Run<number, ArrayLike<number>>;
  /** Integers of at most 32 bits; the result is reduced when it is stored. Absent: computed as a float and truncated. */
  readonly integer?: Run<number, ArrayLike<number>>;
  readonly big?: Run<bigint, ArrayLike<bigint>>;
}

function folding(
  initial: number,
  step: (total: number, x: number) => number,
  finish = (total: number, _length: number): number => total,
): Run<number, ArrayLike<number>> {
  return (data, start, length) => {
    let total = initial;
    for (let i = start; i < start + length; i++) total = step(total, data[i] as number);
    return finish(total, length);
  };
}

function foldingBigs(initial: bigint, step: (total: bigint, x: bigint) => bigint): Run<bigint, ArrayLike<bigint>> {
  return (data, start, length) => {
    let total = initial;
    for (let i = start; i < start + length; i++) total = step(total, data[i] as bigint);
    return total;
  };
}

const wrap = (x: bigint): bigint => BigInt.asIntN(64, x);
const sum = folding(0, (total, x) => total + x);

const logSumExp: Run<number, ArrayLike<number>> = (data, start, length) => {
  let highest = -Infinity;
  for (let i = start; i < start + length; i++) highest = Math.max(highest, data[i] as number);
  if (!Number.isFinite(highest)) return highest;
  let total = 0;
  for (let i = start; i < start + length; i++) total += Math.exp((data[i] as number) - highest);
  return highest + Math.log(total);
};

const reductions: Readonly<Record<string, Reduction>> = {
  ReduceSum: { float: sum, integer: sum, big: foldingBigs(0n, (total, x) => total + x) },
  ReduceMean: {
    float: folding(
      0,
      (total, x) => total + x,
      (total, length) => total / length,
    ),
    big: (data, start, length) => foldingBigs(0n, (total, x) => total + x)(data, start, length) / BigInt(length),
  },
  ReduceProd: {
    float: folding(1, (total, x) => total * x),
    integer: folding(1, Math.imul),
    big: foldingBigs(1n, (total, x) => wrap(total * x)),
  },
  ReduceSumSquare: {
    float: folding(0, (total, x) => total + x * x),
    integer: folding(0, (total, x) => (total + Math.imul(x, x)) | 0),
    big: foldingBigs(0n, (total, x) => wrap(total + x * x)),
  },
  ReduceL1: {
    float: folding(0, (total, x) => total + Math.abs(x)),
    integer: folding(0, (total, x) => total + Math.abs(x)),
    big: foldingBigs(0n, (total, x) => total + (x < 0n ? -x : x)),
  },
  ReduceL2: { float: folding(0, (total, x) => total + x * x, Math.sqrt) },
  ReduceLogSum: { float: folding(0, (total, x) => total + x, Math.log) },
  ReduceLogSumExp: { float: logSumExp },
};

/** The axes to reduce, in ascending order; an attribute before opset 13 (ReduceSum) or 18 (the others), an input since. */
function reducedAxes(context: KernelContext, rank: number): number[] {
  const byInput = context.opset >= (context.opType === 'ReduceSum' ? 13 : 18);
  const given = byInput ? context.numbers(1) : context.ints('axes');
  if (given !== undefined && given.length > 0) return normalAxes(given, rank).sort((a, b) => a - b);
  if (context.flag('noop_with_empty_axes')) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

interface Rows {
  /** The array with the reduced axes last: rows of `length` elements. */
  readonly array: NDArray;
  readonly length: number;
  readonly dims: readonly number[];
}

function rowsOf(context: KernelContext, array: NDArray): Rows {
  const rank = array.dims.length;
  const axes = reducedAxes(context, rank);
  const keep = (context.attributes.int('keepdims') ?? 1n) !== 0n;
  const kept = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const inOrder = order.every((axis, index) => axis === index);
  return {
    array: inOrder ? array : transposed(array, order),
    length: product(axes.map((axis) => array.dims[axis] as number)),
    dims: keep
      ? array.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
      : kept.map((axis) => array.dims[axis] as number),
  };
}

function reduceRows({ array, length, dims }: Rows, { float, integer, big }: Reduction): NDArray {
  const { data, dataType } = array;
  const count = product(dims);
  if (isStringData(data)) return refuse('a reduction of strings');
  if (isBigData(data)) {
    const result = createData(dataType, count) as BigInt64Array;
    for (let row = 0; row < count; row++) {
      if (big !== undefined) result[row] = big(data, row * length, length);
      else
        result[row] = BigInt(
          Math.trunc(
            finite(float(Float64Array.from(data.subarray(row * length, (row + 1) * length), Number), 0, length)),
          ),
        );
    }
    return { dataType, dims, data: result };
  }
  const result = createNumbers(dataType, count);
  const round = roundingTo(dataType);
  const whole = isIntegerType(dataType);
  const reduce = whole ? (integer ?? ((...run): number => Math.trunc(finite(float(...run))))) : float;
  for (let row = 0; row < count; row++) {
    const value = reduce(data, row * length, length);
    result[row] = round === undefined ? value : round(value);
  }
  return { dataType, dims, data: result };
}

function finite(x: number): number {
  return Number.isFinite(x) ? x : refuse('the reduction of integers is not a number');
}

function reduction(opType: string, law: Reduction): Kernel {
  return kernel([opType], {
    exactness: exactOnIntegers,
    ulp: 1,
    run: (context) => {
      const rows = rowsOf(context, context.input(0));
      if (rows.length === 0 && opType === 'ReduceMean' && product(rows.dims) > 0)
        context.disputed('the mean of nothing is undefined');
      return reduceRows(rows, law);
    },
  });
}

/** What the maximum of nothing is: the lowest value of the type. */
function lowest(dataType: DataType): bigint | number {
  if (isFloatType(dataType)) return -Infinity;
  return dataType === 'bool' ? 0n : integerRange(dataType)[0];
}

function highest(dataType: DataType): bigint | number {
  if (isFloatType(dataType)) return Infinity;
  return dataType === 'bool' ? 1n : integerRange(dataType)[1];
}

function extremumReduction(
  opType: string,
  number: (x: number, y: number) => number,
  isBetter: (x: bigint, y: bigint) => boolean,
  start: (dataType: DataType) => bigint | number,
): Kernel {
  return kernel([opType], {
    exactness: 'exact',
    run: (context) => {
      const array = context.input(0);
      const initial = start(array.dataType);
      return reduceRows(rowsOf(context, array), {
        float: folding(Number(initial), number),
        integer: folding(Number(initial), number),
        big: foldingBigs(typeof initial === 'bigint' ? initial : 0n, (best, x) => (isBetter(x, best) ? x : best)),
      });
    },
  });
}

function argument(opType: string, isBetter: (x: number | bigint, y: number | bigint) => boolean): Kernel {
  return kernel([opType], {
    exactness: 'exact',
    run: (context) => {
      const array = context.input(0);
      const rank = array.dims.length;
      const axis = normalAxis(context.int('axis'), rank);
      const keep = (context.attributes.int('keepdims') ?? 1n) !== 0n;
      const lastWins = context.flag('select_last_index');
      const order = array.dims.map((_, at) => at).filter((at) => at !== axis);
      const { data } = transposed(array, [...order, axis]);
      const values = data as ArrayLike<number | bigint>;
      const length = array.dims[axis] as number;
      const dims = keep
        ? array.dims.map((dim, at) => (at === axis ? 1 : dim))
        : order.map((at) => array.dims[at] as number);
      const result = new BigInt64Array(product(dims));
      if (length === 0 && result.length > 0) return refuse(`${opType} of nothing`);
      for (let row = 0; row < result.length; row++) {
        let best = 0;
        for (let i = 0; i < length; i++) {
          const value = values[row * length + i] as number | bigint;
          if (Number.isNaN(value)) {
            context.disputed(`${opType} of NaN depends on the implementation`);
            best = i;
            break;
          }
          const champion = values[row * length + best] as number | bigint;
          if (isBetter(value, champion) || (lastWins && value === champion)) best = i;
        }
        result[row] = BigInt(best);
      }
      return { dataType: 'int64', dims, data: result };
    },
  });
}

function cumulative(
  opType: string,
  neutral: number,
  number: (x: number, y: number) => number,
  integer: (x: number, y: number) => number,
  big: (x: bigint, y: bigint) => bigint,
): Kernel {
  return kernel([opType], {
    exactness: exactOnIntegers,
    ulp: 1,
    run: (context) => {
      const array = context.input(0);
      const { data, dataType, dims } = array;
      if (isStringData(data)) return refuse('strings have no sum');
      const axis = normalAxis(scalarIn(context.input(1)), dims.length);
      const [exclusive, reverse] = [context.flag('exclusive'), context.flag('reverse')];
      const length = dims[axis] as number;
      const step = product(dims.slice(axis + 1));
      const round = roundingTo(dataType) ?? ((x: number): number => x);
      const result = createData(dataType, countOf(array));
      const apply = isFloatType(dataType) ? number : integer;
      for (let outer = 0; outer < product(dims.slice(0, axis)); outer++) {
        for (let inner = 0; inner < step; inner++) {
          const base = outer * length * step + inner;
          let total: number | bigint = isBigData(result) ? BigInt(neutral) : neutral;
          for (let i = 0; i < length; i++) {
            const at = base + (reverse ? length - 1 - i : i) * step;
            const before = total;
            if (isBigData(result)) {
              total = wrap(big(total as bigint, data[at] as bigint));
              result[at] = (exclusive ? before : total) as bigint;
            } else {
              total = apply(total as number, data[at] as number);
              result[at] = round((exclusive ? before : total) as number);
            }
          }
        }
      }
      return { dataType, dims, data: result };
    },
  });
}

export const reduceKernels: readonly Kernel[] = [
  ...Object.entries(reductions).map(([opType, law]) => reduction(opType, law)),
  extremumReduction('ReduceMax', Math.max, (x, y) => x > y, lowest),
  extremumReduction('ReduceMin', Math.min, (x, y) => x < y, highest),
  argument('ArgMax', (x, y) => x > y),
  argument('ArgMin', (x, y) => x < y),
  cumulative(
    'CumSum',
    0,
    (x, y) => x + y,
    (x, y) => (x + y) | 0,
    (x, y) => x + y,
  ),
  cumulative(
    'CumProd',
    1,
    (x, y) => x * y,
    Math.imul,
    (x, y) => x * y,
  ),
];

/** MatMul Gemm MatMulInteger QLinearMatMul: products of matrices. Floats are summed in double and rounded once. */
import { countOf, createData, isBigData, type NDArray } from '../array.ts';
import { multiplyMatrices } from '../contraction.ts';
import { converted } from '../convert.ts';
import { commonDims, zipNumbers } from '../elementwise.ts';
import { doublesIn, exactOnIntegers, type Kernel, kernel, type KernelContext, numbersIn } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { add, arithmetic } from './binary.ts';
import { broadcastDims, broadcastStrides, eachRow, product, stridesOf } from '../strided.ts';
import { transposed } from '../move.ts';

interface Plan {
  readonly dims: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Calls back with the offsets of each pair of matrices and of their product. */
  readonly eachPair: (pair: (a: number, b: number, c: number) => void) => void;
}

/** numpy.matmul: vectors gain an axis for the product and lose it afterwards, leading axes broadcast. */
function planProduct(a: readonly number[], b: readonly number[]): Plan {
  if (a.length === 0 || b.length === 0) return refuse('MatMul of a scalar');
  const left = a.length === 1 ? [1, ...a] : [...a];
  const right = b.length === 1 ? [...b, 1] : [...b];
  const [m, k] = left.slice(-2) as [number, number];
  const [inner, n] = right.slice(-2) as [number, number];
  if (k !== inner) return refuse(`inner dimensions ${k} and ${inner} differ`);
  const [leftBatch, rightBatch] = [left.slice(0, -2), right.slice(0, -2)];
  const batch = broadcastDims(leftBatch, rightBatch) ?? refuse('batch dimensions of MatMul do not broadcast');
  return {
    dims: [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])],
    m,
    k,
    n,
    eachPair: (pair) => {
      const strides = [broadcastStrides(leftBatch, batch), broadcastStrides(rightBatch, batch), stridesOf(batch)];
      eachRow(batch, strides, (offsets, length, steps) => {
        for (let i = 0; i < length; i++) {
          const [x, y, z] = [0, 1, 2].map(
            (operand) => (offsets[operand] as number) + i * (steps[operand] as number),
          ) as [number, number, number];
          pair(x * m * k, y * k * n, z * m * n);
        }
      });
    },
  };
}

export function matrixProduct(a: NDArray, b: NDArray): NDArray {
  if (a.dataType !== b.dataType) return refuse(`operands are of ${a.dataType} and ${b.dataType}`);
  const { dataType } = a;
  const plan = planProduct(a.dims, b.dims);
  if (isBigData(a.data) && isBigData(b.data)) return bigProduct(a, b, plan);
  if (dataType === 'int32' || dataType === 'uint32') return wrappedProduct(a, b, plan);
  const data = productInDouble(doublesIn(a), doublesIn(b), plan);
  return converted({ dataType: 'double', dims: plan.dims, data }, dataType);
}

function productInDouble(a: Float64Array, b: Float64Array, { dims, m, k, n, eachPair }: Plan): Float64Array {
  const result = new Float64Array(product(dims));
  eachPair((x, y, z) => multiplyMatrices(a, x, b, y, result, z, m, k, n));
  return result;
}

function wrappedProduct(a: NDArray, b: NDArray, { dims, m, k, n, eachPair }: Plan): NDArray {
  const [left, right] = [numbersIn(a), numbersIn(b)];
  const data = createData(a.dataType, product(dims)) as Int32Array;
  eachPair((x, y, z) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let p = 0; p < k; p++)
          total = (total + Math.imul(left[x + i * k + p] as number, right[y + p * n + j] as number)) | 0;
        data[z + i * n + j] = total;
      }
    }
  });
  return { dataType: a.dataType, dims, data };
}

function bigProduct(a: NDArray, b: NDArray, { dims, m, k, n, eachPair }: Plan): NDArray {
  const [left, right] = [a.data as BigInt64Array, b.data as BigInt64Array];
  const data = createData(a.dataType, product(dims)) as BigInt64Array;
  eachPair((x, y, z) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0n;
        for (let p = 0; p < k; p++) total += (left[x + i * k + p] as bigint) * (right[y + p * n + j] as bigint);
        data[z + i * n + j] = total;
      }
    }
  });
  return { dataType: a.dataType, dims, data };
}

function runGemm(context: KernelContext): NDArray {
  const [alpha, beta] = [context.float('alpha'), context.float('beta')];
  const [a, b] = [0, 1].map((index) => {
    const matrix = context.input(index);
    if (matrix.dims.length !== 2) return refuse('Gemm of other than matrices');
    return context.flag(index === 0 ? 'transA' : 'transB') ? transposed(matrix, [1, 0]) : matrix;
  }) as [NDArray, NDArray];
  const c = context.optional(2);
  if (isBigData(a.data) || a.dataType === 'int32' || a.dataType === 'uint32') {
    if (alpha !== 1 || (beta !== 1 && c !== undefined))
      return refuse('Gemm of integers with alpha or beta other than 1');
    const result = matrixProduct(a, b);
    if (c === undefined) return result;
    const sum = arithmetic(result, c, add);
    return sum.dims.join() === result.dims.join() ? sum : refuse('C of Gemm does not broadcast');
  }
  const plan = planProduct(a.dims, b.dims);
  const total: NDArray = {
    dataType: 'double',
    dims: plan.dims,
    data: productInDouble(doublesIn(a), doublesIn(b), plan),
  };
  const addend: NDArray = c ?? { dataType: a.dataType, dims: [], data: new Float32Array(1) };
  if (commonDims(total, addend).some((dim, axis) => dim !== plan.dims[axis]))
    return refuse('C of Gemm does not broadcast');
  return converted(
    zipNumbers(total, addend, (x, y) => alpha * x + (c === undefined ? 0 : beta * y)),
    a.dataType,
  );
}

/** Zero points of one operand against its matrices: a scalar, one per row (of A) or per column (of B), or of full rank. */
export function withoutZeroPoint(array: NDArray, zeroPoint: NDArray | undefined, perRow: boolean): NDArray {
  const data = doublesIn(array);
  const doubles: NDArray = { dataType: 'double', dims: array.dims, data };
  if (zeroPoint === undefined) return doubles;
  const points = doublesIn(zeroPoint);
  const dims =
    zeroPoint.dims.length === 1 && perRow && countOf(zeroPoint) > 1 ? [...zeroPoint.dims, 1] : zeroPoint.dims;
  return zipNumbers(doubles, { dataType: 'double', dims, data: points }, (x, y) => x - y);
}

function runMatMulInteger(context: KernelContext): NDArray {
  const a = withoutZeroPoint(context.input(0), context.optional(2), true);
  const b = withoutZeroPoint(context.input(1), context.optional(3), false);
  return converted(converted(matrixProduct(a, b), 'int64'), 'int32');
}

export const matmulKernels: readonly Kernel[] = [
  kernel(['MatMul'], {
    exactness: exactOnIntegers,
    ulp: 1,
    run: (context) => matrixProduct(context.input(0), context.input(1)),
  }),
  kernel(['Gemm'], { exactness: exactOnIntegers, ulp: 2, run: runGemm }),
  kernel(['MatMulInteger'], { exactness: 'exact', run: runMatMulInteger }),
];

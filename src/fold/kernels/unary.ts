/**
 * Functions of one element: Abs Neg Sign Floor Ceil Round Sqrt Reciprocal Not BitwiseNot IsNaN IsInf (exact),
 * Exp Log Erf and the trigonometric and hyperbolic ones (computed in double, rounded once).
 */
import type { DataType } from '../../ir/data-type.ts';
import { isBigData, type NDArray } from '../array.ts';
import { mapBigs, mapNumbers, roundHalfEven } from '../elementwise.ts';
import { type Kernel, kernel, numbersIn } from '../kernel.ts';

function unary(
  opType: string,
  exactness: Kernel['exactness'],
  number: (x: number) => number,
  big?: (x: bigint) => bigint,
): Kernel {
  return kernel([opType], {
    exactness,
    ulp: 1,
    run: (context) => {
      const array = context.input(0);
      return big !== undefined && isBigData(array.data) ? mapBigs(array, big) : mapNumbers(array, number);
    },
  });
}

function predicate(array: NDArray, test: (x: number) => boolean): NDArray {
  return { dataType: 'bool', dims: array.dims, data: Uint8Array.from(numbersIn(array), (x) => (test(x) ? 1 : 0)) };
}

/** erf by its series of positive terms, 2x/sqrt(pi) exp(-x^2) sum (2x^2)^n / (2n+1)!!: no cancellation, a few ulp of double. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (magnitude > 6) return Math.sign(x);
  const square = 2 * x * x;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= square / (2 * n + 1);
    sum += term;
  }
  return x * 1.1283791670955126 * Math.exp(-x * x) * sum;
}

const unsignedNot: Partial<Record<DataType, number>> = { uint8: 0xff, uint16: 0xffff };

export const unaryKernels: readonly Kernel[] = [
  unary('Abs', 'exact', Math.abs, (x) => (x < 0n ? -x : x)),
  unary(
    'Neg',
    'exact',
    (x) => -x,
    (x) => -x,
  ),
  unary('Sign', 'exact', Math.sign, (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)),
  unary('Floor', 'exact', Math.floor),
  unary('Ceil', 'exact', Math.ceil),
  unary('Round', 'exact', roundHalfEven),
  unary('Sqrt', 'exact', Math.sqrt),
  unary('Reciprocal', 'exact', (x) => 1 / x),
  unary('Exp', 'bounded', Math.exp),
  unary('Log', 'bounded', Math.log),
  unary('Erf', 'bounded', erf),
  unary('Sin', 'bounded', Math.sin),
  unary('Cos', 'bounded', Math.cos),
  unary('Tan', 'bounded', Math.tan),
  unary('Asin', 'bounded', Math.asin),
  unary('Acos', 'bounded', Math.acos),
  unary('Atan', 'bounded', Math.atan),
  unary('Sinh', 'bounded', Math.sinh),
  unary('Cosh', 'bounded', Math.cosh),
  unary('Tanh', 'bounded', Math.tanh),
  unary('Asinh', 'bounded', Math.asinh),
  unary('Acosh', 'bounded', Math.acosh),
  unary('Atanh', 'bounded', Math.atanh),
  kernel(['Not'], { exactness: 'exact', run: (context) => mapNumbers(context.input(0), (x) => (x === 0 ? 1 : 0)) }),
  kernel(['BitwiseNot'], {
    exactness: 'exact',
    run: (context) => {
      const array = context.input(0);
      if (isBigData(array.data)) return mapBigs(array, (x) => ~x);
      const mask = unsignedNot[array.dataType];
      return mapNumbers(array, (x) => (mask === undefined ? ~x : ~x & mask));
    },
  }),
  kernel(['IsNaN'], { exactness: 'exact', run: (context) => predicate(context.input(0), Number.isNaN) }),
  kernel(['IsInf'], {
    exactness: 'exact',
    run: (context) => {
      const positive = context.flag('detect_positive');
      const negative = context.flag('detect_negative');
      return predicate(context.input(0), (x) => (positive && x === Infinity) || (negative && x === -Infinity));
    },
  }),
];

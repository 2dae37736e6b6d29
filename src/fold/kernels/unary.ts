/**
 * Functions of one element: Abs Neg Sign Floor Ceil Round Sqrt Reciprocal Not BitwiseNot IsNaN IsInf (exact),
 * Exp Log Erf and the trigonometric and hyperbolic ones (computed in double, rounded once).
 */
import type { DataType } from '../../ir/data-type.ts';
import { isBigData, type NDArray } from '../array.ts';
import { mapBigs, mapNumbers, roundHalfEven } from '../elementwise.ts';
import { erf } from '../error-function.ts';
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

/** The sign of -0 is 0. */
function signOf(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN;
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
  unary('Sign', 'exact', signOf, (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)),
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

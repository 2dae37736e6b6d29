/** Functions of two elements: Add Sub Mul Div Mod Pow PRelu, BitShift and the bitwise ones. Integers wrap. */
import { floorModulo } from '../../base/int64.ts';
import { dataTypeInfo, isIntegerType } from '../../ir/data-type.ts';
import { isBigData, type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { zipBigs, zipNumbers } from '../elementwise.ts';
import { exactOnIntegers, integersIn, type Kernel, kernel, type KernelContext, numbersIn } from '../kernel.ts';
import { reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';

export interface Arithmetic {
  readonly float: (x: number, y: number) => number;
  /** For integers of at most 32 bits; the result is reduced when it is stored. */
  readonly integer: (x: number, y: number) => number;
  readonly big: (x: bigint, y: bigint) => bigint;
}

/** The second operand as opsets below 7 align it: at `axis` of the first, when `broadcast` is set (Add-6). */
export function secondOperand(context: KernelContext): NDArray {
  const b = context.input(1);
  if (context.opset >= 7) return b;
  const a = context.input(0);
  if (!context.flag('broadcast')) {
    if (a.dims.length !== b.dims.length || a.dims.some((dim, axis) => dim !== b.dims[axis]))
      return refuse('operands differ in shape, and broadcast is not set');
    return b;
  }
  const axis = context.attributes.number('axis') ?? a.dims.length - b.dims.length;
  const start = axis < 0 ? axis + a.dims.length : axis;
  const trailing = a.dims.length - start - b.dims.length;
  if (trailing < 0) return refuse(`axis ${axis} leaves no room for the second operand`);
  return reshaped(b, [...b.dims, ...new Array<number>(trailing).fill(1)]);
}

export function arithmetic(a: NDArray, b: NDArray, operation: Arithmetic): NDArray {
  if (a.dataType !== b.dataType) return refuse(`operands are of ${a.dataType} and ${b.dataType}`);
  if (isBigData(a.data)) return zipBigs(a, b, operation.big);
  return zipNumbers(a, b, isIntegerType(a.dataType) ? operation.integer : operation.float);
}

function binary(opType: string, operation: (context: KernelContext) => Arithmetic): Kernel {
  return kernel([opType], {
    exactness: 'exact',
    run: (context) => arithmetic(context.input(0), secondOperand(context), operation(context)),
  });
}

export const add: Arithmetic = { float: (x, y) => x + y, integer: (x, y) => x + y, big: (x, y) => x + y };
export const subtract: Arithmetic = { float: (x, y) => x - y, integer: (x, y) => x - y, big: (x, y) => x - y };
export const multiply: Arithmetic = {
  float: (x, y) => x * y,
  integer: (x, y) => Math.imul(x, y),
  big: (x, y) => x * y,
};

/** Truncates towards zero; dividing by zero, and the one quotient that overflows, are undefined. */
function divide(context: KernelContext): Arithmetic {
  const { dataType } = context.input(0);
  const { kind, bits } = dataTypeInfo(dataType);
  const lowest = kind === 'int' ? -(2 ** (bits - 1)) : undefined;
  return {
    float: (x, y) => x / y,
    integer: (x, y) => {
      if (y === 0) return refuse('an integer is divided by zero');
      if (y === -1 && x === lowest) context.disputed('an integer division overflows');
      return Math.trunc(x / y);
    },
    big: (x, y) => {
      if (y === 0n) return refuse('an integer is divided by zero');
      if (y === -1n && x === -(2n ** 63n)) context.disputed('an integer division overflows');
      return x / y;
    },
  };
}

/** Remainder with the sign of the divisor; special cases of floats as Mod-28 states them. */
function flooredRemainder(x: number, y: number): number {
  const remainder = x % y;
  if (remainder === 0) return y < 0 ? -0 : 0;
  return remainder < 0 !== y < 0 ? remainder + y : remainder;
}

function modulo(context: KernelContext): Arithmetic {
  const truncates = context.flag('fmod');
  const nonZero = (y: number | bigint): void => {
    if (y === 0 || y === 0n) refuse('the remainder of a division by zero');
  };
  return {
    float: (x, y) => {
      if (truncates) return x % y;
      if (context.opset < 28) return refuse('Mod of floats needs fmod = 1 before opset 28');
      return flooredRemainder(x, y);
    },
    integer: (x, y) => {
      nonZero(y);
      return truncates ? x % y : flooredRemainder(x, y);
    },
    big: (x, y) => {
      nonZero(y);
      return truncates ? x % y : floorModulo(x, y);
    },
  };
}

/** pow as C defines it: 1 to any power is 1, and so is -1 to an infinite one. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return y === 2 ? x * x : x ** y;
}

function integerPower(context: KernelContext, base: bigint, exponent: bigint, bits: number): bigint {
  if (exponent < 0n) {
    if (base === 1n) return 1n;
    if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
    context.disputed('an integer is raised to a negative power');
    return 0n;
  }
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = BigInt.asIntN(bits, result * square);
    square = BigInt.asIntN(bits, square * square);
  }
  return result;
}

function runPower(context: KernelContext): NDArray {
  const base = context.input(0);
  const exponent = secondOperand(context);
  if (!isIntegerType(base.dataType)) {
    if (!isBigData(exponent.data)) return zipNumbers(base, exponent, power);
    return zipNumbers(base, { ...exponent, dataType: 'double', data: Float64Array.from(exponent.data, Number) }, power);
  }
  const { bits } = dataTypeInfo(base.dataType);
  const exponents = isIntegerType(exponent.dataType)
    ? integersIn(exponent)
    : Array.from(numbersIn(exponent), (y) =>
        Number.isInteger(y) ? BigInt(y) : refuse('an integer is raised to a power that is not whole'),
      );
  const wide = (array: NDArray, values: readonly bigint[]): NDArray => ({
    dataType: 'int64',
    dims: array.dims,
    data: BigInt64Array.from(values),
  });
  const result = zipBigs(wide(base, integersIn(base)), wide(exponent, exponents), (x, y) =>
    integerPower(context, x, y, bits),
  );
  return converted(result, base.dataType);
}

/** Shifts by less than nothing or by all bits are undefined before BitShift-28, which says what the sign extension gives. */
function shift(context: KernelContext): (x: bigint, y: bigint) => bigint {
  const left = context.attributes.string('direction') === 'LEFT';
  const bits = BigInt(dataTypeInfo(context.input(0).dataType).bits);
  return (x, y) => {
    if (y >= 0n && y < bits) return left ? x << y : x >> y;
    if (context.opset < 28) context.disputed(`a shift by ${y} bits is undefined`);
    return !left && x < 0n ? -1n : 0n;
  };
}

function runShift(context: KernelContext): NDArray {
  const [a, b] = [context.input(0), context.input(1)];
  const by = shift(context);
  if (isBigData(a.data)) return zipBigs(a, b, by);
  return zipNumbers(a, b, (x, y) => Number(BigInt.asIntN(32, by(BigInt(x), BigInt(y)))));
}

function bitwise(
  opType: string,
  number: (x: number, y: number) => number,
  big: (x: bigint, y: bigint) => bigint,
): Kernel {
  return binary(opType, () => ({ float: () => refuse('bits of floats'), integer: number, big }));
}

export const binaryKernels: readonly Kernel[] = [
  binary('Add', () => add),
  binary('Sub', () => subtract),
  binary('Mul', () => multiply),
  binary('Div', divide),
  binary('Mod', modulo),
  bitwise(
    'BitwiseAnd',
    (x, y) => x & y,
    (x, y) => x & y,
  ),
  bitwise(
    'BitwiseOr',
    (x, y) => x | y,
    (x, y) => x | y,
  ),
  bitwise(
    'BitwiseXor',
    (x, y) => x ^ y,
    (x, y) => x ^ y,
  ),
  kernel(['BitShift'], { exactness: 'exact', run: runShift }),
  kernel(['Pow'], { exactness: exactOnIntegers, ulp: 1, run: runPower }),
];

/** QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearMatMul QLinearConv. Rounding is half to even. */
import { type DataType, isFloatType } from '../../ir/data-type.ts';
import { countOf, type NDArray } from '../array.ts';
import { converted, integerRange } from '../convert.ts';
import { mapNumbers, roundHalfEven, zipNumbers } from '../elementwise.ts';
import { roundingTo } from '../float-formats.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, normalAxis, numbersIn } from '../kernel.ts';
import { gatherRuns, reshaped } from '../move.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';
import { conversionOptions, typeAttribute } from './cast.ts';
import { convolutionWindow, convolve, shifted } from './convolution.ts';
import { matrixProduct, withoutZeroPoint } from './matmul.ts';

/** A scale or zero point so that it broadcasts to x: one for all, one per index of `axis`, or one per block along it. */
function spread(parameter: NDArray, x: NDArray, context: KernelContext): NDArray {
  if (countOf(parameter) === 1) return reshaped(parameter, []);
  const axis = normalAxis(context.attributes.int('axis') ?? 1n, x.dims.length);
  const size = context.attributes.number('block_size') ?? 0;
  if (size === 0) {
    const [length = 0, ...further] = parameter.dims;
    if (further.length > 0 || length !== x.dims[axis]) return refuse('a scale per axis does not fit');
    return reshaped(parameter, [length, ...x.dims.slice(axis + 1).map(() => 1)]);
  }
  const blocks = parameter.dims[axis] ?? 0;
  const dim = x.dims[axis] as number;
  const fits = parameter.dims.every((own, at) => own === (at === axis ? Math.ceil(dim / size) : x.dims[at]));
  if (size < 0 || parameter.dims.length !== x.dims.length || !fits) return refuse('blocks of a scale do not fit');
  const run = product(x.dims.slice(axis + 1));
  const positions: number[] = [];
  for (let outer = 0; outer < product(x.dims.slice(0, axis)); outer++)
    for (let at = 0; at < dim; at++) positions.push(outer * blocks + Math.floor(at / size));
  return gatherRuns(parameter, positions, run, x.dims);
}

/** Numbers rounded to whole ones, moved by a zero point and cut to the range of an integer type. */
function saturated(quotients: NDArray, zeroPoint: NDArray | undefined, to: DataType): NDArray {
  const [low, high] = integerRange(to).map(Number) as [number, number];
  const rounded = mapNumbers(quotients, (x) =>
    Number.isNaN(x) ? refuse('NaN has no quantized form') : roundHalfEven(x),
  );
  const moved =
    zeroPoint === undefined ? rounded : zipNumbers(rounded, converted(zeroPoint, 'double'), (x, y) => x + y);
  return converted(
    mapNumbers(moved, (x) => Math.min(high, Math.max(low, x))),
    to,
  );
}

function runQuantizeLinear(context: KernelContext): NDArray {
  const [x, scale, zeroPoint] = [context.input(0), context.input(1), context.optional(2)];
  const code = context.attributes.int('output_dtype');
  const wanted = code === undefined || code === 0n ? undefined : typeAttribute(context, 'output_dtype');
  const to = zeroPoint?.dataType ?? wanted ?? 'uint8';
  if (wanted !== undefined && wanted !== to) return refuse('output_dtype is not the type of y_zero_point');
  const given = context.attributes.int('precision');
  const precision =
    given === undefined || given === 0n ? scale.dataType : (typeAttribute(context, 'precision') ?? scale.dataType);
  // The division is done, and rounded, in this precision.
  const dividend = converted(converted(x, precision), 'double');
  const divisor = converted(converted(spread(scale, x, context), precision), 'double');
  const quotients = converted(
    zipNumbers(dividend, divisor, (a, b) => a / b, precision),
    'double',
  );
  const points = zeroPoint && spread(zeroPoint, x, context);
  if (!isFloatType(to)) return saturated(quotients, points, to);
  const moved = points === undefined ? quotients : zipNumbers(quotients, converted(points, 'double'), (a, b) => a + b);
  return converted(moved, to, conversionOptions(context));
}

function runDequantizeLinear(context: KernelContext): NDArray {
  const [x, scale, zeroPoint] = [context.input(0), context.input(1), context.optional(2)];
  const code = context.attributes.int('output_dtype');
  const to =
    code === undefined || code === 0n ? scale.dataType : (typeAttribute(context, 'output_dtype') ?? scale.dataType);
  const values = converted(x, 'double');
  const points = zeroPoint && converted(spread(zeroPoint, x, context), 'double');
  const difference = points === undefined ? values : zipNumbers(values, points, (a, b) => a - b);
  const narrowed = mapNumbers(difference, Math.fround);
  return zipNumbers(narrowed, converted(spread(scale, x, context), 'double'), (a, b) => a * b, to);
}

/** y uint8, its scale and zero point, from the range of x widened to hold 0 (DynamicQuantizeLinear-11); steps in float. */
function runDynamicQuantizeLinear(context: KernelContext): readonly NDArray[] {
  const x = context.input(0);
  let [low, high] = [0, 0];
  for (const value of numbersIn(x)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return refuse('the range of x is not finite');
  const scale = high === low ? Math.fround(1 / 255) : Math.fround(Math.fround(high - low) / 255);
  if (scale === 0) return refuse('the range of x is too small for a scale');
  const point = Math.min(255, Math.max(0, roundHalfEven(Math.fround(-Math.fround(low / scale)))));
  const zeroPoint: NDArray = { dataType: 'uint8', dims: [], data: Uint8Array.of(point) };
  const quotients = converted(
    mapNumbers(x, (value) => value / scale),
    'double',
  );
  return [
    saturated(quotients, zeroPoint, 'uint8'),
    { dataType: 'float', dims: [], data: Float32Array.of(scale) },
    zeroPoint,
  ];
}

/** Accumulated integers times a factor, as integers of the type of `zeroPoint`. */
function requantized(total: NDArray, factor: NDArray, zeroPoint: NDArray): NDArray {
  const points = converted(reshaped(zeroPoint, countOf(zeroPoint) === 1 ? [] : zeroPoint.dims), 'double');
  const [low, high] = integerRange(zeroPoint.dataType).map(Number) as [number, number];
  const scaled = zipNumbers(
    zipNumbers(total, factor, (x, y) => x * y),
    points,
    (x, y) => x + y,
  );
  return converted(
    mapNumbers(scaled, (x) => Math.min(high, Math.max(low, roundHalfEven(x)))),
    zeroPoint.dataType,
  );
}

/** Scales of a, b and y as the one factor a b / y, in float as implementations compute it. */
function factorOf(a: NDArray, b: NDArray, y: NDArray): NDArray {
  const round = roundingTo(a.dataType) ?? Math.fround;
  const dividend = zipNumbers(converted(a, 'double'), converted(b, 'double'), (x, z) => round(x * z));
  return zipNumbers(dividend, converted(y, 'double'), (x, z) => round(x / z));
}

function runQLinearMatMul(context: KernelContext): NDArray {
  const [a, b] = [context.input(0), context.input(3)];
  const total = matrixProduct(
    withoutZeroPoint(a, context.input(2), true),
    withoutZeroPoint(b, context.input(5), false),
  );
  const perRow = (scale: NDArray): NDArray =>
    countOf(scale) > 1 && scale.dims.length === 1 ? reshaped(scale, [...scale.dims, 1]) : scale;
  const [aScale, bScale, yScale] = [context.input(1), context.input(4), context.input(6)];
  return requantized(total, factorOf(perRow(aScale), bScale, perRow(yScale)), context.input(7));
}

function runQLinearConv(context: KernelContext): NDArray {
  const [x, w, bias] = [context.input(0), context.input(3), context.optional(8)];
  const window = convolutionWindow(context, x.dims, w.dims);
  const values = { dims: x.dims, data: shifted(x, context.input(2), 1) };
  const filters = { dims: w.dims, data: shifted(w, context.input(5), product(w.dims.slice(1))) };
  const total = convolve(values, filters, bias && doublesIn(bias), context.int('group'), window);
  const scale = context.input(4);
  const perFilter =
    countOf(scale) === 1 ? reshaped(scale, []) : reshaped(scale, [countOf(scale), ...window.output.map(() => 1)]);
  const factor = factorOf(reshaped(context.input(1), []), perFilter, reshaped(context.input(6), []));
  return requantized({ dataType: 'double', ...total }, factor, context.input(7));
}

export const quantizeKernels: readonly Kernel[] = [
  kernel(['QuantizeLinear'], { exactness: 'exact', run: runQuantizeLinear }),
  kernel(['DequantizeLinear'], { exactness: 'exact', run: runDequantizeLinear }),
  kernel(['DynamicQuantizeLinear'], { exactness: 'bounded', ulp: 1, run: runDynamicQuantizeLinear }),
  kernel(['QLinearMatMul'], { exactness: 'bounded', ulp: 1, run: runQLinearMatMul }),
  kernel(['QLinearConv'], { exactness: 'bounded', ulp: 1, run: runQLinearConv }),
];

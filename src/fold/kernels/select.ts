/** One of several: Where Clip Min Max, and the variadic Sum and Mean. */
import { isFloatType } from '../../ir/data-type.ts';
import { isBigData, type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { commonDims, mapBigs, mapNumbers, zipBigs, zipNumbers } from '../elementwise.ts';
import { bigsIn, exactOnIntegers, type Kernel, kernel, type KernelContext, numbersIn, requireType } from '../kernel.ts';
import { chosen } from '../move.ts';
import { refuse } from '../refusal.ts';
import { add, arithmetic } from './binary.ts';

function runWhere(context: KernelContext): NDArray {
  const [condition, whenTrue, whenFalse] = [context.input(0), context.input(1), context.input(2)];
  requireType(condition, 'bool');
  requireType(whenFalse, whenTrue.dataType);
  return chosen(condition, whenTrue, whenFalse, commonDims(condition, whenTrue, whenFalse));
}

/** Min(max, Max(min, x)): where the bounds cross, max wins. */
function runClip(context: KernelContext): NDArray {
  const array = context.input(0);
  if (context.opset < 11) {
    const low = context.attributes.float('min') ?? -Infinity;
    const high = context.attributes.float('max') ?? Infinity;
    return mapNumbers(array, (x) => Math.min(high, Math.max(low, x)));
  }
  const [low, high] = [context.optional(1), context.optional(2)];
  for (const bound of [low, high])
    if (bound !== undefined && (bound.data.length !== 1 || bound.dataType !== array.dataType))
      return refuse('a bound of Clip is no scalar of its type');
  if (isBigData(array.data)) {
    const [from, to] = [low && bigsIn(low)[0], high && bigsIn(high)[0]];
    return mapBigs(array, (x) => {
      const raised = from !== undefined && x < from ? from : x;
      return to !== undefined && raised > to ? to : raised;
    });
  }
  const from = (low && numbersIn(low)[0]) ?? -Infinity;
  const to = (high && numbersIn(high)[0]) ?? Infinity;
  return mapNumbers(array, (x) => Math.min(to, Math.max(from, x)));
}

function extremum(
  opType: string,
  number: (x: number, y: number) => number,
  big: (x: bigint, y: bigint) => bigint,
): Kernel {
  return kernel([opType], {
    exactness: 'exact',
    run: (context) =>
      context.all().reduce((a, b) => {
        requireType(b, a.dataType);
        return isBigData(a.data) ? zipBigs(a, b, big) : zipNumbers(a, b, number);
      }),
  });
}

/** Floats are added in double and rounded once. */
function sumOf(context: KernelContext): NDArray {
  const arrays = context.all();
  const [first, ...others] = arrays as [NDArray, ...NDArray[]];
  if (arrays.length <= 2 || !isFloatType(first.dataType)) return arrays.reduce((a, b) => arithmetic(a, b, add));
  const total = others.reduce((a, b) => zipNumbers(a, converted(b, 'double'), add.float), converted(first, 'double'));
  return converted(total, first.dataType);
}

function runMean(context: KernelContext): NDArray {
  const arrays = context.all();
  const first = arrays[0] ?? refuse('Mean of nothing');
  const total = arrays.map((array) => converted(array, 'double')).reduce((a, b) => zipNumbers(a, b, (x, y) => x + y));
  return converted(
    mapNumbers(total, (x) => x / arrays.length),
    first.dataType,
  );
}

export const selectKernels: readonly Kernel[] = [
  kernel(['Where'], { exactness: 'exact', run: runWhere }),
  kernel(['Clip'], { exactness: 'exact', run: runClip }),
  extremum('Max', Math.max, (x, y) => (x > y ? x : y)),
  extremum('Min', Math.min, (x, y) => (x < y ? x : y)),
  kernel(['Sum'], {
    exactness: (context) => (context.inputs.length <= 2 ? 'exact' : exactOnIntegers(context)),
    ulp: 2,
    run: sumOf,
  }),
  kernel(['Mean'], { exactness: 'bounded', ulp: 2, run: runMean }),
];

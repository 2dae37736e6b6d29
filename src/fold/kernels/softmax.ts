/** Softmax LogSoftmax Hardmax: along one axis, or over several that count as one before opset 13. */
import { type Rounding, roundingTo } from '../float-formats.ts';
import { type Kernel, kernel, type KernelContext, normalAxis } from '../kernel.ts';
import { alongAxes } from './normalization.ts';

/** Before opset 13 the axes from `axis` on are one; since then it is one axis. */
function softmaxAxes(context: KernelContext, rank: number): number[] {
  const axis = normalAxis(context.int('axis'), Math.max(rank, 1));
  return context.opset >= 13 ? [axis] : Array.from({ length: rank - axis }, (_, index) => axis + index);
}

/** `round` is applied to what the function body of Softmax-13 stores between its steps. */
export function softmaxRow(data: Float64Array, start: number, length: number, round?: Rounding): void {
  const stored = round ?? ((x: number): number => x);
  let highest = -Infinity;
  for (let i = start; i < start + length; i++) highest = Math.max(highest, data[i] as number);
  let total = 0;
  for (let i = start; i < start + length; i++)
    total += data[i] = stored(Math.exp(stored((data[i] as number) - highest)));
  total = stored(total);
  for (let i = start; i < start + length; i++) data[i] = (data[i] as number) / total;
}

export function logSoftmaxRow(data: Float64Array, start: number, length: number): void {
  let highest = -Infinity;
  for (let i = start; i < start + length; i++) highest = Math.max(highest, data[i] as number);
  let total = 0;
  for (let i = start; i < start + length; i++) total += Math.exp((data[i] as number) - highest);
  const logarithm = highest + Math.log(total);
  for (let i = start; i < start + length; i++) data[i] = (data[i] as number) - logarithm;
}

function hardmaxRow(data: Float64Array, start: number, length: number): void {
  let best = start;
  for (let i = start; i < start + length; i++) if ((data[i] as number) > (data[best] as number)) best = i;
  data.fill(0, start, start + length);
  data[best] = 1;
}

function softmaxLike(opType: string, exactness: 'exact' | 'bounded', row: typeof softmaxRow): Kernel {
  return kernel([opType], {
    exactness,
    ulp: 2,
    run: (context) => {
      const x = context.input(0);
      // The rounding of half types is coarse enough to show.
      const round = roundingTo(x.dataType);
      return alongAxes(x, softmaxAxes(context, x.dims.length), (data, start, length) => {
        row(data, start, length, round);
      });
    },
  });
}

export const softmaxKernels: readonly Kernel[] = [
  softmaxLike('Softmax', 'bounded', softmaxRow),
  softmaxLike('LogSoftmax', 'bounded', logSoftmaxRow),
  softmaxLike('Hardmax', 'exact', hardmaxRow),
];

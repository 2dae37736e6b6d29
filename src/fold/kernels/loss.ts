/** NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss: input [N, C, ...], target [N, ...]. In double, rounded once. */
import type { NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { doublesIn, integersIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { product } from '../strided.ts';
import { alongAxes } from './normalization.ts';
import { logSoftmaxRow } from './softmax.ts';

function lossOf(context: KernelContext, logarithms: NDArray): NDArray {
  const { dataType, dims } = context.input(0);
  const [target, weight] = [context.input(1), context.optional(2)];
  const [batches, classes, ...rest] = dims as [number, number, ...number[]];
  const run = product(rest);
  if (target.dims.join() !== [batches, ...rest].join()) return refuse('target does not fit input');
  const ignored = context.attributes.int('ignore_index');
  const weights = weight && doublesIn(weight);
  const values = doublesIn(logarithms);
  const losses = new Float64Array(batches * run);
  let [total, totalWeight] = [0, 0];
  integersIn(target).forEach((label, at) => {
    if (label === ignored) return;
    const kind = Number(label);
    if (kind < 0 || kind >= classes) refuse(`class ${label} of ${classes}`);
    const own = weights === undefined ? 1 : (weights[kind] as number);
    const loss = -own * (values[(Math.floor(at / run) * classes + kind) * run + (at % run)] as number);
    losses[at] = loss;
    total += loss;
    totalWeight += own;
  });
  const reduction = context.attributes.string('reduction') ?? 'mean';
  if (reduction === 'none') return converted({ dataType: 'double', dims: target.dims, data: losses }, dataType);
  const mean = reduction === 'mean' ? totalWeight : 1;
  return converted({ dataType: 'double', dims: [], data: Float64Array.of(total / mean) }, dataType);
}

function runCrossEntropy(context: KernelContext): readonly NDArray[] {
  const logarithms = alongAxes(converted(context.input(0), 'double'), [1], logSoftmaxRow);
  return [lossOf(context, logarithms), converted(logarithms, context.input(0).dataType)];
}

export const lossKernels: readonly Kernel[] = [
  kernel(['NegativeLogLikelihoodLoss'], {
    exactness: 'bounded',
    ulp: 2,
    run: (context) => lossOf(context, context.input(0)),
  }),
  kernel(['SoftmaxCrossEntropyLoss'], { exactness: 'bounded', ulp: 4, run: runCrossEntropy }),
];

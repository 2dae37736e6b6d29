/** Steps of optimizers, ai.onnx.preview.training: Adagrad Adam Momentum. Inputs are R, T, then all X, all gradients, all states. */
import type { NDArray } from '../array.ts';
import { fromDoubles } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, scalarIn } from '../kernel.ts';
import { refuse } from '../refusal.ts';

/** New values of one element: X first, then the states. */
type Update = (x: number, gradient: number, states: readonly number[]) => readonly number[];

function runOptimizer(context: KernelContext, stateCount: number, update: Update): readonly NDArray[] {
  const count = (context.inputs.length - 2) / (2 + stateCount);
  if (!Number.isInteger(count) || count < 1) return refuse('the inputs of an optimizer do not come in sets');
  const outputs: NDArray[] = [];
  for (let index = 0; index < count; index++) {
    const arrays = Array.from({ length: 2 + stateCount }, (_, kind) => context.input(2 + kind * count + index));
    const [x, gradient, ...states] = arrays.map(doublesIn) as [Float64Array, Float64Array, ...Float64Array[]];
    const results = [x, ...states].map(({ length }) => new Float64Array(length));
    if (arrays.some(({ dims }) => dims.join() !== arrays[0]?.dims.join())) return refuse('the inputs differ in shape');
    for (let i = 0; i < x.length; i++) {
      const own = states.map((state) => state[i] as number);
      update(x[i] as number, gradient[i] as number, own).forEach((value, kind) => {
        (results[kind] as Float64Array)[i] = value;
      });
    }
    results.forEach((data, kind) => {
      const { dims, dataType } = arrays[kind === 0 ? 0 : kind + 1] as NDArray;
      outputs[kind * count + index] = fromDoubles(data, dims, dataType);
    });
  }
  return outputs;
}

function runAdagrad(context: KernelContext): readonly NDArray[] {
  const [rate, step] = [scalarIn(context.input(0)), scalarIn(context.input(1))];
  const [norm, epsilon] = [context.float('norm_coefficient'), context.float('epsilon')];
  const own = rate / (1 + step * context.float('decay_factor'));
  return runOptimizer(context, 1, (x, gradient, [h = 0]) => {
    const regular = norm * x + gradient;
    const squares = h + regular * regular;
    return [x - (own * regular) / (Math.sqrt(squares) + epsilon), squares];
  });
}

function runAdam(context: KernelContext): readonly NDArray[] {
  const [rate, step] = [scalarIn(context.input(0)), scalarIn(context.input(1))];
  const [alpha, beta, epsilon] = [context.float('alpha'), context.float('beta'), context.float('epsilon')];
  const [norm, after] = [context.float('norm_coefficient'), context.float('norm_coefficient_post')];
  const own = step > 0 ? (rate * Math.sqrt(1 - beta ** step)) / (1 - alpha ** step) : rate;
  return runOptimizer(context, 2, (x, gradient, [v = 0, h = 0]) => {
    const regular = norm * x + gradient;
    const momentum = alpha * v + (1 - alpha) * regular;
    const squares = beta * h + (1 - beta) * regular * regular;
    const moved = x - own * (momentum / (Math.sqrt(squares) + epsilon));
    return [(1 - after) * moved, momentum, squares];
  });
}

function runMomentum(context: KernelContext): readonly NDArray[] {
  const [rate, step] = [scalarIn(context.input(0)), scalarIn(context.input(1))];
  const [alpha, norm] = [context.float('alpha'), context.float('norm_coefficient')];
  const beta = step > 0 ? context.float('beta') : 1;
  const isNesterov = context.attributes.string('mode') === 'nesterov';
  return runOptimizer(context, 1, (x, gradient, [v = 0]) => {
    const regular = norm * x + gradient;
    const momentum = alpha * v + beta * regular;
    return [x - rate * (isNesterov ? regular + alpha * momentum : momentum), momentum];
  });
}

export const trainingKernels: readonly Kernel[] = [
  kernel(['ai.onnx.preview.training::Adagrad'], { exactness: 'bounded', ulp: 4, run: runAdagrad }),
  kernel(['ai.onnx.preview.training::Adam'], { exactness: 'bounded', ulp: 8, run: runAdam }),
  kernel(['ai.onnx.preview.training::Momentum'], { exactness: 'bounded', ulp: 4, run: runMomentum }),
];

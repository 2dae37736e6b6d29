/** Relu and its relatives. Those with a transcendental part are computed in double and rounded once. */
import { isBigData, type NDArray } from '../array.ts';
import { mapBigs, mapNumbers, zipBigs, zipNumbers } from '../elementwise.ts';
import { erfc } from '../error-function.ts';
import { type Exactness, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function hardSigmoid(x: number, alpha: number, beta: number): number {
  return Math.max(0, Math.min(1, alpha * x + beta));
}

export function gelu(x: number, approximate: string): number {
  // (1 + tanh u) / 2 is the sigmoid of 2u, and 1 + erf u is erfc(-u): neither cancels.
  if (approximate === 'tanh') return x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x));
  return 0.5 * x * erfc(-x * Math.SQRT1_2);
}

/** An activation whose attributes are read once per node. */
function activation(
  opType: string,
  exactness: Exactness,
  prepare: (context: KernelContext) => (x: number) => number,
  ulp = 4,
): Kernel {
  return kernel([opType], { exactness, ulp, run: (context) => mapNumbers(context.input(0), prepare(context)) });
}

/** The slope broadcasts to X, one way only. */
function runPRelu(context: KernelContext): NDArray {
  const [x, slope] = [context.input(0), context.input(1)];
  let weights = slope;
  // PRelu-1 and PRelu-6: one slope per channel of [N, C, ...].
  if (context.opset < 7 && slope.data.length > 1)
    weights = { ...slope, dims: [slope.data.length, ...new Array<number>(Math.max(0, x.dims.length - 2)).fill(1)] };
  const result = isBigData(x.data)
    ? zipBigs(x, weights, (value, factor) => (value < 0n ? value * factor : value))
    : zipNumbers(x, weights, (value, factor) => (value < 0 ? value * factor : value));
  return result.dims.join() === x.dims.join() ? result : refuse('the slope of PRelu does not broadcast to X');
}

function runSwiGlu(context: KernelContext): NDArray {
  const alpha = context.float('alpha');
  return zipNumbers(context.input(0), context.input(1), (gate, value) => gate * sigmoid(alpha * gate) * value);
}

export const activationKernels: readonly Kernel[] = [
  kernel(['Relu'], {
    exactness: 'exact',
    run: (context) => {
      const x = context.input(0);
      if (isBigData(x.data)) return mapBigs(x, (value) => (value < 0n ? 0n : value));
      return mapNumbers(x, (value) => Math.max(value, 0));
    },
  }),
  activation('LeakyRelu', 'exact', (context) => {
    const alpha = context.float('alpha');
    return (x) => (x < 0 ? alpha * x : x);
  }),
  kernel(['PRelu'], { exactness: 'exact', run: runPRelu }),
  activation('ThresholdedRelu', 'exact', (context) => {
    const alpha = context.float('alpha');
    return (x) => (x > alpha ? x : 0);
  }),
  activation('Shrink', 'exact', (context) => {
    const [lambda, bias] = [context.float('lambd'), context.float('bias')];
    return (x) => (x < -lambda ? x + bias : x > lambda ? x - bias : 0);
  }),
  activation('Elu', 'bounded', (context) => {
    const alpha = context.float('alpha');
    return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
  }),
  activation('Selu', 'bounded', (context) => {
    const [alpha, gamma] = [context.float('alpha'), context.float('gamma')];
    return (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x));
  }),
  activation('Celu', 'bounded', (context) => {
    const alpha = context.float('alpha');
    return (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }),
  activation('Sigmoid', 'bounded', () => sigmoid),
  activation('HardSigmoid', 'bounded', (context) => {
    const [alpha, beta] = [context.float('alpha'), context.float('beta')];
    return (x) => hardSigmoid(x, alpha, beta);
  }),
  activation('HardSwish', 'bounded', () => (x) => x * hardSigmoid(x, 1 / 6, 0.5)),
  activation('Softplus', 'bounded', () => softplus),
  activation('Softsign', 'bounded', () => (x) => x / (1 + Math.abs(x))),
  // The tail is an exponential, which magnifies the rounding of its argument.
  activation(
    'Gelu',
    'bounded',
    (context) => {
      const approximate = context.attributes.string('approximate') ?? 'none';
      return (x) => gelu(x, approximate);
    },
    16,
  ),
  activation('Mish', 'bounded', () => (x) => x * Math.tanh(softplus(x))),
  activation('Swish', 'bounded', (context) => {
    const alpha = context.float('alpha');
    return (x) => x * sigmoid(alpha * x);
  }),
  kernel(['SwiGLU'], { exactness: 'bounded', ulp: 4, run: runSwiGlu }),
];

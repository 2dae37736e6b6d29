/** LSTM GRU RNN, one layer, in double and rounded once. X is [steps, batch, input]; layout 1 puts the batch first. */
import type { NDArray } from '../array.ts';
import { multiplyMatrices } from '../contraction.ts';
import { converted } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { hardSigmoid, sigmoid, softplus } from './activation.ts';

type Activation = (x: number) => number;

/** Functions by name, with the parameters they take, in the order of the lists (activation_alpha, activation_beta). */
function activationsOf(context: KernelContext, standard: readonly string[], directions: number): Activation[] {
  const names = context.attributes.strings('activations');
  const chosen =
    names === undefined || (context.opType === 'RNN' && !context.attributes.has('activations')) ? undefined : names;
  const list = chosen ?? Array.from({ length: directions }, () => standard).flat();
  if (list.length < standard.length * directions) return refuse('too few activations');
  const alphas = [...(context.attributes.floats('activation_alpha') ?? [])];
  const betas = [...(context.attributes.floats('activation_beta') ?? [])];
  const alpha = (fallback: number): number => alphas.shift() ?? fallback;
  const beta = (fallback: number): number => betas.shift() ?? fallback;
  return list.slice(0, standard.length * directions).map((name): Activation => {
    switch (name.toLowerCase()) {
      case 'relu':
        return (x) => Math.max(0, x);
      case 'tanh':
        return Math.tanh;
      case 'sigmoid':
        return sigmoid;
      case 'softsign':
        return (x) => x / (1 + Math.abs(x));
      case 'softplus':
        return softplus;
      case 'affine': {
        const [a, b] = [alpha(1), beta(0)];
        return (x) => a * x + b;
      }
      case 'leakyrelu': {
        const a = alpha(0.01);
        return (x) => (x >= 0 ? x : a * x);
      }
      case 'thresholdedrelu': {
        const a = alpha(1);
        return (x) => (x >= a ? x : 0);
      }
      case 'scaledtanh': {
        const [a, b] = [alpha(1), beta(1)];
        return (x) => a * Math.tanh(b * x);
      }
      case 'hardsigmoid': {
        const [a, b] = [alpha(0.2), beta(0.5)];
        return (x) => hardSigmoid(x, a, b);
      }
      case 'elu': {
        const a = alpha(1);
        return (x) => (x >= 0 ? x : a * Math.expm1(x));
      }
      default:
        return refuse(`the activation '${name}'`);
    }
  });
}

interface Direction {
  readonly w: Float64Array;
  readonly r: Float64Array;
  /** Input biases, then recurrence biases, gate by gate. */
  readonly b: Float64Array;
  readonly activations: readonly Activation[];
}

/** What one step of a cell reads: sums of the input part for each gate, and the states, of one batch entry. */
interface Step {
  readonly input: Float64Array;
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
}

type Cell = (step: Step, direction: Direction, index: number) => void;

interface Shape {
  readonly gates: number;
  readonly hiddenSize: number;
  readonly inputSize: number;
  readonly clip: (x: number) => number;
}

/** gate `g` of x W^T: `W` holds the gates below each other. */
function projected(x: Float64Array, weights: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows);
  multiplyMatrices(weights, 0, x, 0, result, 0, rows, columns, 1);
  return result;
}

function rnnCell({ hiddenSize: h, clip }: Shape): Cell {
  return ({ input, hidden }, { r, b, activations: [f] }) => {
    if (f === undefined) return;
    const recurrent = projected(hidden, r, h, h);
    for (let i = 0; i < h; i++)
      hidden[i] = f(clip((input[i] as number) + (recurrent[i] as number) + (b[i] as number) + (b[h + i] as number)));
  };
}

function gruCell({ hiddenSize: h, clip }: Shape, linearBeforeReset: boolean): Cell {
  return ({ input, hidden }, { r, b, activations: [f, g] }) => {
    if (f === undefined || g === undefined) return;
    const recurrent = projected(hidden, r, 3 * h, h);
    const gate = (at: number): number =>
      f(clip((input[at] as number) + (recurrent[at] as number) + (b[at] as number) + (b[3 * h + at] as number)));
    const update = Array.from({ length: h }, (_, i) => gate(i));
    const reset = Array.from({ length: h }, (_, i) => gate(h + i));
    const resetHidden = hidden.map((value, i) => value * (reset[i] as number));
    const late = projected(resetHidden, r.subarray(2 * h * h), h, h);
    for (let i = 0; i < h; i++) {
      const at = 2 * h + i;
      const [inputBias, recurrentBias] = [b[at] as number, b[3 * h + at] as number];
      const term = linearBeforeReset
        ? (reset[i] as number) * ((recurrent[at] as number) + recurrentBias)
        : (late[i] as number) + recurrentBias;
      const candidate = g(clip((input[at] as number) + term + inputBias));
      hidden[i] = (1 - (update[i] as number)) * candidate + (update[i] as number) * (hidden[i] as number);
    }
  };
}

function lstmCell({ hiddenSize: h, clip }: Shape, peepholes: readonly Float64Array[], coupled: boolean): Cell {
  return ({ input, hidden, cell }, { r, b, activations: [f, g, out] }, index) => {
    if (f === undefined || g === undefined || out === undefined) return;
    const p = peepholes[index];
    const recurrent = projected(hidden, r, 4 * h, h);
    const sum = (at: number): number =>
      (input[at] as number) + (recurrent[at] as number) + (b[at] as number) + (b[4 * h + at] as number);
    for (let i = 0; i < h; i++) {
      const before = cell[i] as number;
      const entry = f(clip(sum(i) + (p?.[i] ?? 0) * before));
      const forget = coupled ? 1 - entry : f(clip(sum(2 * h + i) + (p?.[2 * h + i] ?? 0) * before));
      const now = forget * before + entry * g(clip(sum(3 * h + i)));
      const exit = f(clip(sum(h + i) + (p?.[h + i] ?? 0) * now));
      cell[i] = now;
      hidden[i] = exit * out(now);
    }
  };
}

const gatesOf: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const standardActivations: Readonly<Record<string, readonly string[]>> = {
  RNN: ['Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
};

function runRecurrent(context: KernelContext): readonly NDArray[] {
  const batchFirst = context.flag('layout');
  const swap = (array: NDArray | undefined): NDArray | undefined =>
    array && (batchFirst ? transposed(array, [1, 0, 2]) : array);
  const x = swap(context.input(0)) ?? refuse('X is missing');
  const [steps, batch, inputSize] = x.dims as [number, number, number];
  const [w, r] = [context.input(1), context.input(2)];
  const [directions, , hiddenSize] = r.dims as [number, number, number];
  const gates = gatesOf[context.opType] as number;
  const direction = context.attributes.string('direction') ?? 'forward';
  if (directions !== (direction === 'bidirectional' ? 2 : 1)) return refuse('direction and weights do not fit');
  const limit = context.attributes.float('clip');
  const clip = (value: number): number =>
    limit === undefined || limit <= 0 ? value : Math.min(limit, Math.max(-limit, value));
  const shape: Shape = { gates, hiddenSize, inputSize, clip };
  const part = (array: NDArray | undefined, index: number, length: number): Float64Array =>
    array === undefined ? new Float64Array(length) : doublesIn(array).slice(index * length, (index + 1) * length);
  const functions = standardActivations[context.opType] as readonly string[];
  const activations = activationsOf(context, functions, directions);
  const peepholes =
    context.optional(7) === undefined
      ? []
      : Array.from({ length: directions }, (_, d) => part(context.input(7), d, 3 * hiddenSize));
  const cells: Readonly<Record<string, () => Cell>> = {
    RNN: () => rnnCell(shape),
    GRU: () => gruCell(shape, context.flag('linear_before_reset')),
    LSTM: () => lstmCell(shape, peepholes, context.flag('input_forget')),
  };
  const run = cells[context.opType]?.() ?? refuse('an unknown cell');
  const lengths = context.integers(4)?.map(Number) ?? new Array<number>(batch).fill(steps);
  const [initialH, initialC] = [
    swap(context.optional(5)),
    swap(context.opType === 'LSTM' ? context.optional(6) : undefined),
  ];
  const values = doublesIn(x);
  const y = new Float64Array(steps * directions * batch * hiddenSize);
  const lastH = new Float64Array(directions * batch * hiddenSize);
  const lastC = new Float64Array(directions * batch * hiddenSize);
  for (let d = 0; d < directions; d++) {
    const backward = direction === 'reverse' || d === 1;
    const own: Direction = {
      w: part(w, d, gates * hiddenSize * inputSize),
      r: part(r, d, gates * hiddenSize * hiddenSize),
      b: part(context.optional(3), d, 2 * gates * hiddenSize),
      activations: activations.slice(d * functions.length, (d + 1) * functions.length),
    };
    for (let n = 0; n < batch; n++) {
      const hidden = part(initialH, d * batch + n, hiddenSize);
      const cell = part(initialC, d * batch + n, hiddenSize);
      const length = Math.min(lengths[n] as number, steps);
      for (let t = 0; t < length; t++) {
        const at = backward ? length - 1 - t : t;
        const entry = values.subarray((at * batch + n) * inputSize, (at * batch + n + 1) * inputSize);
        run({ input: projected(entry, own.w, gates * hiddenSize, inputSize), hidden, cell }, own, d);
        y.set(hidden, ((at * directions + d) * batch + n) * hiddenSize);
      }
      lastH.set(hidden, (d * batch + n) * hiddenSize);
      lastC.set(cell, (d * batch + n) * hiddenSize);
    }
  }
  const type = x.dataType;
  const finish = (data: Float64Array, dims: readonly number[], perm: readonly number[]): NDArray => {
    const array: NDArray = { dataType: 'double', dims, data };
    return converted(batchFirst ? transposed(array, perm) : array, type);
  };
  const states = [directions, batch, hiddenSize];
  const outputs = [finish(y, [steps, directions, batch, hiddenSize], [2, 0, 1, 3]), finish(lastH, states, [1, 0, 2])];
  return context.opType === 'LSTM' ? [...outputs, finish(lastC, states, [1, 0, 2])] : outputs;
}

export const recurrentKernels: readonly Kernel[] = [
  kernel(['LSTM', 'GRU', 'RNN'], { exactness: 'bounded', ulp: 16, run: runRecurrent }),
];

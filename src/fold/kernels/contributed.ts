/**
 * Operators of com.microsoft that ONNX Runtime's exporters and optimizer write, as its own documentation has them:
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md. In double, rounded once.
 */
import { type NDArray } from '../array.ts';
import { converted, fromDoubles } from '../convert.ts';
import { mapNumbers, zipNumbers } from '../elementwise.ts';
import { doublesIn, type Kernel, kernel, type KernelContext, integersIn, safeNumber } from '../kernel.ts';
import { reshaped, transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { gelu, sigmoid } from './activation.ts';
import { padKernels } from './pad.ts';
import { matrixProduct } from './matmul.ts';
import { movementKernels } from './movement.ts';
import { normalizedRuns, scaled } from './normalization.ts';
import { quantizeKernels } from './quantize.ts';

function summed(a: NDArray, b: NDArray | undefined): NDArray {
  const wide = converted(a, 'double');
  return b === undefined ? wide : zipNumbers(wide, converted(b, 'double'), (x, y) => x + y);
}

function withBias(opType: string, function_: (x: number, context: KernelContext) => number): Kernel {
  return kernel([`com.microsoft::${opType}`], {
    exactness: 'bounded',
    ulp: 16,
    run: (context) => {
      const x = context.input(0);
      return converted(
        mapNumbers(summed(x, context.optional(1)), (value) => function_(value, context)),
        x.dataType,
      );
    },
  });
}

/** The last two axes exchanged; with `batch` the first axis goes before them, [a, ..., b, c] to [..., b, a, c] (transBatchA). */
function turned(array: NDArray, exchanges: boolean, batch: boolean): NDArray {
  const order = array.dims.map((_, axis) => axis);
  const rank = order.length;
  if (batch && rank > 2) order.splice(rank - 2, 0, ...order.splice(0, 1));
  if (exchanges && rank > 1) order.push(...order.splice(rank - 2, 1));
  return order.every((axis, index) => axis === index) ? array : transposed(array, order);
}

function runFusedMatMul(context: KernelContext): NDArray {
  const alpha = context.attributes.float('alpha') ?? 1;
  const [a, b] = ['A', 'B'].map((name, index) =>
    turned(converted(context.input(index), 'double'), context.flag(`trans${name}`), context.flag(`transBatch${name}`)),
  ) as [NDArray, NDArray];
  const result = matrixProduct(a, b);
  return converted(
    mapNumbers(result, (x) => alpha * x),
    context.input(0).dataType,
  );
}

/** input + skip + bias, normalized along the last axis; the sum is the fourth output. */
function runSkipNormalization(context: KernelContext, centre: boolean): readonly (NDArray | undefined)[] {
  const x = context.input(0);
  const gamma = context.input(2);
  const beta = centre ? context.optional(3) : undefined;
  const sum = summed(summed(x, context.input(1)), context.optional(centre ? 4 : 3));
  const epsilon = context.attributes.float('epsilon') ?? 1e-12;
  const length = x.dims.at(-1) ?? 1;
  const { data, means, inverses } = normalizedRuns(doublesIn(sum), length, epsilon, centre);
  const dims = [...x.dims.slice(0, -1), 1];
  return [
    scaled({ dataType: 'double', dims: x.dims, data }, gamma, beta, x.dataType),
    centre ? fromDoubles(means, dims, 'float') : undefined,
    fromDoubles(inverses, dims, 'float'),
    converted(sum, x.dataType),
  ];
}

/** [batch, length, hidden] or [batch, heads, length, size]; caches [positions, size / 2]; a lone position is where a row begins. */
function runRotaryEmbedding(context: KernelContext): NDArray {
  const x = context.input(0);
  const [cos, sin] = [doublesIn(context.input(2)), doublesIn(context.input(3))];
  const half = context.input(2).dims.at(-1) ?? 0;
  const limit = context.input(2).dims[0] ?? 0;
  const heads = context.attributes.number('num_heads') ?? 0;
  const isFlat = x.dims.length === 3;
  const [batches = 0, second = 0, third = 0] = x.dims;
  const size = isFlat ? (heads > 0 ? third / heads : 2 * half) : (x.dims[3] ?? 0);
  const given = context.attributes.number('rotary_embedding_dim') ?? 0;
  if ((given === 0 ? size : given) !== 2 * half || (isFlat && !Number.isInteger(third / size)))
    return refuse('the caches do not fit the heads');
  const array = isFlat ? transposed(reshaped(x, [batches, second, third / size, size]), [0, 2, 1, 3]) : x;
  const [, count = 0, length = 0] = array.dims;
  const positions = integersIn(context.input(1)).map(safeNumber);
  const at = (b: number, t: number): number =>
    positions.length === 1 ? (positions[0] as number) + t : (positions[b * length + t] ?? -1);
  const values = doublesIn(array);
  const data = Float64Array.from(values);
  const isInterleaved = context.flag('interleaved');
  for (let row = 0; row < batches * count * length; row++) {
    const position = at(Math.floor(row / (count * length)), row % length);
    if (position < 0 || position >= limit) return refuse('a position is outside the caches');
    for (let i = 0; i < half; i++) {
      const [c, s] = [cos[position * half + i] as number, sin[position * half + i] as number];
      const [one, two] = isInterleaved ? [2 * i, 2 * i + 1] : [i, half + i];
      const [real, imaginary] = [values[row * size + one] as number, values[row * size + two] as number];
      data[row * size + one] = c * real - s * imaginary;
      data[row * size + two] = s * real + c * imaginary;
    }
  }
  const result = fromDoubles(data, array.dims, x.dataType);
  return isFlat ? reshaped(transposed(result, [0, 2, 1, 3]), x.dims) : result;
}

/** Operators that are the standard's own in another domain, for types the standard did not have yet. */
function twins(): Kernel[] {
  const wanted: Readonly<Record<string, number>> = { QuantizeLinear: 21, DequantizeLinear: 21, Pad: 21, Trilu: 14 };
  return [...quantizeKernels, ...padKernels, ...movementKernels].flatMap((own) =>
    own.operators.flatMap((opType) => {
      const opset = wanted[opType];
      return opset === undefined
        ? []
        : [{ ...own, operators: [`com.microsoft::${opType}`], standard: { opType, opset } }];
    }),
  );
}

export const contributedKernels: readonly Kernel[] = [
  withBias('Gelu', (x) => gelu(x, 'none')),
  withBias('BiasGelu', (x) => gelu(x, 'none')),
  withBias('FastGelu', (x) => gelu(x, 'tanh')),
  withBias('QuickGelu', (x, { attributes }) => x * sigmoid((attributes.float('alpha') ?? 1.702) * x)),
  kernel(['com.microsoft::FusedMatMul'], { exactness: 'bounded', ulp: 2, run: runFusedMatMul }),
  kernel(['com.microsoft::SkipLayerNormalization'], {
    exactness: 'bounded',
    ulp: 4,
    run: (context) => runSkipNormalization(context, true),
  }),
  kernel(['com.microsoft::SkipSimplifiedLayerNormalization'], {
    exactness: 'bounded',
    ulp: 4,
    run: (context) => runSkipNormalization(context, false),
  }),
  kernel(['com.microsoft::RotaryEmbedding'], { exactness: 'bounded', ulp: 2, run: runRotaryEmbedding }),
  ...twins(),
];

/** What the classifiers and regressors of ai.onnx.ml share: transforms of scores, and labels. */
import { int64Array, type NDArray } from '../array.ts';
import type { KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { sigmoid } from './activation.ts';
import { softmaxRow } from './softmax.ts';

export type PostTransform = 'NONE' | 'SOFTMAX' | 'LOGISTIC' | 'SOFTMAX_ZERO' | 'PROBIT';

const transforms: readonly PostTransform[] = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'];

/** Named, or (TreeEnsemble-5) given by its place. */
export function postTransformOf(context: KernelContext): PostTransform {
  const name = context.attributes.string('post_transform');
  const place = context.attributes.number('post_transform');
  return (
    transforms.find((own, index) => own === name || index === place) ??
    (name === undefined && place === undefined ? 'NONE' : refuse(`the transform '${name ?? place}'`))
  );
}

/** The inverse of the normal distribution by Winitzki's formula, as ONNX Runtime and the reference have it. */
function probit(x: number): number {
  const y = 2 * x - 1;
  const logarithm = Math.log((1 - y) * (1 + y));
  const half = 2 / (Math.PI * 0.147) + 0.5 * logarithm;
  return 1.41421356 * (y < 0 ? -1 : 1) * Math.sqrt(-half + Math.sqrt(half * half - logarithm / 0.147));
}

/** Softmax in which scores of 0 stay 0 before the division. */
function softmaxZero(row: Float64Array): void {
  const highest = row.reduce((most, value) => Math.max(most, value), -Infinity);
  let total = 0;
  row.forEach((value, i) => {
    row[i] = Math.abs(value) > 1e-7 ? Math.exp(value - highest) : value * Math.exp(-highest);
    total += row[i] as number;
  });
  row.forEach((value, i) => (row[i] = total === 0 ? 0.5 : value / total));
}

/** Transforms one row of scores in place. */
export function transformScores(row: Float64Array, transform: PostTransform): void {
  if (transform === 'SOFTMAX') softmaxRow(row, 0, row.length);
  else if (transform === 'SOFTMAX_ZERO') softmaxZero(row);
  else if (transform === 'LOGISTIC') row.forEach((value, i) => (row[i] = sigmoid(value)));
  else if (transform === 'PROBIT') row.forEach((value, i) => (row[i] = probit(value)));
}

export interface Labels {
  readonly count: number;
  /** The labels at these places, as the output Y. */
  readonly at: (places: readonly number[]) => NDArray;
  readonly isText: boolean;
}

/** classlabels_ints (or _int64s) or classlabels_strings. */
export function labelsOf({ attributes }: KernelContext): Labels {
  const texts = attributes.bytesList('classlabels_strings');
  const numbers = attributes.ints('classlabels_ints') ?? attributes.ints('classlabels_int64s');
  if (texts !== undefined && texts.length > 0)
    return {
      count: texts.length,
      isText: true,
      at: (places) => ({
        dataType: 'string',
        dims: [places.length],
        data: places.map((place) => texts[place] ?? refuse('a class has no label')),
      }),
    };
  return {
    count: numbers?.length ?? 0,
    isText: false,
    at: (places) =>
      int64Array(
        places.map((place) =>
          numbers === undefined || numbers.length === 0 ? place : (numbers[place] ?? refuse('a class has no label')),
        ),
      ),
  };
}

/** The place of the highest score, the first of equals. */
export function bestPlace(row: Float64Array): number {
  let best = 0;
  row.forEach((value, index) => {
    if (value > (row[best] as number)) best = index;
  });
  return best;
}

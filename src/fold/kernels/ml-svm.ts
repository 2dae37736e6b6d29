/** SVMClassifier SVMRegressor of ai.onnx.ml, by the formulas of libsvm; in double, rounded once. */
import type { NDArray } from '../array.ts';
import { fromDoubles } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { sigmoid } from './activation.ts';
import { bestPlace, labelsOf, type PostTransform, postTransformOf, transformScores } from './ml-scores.ts';

type Similarity = (a: Float64Array, b: Float64Array) => number;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function similarityOf({ attributes }: KernelContext): Similarity {
  const kind = (attributes.string('kernel_type') ?? 'LINEAR').toUpperCase();
  const [gamma = 0, shift = 0, degree = 0] = attributes.floats('kernel_params') ?? [];
  if (kind === 'LINEAR') return dot;
  if (kind === 'POLY') return (a, b) => (gamma * dot(a, b) + shift) ** degree;
  if (kind === 'SIGMOID') return (a, b) => Math.tanh(gamma * dot(a, b) + shift);
  if (kind !== 'RBF') return refuse(`the kernel '${kind}'`);
  return (a, b) => {
    let distance = 0;
    for (let i = 0; i < a.length; i++) distance += ((a[i] as number) - (b[i] as number)) ** 2;
    return Math.exp(-gamma * distance);
  };
}

interface Machine {
  readonly rows: readonly Float64Array[];
  readonly coefficients: Float64Array;
  readonly rho: readonly number[];
  /** Similarities of a row to each support vector, or to each set of coefficients. */
  readonly similarities: (row: Float64Array, vectors: readonly Float64Array[]) => Float64Array;
}

function split(data: Float64Array, count: number): Float64Array[] {
  const width = count === 0 ? 0 : data.length / count;
  if (!Number.isInteger(width)) return refuse('the vectors differ in length');
  return Array.from({ length: count }, (_, index) => data.subarray(index * width, (index + 1) * width));
}

function machineOf(context: KernelContext): Machine {
  const x = context.input(0);
  if (x.dims.length === 0 || x.dims.length > 2) return refuse('support vector machines take [N, C]');
  const similarity = similarityOf(context);
  return {
    rows: split(doublesIn(x), x.dims.length === 1 ? 1 : (x.dims[0] as number)),
    coefficients: Float64Array.from(context.attributes.floats('coefficients') ?? refuse('there are no coefficients')),
    rho: context.attributes.floats('rho') ?? refuse('there is no rho'),
    similarities: (row, vectors) =>
      Float64Array.from(vectors, (vector) =>
        vector.length === row.length ? similarity(row, vector) : refuse('the vectors do not fit the features'),
      ),
  };
}

function supportVectors(context: KernelContext, count: number): Float64Array[] {
  return split(Float64Array.from(context.attributes.floats('support_vectors') ?? []), count);
}

function runRegressor(context: KernelContext): NDArray {
  const { rows, coefficients, rho, similarities } = machineOf(context);
  const vectors = supportVectors(context, context.attributes.number('n_supports') ?? 0);
  const isOneClass = context.flag('one_class');
  const transform = postTransformOf(context);
  const shift = rho[0] ?? refuse('there is no rho');
  const data = Float64Array.from(rows, (row) => {
    const sum = vectors.length === 0 ? dot(coefficients, row) : dot(coefficients, similarities(row, vectors));
    const score = sum + shift;
    return isOneClass ? (score > 0 ? 1 : -1) : score;
  });
  for (let row = 0; row < data.length; row++) transformScores(data.subarray(row, row + 1), transform);
  return fromDoubles(data, [rows.length, 1], 'float');
}

interface Decision {
  /** One score for each pair of classes, or for each class of a linear machine. */
  readonly scores: Float64Array;
  readonly votes: Float64Array | undefined;
}

/** Of each pair of classes one gets the vote; the coefficients of class i against j lie in row j - 1 for i, row i for j. */
function pairwise(similarities: Float64Array, machine: Machine, sizes: readonly number[]): Decision {
  const total = similarities.length;
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  const votes = new Float64Array(sizes.length);
  const scores: number[] = [];
  const part = (row: number, group: number): number => {
    let sum = 0;
    const start = starts[group] as number;
    for (let k = start; k < start + (sizes[group] as number); k++)
      sum += (machine.coefficients[row * total + k] as number) * (similarities[k] as number);
    return sum;
  };
  for (let i = 0; i < sizes.length; i++) {
    for (let j = i + 1; j < sizes.length; j++) {
      const score = part(j - 1, i) + part(i, j) + (machine.rho[scores.length] ?? refuse('rho is too short'));
      scores.push(score);
      const winner = score > 0 ? i : j;
      votes[winner] = (votes[winner] as number) + 1;
    }
  }
  return { scores: Float64Array.from(scores), votes };
}

/** Probabilities of the classes from those of each pair, by the iteration of Wu, Lin and Weng (2004), as in libsvm. */
function coupled(pairs: readonly Float64Array[]): Float64Array {
  const k = pairs.length;
  const at = (i: number, j: number): number => pairs[i]?.[j] as number;
  const q = pairs.map((_, t) =>
    Float64Array.from({ length: k }, (__, j) => {
      if (j !== t) return -at(j, t) * at(t, j);
      let sum = 0;
      for (let i = 0; i < k; i++) if (i !== t) sum += at(i, t) ** 2;
      return sum;
    }),
  );
  const p = new Float64Array(k).fill(1 / k);
  for (let round = 0; round < Math.max(100, k); round++) {
    const product = Float64Array.from(q, (row) => dot(row, p));
    let total = dot(p, product);
    if (product.every((value) => Math.abs(value - total) < 0.005 / k)) break;
    for (let t = 0; t < k; t++) {
      const own = q[t]?.[t] as number;
      const change = (total - (product[t] as number)) / own;
      p[t] = (p[t] as number) + change;
      total = (total + change * (change * own + 2 * (product[t] as number))) / (1 + change) ** 2;
      for (let j = 0; j < k; j++) {
        product[j] = ((product[j] as number) + change * (q[t]?.[j] as number)) / (1 + change);
        p[j] = (p[j] as number) / (1 + change);
      }
    }
  }
  return p;
}

function probabilities(
  scores: Float64Array,
  classes: number,
  a: readonly number[],
  b: readonly number[],
): Float64Array {
  const pairs = Array.from({ length: classes }, () => new Float64Array(classes));
  let index = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, index++) {
      const raw = sigmoid(-((scores[index] as number) * (a[index] ?? 0) + (b[index] ?? 0)));
      const own = Math.min(Math.max(raw, 1e-7), 1 - 1e-7);
      (pairs[i] as Float64Array)[j] = own;
      (pairs[j] as Float64Array)[i] = 1 - own;
    }
  }
  return coupled(pairs);
}

/** A lone score stands for the second of two classes. */
function writtenScores(scores: Float64Array, transform: PostTransform, isBinary: boolean): Float64Array {
  const written =
    scores.length === 1 && isBinary ? Float64Array.of(-(scores[0] as number), scores[0] as number) : scores;
  transformScores(written, scores.length === 1 && transform !== 'LOGISTIC' ? 'NONE' : transform);
  return written;
}

function runClassifier(context: KernelContext): readonly NDArray[] {
  const machine = machineOf(context);
  const labels = labelsOf(context);
  const sizes = context.ints('vectors_per_class') ?? [];
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const classes = Math.max(labels.count, 1);
  if (count > 0 && sizes.length !== classes) return refuse('vectors_per_class do not fit the class labels');
  const vectors = supportVectors(context, count);
  const linear = count > 0 ? [] : split(machine.coefficients, classes);
  const [a, b] = [context.attributes.floats('prob_a') ?? [], context.attributes.floats('prob_b') ?? []];
  const hasProbabilities = a.length > 0 && count > 0;
  const transform = postTransformOf(context);
  if (machine.rho.length === 1 && !hasProbabilities)
    context.disputed('implementations disagree on a support vector machine with one score');
  const isPositive = machine.coefficients.every((value) => value >= 0);
  const places: number[] = [];
  const rows = machine.rows.map((row) => {
    const { scores, votes } =
      count > 0
        ? pairwise(machine.similarities(row, vectors), machine, sizes)
        : { scores: Float64Array.from(linear, (own) => dot(own, row) + (machine.rho[0] as number)), votes: undefined };
    const own = hasProbabilities ? probabilities(scores, classes, a, b) : scores;
    const best = bestPlace(votes ?? own);
    const highest = (votes ?? own)[best] as number;
    const isLone = machine.rho.length === 1 && classes === 2;
    places.push(isLone && !hasProbabilities && isPositive && highest >= 0.5 ? 1 : best);
    return writtenScores(own, transform, isLone);
  });
  const width = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, index) => data.set(row, index * width));
  return [labels.at(places), fromDoubles(data, [rows.length, width], 'float')];
}

export const svmKernels: readonly Kernel[] = [
  kernel(['ai.onnx.ml::SVMRegressor'], { exactness: 'bounded', ulp: 8, run: runRegressor }),
  kernel(['ai.onnx.ml::SVMClassifier'], { exactness: 'bounded', ulp: 8, run: runClassifier }),
];

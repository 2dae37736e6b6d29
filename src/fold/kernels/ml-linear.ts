/** LinearClassifier LinearRegressor of ai.onnx.ml: X [N, C] times coefficients [E, C], plus intercepts; in double, rounded once. */
import { countOf, type NDArray } from '../array.ts';
import { multiplyMatrices } from '../contraction.ts';
import { fromDoubles } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { bestPlace, labelsOf, postTransformOf, transformScores } from './ml-scores.ts';

interface Scores {
  readonly rows: number;
  readonly width: number;
  readonly data: Float64Array;
}

function linearScores(context: KernelContext, targets: number | undefined): Scores {
  const x = context.input(0);
  const coefficients = context.attributes.floats('coefficients') ?? refuse('there are no coefficients');
  const features = x.dims.at(-1) ?? 0;
  const rows = x.dims.length === 1 ? 1 : (x.dims[0] ?? 0);
  if (x.dims.length > 2 || features === 0 || coefficients.length % features !== 0)
    return refuse('coefficients do not fit the features');
  const width = coefficients.length / features;
  if (targets !== undefined && width !== targets) return refuse('coefficients do not fit the targets');
  const intercepts = context.attributes.floats('intercepts') ?? [];
  if (intercepts.length > 0 && intercepts.length !== width) return refuse('intercepts do not fit');
  const columns = new Float64Array(coefficients.length);
  coefficients.forEach((value, index) => {
    columns[(index % features) * width + Math.floor(index / features)] = value;
  });
  const data = new Float64Array(rows * width);
  for (let i = 0; i < data.length; i++) data[i] = intercepts[i % width] ?? 0;
  multiplyMatrices(doublesIn(x), 0, columns, 0, data, 0, rows, features, width);
  return { rows, width, data };
}

function runLinearRegressor(context: KernelContext): NDArray {
  const { rows, width, data } = linearScores(context, context.int('targets'));
  const transform = postTransformOf(context);
  for (let row = 0; row < rows; row++) transformScores(data.subarray(row * width, (row + 1) * width), transform);
  return fromDoubles(data, [rows, width], 'float');
}

/** One set of coefficients for two classes scores the second class; the first one has what is left. */
function runLinearClassifier(context: KernelContext): readonly NDArray[] {
  const { rows, width, data } = linearScores(context, undefined);
  const labels = labelsOf(context);
  const transform = postTransformOf(context);
  const isBinary = width === 1;
  if (isBinary && labels.count !== 2) return refuse('one score for other than two classes');
  if (isBinary) context.disputed('implementations disagree on the scores of a binary classifier');
  const columns = isBinary ? 2 : width;
  if (!isBinary && labels.count > 0 && labels.count !== width) return refuse('class labels do not fit the scores');
  const scores = new Float64Array(rows * columns);
  const places = Array.from({ length: rows }, (_, row) => {
    const own = scores.subarray(row * columns, (row + 1) * columns);
    if (isBinary) own.set([-(data[row] as number), data[row] as number]);
    else own.set(data.subarray(row * width, (row + 1) * width));
    const best = bestPlace(own);
    transformScores(own, transform);
    return best;
  });
  const z = fromDoubles(scores, [rows, columns], 'float');
  return countOf(z) === 0 ? refuse('nothing to classify') : [labels.at(places), z];
}

export const linearKernels: readonly Kernel[] = [
  kernel(['ai.onnx.ml::LinearRegressor'], { exactness: 'bounded', ulp: 4, run: runLinearRegressor }),
  kernel(['ai.onnx.ml::LinearClassifier'], { exactness: 'bounded', ulp: 4, run: runLinearClassifier }),
];

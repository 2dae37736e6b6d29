/**
 * Predictors of ai.onnx.ml: features [N, F], or one row of them, to one row of results for each row.
 * https://onnx.ai/onnx/operators/onnx_aionnxml_LinearClassifier.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { listLength } from './ml-labels.ts';
import { outputDims, shapeOf, shapeOfRank } from './support.ts';

/** The label and the scores of each row. Labels are strings or int64, whichever list is given. */
export const classifier = law(
  ['ai.onnx.ml::LinearClassifier', 'ai.onnx.ml::SVMClassifier', 'ai.onnx.ml::TreeEnsembleClassifier'],
  (context) => {
    const { opType } = context.node;
    const strings = listLength(context, 'classlabels_strings') ?? 0;
    const numbers =
      listLength(context, opType === 'TreeEnsembleClassifier' ? 'classlabels_int64s' : 'classlabels_ints') ?? 0;
    if (strings > 0 && numbers > 0) context.contradiction('its labels are given as strings and as numbers');
    const rows = rowsOf(context);
    outputDims(context, 0, strings > 0 ? 'string' : 'int64', [rows]);
    const labels = strings + numbers;
    // A support vector machine scores labels, or pairs of them, depending on its parameters.
    const isScoredByLabel = labels > 0 && (opType !== 'SVMClassifier' || (listLength(context, 'prob_a') ?? 0) > 0);
    outputDims(context, 1, 'float', [rows, isScoredByLabel ? Dim.of(labels) : undefined]);
  },
);

export const regressor = law(
  ['ai.onnx.ml::LinearRegressor', 'ai.onnx.ml::SVMRegressor', 'ai.onnx.ml::TreeEnsembleRegressor'],
  (context) => {
    const name = context.node.opType === 'LinearRegressor' ? 'targets' : 'n_targets';
    outputDims(context, 0, 'float', [rowsOf(context), Dim.of(context.attributes.int(name) ?? 1n)]);
  },
);

/** A tensor of rank 1 is one row. */
export function rowsOf(context: LawContext): Dim | undefined {
  const shape = shapeOf(context, 0) === undefined ? undefined : shapeOfRank(context, 0, 1, 2);
  return shape?.length === 1 ? Dim.one : shape?.[0];
}

/**
 * Losses over classes: scores [N, C, D...], labels [N, D...]; the loss is like the labels, or a scalar when reduced.
 * https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html
 */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, shapeOfRank, shapeOfRankAtLeast, typeOfInputs } from './support.ts';

export const loss = law(['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'], (context) => {
  const dataType = typeOfInputs(context, 0, 2);
  const scores = shapeOfRankAtLeast(context, 0, 2);
  const losses = lossShape(context, scores, shapeOfRankAtLeast(context, 1, 1));
  const classes = scores?.[1];
  const weights = shapeOfRank(context, 2, 1)?.[0];
  if (classes !== undefined && weights !== undefined) context.unify(classes, weights, 'the numbers of classes');
  const isReduced = (context.attributes.string('reduction') ?? 'mean') !== 'none';
  context.output(0, { dataType, shape: isReduced ? [] : losses });
  // The logarithms of the probabilities, of SoftmaxCrossEntropyLoss only.
  context.output(1, { dataType, shape: shapeOf(context, 0) });
});

function lossShape(
  context: LawContext,
  scores: readonly Dim[] | undefined,
  labels: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  const expected = scores?.filter((_, axis) => axis !== 1);
  if (expected === undefined || labels === undefined) return labels ?? expected;
  // The page of SoftmaxCrossEntropyLoss asks for the same, but ONNX's own inference lets other ranks pass.
  if (expected.length !== labels.length && context.node.opType === 'SoftmaxCrossEntropyLoss') return undefined;
  if (expected.length !== labels.length)
    context.contradiction(
      `${context.node.opType} has scores of rank ${expected.length + 1} and labels of rank ${labels.length}`,
    );
  return labels.map((dim, axis) => context.unify(dim, expected[axis] ?? dim, `axis ${axis} of the labels`));
}

/**
 * Features that are picked, put side by side, or spread over categories.
 * https://onnx.ai/onnx/operators/onnx_aionnxml_ArrayFeatureExtractor.html
 */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { listLength } from './ml-labels.ts';
import { rowsOf } from './ml-predict.ts';
import { outputDims, product, shapeOf, shapeOfRankAtLeast, typeOfInputs } from './support.ts';

/** Columns by index: as many on the last axis as there are indices. A vector counts as one row. */
export const arrayFeatureExtractor = law(['ai.onnx.ml::ArrayFeatureExtractor'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOfRankAtLeast(context, 0, 1);
  if (data === undefined) return context.output(0, { dataType });
  const indices = shapeOf(context, 1);
  const rows = data.length === 1 ? [Dim.one] : data.slice(0, -1);
  outputDims(context, 0, dataType, [...rows, indices && product(indices)]);
});

/** Inputs side by side, `inputdimensions` columns of each. */
export const featureVectorizer = law(['ai.onnx.ml::FeatureVectorizer'], (context) => {
  const widths = context.attributes.ints('inputdimensions');
  const width = widths?.reduce((sum, each) => sum + each, 0n);
  outputDims(context, 0, 'float', [rowsOf(context), width === undefined ? undefined : Dim.of(width)]);
});

/** A new last axis with a place for each category. */
export const oneHotEncoder = law(['ai.onnx.ml::OneHotEncoder'], (context) => {
  const strings = listLength(context, 'cats_strings');
  const numbers = listLength(context, 'cats_int64s');
  const count = strings ?? numbers;
  if (count === undefined || (strings !== undefined && numbers !== undefined))
    return context.contradiction('it needs its categories as cats_strings or as cats_int64s, and not as both');
  const shape = shapeOf(context, 0);
  context.output(0, { dataType: 'float', shape: shape && [...shape, Dim.of(count)] });
});

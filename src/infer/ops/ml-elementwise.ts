/**
 * Operators of ai.onnx.ml that change each number where it is: the output has the shape of the input.
 * https://onnx.ai/onnx/operators/index_ai_onnx_ml.html
 */
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const mlElementwise = law(['ai.onnx.ml::Binarizer', 'ai.onnx.ml::Imputer'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: shapeOf(context, 0) });
});

/** Whatever comes in, float goes out. */
export const mlScaled = law(['ai.onnx.ml::Normalizer', 'ai.onnx.ml::Scaler'], (context) => {
  context.output(0, { dataType: 'float', shape: shapeOf(context, 0) });
});

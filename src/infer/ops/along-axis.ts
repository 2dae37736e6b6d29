/**
 * Softmax and its kin work along an axis that the input must have; type and shape are those of the input.
 * Before opset 13 they work on everything from the axis on.
 * https://onnx.ai/onnx/operators/onnx__Softmax.html
 */
import { law, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const alongAxis = law(['Hardmax', 'LogSoftmax', 'LpNormalization', 'Softmax'], (context) => {
  const shape = shapeOf(context, 0);
  // Before opset 11 the standard did not say which axes are allowed.
  if (shape !== undefined && context.opset >= 11)
    normalAxis(context, context.attributes.number('axis') ?? -1, shape.length);
  context.output(0, { dataType: typeOfInputs(context, 0), shape });
});

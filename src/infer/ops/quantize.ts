/**
 * Linear quantization keeps the shape and changes the type.
 * https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html
 */
import { law } from '../law.ts';
import { shapeOf, typeAttribute, typeOfInputs } from './support.ts';

/** The type is that of the zero point, else output_dtype (opset 21), else uint8. */
export const quantizeLinear = law(['QuantizeLinear', 'com.microsoft::QuantizeLinear'], (context) => {
  const named = typeAttribute(context, 'output_dtype');
  const dataType = context.input(2) === undefined ? (named ?? 'uint8') : (typeOfInputs(context, 2) ?? named);
  if (named !== undefined && dataType !== undefined && named !== dataType)
    context.contradiction(`output_dtype is ${named}, but the zero point is of type ${dataType}`);
  context.output(0, { dataType, shape: shapeOf(context, 0) });
});

/** The type is output_dtype (opset 23), else that of the scale, which before opset 19 is always float. */
export const dequantizeLinear = law(['DequantizeLinear', 'com.microsoft::DequantizeLinear'], (context) => {
  const isFloat = context.node.domain === '' && context.opset < 19;
  const dataType = typeAttribute(context, 'output_dtype') ?? (isFloat ? 'float' : typeOfInputs(context, 1));
  context.output(0, { dataType, shape: shapeOf(context, 0) });
});

/** https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html */
export const dynamicQuantizeLinear = law(['DynamicQuantizeLinear'], (context) => {
  context.output(0, { dataType: 'uint8', shape: shapeOf(context, 0) });
  context.output(1, { dataType: 'float', shape: [] });
  context.output(2, { dataType: 'uint8', shape: [] });
});

/** Operators that hand their input on. */
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const identity = law(['Identity'], (context) => {
  const fact = context.input(0);
  context.output(0, {
    dataType: fact?.dataType,
    shape: fact?.shape,
    elements: context.elements(0),
    constant: fact?.constant,
    otherType: fact?.otherType,
    items: fact?.items,
    fractions: fact?.fractions,
  });
});

/** At inference; in training the values differ, the shape does not. https://onnx.ai/onnx/operators/onnx__Dropout.html */
export const dropout = law(['Dropout'], (context) => {
  const shape = shapeOf(context, 0);
  const dataType = typeOfInputs(context, 0);
  context.output(0, { dataType, shape });
  if (context.outputCount > 1) context.output(1, { dataType: context.opset < 10 ? dataType : 'bool', shape });
});

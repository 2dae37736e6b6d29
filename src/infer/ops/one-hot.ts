/** OneHot adds an axis of `depth`. https://onnx.ai/onnx/operators/onnx__OneHot.html */
import { law, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const oneHot = law(['OneHot'], (context) => {
  const dataType = typeOfInputs(context, 2);
  const indices = shapeOf(context, 0);
  if (indices === undefined) return context.output(0, { dataType });
  const axis = normalAxis(context, context.attributes.int('axis') ?? -1n, indices.length + 1);
  const depth = context.elements(1)?.[0];
  const size = depth?.isAtLeast(0n) === true ? depth : context.unknownDim(0, axis);
  context.output(0, { dataType, shape: [...indices.slice(0, axis), size, ...indices.slice(axis)] });
});

/** OneHot adds an axis of `depth`. https://onnx.ai/onnx/operators/onnx__OneHot.html */
import { Dim } from '../dim.ts';
import { law, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const oneHot = law(['OneHot'], (context) => {
  const dataType = typeOfInputs(context, 2);
  const indices = shapeOf(context, 0);
  if (indices === undefined) return context.output(0, { dataType });
  if (context.opset < 11 && context.integers(0)?.some((index) => index < 0n) === true)
    context.contradiction('a negative index, which counts from the end from opset 11 on only');
  const axis = normalAxis(context, context.attributes.int('axis') ?? -1n, indices.length + 1);
  const [whole] = context.elements(1) ?? [];
  const [float] = context.floats(1) ?? [];
  const depth = whole ?? (float === undefined || !Number.isInteger(float) ? undefined : Dim.of(float));
  if (depth?.constant !== undefined && depth.constant < 0n) context.contradiction(`a depth of ${depth.constant}`);
  const size = depth === undefined ? context.unknownDim(0, axis) : depth.maximum(Dim.zero);
  context.output(0, { dataType, shape: [...indices.slice(0, axis), size, ...indices.slice(axis)] });
});

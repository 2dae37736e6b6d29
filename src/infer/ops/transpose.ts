/** Transpose: axis i of the result is axis perm[i] of the input. https://onnx.ai/onnx/operators/onnx__Transpose.html */
import { law, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { gathered, knownArray, staticDims, stridesOf } from './values.ts';

export const transpose = law(['Transpose'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOf(context, 0);
  const given = context.attributes.ints('perm');
  if (data === undefined) {
    return context.output(0, { dataType, shape: given && context.unknownShape(0, given.length) });
  }
  if (given !== undefined && given.length !== data.length)
    context.contradiction(`a permutation of ${given.length} axes for rank ${data.length}`);
  const perm =
    given?.map((axis) => normalAxis(context, axis, data.length)) ?? data.map((_, axis) => data.length - 1 - axis);
  if (new Set(perm).size !== perm.length) context.contradiction('its perm names an axis twice');
  const shape = perm.map((axis) => data[axis] ?? context.unknownDim(0, axis));
  const array = knownArray(context, 0);
  const dims = staticDims(shape);
  if (array === undefined || dims === undefined) return context.output(0, { dataType, shape });
  const strides = stridesOf(array.dims);
  const elements = gathered(array.elements, dims, (position) =>
    perm.reduce((at, from, to) => at + (position[to] ?? 0) * (strides[from] ?? 0), 0),
  )?.elements;
  context.output(0, { dataType, shape, elements });
});

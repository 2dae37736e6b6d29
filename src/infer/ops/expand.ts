/** Repeating elements: Expand broadcasts both ways, Tile repeats each axis. https://onnx.ai/onnx/operators/onnx__Expand.html */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { rankFromLength, shapeOf, typeOfInputs } from './support.ts';
import { broadcastTo, gathered, knownArray, staticDims, stridesOf } from './values.ts';

export const expand = law(['Expand'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOf(context, 0);
  const target = context.elements(1);
  if (target === undefined) {
    // A dimension other than 1 of the input stays, whatever the target is.
    const length = rankFromLength(context, 1);
    if (data === undefined || length === undefined) return context.output(0, { dataType });
    const unknown = context.unknownShape(0, Math.max(length, data.length));
    return context.output(0, { dataType, shape: context.broadcast(0, [data, unknown.slice(unknown.length - length)]) });
  }
  // An element that the runtime alone knows may be negative only if the model fails.
  const shape = context.broadcast(0, [data, target]);
  const array = knownArray(context, 0);
  const dims = staticDims(shape);
  const elements = array === undefined || dims === undefined ? undefined : broadcastTo(array, dims)?.elements;
  context.output(0, { dataType, shape, elements });
});

export const tile = law(['Tile'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOf(context, 0);
  if (data === undefined) return context.output(0, { dataType });
  const repeats = context.opset < 6 ? repeatsOfOneAxis(context, data.length) : context.elements(1);
  if (repeats !== undefined && repeats.length !== data.length)
    context.contradiction(`${repeats.length} repeats for rank ${data.length}`);
  const shape = data.map((dim, axis) => {
    const repeat = repeats?.[axis];
    return repeat === undefined ? context.unknownDim(0, axis) : dim.times(repeat);
  });
  const array = knownArray(context, 0);
  const dims = staticDims(shape);
  if (array === undefined || dims === undefined) return context.output(0, { dataType, shape });
  const strides = stridesOf(array.dims);
  const elements = gathered(array.elements, dims, (position) =>
    position.reduce((at, index, axis) => at + (index % (array.dims[axis] ?? 1)) * (strides[axis] ?? 0), 0),
  )?.elements;
  context.output(0, { dataType, shape, elements });
});

/** Before opset 6 the inputs are a count and the one axis it is for. */
function repeatsOfOneAxis(context: LawContext, rank: number): readonly Dim[] | undefined {
  const [count] = context.elements(1) ?? [];
  const [axis] = context.integers(2) ?? [];
  if (count === undefined || axis === undefined) return undefined;
  const at = normalAxis(context, axis, rank);
  return Array.from({ length: rank }, (_, index) => (index === at ? count : Dim.one));
}

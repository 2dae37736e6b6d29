/** Operators that pick elements by index. https://onnx.ai/onnx/operators/onnx__Gather.html */
import { type Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { moved } from './fractions.ts';
import { shapeOf, shapeOfRankAtLeast, typeOfInputs } from './support.ts';
import { flatIndex, gathered, knownArray, staticDims, stridesOf } from './values.ts';

export const gather = law(['Gather'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOfRankAtLeast(context, 0, 1);
  const indices = shapeOf(context, 1);
  if (data === undefined || indices === undefined) return context.output(0, { dataType });
  const axis = normalAxis(context, context.attributes.int('axis') ?? 0n, data.length);
  const shape = [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
  context.output(0, { dataType, shape, ...moved(context, shape, sourceOf(context, axis, indices.length)) });
});

/** Where in the data the element at a position of the result lies. */
function sourceOf(
  context: LawContext,
  axis: number,
  indexRank: number,
): ((position: readonly number[]) => number) | undefined {
  const dims = staticDims(shapeOf(context, 0));
  const indices = context.integers(1);
  const indexDims = staticDims(shapeOf(context, 1));
  if (dims === undefined || indices === undefined || indexDims === undefined) return undefined;
  const length = dims[axis] ?? 0;
  const strides = stridesOf(dims);
  const indexStrides = stridesOf(indexDims);
  return (position) => {
    const index = flatIndex(position.slice(axis, axis + indexRank), indexStrides);
    const before = flatIndex(position.slice(0, axis), strides);
    const after = flatIndex(position.slice(axis + indexRank), strides.slice(axis + 1));
    return before + wrapped(context, indices[index], length) * (strides[axis] ?? 0) + after;
  };
}

export const gatherElements = law(['GatherElements'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOfRankAtLeast(context, 0, 1);
  const shape = shapeOf(context, 1);
  const axis = data === undefined ? undefined : normalAxis(context, context.attributes.int('axis') ?? 0n, data.length);
  const elements = axis === undefined ? undefined : elementsAlong(context, axis);
  context.output(0, { dataType, shape, elements });
});

/** Each element of the result lies where its index is, but for the place along the axis, which the index says. */
function elementsAlong(context: LawContext, axis: number): readonly Dim[] | undefined {
  const data = knownArray(context, 0);
  const indices = knownIndices(context);
  if (data === undefined || indices?.dims.length !== data.dims.length) return undefined;
  const strides = stridesOf(data.dims);
  const indexStrides = stridesOf(indices.dims);
  return gathered(data.elements, indices.dims, (position) => {
    const along = wrapped(context, indices.values[flatIndex(position, indexStrides)], data.dims[axis] ?? 0);
    return flatIndex(position, strides) + (along - (position[axis] ?? 0)) * (strides[axis] ?? 0);
  })?.elements;
}

function knownIndices(context: LawContext): { dims: readonly number[]; values: readonly bigint[] } | undefined {
  const values = context.integers(1);
  const dims = staticDims(shapeOf(context, 1));
  return values === undefined || dims === undefined ? undefined : { dims, values };
}

/** An index counted from the front. */
function wrapped(context: LawContext, index: bigint | undefined, length: number): number {
  const number = Number(index ?? 0n);
  if (number < -length || number >= length)
    context.contradiction(`index ${number} is out of range for an axis of size ${length}`);
  return number < 0 ? number + length : number;
}

/** https://onnx.ai/onnx/operators/onnx__GatherND.html */
export const gatherNd = law(['GatherND', 'com.microsoft::GatherND'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOfRankAtLeast(context, 0, 1);
  const indices = shapeOfRankAtLeast(context, 1, 1);
  const depth = indices?.at(-1)?.constant;
  if (data === undefined || indices === undefined || depth === undefined) return context.output(0, { dataType });
  const batch = context.attributes.number('batch_dims') ?? 0;
  const taken = batch + Number(depth);
  if (taken > data.length)
    context.contradiction(`its indices have ${depth} parts, but its data only ${data.length - batch} axes to index`);
  const shape = [...indices.slice(0, -1), ...data.slice(taken)];
  context.output(0, { dataType, shape, elements: slicesAt(context, batch, staticDims(shape)) });
});

/** Index vectors, one for each place before the last axis of the indices, say where a slice of the data begins. */
function slicesAt(context: LawContext, batch: number, dims: readonly number[] | undefined): readonly Dim[] | undefined {
  const data = knownArray(context, 0);
  const indices = knownIndices(context);
  if (data === undefined || indices === undefined || dims === undefined) return undefined;
  const places = indices.dims.length - 1;
  const depth = indices.dims[places] ?? 0;
  const strides = stridesOf(data.dims);
  const indexStrides = stridesOf(indices.dims);
  return gathered(data.elements, dims, (position) => {
    const place = flatIndex(position.slice(0, places), indexStrides);
    let at = flatIndex(position.slice(0, batch), strides);
    for (let part = 0; part < depth; part++)
      at += wrapped(context, indices.values[place + part], data.dims[batch + part] ?? 0) * (strides[batch + part] ?? 0);
    return at + flatIndex(position.slice(places), strides.slice(batch + depth));
  })?.elements;
}

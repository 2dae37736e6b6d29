/** Operators that pick elements by index. https://onnx.ai/onnx/operators/onnx__Gather.html */
import { type Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf, shapeOfRankAtLeast, typeOfInputs } from './support.ts';
import { gathered, type KnownArray, knownArray, staticDims, stridesOf } from './values.ts';

export const gather = law(['Gather'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOfRankAtLeast(context, 0, 1);
  const indices = shapeOf(context, 1);
  if (data === undefined || indices === undefined) return context.output(0, { dataType });
  const axis = normalAxis(context, context.attributes.int('axis') ?? 0n, data.length);
  const shape = [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
  context.output(0, { dataType, shape, elements: pickedElements(context, axis, indices.length, shape) });
});

function pickedElements(
  context: LawContext,
  axis: number,
  indexRank: number,
  shape: readonly Dim[],
): readonly Dim[] | undefined {
  const data = knownArray(context, 0);
  const indices = context.integers(1);
  const dims = staticDims(shape);
  const indexDims = staticDims(shapeOf(context, 1));
  if (data === undefined || indices === undefined || dims === undefined || indexDims === undefined) return undefined;
  const length = data.dims[axis] ?? 0;
  const strides = stridesOf(data.dims);
  const indexStrides = stridesOf(indexDims);
  return gathered(data.elements, dims, (position) => {
    let at = 0;
    for (let before = 0; before < axis; before++) at += (position[before] ?? 0) * (strides[before] ?? 0);
    let index = 0;
    for (let inner = 0; inner < indexRank; inner++) index += (position[axis + inner] ?? 0) * (indexStrides[inner] ?? 0);
    const picked = Number(indices[index] ?? 0n);
    if (picked < -length || picked >= length)
      context.contradiction(`index ${picked} is out of range for an axis of size ${length}`);
    at += (picked < 0 ? picked + length : picked) * (strides[axis] ?? 0);
    for (let after = axis + 1; after < data.dims.length; after++)
      at += (position[after - 1 + indexRank] ?? 0) * (strides[after] ?? 0);
    return at;
  })?.elements;
}

export const gatherElements = law(['GatherElements'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const shape = shapeOf(context, 1);
  const data = knownArray(context, 0);
  context.output(0, { dataType, shape, elements: data?.dims.length === 1 ? pickFromVector(context, data) : undefined });
});

function pickFromVector(context: LawContext, data: KnownArray): readonly Dim[] | undefined {
  const indices = context.integers(1);
  if (indices === undefined || context.input(1)?.shape?.length !== 1) return undefined;
  const picked = indices.map((index) => data.elements.at(Number(index)));
  return picked.every((element) => element !== undefined) ? picked : undefined;
}

/** https://onnx.ai/onnx/operators/onnx__GatherND.html */
export const gatherNd = law(['GatherND'], (context) => {
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
  // Shape vectors only: data of one axis, picked by [[i], [j], ...].
  const array = data.length === 1 && batch === 0 ? knownArray(context, 0) : undefined;
  const picked = context.integers(1)?.map((index) => array?.elements.at(Number(index)));
  const elements = picked?.every((element) => element !== undefined) === true ? picked : undefined;
  context.output(0, { dataType, shape, elements });
});

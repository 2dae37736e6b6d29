/** OneHot adds an axis of `depth`. https://onnx.ai/onnx/operators/onnx__OneHot.html */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, gathered, knownArray, staticDims, stridesOf } from './values.ts';

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
  const shape = [...indices.slice(0, axis), size, ...indices.slice(axis)];
  context.output(0, { dataType, shape, elements: hotElements(context, axis, shape) });
});

/** `values` is [off, on]; an index beyond the depth switches nothing on. */
function hotElements(context: LawContext, axis: number, shape: readonly Dim[]): readonly Dim[] | undefined {
  const [off, on] = carriesElements(context.input(2)) ? (context.elements(2) ?? []) : [];
  const indices = knownArray(context, 0);
  const given = context.integers(0);
  const dims = staticDims(shape);
  if (off === undefined || on === undefined || indices === undefined || given === undefined || dims === undefined)
    return undefined;
  const depth = BigInt(dims[axis] ?? 0);
  const strides = stridesOf(indices.dims);
  return gathered([off, on], dims, (position) => {
    const rest = position.toSpliced(axis, 1);
    const index = given[rest.reduce((at, each, dim) => at + each * (strides[dim] ?? 0), 0)] ?? 0n;
    return BigInt(position[axis] ?? 0) === (index < 0n ? index + depth : index) ? 1 : 0;
  })?.elements;
}

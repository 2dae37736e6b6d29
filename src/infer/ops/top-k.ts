/**
 * TopK: values and their indices, k of them along one axis. k is an attribute in opset 1, an input since 10.
 * https://onnx.ai/onnx/operators/onnx__TopK.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { firstOutput, shapeOf, sizesOf, typeOfInputs, withDim } from './support.ts';
import { carriesElements, compareDims, flatIndex, knownArray, positionsOf, staticDims, stridesOf } from './values.ts';

/** Longer axes are no shapes, and comparing dims costs. */
const MAXIMUM_ORDERED = 16;

export const topK = law(['TopK'], (context) => {
  const shape = topShape(context);
  const top = topElements(context, shape);
  context.output(0, { dataType: typeOfInputs(context, 0), shape, elements: top?.map(([element]) => element) });
  context.output(1, { dataType: 'int64', shape, elements: top?.map(([, index]) => Dim.of(index)) });
});

/** Where the elements along the axis can be put in order: the greatest (or least), the first of equals first. */
function topElements(
  context: LawContext,
  shape: readonly Dim[] | undefined,
): readonly (readonly [element: Dim, index: number])[] | undefined {
  const dims = staticDims(shape);
  const data = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  if (dims === undefined || data === undefined) return undefined;
  const axis = normalAxis(context, context.attributes.number('axis') ?? -1, dims.length);
  const [length, count] = [data.dims[axis] ?? 0, dims[axis] ?? 0];
  if (length > MAXIMUM_ORDERED || count > length) return undefined;
  const stride = stridesOf(data.dims)[axis] ?? 1;
  const lanes = new Map<number, readonly (readonly [Dim, number])[]>();
  const top: (readonly [Dim, number])[] = [];
  for (const position of positionsOf(dims)) {
    const rank = position[axis] ?? 0;
    const start = flatIndex(position, stridesOf(data.dims)) - rank * stride;
    const lane = lanes.get(start) ?? ordered(context, data.elements, start, stride, length);
    const found = lane?.[rank];
    if (lane === undefined || found === undefined) return undefined;
    lanes.set(start, lane);
    top.push(found);
  }
  return top;
}

function ordered(
  context: LawContext,
  elements: readonly Dim[],
  start: number,
  stride: number,
  length: number,
): readonly (readonly [Dim, number])[] | undefined {
  const sign = (context.attributes.int('largest') ?? 1n) === 0n ? 1 : -1;
  let isOrdered = context.attributes.int('sorted') !== 0n;
  const pairs = Array.from({ length }, (_, index): readonly [Dim, number] => [
    elements[start + index * stride] ?? Dim.zero,
    index,
  ]);
  pairs.sort(([a, first], [b, second]) => {
    const order = compareDims(a, b);
    if (order === undefined) isOrdered = false;
    return order === undefined || order === 0 ? first - second : order * sign;
  });
  return isOrdered ? pairs : undefined;
}

function topShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOf(context, 0);
  if (input === undefined) return undefined;
  const axis = normalAxis(context, context.attributes.number('axis') ?? -1, input.length);
  const k = context.opset < 10 ? attributeK(context) : sizesOf(context, 1)?.[0];
  const available = input[axis]?.constant;
  if (k?.constant !== undefined && available !== undefined && k.constant > available)
    context.contradiction(`TopK asks for ${k.constant} of ${available} elements`);
  return withDim(input, axis, k ?? context.unknownDim(firstOutput(context), axis));
}

function attributeK(context: LawContext): Dim | undefined {
  const k = context.attributes.int('k');
  return k === undefined ? undefined : Dim.of(k);
}

/**
 * TopK: values and their indices, k of them along one axis. k is an attribute in opset 1, an input since 10.
 * https://onnx.ai/onnx/operators/onnx__TopK.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { firstOutput, shapeOf, sizesOf, typeOfInputs, withDim } from './support.ts';
import { carriesElements, compareDims } from './values.ts';

/** Longer vectors are no shapes, and comparing dims costs. */
const MAXIMUM_ORDERED = 16;

export const topK = law(['TopK'], (context) => {
  const shape = topShape(context);
  const top = topElements(context, shape);
  context.output(0, { dataType: typeOfInputs(context, 0), shape, elements: top?.map(([element]) => element) });
  context.output(1, { dataType: 'int64', shape, elements: top?.map(([, index]) => Dim.of(index)) });
});

/** Of a vector whose elements can be put in order: the greatest (or least), the first of equals first. */
function topElements(
  context: LawContext,
  shape: readonly Dim[] | undefined,
): readonly (readonly [element: Dim, index: number])[] | undefined {
  const count = shape?.length === 1 ? shape[0]?.constant : undefined;
  const elements = carriesElements(context.input(0)) ? context.elements(0) : undefined;
  if (count === undefined || elements === undefined || elements.length > MAXIMUM_ORDERED) return undefined;
  const sign = (context.attributes.int('largest') ?? 1n) === 0n ? 1 : -1;
  let isOrdered = context.attributes.int('sorted') !== 0n;
  const pairs = elements.map((element, index) => [element, index] as const);
  pairs.sort(([a, first], [b, second]) => {
    const order = compareDims(a, b);
    if (order === undefined) isOrdered = false;
    return order === undefined || order === 0 ? first - second : order * sign;
  });
  return isOrdered ? pairs.slice(0, Number(count)) : undefined;
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

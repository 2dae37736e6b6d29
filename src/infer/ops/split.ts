/**
 * Split: sizes come from the attribute (before 13) or the input `split`, else the axis is divided evenly; from 18 on into
 * `num_outputs` pieces of ceil(size / count), the last one smaller. https://onnx.ai/onnx/operators/onnx__Split.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { quotient, shapeOf, typeOfInputs, withDim } from './support.ts';
import { gathered, knownArray, staticDims, stridesOf } from './values.ts';

export const split = law(['Split'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOf(context, 0);
  const count = context.outputCount;
  if (data === undefined) {
    for (let output = 0; output < count; output++) context.output(output, { dataType });
    return;
  }
  const axis = normalAxis(context, context.attributes.int('axis') ?? 0n, data.length);
  const whole = data[axis] ?? Dim.zero;
  const sizes = sizesOf(context, whole, count);
  let start: Dim | undefined = Dim.zero;
  for (let output = 0; output < count; output++) {
    const size: Dim | undefined = sizes?.[output];
    const shape = withDim(data, axis, size ?? context.unknownDim(output, axis));
    const from: Dim | undefined = start;
    context.output(output, { dataType, shape, elements: from && partElements(context, axis, shape, from) });
    start = size === undefined ? undefined : start?.plus(size);
  }
});

function sizesOf(context: LawContext, whole: Dim, count: number): readonly Dim[] | undefined {
  const given =
    context.opset < 13 ? context.attributes.ints('split')?.map((size) => Dim.of(size)) : context.elements(1);
  if (given !== undefined) {
    if (given.length !== count) context.contradiction(`${given.length} sizes for ${count} outputs`);
    const sum = given.reduce((total, size) => total.plus(size), Dim.zero);
    if (sum.differs(whole)) context.contradiction(`its sizes add up to ${sum.toString()}, not to ${whole.toString()}`);
    return given;
  }
  // In opset 1 the sizes may be an input, too.
  if (context.input(1) !== undefined) return undefined;
  const pieces = Dim.of(count);
  if (context.opset < 18)
    return Array.from({ length: count }, () => quotient(context, whole, pieces, 'the axis to split'));
  const piece = whole.ceilingDivide(pieces);
  const last = whole.minus(piece.times(Dim.of(count - 1)));
  const { high } = last.bounds();
  if (high !== undefined && high < 0n)
    context.contradiction(`${whole.toString()} cannot be split into ${count} pieces`);
  return Array.from({ length: count }, (_, index) => (index === count - 1 ? last : piece));
}

function partElements(
  context: LawContext,
  axis: number,
  shape: readonly Dim[],
  start: Dim,
): readonly Dim[] | undefined {
  const data = knownArray(context, 0);
  const dims = staticDims(shape);
  if (data === undefined || dims === undefined || start.constant === undefined) return undefined;
  const offset = Number(start.constant);
  const strides = stridesOf(data.dims);
  return gathered(data.elements, dims, (position) =>
    position.reduce((at, index, dim) => at + (index + (dim === axis ? offset : 0)) * (strides[dim] ?? 0), 0),
  )?.elements;
}

/** Concat: every axis but one agrees; that one adds up. https://onnx.ai/onnx/operators/onnx__Concat.html */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { isSmall, knownArray, staticDims } from './values.ts';

export const concat = law(['Concat'], (context) => {
  const indices = Array.from({ length: context.inputCount }, (_, index) => index);
  const dataType = typeOfInputs(context, ...indices);
  const shapes = indices.map((index) => shapeOf(context, index));
  const [first] = shapes.filter((shape) => shape !== undefined);
  if (first === undefined) return context.output(0, { dataType });
  // ONNX Runtime lets an empty vector pass beside inputs of higher rank (loops start with one).
  if (shapes.some((part) => part !== undefined && part.length !== first.length)) {
    if (shapes.some((part) => part?.length === 1 && part[0]?.constant === 0n)) return context.output(0, { dataType });
    context.contradiction(`its inputs have ranks ${shapes.map((part) => part?.length ?? '?').join(', ')}`);
  }
  // In opset 1 the axis may be left out, and is 1 then.
  const axis = normalAxis(context, context.attributes.int('axis') ?? 1n, first.length);
  const shape = first.map((dim, at) => {
    if (at === axis) {
      const parts = shapes.map((part) => part?.[axis]);
      return parts.every((part) => part !== undefined)
        ? parts.reduce((sum, part) => sum.plus(part), Dim.zero)
        : context.unknownDim(0, axis);
    }
    return shapes.reduce<Dim>((common, part) => {
      if (part === undefined) return common;
      return context.unify(common, part[at] ?? common, `axis ${at} of the inputs`);
    }, dim);
  });
  context.output(0, { dataType, shape, elements: joinedElements(context, axis, shape) });
});

function joinedElements(context: LawContext, axis: number, shape: readonly Dim[]): readonly Dim[] | undefined {
  const dims = staticDims(shape);
  if (dims === undefined || !isSmall(dims)) return undefined;
  const outer = dims.slice(0, axis).reduce((count, dim) => count * dim, 1);
  const parts: { readonly elements: readonly Dim[]; readonly run: number }[] = [];
  for (let index = 0; index < context.inputCount; index++) {
    const part = knownArray(context, index);
    if (part === undefined) return undefined;
    parts.push({ elements: part.elements, run: part.elements.length / Math.max(outer, 1) });
  }
  const elements: Dim[] = [];
  for (let row = 0; row < outer; row++)
    for (const { elements: from, run } of parts) elements.push(...from.slice(row * run, (row + 1) * run));
  return elements;
}

/** Concat: every axis but one agrees; that one adds up. https://onnx.ai/onnx/operators/onnx__Concat.html */
import { Dim } from '../dim.ts';
import { law, normalAxis } from '../law.ts';
import { fractionsOf } from './fractions.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { countOf, isSmall, knownArray, staticDims } from './values.ts';

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
  const dims = staticDims(shape);
  if (dims === undefined || !isSmall(dims)) return context.output(0, { dataType, shape });
  const outer = countOf(dims.slice(0, axis));
  const elements = joined(indices, outer, (index) => knownArray(context, index)?.elements);
  const fractions = elements === undefined ? joined(indices, outer, (index) => fractionsOf(context, index)) : undefined;
  context.output(0, { dataType, shape, elements, fractions });
});

/** Runs of the parts in turn, `outer` times; undefined when one is not known. */
function joined<Element>(
  indices: readonly number[],
  outer: number,
  partOf: (index: number) => readonly Element[] | undefined,
): readonly Element[] | undefined {
  const parts: (readonly Element[])[] = [];
  for (const index of indices) {
    const part = partOf(index);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const elements: Element[] = [];
  for (let row = 0; row < outer; row++)
    for (const part of parts) {
      const run = part.length / outer;
      elements.push(...part.slice(row * run, (row + 1) * run));
    }
  return elements;
}

/**
 * CenterCropPad: the axes named (all by default) get the sizes asked for.
 * https://onnx.ai/onnx/operators/onnx__CenterCropPad.html
 */
import type { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { lengthOf, rankFromLength, shapeOf, sizesOf, typeOfInputs } from './support.ts';

export const centerCropPad = law(['CenterCropPad'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: croppedShape(context) });
});

function croppedShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOf(context, 0);
  const sizes = sizesOf(context, 1);
  const named = context.attributes.numbers('axes');
  if (input === undefined) {
    const rank = named === undefined ? rankFromLength(context, 1) : undefined;
    return rank === undefined
      ? undefined
      : Array.from({ length: rank }, (_, axis) => sizes?.[axis] ?? context.unknownDim(0, axis));
  }
  const axes = named?.map((axis) => normalAxis(context, axis, input.length)) ?? input.map((_, axis) => axis);
  const count = lengthOf(context, 1);
  if (count !== undefined && count !== axes.length)
    context.contradiction(`CenterCropPad is given ${count} sizes for ${axes.length} axes`);
  return input.map((dim, axis) => {
    const index = axes.indexOf(axis);
    return index < 0 ? dim : (sizes?.[index] ?? context.unknownDim(0, axis));
  });
}

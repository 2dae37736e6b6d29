/**
 * Resize and its forerunner Upsample: each axis is given a size, or a factor of which the standard takes
 * floor(input * factor), and floor(input * (end - start) * factor) when a region of interest is cropped.
 * https://onnx.ai/onnx/operators/onnx__Resize.html
 */
import { type Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { fitSizes, scaledSize } from './resize-size.ts';
import { isGiven, lengthOf, rankFromLength, shapeOf, shapeOfRank, sizesOf, typeOfInputs } from './support.ts';

export const resize = law(['Resize'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: resizedShape(context) });
});

/** Scales are two attributes in opset 1, one in 7, an input in 9; deprecated since 10. */
export const upsample = law(['Upsample'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: upsampledShape(context) });
});

function resizedShape(context: LawContext): readonly Dim[] | undefined {
  const scalesInput = context.opset < 11 ? 1 : 2;
  const hasSizes = context.opset >= 11 && isGiven(context, 3);
  const hasScales = isGiven(context, scalesInput);
  const known = hasSizes ? 3 : scalesInput;
  const input = shapeOf(context, 0);
  const axes = context.attributes.numbers('axes');
  if (input === undefined) {
    const rank = axes === undefined && hasSizes !== hasScales ? rankFromLength(context, known) : undefined;
    if (rank === undefined) return undefined;
    const sizes = hasSizes && policyOf(context) === 'stretch' ? sizesOf(context, 3) : undefined;
    return Array.from({ length: rank }, (_, axis) => sizes?.[axis] ?? context.unknownDim(0, axis));
  }
  const resized = axes?.map((axis) => normalAxis(context, axis, input.length)) ?? input.map((_, axis) => axis);
  // Before opset 13 scales could not be left out, and sizes are what counts.
  if (hasSizes && hasScales && context.opset >= 13) {
    if ((lengthOf(context, 3) ?? 0) > 0 && (lengthOf(context, scalesInput) ?? 0) > 0)
      context.contradiction('Resize is given both scales and sizes');
    return withUnknown(context, input, resized);
  }
  const count = lengthOf(context, known);
  if (count !== undefined && count !== resized.length && (hasSizes || hasScales))
    context.contradiction(`Resize is given ${count} ${hasSizes ? 'sizes' : 'scales'} for ${resized.length} axes`);
  if (hasSizes) return sizedShape(context, input, resized);
  return scaledShape(context, input, resized, hasScales ? context.floats(scalesInput) : undefined);
}

function withUnknown(context: LawContext, input: readonly Dim[], axes: readonly number[]): readonly Dim[] {
  return input.map((dim, axis) => (axes.includes(axis) ? context.unknownDim(0, axis) : dim));
}

function policyOf(context: LawContext): string {
  return context.attributes.string('keep_aspect_ratio_policy') ?? 'stretch';
}

function sizedShape(context: LawContext, input: readonly Dim[], axes: readonly number[]): readonly Dim[] {
  const sizes = sizesOf(context, 3);
  if (sizes === undefined) return withUnknown(context, input, axes);
  const policy = policyOf(context);
  const before = axes.map((axis) => input[axis] ?? context.unknownDim(0, axis));
  const after = policy === 'stretch' ? sizes : fitSizes(before, sizes, policy === 'not_larger');
  return input.map((dim, axis) => {
    const index = axes.indexOf(axis);
    return index < 0 ? dim : (after[index] ?? context.unknownDim(0, axis));
  });
}

function scaledShape(
  context: LawContext,
  input: readonly Dim[],
  axes: readonly number[],
  scales: readonly number[] | undefined,
): readonly Dim[] {
  if (scales === undefined) return withUnknown(context, input, axes);
  const crops = context.attributes.string('coordinate_transformation_mode') === 'tf_crop_and_resize';
  const region = crops ? context.floats(1) : undefined;
  return input.map((dim, axis) => {
    const index = axes.indexOf(axis);
    if (index < 0) return dim;
    // Only by the standard's formula does cropping change the size; runtimes leave it out.
    const isWhole = !crops || (region?.[index] === 0 && region[index + axes.length] === 1);
    const size = isWhole ? scaledSize(context, dim, scales[index] ?? 1) : undefined;
    return size ?? context.unknownDim(0, axis);
  });
}

function upsampledShape(context: LawContext): readonly Dim[] | undefined {
  const scales = upsampleScales(context);
  const input = context.opset < 7 ? shapeOfRank(context, 0, 4) : shapeOf(context, 0);
  if (input === undefined) {
    const rank = scales?.length ?? (context.opset >= 9 ? rankFromLength(context, 1) : undefined);
    return rank === undefined ? undefined : context.unknownShape(0, rank);
  }
  if (scales !== undefined && scales.length !== input.length)
    context.contradiction(`Upsample is given ${scales.length} scales for an input of rank ${input.length}`);
  return input.map((dim, axis) => {
    const scale = scales?.[axis];
    const size = scale === undefined ? undefined : scaledSize(context, dim, scale);
    return size ?? context.unknownDim(0, axis);
  });
}

function upsampleScales(context: LawContext): readonly number[] | undefined {
  if (context.opset >= 9) return context.floats(1);
  if (context.opset >= 7) return context.attributes.floats('scales');
  const height = context.attributes.float('height_scale');
  const width = context.attributes.float('width_scale');
  return height === undefined || width === undefined ? undefined : [1, 1, height, width];
}

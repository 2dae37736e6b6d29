/**
 * Convolutions: X [N, C, D...], W [M, C / group, K...] -> Y [N, M, windows...].
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
import type { DataType } from '../../ir/data-type.ts';
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, shapeOfRankAtLeast, typeOfInputs } from './support.ts';
import { channelsToBack, channelsToFront, sameCount, windowCount, windowsOf, type Windows } from './windows.ts';

export const convolution = law(['Conv', 'DeformConv', 'com.microsoft::FusedConv'], (context) => {
  convolve(context, 0, 1, typeOfInputs(context, 0, 1));
});

export const convolutionInteger = law(['ConvInteger'], (context) => {
  convolve(context, 0, 1, 'int32');
});

/** Inputs: x, its scale and zero point; w, its scale and zero point; scale and zero point of y. */
export const convolutionQuantized = law(['QLinearConv', 'com.microsoft::QLinearConv'], (context) => {
  convolve(context, 0, 3, typeOfInputs(context, 7));
});

/** X and Y [N, D..., C], W as ever. https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md */
export const convolutionChannelsLast = law(['com.microsoft::NhwcConv', 'com.microsoft::NhwcFusedConv'], (context) => {
  convolve(context, 0, 1, typeOfInputs(context, 0, 1), true);
});

function convolve(
  context: LawContext,
  inputIndex: number,
  weightIndex: number,
  dataType: DataType | undefined,
  isChannelsLast = (context.attributes.int('channels_last') ?? 0n) !== 0n,
): void {
  const given = shapeOfRankAtLeast(context, inputIndex, 3);
  const input = given && isChannelsLast ? channelsToFront(given) : given;
  const weight = shapeOfRankAtLeast(context, weightIndex, 3);
  const rank = input?.length ?? weight?.length;
  if (rank === undefined) {
    context.output(0, { dataType });
    return;
  }
  if (input !== undefined && weight !== undefined) checkChannels(context, input, weight);
  const windows = windowsOf(context, rank - 2, weight?.slice(2));
  const spatial = windows.strides.map((_, axis) => spatialDim(context, windows, input?.[axis + 2], axis));
  const dims = [input?.[0], weight?.[0], ...spatial];
  outputDims(context, 0, dataType, isChannelsLast ? channelsToBack(dims) : dims);
}

function checkChannels(context: LawContext, input: readonly Dim[], weight: readonly Dim[]): void {
  if (input.length !== weight.length)
    context.contradiction(`the weight of ${context.node.opType} has rank ${weight.length}, its input ${input.length}`);
  const group = context.attributes.int('group') ?? 1n;
  const [, channels] = input;
  const [, channelsOfGroup] = weight;
  if (channels !== undefined && channelsOfGroup !== undefined)
    context.unify(channels, channelsOfGroup.times(Dim.of(group)), 'the numbers of input channels');
}

function spatialDim(context: LawContext, windows: Windows, input: Dim | undefined, axis: number): Dim | undefined {
  const stride = windows.strides[axis] ?? 1n;
  if (input === undefined) return undefined;
  if (windows.autoPad === 'SAME') return sameCount(input, stride);
  const extent = windows.extents[axis];
  if (extent === undefined) return undefined;
  const pads = windows.autoPad === 'VALID' ? 0n : (windows.begins[axis] ?? 0n) + (windows.ends[axis] ?? 0n);
  return windowCount(context, input.plus(Dim.of(pads)).minus(extent), stride);
}

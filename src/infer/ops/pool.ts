/**
 * Pools with windows: X [N, C, D...] -> Y [N, C, windows...], and for MaxPool the indices of the maxima.
 * https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { isNegative, shapeOfRankAtLeast, typeOfInputs } from './support.ts';
import { channelsToBack, channelsToFront, sameCount, windowCount, windowsOf, type Windows } from './windows.ts';

export const pool = law(
  [
    ...['AveragePool', 'LpPool', 'MaxPool', 'com.microsoft::QLinearAveragePool'],
    ...['com.microsoft::MaxpoolWithMask', 'com.microsoft::NhwcMaxPool'],
  ],
  (context) => {
    const { opType } = context.node;
    const isChannelsLast = opType === 'NhwcMaxPool' || (context.attributes.int('channels_last') ?? 0n) !== 0n;
    const dims = pooledDims(context, isChannelsLast);
    const dataType = typeOfInputs(context, 0);
    const ordered = dims && isChannelsLast ? channelsToBack(dims) : dims;
    const shape = ordered?.map((dim, axis) => dim ?? context.unknownDim(0, axis));
    context.output(0, { dataType, shape });
    if (opType === 'MaxPool') context.output(1, { dataType: 'int64', shape });
  },
);

/** In the order [N, C, D...]. */
function pooledDims(context: LawContext, isChannelsLast: boolean): readonly (Dim | undefined)[] | undefined {
  const kernelRank = context.attributes.ints('kernel_shape')?.length;
  const given = shapeOfRankAtLeast(context, 0, 3);
  const input = given && isChannelsLast ? channelsToFront(given) : given;
  const rank = input?.length ?? (kernelRank === undefined ? undefined : kernelRank + 2);
  if (rank === undefined) return undefined;
  const windows = windowsOf(context, rank - 2, undefined);
  return Array.from({ length: rank }, (_, axis) => {
    const size = input?.[axis];
    return axis < 2 || size === undefined ? size : spatialDim(context, windows, size, axis - 2);
  });
}

function spatialDim(context: LawContext, windows: Windows, input: Dim, axis: number): Dim | undefined {
  const stride = windows.strides[axis] ?? 1n;
  const extent = windows.extents[axis]?.constant;
  const ceil = (context.attributes.int('ceil_mode') ?? 0n) !== 0n;
  // ONNX Runtime pads for the undilated window and then slides the dilated one.
  if (windows.autoPad === 'SAME') return windows.dilations[axis] === 1n ? sameCount(input, stride) : undefined;
  if (extent === undefined) return undefined;
  const explicit = windows.autoPad === 'NOTSET';
  const begin = explicit ? (windows.begins[axis] ?? 0n) : 0n;
  const end = explicit ? (windows.ends[axis] ?? 0n) : 0n;
  const span = input.plus(Dim.of(begin + end - extent));
  const floored = windowCount(context, span, stride);
  if (!ceil || floored === undefined) return floored;
  const counted = ceiledCount(input, span, stride, extent, begin, end);
  if (counted === undefined) return undefined;
  // VALID counts as floor_mode does by the standard, but implementations honour ceil_mode.
  if (!explicit) return counted.equals(floored) ? floored : undefined;
  // LpPool's page has no word on windows that start in the right padding; runtimes drop them there as well.
  const all = span.ceilingDivide(Dim.of(stride)).plus(Dim.one);
  return context.node.opType === 'LpPool' && !counted.equals(all) ? undefined : counted;
}

/**
 * ceil(span / stride) + 1, less a last window that would start in the right padding: one whose start
 * (count - 1) * stride is at or after input + begin. The rule is spelled out since opset 22; all kernels follow it in
 * every version.
 */
function ceiledCount(
  input: Dim,
  span: Dim,
  stride: bigint,
  extent: bigint,
  begin: bigint,
  end: bigint,
): Dim | undefined {
  const count = span.ceilingDivide(Dim.of(stride)).plus(Dim.one);
  const limit = input.plus(Dim.of(begin));
  // extent - end is by how much the padded input less one window falls short of `limit`: with a stride of at most
  // that, the last window always starts before it; with a longer one, windows are counted by where they start.
  if (extent > end) return stride <= extent - end ? count : limit.ceilingDivide(Dim.of(stride));
  const beyond = count.minus(Dim.one).times(Dim.of(stride)).minus(limit);
  if (beyond.isAtLeast(0n)) return count.minus(Dim.one);
  return isNegative(beyond) ? count : undefined;
}

/**
 * ConvTranspose: X [N, C, D...], W [C, M / group, K...] -> Y [N, M, E...].
 * E is `output_shape` where that is given, else stride * (D - 1) + output_padding + extent - pads.
 * https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOfRankAtLeast, typeOfInputs } from './support.ts';
import { listAttribute, windowsOf, type Windows } from './windows.ts';

export const convolutionTranspose = law(['ConvTranspose', 'com.microsoft::ConvTransposeWithDynamicPads'], (context) => {
  const dataType = typeOfInputs(context, 0, 1);
  const input = shapeOfRankAtLeast(context, 0, 3);
  const weight = shapeOfRankAtLeast(context, 1, 3);
  const rank = input?.length ?? weight?.length;
  if (rank === undefined) {
    context.output(0, { dataType });
    return;
  }
  if (input !== undefined && weight !== undefined) checkChannels(context, input, weight);
  const attributes = windowsOf(context, rank - 2, weight?.slice(2));
  const windows = context.node.domain === '' ? attributes : withPadsInput(context, attributes, rank - 2);
  if (
    context.isStrict &&
    context.attributes.has('pads') &&
    (context.attributes.string('auto_pad') ?? 'NOTSET') !== 'NOTSET'
  )
    context.contradiction('pads and auto_pad exclude each other');
  const paddings = listAttribute(context, 'output_padding', rank - 2, 0n);
  const given = context.attributes.ints('output_shape');
  const spatial = windows.strides.map((_, axis) => {
    const dim =
      given === undefined
        ? spatialDim(windows, input?.[axis + 2], axis, paddings[axis] ?? 0n)
        : givenDim(given, rank - 2, axis);
    return dim ?? context.unknownDim(0, axis + 2);
  });
  const batch = input?.[0] ?? context.unknownDim(0, 0);
  const group = Dim.of(context.attributes.int('group') ?? 1n);
  const channels = weight?.[1]?.times(group) ?? context.unknownDim(0, 1);
  context.output(0, { dataType, shape: [batch, channels, ...spatial] });
});

function checkChannels(context: LawContext, input: readonly Dim[], weight: readonly Dim[]): void {
  if (input.length !== weight.length)
    context.contradiction(`the weight of ConvTranspose has rank ${weight.length}, its input ${input.length}`);
  if (input[1] !== undefined && weight[0] !== undefined)
    context.unify(input[1], weight[0], 'the numbers of input channels');
  const group = context.attributes.int('group') ?? 1n;
  const channels = input[1]?.constant;
  if (channels !== undefined && group > 0n && channels % group !== 0n)
    context.contradiction(`ConvTranspose cannot part ${channels} channels into ${group} groups`);
}

/** ONNX Runtime's form has an input for the pads; where it is given, and no number, no size is known. */
function withPadsInput(context: LawContext, windows: Windows, rank: number): Windows {
  if (context.input(2) === undefined) return windows;
  const pads = context.integers(2);
  if (pads === undefined) return { ...windows, extents: windows.extents.map(() => undefined) };
  return { ...windows, begins: pads.slice(0, rank), ends: pads.slice(rank) };
}

/** The attribute holds spatial sizes only; a list of another length is read one way or the other by the runtimes. */
function givenDim(given: readonly bigint[], rank: number, axis: number): Dim | undefined {
  const size = given[axis];
  return given.length === rank && size !== undefined ? Dim.of(size) : undefined;
}

function spatialDim(windows: Windows, input: Dim | undefined, axis: number, padding: bigint): Dim | undefined {
  const extent = windows.extents[axis];
  const stride = windows.strides[axis] ?? 1n;
  if (input === undefined) return undefined;
  if (windows.autoPad === 'SAME') {
    // The standard asks for input * stride. A window smaller than its stride cannot fill that, and there ONNX's own
    // inference and ONNX Runtime answer less than the reference evaluator does.
    const fills = extent?.constant !== undefined && extent.constant + padding >= stride;
    return fills ? input.times(Dim.of(stride)) : undefined;
  }
  const pads = windows.autoPad === 'VALID' ? 0n : (windows.begins[axis] ?? 0n) + (windows.ends[axis] ?? 0n);
  return extent === undefined
    ? undefined
    : input
        .minus(Dim.one)
        .times(Dim.of(stride))
        .plus(extent)
        .plus(Dim.of(padding - pads));
}

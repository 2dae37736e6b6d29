/**
 * Signal processing: Fourier transforms, window functions, mel weights.
 * https://onnx.ai/onnx/operators/onnx__DFT.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { isPositive, shapeOf, shapeOfRankAtLeast, sizesOf, typeAttribute, typeOfInputs } from './support.ts';

const two = Dim.of(2);

/** Bins of a real signal's spectrum: the other half mirrors them. */
function onesidedLength(length: Dim): Dim {
  return length.floorDivide(two).plus(Dim.one);
}

/** Input [..., 1 or 2]: real, or real and imaginary. `axis` is an attribute in opset 17 and an input since 20. */
export const fourier = law(['DFT'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: fourierShape(context) });
});

function fourierShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOfRankAtLeast(context, 0, 2);
  if (input === undefined) return undefined;
  const onesided = (context.attributes.int('onesided') ?? 0n) !== 0n;
  const inverse = (context.attributes.int('inverse') ?? 0n) !== 0n;
  const parts = onesided && inverse ? Dim.one : two;
  const last = input.length - 1;
  const axis = fourierAxis(context, input.length);
  const actual = input[last];
  if (onesided && actual !== undefined)
    context.unify(actual, inverse ? two : Dim.one, 'the parts of a number, real or complex,');
  return input.map((dim, index) => {
    if (index === last) return parts;
    const length = transformLength(context, dim, onesided && inverse);
    if (index !== axis && (axis !== undefined || (length === dim && !onesided))) return dim;
    if (axis === undefined || length === undefined) return context.unknownDim(0, index);
    return onesided && !inverse ? onesidedLength(length) : length;
  });
}

/** The second input, or what it defaults to; undefined when it is not known. */
function transformLength(context: LawContext, signal: Dim, isReal: boolean): Dim | undefined {
  if (context.input(1) !== undefined) return sizesOf(context, 1)?.[0];
  return isReal ? signal.minus(Dim.one).times(two) : signal;
}

function fourierAxis(context: LawContext, rank: number): number | undefined {
  const given = context.opset < 20 ? context.attributes.int('axis') : axisInput(context);
  if (given === undefined) return undefined;
  const axis = normalAxis(context, given, rank);
  if (axis === rank - 1)
    context.contradiction(`DFT cannot work along axis ${axis}, which holds real and imaginary parts`);
  return axis;
}

function axisInput(context: LawContext): bigint | undefined {
  return context.input(2) === undefined ? -2n : context.integers(2)?.[0];
}

/** Signal [batch, length, 1 or 2] -> [batch, frames, bins, 2]. https://onnx.ai/onnx/operators/onnx__STFT.html */
export const shortTimeFourier = law(['STFT'], (context) => {
  const dataType = typeOfInputs(context, 0, 2);
  const [batch, length, , ...beyond] = shapeOf(context, 0) ?? [];
  if (beyond.length > 0) context.contradiction('the signal of STFT must have rank 3');
  const step = context.elements(1)?.[0];
  const frame = frameLength(context, length);
  const isCounted = length !== undefined && frame !== undefined && step !== undefined && isPositive(step);
  const frames = isCounted ? length.minus(frame).floorDivide(step).plus(Dim.one) : context.unknownDim(0, 1);
  const onesided = (context.attributes.int('onesided') ?? 1n) !== 0n;
  const bins = frame === undefined ? context.unknownDim(0, 2) : onesided ? onesidedLength(frame) : frame;
  context.output(0, { dataType, shape: [batch ?? context.unknownDim(0, 0), frames, bins, two] });
});

function frameLength(context: LawContext, signal: Dim | undefined): Dim | undefined {
  const hasWindow = context.input(2) !== undefined;
  const hasLength = context.input(3) !== undefined;
  const window = hasWindow ? shapeOf(context, 2)?.[0] : undefined;
  const given = hasLength ? sizesOf(context, 3)?.[0] : undefined;
  return hasWindow || hasLength ? (given ?? window) : signal;
}

/** A vector of as many elements as the scalar input says. https://onnx.ai/onnx/operators/onnx__HannWindow.html */
export const windowFunction = law(['BlackmanWindow', 'HammingWindow', 'HannWindow'], (context) => {
  const size = sizesOf(context, 0)?.[0] ?? context.unknownDim(0, 0);
  context.output(0, { dataType: typeAttribute(context, 'output_datatype'), shape: [size] });
});

/** [floor(dft_length / 2) + 1, num_mel_bins]. https://onnx.ai/onnx/operators/onnx__MelWeightMatrix.html */
export const melWeightMatrix = law(['MelWeightMatrix'], (context) => {
  const bins = sizesOf(context, 0)?.[0] ?? context.unknownDim(0, 1);
  const length = sizesOf(context, 1)?.[0];
  const rows = length === undefined ? context.unknownDim(0, 0) : onesidedLength(length);
  context.output(0, { dataType: typeAttribute(context, 'output_datatype'), shape: [rows, bins] });
});

/**
 * ONNX Runtime's fused operators, as its optimizer and PyTorch's exporters for it write them.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
import { Dim } from '../dim.ts';
import { law, normalAxis } from '../law.ts';
import { firstOutput, outputDims, product, quotient, shapeOf, shapeOfRank, sizesOf, typeOfInputs } from './support.ts';

/** Token ids [batch, length] and the table of words [words, width]; in the quantized form, tables have scales of their own. */
export const embedLayerNormalization = law(
  ['com.microsoft::EmbedLayerNormalization', 'com.microsoft::QEmbedLayerNormalization'],
  (context) => {
    const isQuantized = context.node.opType.startsWith('Q');
    const dataType = isQuantized ? typeOfInputs(context, 8, 9) : typeOfInputs(context, 2, 3);
    const [batch, length] = shapeOfRank(context, 0, 2) ?? [];
    const width = shapeOfRank(context, 2, 2)?.[1];
    outputDims(context, 0, dataType, [batch, length, width]);
    outputDims(context, 1, 'int32', [batch]);
    outputDims(context, 2, dataType, [batch, length, width]);
  },
);

/** Half of the last axis gates the other half. */
export const biasSplitGelu = law(['com.microsoft::BiasSplitGelu'], (context) => {
  const shape = shapeOfRank(context, 0, 3);
  const halved = shape?.map((dim, axis) => (axis === 2 ? quotient(context, dim, Dim.of(2), 'the last axis') : dim));
  context.output(0, { dataType: typeOfInputs(context, 0), shape: halved });
});

/** Normalized sum, statistics, and the sum itself. */
export const skipGroupNormalization = law(['com.microsoft::SkipGroupNorm'], (context) => {
  const fact = { dataType: typeOfInputs(context, 0), shape: shapeOf(context, 0) };
  context.output(0, fact);
  context.output(1, fact);
});

/** Scale and zero point of the result, then each input with its own. */
export const concatQuantized = law(['com.microsoft::QLinearConcat'], (context) => {
  const dataType = typeOfInputs(context, 1);
  const shapes: (readonly Dim[] | undefined)[] = [];
  for (let index = 2; index < context.inputCount; index += 3) shapes.push(shapeOf(context, index));
  const rank = shapes.find((shape) => shape !== undefined)?.length;
  if (rank === undefined) {
    context.output(0, { dataType });
    return;
  }
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, rank);
  const dims = Array.from({ length: rank }, (_, index) => {
    const known = shapes.map((shape) => shape?.[index]);
    if (index !== axis) return known.find((dim) => dim !== undefined);
    return known.reduce((sum, dim) => (sum && dim ? sum.plus(dim) : undefined), Dim.zero);
  });
  outputDims(context, 0, dataType, dims);
});

/** The result is like the data; the mask holds a bit for each element, 32 in a word, or a bool. */
export const biasDropout = law(
  ['com.microsoft::BiasDropout', 'com.microsoft::BitmaskBiasDropout', 'com.microsoft::BitmaskDropout'],
  (context) => {
    const shape = shapeOf(context, 0);
    context.output(0, { dataType: typeOfInputs(context, 0), shape });
    if (context.node.opType === 'BiasDropout') context.output(1, { dataType: 'bool', shape });
    else outputDims(context, 1, 'uint32', [shape && product(shape).ceilingDivide(Dim.of(32))]);
  },
);

/** Two sets of points, [M, N] and [K, N]: distances [M, K]. */
export const distances = law(['com.microsoft::CDist'], (context) => {
  const [rows, columns] = [0, 1].map((index) => shapeOfRank(context, index, 2)?.[0]);
  outputDims(context, 0, typeOfInputs(context, 0, 1), [rows, columns]);
});

/** Regions [regions, 4] of X [N, C, H, W], each resized to [height, width]. */
export const cropAndResize = law(['com.microsoft::CropAndResize'], (context) => {
  const channels = shapeOfRank(context, 0, 4)?.[1];
  const [height, width] = sizesOf(context, 3) ?? [];
  outputDims(context, 0, typeOfInputs(context, 0), [shapeOfRank(context, 1, 2)?.[0], channels, height, width]);
});

/** One axis more, at a place that is a number in all exports. */
export const expandDims = law(['com.microsoft::ExpandDims'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const shape = shapeOf(context, 0);
  const [axis] = context.integers(1) ?? [];
  if (shape === undefined) return context.output(0, { dataType });
  if (axis === undefined) return context.output(0, { dataType, shape: context.unknownShape(0, shape.length + 1) });
  context.output(0, { dataType, shape: shape.toSpliced(normalAxis(context, axis, shape.length + 1), 0, Dim.one) });
});

/** Both states keep their shapes. */
export const gemmaRotaryEmbedding = law(['com.microsoft::GemmaRotaryEmbedding'], (context) => {
  for (const output of [0, 1])
    context.output(output, {
      dataType: typeOfInputs(context, 2 * output + 1),
      shape: shapeOf(context, 2 * output + 1),
    });
});

/** Rows of a quantized table, dequantized; a byte of the table holds two elements of 4 bits, or four of 2. */
export const gatherQuantized = law(['com.microsoft::GatherBlockQuantized'], (context) => {
  const dataType = typeOfInputs(context, 2);
  const data = shapeOf(context, 0);
  const indices = shapeOf(context, 1);
  if (data === undefined || indices === undefined) return context.output(0, { dataType });
  const axis = normalAxis(context, context.attributes.int('gather_axis') ?? 0n, data.length);
  const perByte = context.input(0)?.dataType === 'uint8' ? 8n / (context.attributes.int('bits') ?? 4n) : 1n;
  const whole = data.map((dim, at) => (at === data.length - 1 ? dim.times(Dim.of(perByte)) : dim));
  context.output(0, { dataType, shape: [...whole.slice(0, axis), ...indices, ...whole.slice(axis + 1)] });
});

/** Scores [batch, words], with those of repeated sequences of words changed. */
export const repeatedWords = law(['com.microsoft::NGramRepeatBlock'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 1), shape: shapeOf(context, 1) });
});

export const hash = law(['com.microsoft::MurmurHash3'], (context) => {
  const isPositive = (context.attributes.int('positive') ?? 1n) !== 0n;
  context.output(0, { dataType: isPositive ? 'uint32' : 'int32', shape: shapeOf(context, 0) });
});

/** Of a vector: its different elements in their order, where each element is among them, and how often it occurs. */
export const uniqueInOrder = law(['com.microsoft::Unique'], (context) => {
  const [length] = shapeOfRank(context, 0, 1) ?? [];
  const count = context.unknownDim(firstOutput(context), 0);
  context.output(0, { dataType: typeOfInputs(context, 0), shape: [count] });
  outputDims(context, 1, 'int64', [length]);
  context.output(2, { dataType: 'int64', shape: [count] });
});

/** [batch, length, width] without padding is [tokens, width]. */
export const removePadding = law(['com.microsoft::RemovePadding'], (context) => {
  const [batch, length, width] = shapeOfRank(context, 0, 3) ?? [];
  outputDims(context, 0, typeOfInputs(context, 0), [undefined, width]);
  outputDims(context, 1, 'int32', [batch, length]);
  outputDims(context, 2, 'int32', [batch?.plus(Dim.one)]);
  outputDims(context, 3, 'int32', [Dim.one]);
});

export const restorePadding = law(['com.microsoft::RestorePadding'], (context) => {
  const width = shapeOfRank(context, 0, 2)?.[1];
  const [batch, length] = shapeOfRank(context, 1, 2) ?? [];
  outputDims(context, 0, typeOfInputs(context, 0), [batch, length, width]);
});

/** Rows of a table [words, width]. */
export const torchEmbedding = law(['com.microsoft::TorchEmbedding'], (context) => {
  const indices = shapeOf(context, 1);
  const dataType = typeOfInputs(context, 0);
  if (indices === undefined) context.output(0, { dataType });
  else outputDims(context, 0, dataType, [...indices, shapeOfRank(context, 0, 2)?.[1]]);
});

/** Windows along an axis, which stay behind as the last axis. */
export const unfold = law(['com.microsoft::UnfoldTensor'], (context) => {
  const shape = shapeOf(context, 0);
  const dataType = typeOfInputs(context, 0);
  const size = context.attributes.int('size');
  const step = context.attributes.int('step') ?? 1n;
  if (shape === undefined || size === undefined || step <= 0n) return context.output(0, { dataType });
  const at = normalAxis(context, context.attributes.int('dim') ?? -1n, shape.length);
  const windows = shape[at]?.minus(Dim.of(size)).floorDivide(Dim.of(step)).plus(Dim.one);
  outputDims(context, 0, dataType, [...shape.slice(0, at), windows, ...shape.slice(at + 1), Dim.of(size)]);
});

/** Gate and what it gates are two inputs, or the halves of the last axis of one. */
export const gatedActivation = law(['com.microsoft::SwiGLU'], (context) => {
  const shape = shapeOf(context, 0);
  const last = shape?.at(-1);
  const isWhole = context.input(1) !== undefined || shape === undefined || last === undefined;
  context.output(0, {
    dataType: typeOfInputs(context, 0, 1),
    shape: isWhole ? shape : [...shape.slice(0, -1), quotient(context, last, Dim.of(2), 'the last axis')],
  });
});

/** Real signals, [..., n] to [..., n / 2 + 1, 2] and back; the last axis holds real and imaginary parts. */
export const realFourier = law(['com.microsoft::Rfft', 'com.microsoft::Irfft'], (context) => {
  const shape = shapeOf(context, 0);
  const dataType = typeOfInputs(context, 0);
  const isHalf = (context.attributes.int('onesided') ?? 1n) !== 0n;
  if (shape === undefined) return context.output(0, { dataType });
  if (context.node.opType === 'Rfft') {
    const bins = shape.at(-1);
    const kept = bins && isHalf ? bins.floorDivide(Dim.of(2)).plus(Dim.one) : bins;
    return outputDims(context, 0, dataType, [...shape.slice(0, -1), kept, Dim.of(2)]);
  }
  const bins = shape.at(-2);
  const length = bins && isHalf ? bins.minus(Dim.one).times(Dim.of(2)) : bins;
  outputDims(context, 0, dataType, [...shape.slice(0, -2), length]);
});

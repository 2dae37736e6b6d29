/**
 * Operators on strings, and images kept as bytes.
 * https://onnx.ai/onnx/operators/onnx__StringSplit.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { firstOutput, shapeOf, shapeOfRank, typeOfInputs } from './support.ts';

/** One axis more for the parts, as many as the longest text has; and the number of parts of each. */
export const stringSplit = law(['StringSplit'], (context) => {
  const shape = shapeOf(context, 0);
  if (context.node.outputs[0] !== undefined)
    context.output(0, { dataType: 'string', shape: shape && [...shape, context.unknownDim(0, shape.length)] });
  context.output(1, { dataType: 'int64', shape });
});

/** [C] or [1, C]; stop words go away, and where nothing stays there is one empty string. */
export const stringNormalizer = law(['StringNormalizer'], (context) => {
  const shape = shapeOfRank(context, 0, 1, 2);
  const keepsAll = (context.attributes.strings('stopwords') ?? []).length === 0;
  const last = (shape?.length ?? 1) - 1;
  const words = shape?.[last];
  // No input words are one empty output word.
  const count = keepsAll ? words?.maximum(Dim.one) : undefined;
  const normalized = shape?.map((dim, axis) => (axis === last ? (count ?? context.unknownDim(0, axis)) : dim));
  context.output(0, { dataType: 'string', shape: normalized });
});

/** [C] -> [coordinates], [N, C] -> [N, coordinates]. https://onnx.ai/onnx/operators/onnx__TfIdfVectorizer.html */
export const tfIdfVectorizer = law(['TfIdfVectorizer'], (context) => {
  const shape = shapeOfRank(context, 0, 1, 2);
  const size = coordinateCount(context);
  const vectors = shape?.map((dim, axis) => (axis === shape.length - 1 ? (size ?? context.unknownDim(0, axis)) : dim));
  context.output(0, { dataType: 'float', shape: vectors });
});

function coordinateCount(context: LawContext): Dim | undefined {
  let largest: bigint | undefined;
  for (const index of context.attributes.ints('ngram_indexes') ?? [])
    if (largest === undefined || index > largest) largest = index;
  return largest === undefined ? undefined : Dim.of(largest + 1n);
}

/** [height, width, channels]. https://onnx.ai/onnx/operators/onnx__ImageDecoder.html */
export const imageDecoder = law(['ImageDecoder'], (context) => {
  const channels = context.attributes.string('pixel_format') === 'Grayscale' ? 1 : 3;
  const [height, width] = context.unknownShape(firstOutput(context), 2);
  if (height !== undefined && width !== undefined)
    context.output(0, { dataType: typeOfInputs(context, 0) ?? 'uint8', shape: [height, width, Dim.of(channels)] });
});

/**
 * ONNX Runtime's fused operators, as its optimizer and PyTorch's exporters for it write them.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
import { Dim } from '../dim.ts';
import { law, normalAxis } from '../law.ts';
import { outputDims, quotient, shapeOf, shapeOfRank, typeOfInputs } from './support.ts';

/** Input [batch, length, features], weight [features, sizes of Q, K and V]; the output is as wide as V. */
export const fusedAttention = law(['com.microsoft::Attention'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const [batch, length] = shapeOfRank(context, 0, 3) ?? [];
  const sizes = context.attributes.ints('qkv_hidden_sizes');
  const all = shapeOf(context, 1)?.[1] ?? shapeOf(context, 2)?.[0];
  const third = all && quotient(context, all, Dim.of(3), 'the width of Q, K and V together');
  const width = sizes?.[2] === undefined ? third : Dim.of(sizes[2]);
  outputDims(context, 0, dataType, [batch, length, width]);
  outputDims(context, 1, dataType, [Dim.of(2), batch, undefined, undefined, undefined]);
});

/** Query [batch, length, width]; value [batch, length, width of V] or [batch, heads, length, size]. */
export const multiHeadAttention = law(['com.microsoft::MultiHeadAttention'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const query = shapeOfRank(context, 0, 3, 5);
  const value = shapeOf(context, 2);
  const [batch, length] = query ?? [];
  outputDims(context, 0, dataType, [batch, length, valueWidth(query, value)]);
  for (const output of [1, 2]) outputDims(context, output, dataType, [batch, undefined, undefined, undefined]);
});

function valueWidth(query: readonly Dim[] | undefined, value: readonly Dim[] | undefined): Dim | undefined {
  if (value?.length === 3) return value[2];
  if (value?.length === 4 && value[1] !== undefined && value[3] !== undefined) return value[1].times(value[3]);
  // Packed: query [batch, length, heads, 3, size].
  if (query?.length === 5 && query[2] !== undefined && query[4] !== undefined) return query[2].times(query[4]);
  return undefined;
}

/** With a key the output is like the query; without one the query holds Q, K and V side by side. */
export const groupQueryAttention = law(['com.microsoft::GroupQueryAttention'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const [batch, length, width] = shapeOfRank(context, 0, 3) ?? [];
  const isPacked = context.input(1) === undefined;
  const heads = context.attributes.int('num_heads') ?? 0n;
  const all = heads + 2n * (context.attributes.int('kv_num_heads') ?? 0n);
  const size =
    isPacked && width && all > 0n ? quotient(context, width, Dim.of(all), 'the width of Q, K and V') : undefined;
  outputDims(context, 0, dataType, [batch, length, isPacked ? size?.times(Dim.of(heads)) : width]);
  for (const output of [1, 2]) {
    const [, keyHeads, , keySize] = shapeOf(context, output + 2) ?? [];
    const cacheType =
      typeOfInputs(context, output + 2) ?? (context.input(output + 2) === undefined ? dataType : undefined);
    outputDims(context, output, cacheType, [batch, keyHeads, undefined, keySize]);
  }
});

/** Token ids [batch, length] and the table of words [words, width]. */
export const embedLayerNormalization = law(['com.microsoft::EmbedLayerNormalization'], (context) => {
  const dataType = typeOfInputs(context, 2, 3);
  const [batch, length] = shapeOfRank(context, 0, 2) ?? [];
  const width = shapeOfRank(context, 2, 2)?.[1];
  outputDims(context, 0, dataType, [batch, length, width]);
  outputDims(context, 1, 'int32', [batch]);
  outputDims(context, 2, dataType, [batch, length, width]);
});

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

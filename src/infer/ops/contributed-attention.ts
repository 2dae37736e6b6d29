/**
 * ONNX Runtime's attention operators, as its optimizer and PyTorch's exporters for it write them.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, quotient, shapeOf, shapeOfRank, typeOfInputs } from './support.ts';

/** What is read where: the inputs of each operator that projects its input to Q, K and V itself. */
interface Projection {
  readonly types: readonly number[];
  readonly bias: number;
  readonly past: number;
}

const plain: Projection = { types: [0, 1, 2], bias: 2, past: 4 };
/** Input and weight are quantized; bias and scales have the type of the result. */
const quantized: Projection = { types: [2, 3, 4], bias: 2, past: 8 };

/** Input [batch, length, features], weight [features, widths of Q, K and V]; the output is as wide as V. */
export const fusedAttention = law(
  ['com.microsoft::Attention', 'com.microsoft::DecoderMaskedSelfAttention', 'com.microsoft::QAttention'],
  (context) => {
    const { types, bias, past } = context.node.opType === 'QAttention' ? quantized : plain;
    const dataType = typeOfInputs(context, ...types);
    const [batch, length] = shapeOfRank(context, 0, 3) ?? [];
    const { key, value } = projectedWidths(context, bias);
    outputDims(context, 0, dataType, [batch, length, value]);
    // Keys and values are kept in one tensor, and are of one size then.
    const cache = shapeOf(context, past);
    const total = presentLength(context, cache?.[3], length, context.input(past) !== undefined);
    const heads = headCount(context, 'num_heads');
    outputDims(context, 1, dataType, [Dim.of(2), batch, heads, total, cache?.[4] ?? perHead(context, key, heads)]);
  },
);

/** As Attention, of tokens without padding. */
export const packedAttention = law(['com.microsoft::PackedAttention'], (context) => {
  const tokens = shapeOfRank(context, 0, 2)?.[0];
  outputDims(context, 0, typeOfInputs(context, 0, 1, 2), [tokens, projectedWidths(context, 2).value]);
});

function projectedWidths(context: LawContext, bias: number): { readonly key?: Dim; readonly value?: Dim } {
  const [, key, value] = context.attributes.ints('qkv_hidden_sizes') ?? [];
  if (key !== undefined && value !== undefined) return { key: Dim.of(key), value: Dim.of(value) };
  const all = shapeOf(context, 1)?.[1] ?? shapeOf(context, bias)?.[0];
  if (all === undefined) return {};
  const third = quotient(context, all, Dim.of(3), 'the width of Q, K and V together');
  return { key: third, value: third };
}

function headCount(context: LawContext, name: string): Dim | undefined {
  const heads = context.attributes.int(name) ?? 0n;
  return heads > 0n ? Dim.of(heads) : undefined;
}

function perHead(context: LawContext, width: Dim | undefined, heads: Dim | undefined): Dim | undefined {
  return width && heads && quotient(context, width, heads, 'the width of all heads');
}

/** How many keys are kept: those of the past and the present, or as many as a buffer that both share has room for. */
function presentLength(
  context: LawContext,
  past: Dim | undefined,
  present: Dim | undefined,
  hasPast: boolean,
  sharesBuffer = (context.attributes.int('past_present_share_buffer') ?? 0n) !== 0n,
): Dim | undefined {
  if (!hasPast) return present;
  if (sharesBuffer) return past;
  return past && present && past.plus(present);
}

/**
 * Query [batch, length, width] or, with all three side by side, [batch, length, heads, 3, size]. Key and value [batch, length,
 * width], [batch, length, heads, 2, size] together, or the cache [batch, heads, length, size] of a cross attention.
 */
export const multiHeadAttention = law(['com.microsoft::MultiHeadAttention'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const query = shapeOfRank(context, 0, 3, 5);
  const [batch, length] = query ?? [];
  const heads = headCount(context, 'num_heads');
  outputDims(context, 0, dataType, [batch, length, valueWidth(context, query)]);
  const total = presentLength(
    context,
    shapeOf(context, 6)?.[2],
    keyLength(context, query),
    context.input(6) !== undefined,
    context.input(8) !== undefined,
  );
  const keySize = query?.length === 5 ? query[4] : perHead(context, query?.[2], heads);
  outputDims(context, 1, dataType, [batch, heads, total, keySize]);
  outputDims(context, 2, dataType, [batch, heads, total, perHead(context, valueWidth(context, query), heads)]);
  // Its type is the caller's to choose.
  outputDims(context, 3, undefined, [batch, heads, length, total]);
});

function keyLength(context: LawContext, query: readonly Dim[] | undefined): Dim | undefined {
  if (context.input(1) === undefined) return query?.[1];
  const key = shapeOf(context, 1);
  return key?.length === 4 ? key[2] : key?.[1];
}

function valueWidth(context: LawContext, query: readonly Dim[] | undefined): Dim | undefined {
  const value = shapeOf(context, 2);
  if (value?.length === 3) return value[2];
  if (value?.length === 4 && value[1] !== undefined && value[3] !== undefined) return value[1].times(value[3]);
  const isPacked = context.input(2) === undefined;
  if (isPacked && query?.length === 5 && query[2] && query[4]) return query[2].times(query[4]);
  // Key and value side by side have the heads of the query.
  return isPacked && query?.length === 3 ? query[2] : undefined;
}

/** Tokens without padding: [tokens, width], or [tokens, heads, 3, size] for all three. */
export const packedMultiHeadAttention = law(['com.microsoft::PackedMultiHeadAttention'], (context) => {
  const query = shapeOfRank(context, 0, 2, 4);
  const packed = query?.[1] && query[3] && query[1].times(query[3]);
  outputDims(context, 0, typeOfInputs(context, 0, 1, 2), [query?.[0], shapeOf(context, 2)?.[1] ?? packed]);
});

/** One step of decoding: query [batch, 1, width]. */
export const decoderMaskedAttention = law(['com.microsoft::DecoderMaskedMultiHeadAttention'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const [batch, length] = shapeOfRank(context, 0, 3) ?? [];
  const value = shapeOf(context, 2);
  const width = value?.length === 4 ? value[1] && value[3] && value[1].times(value[3]) : value?.[2];
  outputDims(context, 0, dataType, [batch, length, width]);
  const heads = headCount(context, 'num_heads');
  for (const output of [1, 2]) {
    const cache = shapeOf(context, output + 4);
    const total = presentLength(context, cache?.[2], length, context.input(output + 4) !== undefined);
    const isCross = value?.length === 4;
    outputDims(context, output, dataType, [batch, heads, isCross ? value[2] : total, isCross ? value[3] : cache?.[3]]);
  }
  outputDims(context, 3, dataType, [batch, heads, Dim.one, undefined]);
});

/**
 * With a key the output is like the query; without one the query holds Q, K and V side by side. How long the caches get is
 * told by the total length at run time, where there is a past.
 */
export const groupQueryAttention = law(['com.microsoft::GroupQueryAttention'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const [batch, length] = shapeOfRank(context, 0, 3) ?? [];
  const { width, size } = groupedWidth(context, shapeOf(context, 0)?.[2]);
  outputDims(context, 0, dataType, [batch, length, width]);
  const isQuantized = (context.attributes.int('kv_cache_bit_width') ?? 0n) !== 0n;
  for (const output of [1, 2]) {
    const past = output + 2;
    const [, keyHeads, , keySize] = shapeOf(context, past) ?? [];
    const cacheType = typeOfInputs(context, past) ?? (context.input(past) === undefined ? dataType : undefined);
    const heads = keyHeads ?? headCount(context, 'kv_num_heads');
    const own = context.input(1) === undefined ? length : shapeOf(context, 1)?.[1];
    const total = context.input(past) === undefined ? own : undefined;
    outputDims(context, output, cacheType, [batch, heads, total, keySize ?? (isQuantized ? undefined : size)]);
  }
  outputDims(context, 3, dataType, [batch, headCount(context, 'num_heads'), length, undefined]);
});

/** Caches of a fixed length that are written in place. */
export const sparseAttention = law(['com.microsoft::SparseAttention', 'com.microsoft::PagedAttention'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const query = shapeOfRank(context, 0, 2, 3);
  const { width, size } = groupedWidth(context, query?.at(-1));
  const valueSize = headCount(context, 'v_head_size') ?? size;
  const heads = headCount(context, 'num_heads');
  const own = context.attributes.has('v_head_size') ? heads && valueSize && heads.times(valueSize) : width;
  if (query === undefined) context.output(0, { dataType });
  else outputDims(context, 0, dataType, [...query.slice(0, -1), own]);
  for (const output of [1, 2])
    context.output(output, {
      dataType: typeOfInputs(context, output + 2),
      shape: shapeOf(context, output + 2),
    });
});

/** The width of all query heads, and the size of one. */
function groupedWidth(context: LawContext, given: Dim | undefined): { readonly width?: Dim; readonly size?: Dim } {
  const heads = context.attributes.int('num_heads') ?? 0n;
  if (given === undefined || heads <= 0n) return {};
  if (context.input(1) !== undefined)
    return { width: given, size: quotient(context, given, Dim.of(heads), 'the width of all heads') };
  const all = heads + 2n * (context.attributes.int('kv_num_heads') ?? 0n);
  const size = quotient(context, given, Dim.of(all), 'the width of Q, K and V');
  return { width: size.times(Dim.of(heads)), size };
}

/** Query [length, batch, width]; caches [batch, heads, length so far, size]. */
export const decoderAttention = law(['com.microsoft::DecoderAttention'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const query = shapeOfRank(context, 0, 3);
  context.output(0, { dataType, shape: query });
  const heads = headCount(context, 'num_heads');
  for (const output of [1, 2])
    outputDims(context, output, dataType, [query?.[1], heads, undefined, perHead(context, query?.[2], heads)]);
});

/** A bias of [1, heads, length, length of the keys]; the table is [buckets, heads]. */
export const relativePositionBias = law(['com.microsoft::RelativePositionBias'], (context) => {
  const heads = shapeOfRank(context, 0, 2)?.[1];
  const lengths = [1, 2].map((index) => context.elements(index)?.[0]);
  outputDims(context, 0, typeOfInputs(context, 0), [Dim.one, heads, ...lengths]);
});

/** A bias of [batch, heads, length, length]. */
export const gatedPositionBias = law(['com.microsoft::GatedRelativePositionBias'], (context) => {
  const query = shapeOfRank(context, 0, 2, 3);
  const [batch, length] = query?.length === 3 ? query : (shapeOf(context, 6) ?? []);
  const heads = headCount(context, 'num_heads');
  outputDims(context, 0, typeOfInputs(context, 0), [batch, heads, length, length]);
});

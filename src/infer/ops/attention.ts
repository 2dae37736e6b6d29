/**
 * Attention: Q, K, V as [batch, heads, length, size] or packed as [batch, length, heads * size].
 * Past keys and values are put before the present ones.
 * https://onnx.ai/onnx/operators/onnx__Attention.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, quotient, shapeOfRank, typeOfInputs } from './support.ts';

/** What an input says: its axes under the names of the standard. */
interface Heads {
  readonly batch: Dim | undefined;
  readonly heads: Dim | undefined;
  readonly length: Dim | undefined;
  readonly size: Dim | undefined;
  readonly isPacked: boolean | undefined;
}

export const attention = law(['Attention'], (context) => {
  const query = headsOf(context, 0, 'q_num_heads');
  const key = headsOf(context, 1, 'kv_num_heads');
  const value = headsOf(context, 2, 'kv_num_heads');
  const pastKey = headsOf(context, 4, undefined);
  const pastValue = headsOf(context, 5, undefined);
  const batch = query.batch ?? key.batch ?? value.batch;
  const length = key.length ?? value.length;
  const hasPast = context.input(4) !== undefined || context.input(5) !== undefined;
  const past = hasPast ? (pastKey.length ?? pastValue.length) : Dim.zero;
  const total = past !== undefined ? length?.plus(past) : undefined;
  const size = value.size ?? pastValue.size;
  const keySize = key.size ?? query.size ?? pastKey.size;
  const heads = key.heads ?? value.heads ?? pastKey.heads;
  const packed = query.heads !== undefined ? size?.times(query.heads) : undefined;
  const dataType = typeOfInputs(context, 0, 1);
  if (query.isPacked === undefined) context.output(0, { dataType });
  else
    outputDims(
      context,
      0,
      dataType,
      query.isPacked ? [batch, query.length, packed] : [batch, query.heads, query.length, size],
    );
  outputDims(context, 1, typeOfInputs(context, 0, 1, 4), [batch, heads, total, keySize]);
  outputDims(context, 2, typeOfInputs(context, 2, 5), [batch, heads, total, size]);
  outputDims(context, 3, dataType, [batch, query.heads, query.length, total]);
});

function headsOf(context: LawContext, index: number, attribute: string | undefined): Heads {
  const shape = attribute === undefined ? shapeOfRank(context, index, 4) : shapeOfRank(context, index, 3, 4);
  if (shape?.length === 4) {
    const [batch, heads, length, size] = shape;
    return { batch, heads, length, size, isPacked: false };
  }
  const [batch, length, packed] = shape ?? [];
  const count = attribute === undefined ? undefined : context.attributes.int(attribute);
  if (packed !== undefined && (count === undefined || count <= 0n))
    context.contradiction(`Attention needs a positive ${attribute} to split the axis of size ${packed.toString()}`);
  const heads = count === undefined ? undefined : Dim.of(count);
  const size = packed && heads && quotient(context, packed, heads, `the last axis of input ${index}`);
  return { batch, heads, length, size, isPacked: shape === undefined ? undefined : true };
}

/**
 * Linear attention: query [B, T, Hq * dk], value [B, T, Hkv * dv] -> output [B, T, Hq * dv] and state [B, Hkv, dk, dv].
 * https://onnx.ai/onnx/operators/onnx__LinearAttention.html
 */
export const linearAttention = law(['LinearAttention'], (context) => {
  const query = headsOfPacked(context, 0, 'q_num_heads');
  const key = headsOfPacked(context, 1, 'kv_num_heads');
  const value = headsOfPacked(context, 2, 'kv_num_heads');
  const past = shapeOfRank(context, 3, 4);
  const batch = query.batch ?? key.batch ?? value.batch ?? past?.[0];
  const keySize = key.size ?? query.size ?? past?.[2];
  const size = value.size ?? past?.[3];
  const dataType = typeOfInputs(context, 0, 1, 2);
  const packed = query.heads && size?.times(query.heads);
  outputDims(context, 0, dataType, [batch, query.length ?? key.length ?? value.length, packed]);
  // Without a past state nothing names the state's type; ONNX's inference falls back to that of the query.
  const stateType = context.input(3) === undefined ? dataType : typeOfInputs(context, 3);
  outputDims(context, 1, stateType, [batch, value.heads, keySize, size]);
});

function headsOfPacked(context: LawContext, index: number, attribute: string): Heads {
  shapeOfRank(context, index, 3);
  const count = context.attributes.int(attribute);
  return { ...headsOf(context, index, attribute), heads: count === undefined ? undefined : Dim.of(count) };
}

/** Depthwise, over input [B, C, L] and the state [B, C, k - 1]. https://onnx.ai/onnx/operators/onnx__CausalConvWithState.html */
export const causalConvolution = law(['CausalConvWithState'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2, 3);
  const [batch, channels, length] = shapeOfRank(context, 0, 3) ?? [];
  const kernel = shapeOfRank(context, 1, 3)?.[2];
  const past = shapeOfRank(context, 3, 3);
  const state = kernel?.minus(Dim.one) ?? past?.[2];
  outputDims(context, 0, dataType, [batch ?? past?.[0], channels ?? past?.[1], length]);
  outputDims(context, 1, dataType, [batch ?? past?.[0], channels ?? past?.[1], state]);
});

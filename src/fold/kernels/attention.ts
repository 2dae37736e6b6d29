/** Attention RotaryEmbedding: in double, rounded once. Heads are an axis [batch, heads, length, size], or inside the last one. */
import { isBigData, type NDArray } from '../array.ts';
import { multiplyMatrices } from '../contraction.ts';
import { converted } from '../convert.ts';
import { doublesIn, integersIn, type Kernel, kernel, type KernelContext, safeNumber } from '../kernel.ts';
import { reshaped, transposed } from '../move.ts';
import { refuse } from '../refusal.ts';
import { broadcastDims, broadcastStrides, product, stridesOf } from '../strided.ts';
import { concatenated } from './movement.ts';
import { softmaxRow } from './softmax.ts';

/** [batch, heads, length, size], from [batch, length, heads * size] where the heads are in the last axis. */
function withHeads(array: NDArray, heads: number | undefined): NDArray {
  if (array.dims.length === 4) return array;
  const [batch, length, hidden] = array.dims;
  if (array.dims.length !== 3 || batch === undefined || length === undefined || hidden === undefined)
    return refuse('inputs of Attention have three or four axes');
  if (heads === undefined || heads < 1 || hidden % heads !== 0)
    return refuse(`${heads ?? 'no'} heads for a hidden size of ${hidden}`);
  return transposed(reshaped(array, [batch, length, heads, hidden / heads]), [0, 2, 1, 3]);
}

interface Mask {
  /** What is added to the score of each pair; -Infinity where the pair may not attend. */
  readonly bias: (batch: number, head: number, query: number, key: number) => number;
}

/** attn_mask: bool or added, broadcast to [batch, heads, queries, keys]; keys it does not reach are cut off. */
function maskOf(mask: NDArray | undefined, dims: readonly [number, number, number, number]): Mask {
  if (mask === undefined) return { bias: () => 0 };
  if (isBigData(mask.data)) return refuse('a mask of integers');
  const keys = mask.dims.at(-1) ?? 1;
  const target = [dims[0], dims[1], dims[2], keys === 1 ? 1 : keys];
  if (broadcastDims(mask.dims, target)?.join() !== target.join()) return refuse('attn_mask does not broadcast');
  const [b, h, q, k] = broadcastStrides(mask.dims, target) as [number, number, number, number];
  const values = mask.data as Float32Array;
  const isFlag = mask.dataType === 'bool';
  const reaches = keys === 1 && dims[3] !== 1 ? 1 : keys;
  return {
    bias: (batch, head, query, key) => {
      if (key >= reaches) return -Infinity;
      const value = values[batch * b + head * h + query * q + key * k] as number;
      if (!isFlag) return value;
      return value === 0 ? -Infinity : 0;
    },
  };
}

function runAttention(context: KernelContext): readonly (NDArray | undefined)[] {
  const [queryHeads, keyHeads] = [context.attributes.number('q_num_heads'), context.attributes.number('kv_num_heads')];
  const first = context.input(0);
  const isFlat = first.dims.length === 3;
  const q = withHeads(first, queryHeads);
  const [newKey, newValue] = [withHeads(context.input(1), keyHeads), withHeads(context.input(2), keyHeads)];
  const [pastKey, pastValue, valid] = [context.optional(4), context.optional(5), context.optional(6)];
  if ((pastKey === undefined) !== (pastValue === undefined)) return refuse('past_key and past_value come together');
  if (valid !== undefined && pastKey !== undefined) return refuse('nonpad_kv_seqlen next to past_key');
  const key = pastKey === undefined ? newKey : concatenated([pastKey, newKey], 2);
  const value = pastValue === undefined ? newValue : concatenated([pastValue, newValue], 2);
  const [batches, heads, queries, size] = q.dims as [number, number, number, number];
  const [, sharedHeads, keys] = key.dims as [number, number, number];
  const valueSize = value.dims[3] as number;
  if (heads % sharedHeads !== 0 || key.dims[3] !== size || value.dims[2] !== keys)
    return refuse('inputs of Attention do not fit');
  const scale = context.attributes.float('scale') ?? 1 / Math.sqrt(size);
  const softcap = context.attributes.float('softcap') ?? 0;
  const [left, right] = [
    context.attributes.number('left_window_size') ?? -1,
    context.attributes.number('right_window_size') ?? -1,
  ];
  const isCausal = context.flag('is_causal');
  const mode = context.attributes.number('qk_matmul_output_mode') ?? 0;
  const lengths = valid && integersIn(valid).map(safeNumber);
  const { bias } = maskOf(context.optional(3), [batches, heads, queries, keys]);
  const past = pastKey?.dims[2] ?? 0;

  const [queryData, valueData] = [doublesIn(q), doublesIn(value)];
  const keyColumns = doublesIn(transposed(key, [0, 1, 3, 2]));
  const y = new Float64Array(batches * heads * queries * valueSize);
  const debug = new Float64Array(batches * heads * queries * keys);
  for (let b = 0; b < batches; b++) {
    const own = lengths?.[b];
    const offset = own === undefined ? past : own - queries;
    for (let h = 0; h < heads; h++) {
      const shared = b * sharedHeads + Math.floor((h * sharedHeads) / heads);
      const plane = b * heads + h;
      const scores = new Float64Array(queries * keys);
      multiplyMatrices(
        queryData,
        plane * queries * size,
        keyColumns,
        shared * size * keys,
        scores,
        0,
        queries,
        size,
        keys,
      );
      for (let i = 0; i < queries; i++) {
        let isMasked = true;
        for (let j = 0; j < keys; j++) {
          const at = i * keys + j;
          const raw = (scores[at] as number) * scale;
          const capped = softcap === 0 ? raw : softcap * Math.tanh(raw / softcap);
          const distance = i + offset - j;
          const isHidden =
            (isCausal && distance < 0) ||
            (left >= 0 && distance > left) ||
            (right >= 0 && -distance > right) ||
            (own !== undefined && j >= own);
          const added = isHidden ? -Infinity : bias(b, h, i, j);
          if (added !== -Infinity) isMasked = false;
          scores[at] = added === -Infinity ? -Infinity : capped + added;
          debug[plane * queries * keys + at] = [raw, capped, scores[at]][mode] ?? 0;
        }
        // A query that may attend to nothing gives zeros, not NaN.
        if (isMasked) scores.fill(0, i * keys, (i + 1) * keys);
        else softmaxRow(scores, i * keys, keys);
      }
      if (mode === 3) debug.set(scores, plane * queries * keys);
      multiplyMatrices(
        scores,
        0,
        valueData,
        shared * keys * valueSize,
        y,
        plane * queries * valueSize,
        queries,
        keys,
        valueSize,
      );
    }
  }
  const type = first.dataType;
  const result = converted({ dataType: 'double', dims: [batches, heads, queries, valueSize], data: y }, type);
  return [
    isFlat ? reshaped(transposed(result, [0, 2, 1, 3]), [batches, queries, heads * valueSize]) : result,
    key,
    value,
    converted({ dataType: 'double', dims: [batches, heads, queries, keys], data: debug }, type),
  ];
}

/** Pairs of each head turned by the angles of their position; halves of the head, or neighbours when interleaved. */
function runRotaryEmbedding(context: KernelContext): NDArray {
  const x = context.input(0);
  const heads = withHeads(x, context.attributes.number('num_heads'));
  const [batches, count, length, size] = heads.dims as [number, number, number, number];
  const given = context.attributes.number('rotary_embedding_dim') ?? 0;
  const turned = given === 0 ? size : given;
  const half = turned / 2;
  const [cosines, sines, positions] = [context.input(1), context.input(2), context.optional(3)];
  if (cosines.dims.at(-1) !== half || sines.dims.at(-1) !== half || turned > size)
    return refuse('the caches do not fit');
  const [cos, sin, values] = [doublesIn(cosines), doublesIn(sines), doublesIn(heads)];
  const rows = positions && integersIn(positions).map(safeNumber);
  const limit = product(cosines.dims.slice(0, -1));
  const isInterleaved = context.flag('interleaved');
  const data = Float64Array.from(values);
  const strides = stridesOf(heads.dims);
  for (let b = 0; b < batches; b++) {
    for (let t = 0; t < length; t++) {
      const row = rows === undefined ? b * length + t : (rows[b * length + t] ?? -1);
      if (row < 0 || row >= limit) return refuse('a position is outside the caches');
      for (let h = 0; h < count; h++) {
        const base = b * (strides[0] as number) + h * (strides[1] as number) + t * size;
        for (let i = 0; i < half; i++) {
          const [c, s] = [cos[row * half + i] as number, sin[row * half + i] as number];
          const [one, two] = isInterleaved ? [base + 2 * i, base + 2 * i + 1] : [base + i, base + half + i];
          const [real, imaginary] = [values[one] as number, values[two] as number];
          data[one] = c * real - s * imaginary;
          data[two] = s * real + c * imaginary;
        }
      }
    }
  }
  const result = converted({ dataType: 'double', dims: heads.dims, data }, x.dataType);
  return x.dims.length === 4 ? result : reshaped(transposed(result, [0, 2, 1, 3]), x.dims);
}

export const attentionKernels: readonly Kernel[] = [
  kernel(['Attention'], { exactness: 'bounded', ulp: 8, run: runAttention }),
  kernel(['RotaryEmbedding'], { exactness: 'bounded', ulp: 2, run: runRotaryEmbedding }),
];

/** Operators of com.microsoft. Shapes of those that ONNX Runtime 1.32 runs on a CPU are what its own inference says. */
import { expect, test } from '@jest/globals';
import { shapes } from './facts.ts';

const cases: readonly (readonly [inputs: string, call: string, expected: string])[] = [
  [
    'float[B, S, 64] x, float[64, 192] w, float[192] b',
    'y, p = Attention <num_heads = 4> (x, w, b)',
    'float[B, S, 64] float[2, B, 4, S, 16]',
  ],
  [
    'float[B, S, 64] x, float[64, 192] w, float[192] b, float[2, B, 4, P, 16] p',
    'y, n = Attention <num_heads = 4, unidirectional = 1> (x, w, b, , p)',
    'float[B, S, 64] float[2, B, 4, P + S, 16]',
  ],
  [
    'float[B, S, 64] x, float[64, 160] w, float[160] b',
    'y = Attention <num_heads = 4, qkv_hidden_sizes = [64, 64, 32]> (x, w, b)',
    'float[B, S, 32]',
  ],
  [
    'uint8[B, S, 64] x, int8[64, 192] w, float[192] b, float a, float c, int32[B] m, uint8 z, int8 k, float[2, B, 4, P, 16] p',
    'y, n = QAttention <num_heads = 4, unidirectional = 1> (x, w, b, a, c, m, z, k, p)',
    'float[B, S, 64] float[2, B, 4, P + S, 16]',
  ],
  [
    'float[B, 1, 64] x, float[64, 192] w, float[192] b, int32[B, T] m, float[2, B, 4, M, 16] p, int32[1] l',
    'y, n = DecoderMaskedSelfAttention <num_heads = 4, past_present_share_buffer = 1> (x, w, b, m, p, , l)',
    'float[B, 1, 64] float[2, B, 4, M, 16]',
  ],
  [
    'float[B, S, 64] q, float[B, T, 64] k, float[B, T, 32] v, float[B, 4, P, 16] a, float[B, 4, P, 8] b',
    'y, m, n, s = MultiHeadAttention <num_heads = 4> (q, k, v, , , , a, b)',
    'float[B, S, 32] float[B, 4, P + T, 16] float[B, 4, P + T, 8] ?[B, 4, S, P + T]',
  ],
  ['float[B, S, 4, 3, 16] q', 'y = MultiHeadAttention <num_heads = 4> (q)', 'float[B, S, 64]'],
  ['float[B, S, 64] q, float[B, T, 4, 2, 16] k', 'y = MultiHeadAttention <num_heads = 4> (q, k)', 'float[B, S, 64]'],
  [
    'float[B, S, 64] q, float[B, 4, T, 16] k, float[B, 4, T, 16] v',
    'y = MultiHeadAttention <num_heads = 4> (q, k, v)',
    'float[B, S, 64]',
  ],
  [
    'float[B, 1, 64] q, float[B, 1, 64] k, float[B, 1, 64] v, float[B, 4, M, 16] a, float[B, 4, M, 16] b, int32[1] l',
    'y, m, n = DecoderMaskedMultiHeadAttention <num_heads = 4, past_present_share_buffer = 1> (q, k, v, , , a, b, l)',
    'float[B, 1, 64] float[B, 4, M, 16] float[B, 4, M, 16]',
  ],
  [
    'float16[B, S, 128] q, float16[B, 2, P, 16] k, float16[B, 2, P, 16] v, int32[B] l, int32 t',
    'y, a, b = GroupQueryAttention <num_heads = 4, kv_num_heads = 2> (q, , , k, v, l, t)',
    'float16[B, S, 64] float16[B, 2, ?, 16] float16[B, 2, ?, 16]',
  ],
  [
    'float16[B, S, 64] q, float16[B, S, 32] k, float16[B, S, 32] v, int32[B] l, int32 t',
    'y, a, b = GroupQueryAttention <num_heads = 4, kv_num_heads = 2> (q, k, v, , , l, t)',
    'float16[B, S, 64] float16[B, 2, S, 16] float16[B, 2, S, 16]',
  ],
  [
    'float16[B, S, 128] q, float16[B, 2, M, 16] k, float16[B, 2, M, 16] v, int32[1, 9] r, int32[1, 9] c, int32 t, int32[B] l',
    'y, a, b = SparseAttention <num_heads = 4, kv_num_heads = 2, sparse_block_size = 16> (q, , , k, v, r, c, t, l)',
    'float16[B, S, 64] float16[B, 2, M, 16] float16[B, 2, M, 16]',
  ],
  [
    'float16[T, 64] x, float16[64, 192] w, float16[192] b, int32[B, S] o, int32[C] c',
    'y = PackedAttention <num_heads = 4> (x, w, b, o, c)',
    'float16[T, 64]',
  ],
  [
    'float16[T, 64] q, float16[T, 64] k, float16[T, 32] v, int32[B, S] o, int32[C] c',
    'y = PackedMultiHeadAttention <num_heads = 4> (q, k, v, , o, c)',
    'float16[T, 32]',
  ],
  [
    'float[S, B, 64] q, float[T, B, 64] k, float[64, 64] a, float[64, 128] c, float[192] d, bool[B, T] m, float[B, 4, P, 16] e, float[B, 4, P, 16] f, bool g, bool h, bool i, bool j',
    'y, u, v = DecoderAttention <num_heads = 4> (q, k, a, c, d, m, e, f, g, h, i, j)',
    'float[S, B, 64] float[B, 4, ?, 16] float[B, 4, ?, 16]',
  ],
  [
    'float[B, S, 64] x, float[64, 192] w, float[192] b, float[B, S] m, float[64, 192] u, float[192] v, int32[B, S] g',
    'y = LongformerAttention <num_heads = 4, window = 8> (x, w, b, m, u, v, g)',
    'float[B, S, 64]',
  ],
  [
    'float[32, 4] t, float[B, S, 8] x',
    's = ai.onnx.Shape <start = 1, end = 2> (x) y = RelativePositionBias <max_distance = 9> (t, s, s)',
    'float[1, 4, S, S]',
  ],
  [
    'float[B, S, 64] q, float[64] b, float[1, 4, S, S] r, float[16, 8] w, float[8] c, float[1, 4, 1, 1] e',
    'y = GatedRelativePositionBias <num_heads = 4> (q, b, r, w, c, e)',
    'float[B, 4, S, S]',
  ],
  [
    'int32[B, S] i, int32[B, S] s, float[99, 8] a, float[16, 8] b, float[2, 8] c, float[8] g, float[8] h',
    'y, m, e = EmbedLayerNormalization (i, s, a, b, c, g, h)',
    'float[B, S, 8] int32[B] float[B, S, 8]',
  ],
  [
    'int32[B, S] i, uint8[99, 8] a, uint8[16, 8] b, uint8[8] g, uint8[8] h, float s, uint8 z',
    'y, m = QEmbedLayerNormalization (i, , a, b, , g, h, , s, s, , s, s, z, z, , z, z)',
    'float[B, S, 8] int32[B]',
  ],
  [
    'float[B, S, 8] x, float[B, S, 8] r, float[8] g',
    'y, m, d, s = SkipLayerNormalization (x, r, g)',
    'float[B, S, 8] float[B, S, 1] float[B, S, 1] float[B, S, 8]',
  ],
  [
    'float[B, S, 8] x, float[B, S, 8] r, float[8] g',
    'y, m, d, s = SkipSimplifiedLayerNormalization (x, r, g)',
    'float[B, S, 8] float[B, S, 1] float[B, S, 1] float[B, S, 8]',
  ],
  ['float[B, S, 8] x, float[8] g', 'y = SimplifiedLayerNormalization (x, g)', 'float[B, S, 8]'],
  [
    'float[B, H, W, 8] x, float[8] g, float[8] b',
    'y = GroupNorm <groups = 2, activation = 1> (x, g, b)',
    'float[B, H, W, 8]',
  ],
  [
    'float[B, H, W, 8] x, float[8] g, float[8] b, float[B, 8] s',
    'y, z = SkipGroupNorm <groups = 2, activation = 1> (x, g, b, s)',
    'float[B, H, W, 8] float[B, H, W, 8]',
  ],
  ['float[B, S, 8] x, float[8] b', 'y = BiasGelu (x, b)', 'float[B, S, 8]'],
  ['float[B, S, 8] x', 'y = Gelu (x)', 'float[B, S, 8]'],
  ['float[B, S, 8] x, float[8] b', 'y = FastGelu (x, b)', 'float[B, S, 8]'],
  ['float[B, S, 8] x', 'y = QuickGelu (x)', 'float[B, S, 8]'],
  ['float[B, S, 8] x, float[8] b', 'y = BiasSplitGelu (x, b)', 'float[B, S, 4]'],
  ['float[B, S, 8] x, float[8] b, float[B, S, 8] r', 'y, m = BiasDropout (x, b, r)', 'float[B, S, 8] bool[B, S, 8]'],
  ['float[B, S, 32] x', 'y, m = BitmaskDropout (x)', 'float[B, S, 32] uint32[B*S]'],
  ['float[B, S, 8] x', 'y = SwiGLU (x)', 'float[B, S, 4]'],
  [
    'float[B, S, 8] x, int64[B, S] p, float[99, 2] c, float[99, 2] s',
    'y = RotaryEmbedding <num_heads = 2> (x, p, c, s)',
    'float[B, S, 8]',
  ],
  [
    'float[B, S, 8] e, float16[B, 4, S, 8] q, float16[B, 4, S, 8] r, float16[B, 2, S, 8] k, float16[B, 2, S, 8] l',
    'y, z = GemmaRotaryEmbedding (e, q, r, k, l)',
    'float16[B, 4, S, 8] float16[B, 2, S, 8]',
  ],
  ['float[N, M, 3, 4] a, float[N, M, 3, 5] b', 'y = FusedMatMul <transA = 1> (a, b)', 'float[N, M, 4, 5]'],
  ['float[3, N, M, 4] a, float[N, M, 4, 5] b', 'y = FusedMatMul <transBatchA = 1> (a, b)', 'float[N, M, 3, 5]'],
  ['float[4, N, 3] a, float[N, 4, 5] b', 'y = FusedMatMul <transA = 1, transBatchA = 1> (a, b)', 'float[N, 3, 5]'],
  ['float[N, 3, 4] a, float[5, 4] b', 'y = TransposeMatMul <transB = 1> (a, b)', 'float[N, 3, 5]'],
  ['float[N, 3, 4] a, float[4, 5] b', 'y = FusedMatMulActivation <activation = "Relu"> (a, b)', 'float[N, 3, 5]'],
  ['float[N, 4] a, float[4, 5] b, float[5] c', 'y = FusedGemm <activation = "Relu"> (a, b, c)', 'float[N, 5]'],
  ['float[N, 4] a, float[5, 4] b', 'y = GemmFloat8 <transB = 1, dtype = 10> (a, b)', 'float16[N, 5]'],
  ['float[B, S, 4] a, float[4, 5] b', 'y = GemmFastGelu (a, b)', 'float[B, S, 5]'],
  [
    'float[B, S, 64] a, uint8[32, 2, 16] b, float[64] s',
    'y = MatMulNBits <K = 64, N = 32, bits = 4, block_size = 32> (a, b, s)',
    'float[B, S, 32]',
  ],
  [
    'float[B, S, 64] a, uint8[1024] b, float[32] s',
    'y = MatMulBnb4 <K = 64, N = 32, block_size = 64, quant_type = 1> (a, b, s)',
    'float[B, S, 32]',
  ],
  ['float[B, S, 64] a, int8[64, 32] b, float s', 'y = DynamicQuantizeMatMul (a, b, s)', 'float[B, S, 32]'],
  ['uint8[B, S, 64] a, int8[64, 32] b, float s', 'y = MatMulIntegerToFloat (a, b, s, s)', 'float[B, S, 32]'],
  ['uint8[B, 64] a, float s, uint8 z, uint8[64, 32] b', 'y = QGemm (a, s, z, b, s, z)', 'float[B, 32]'],
  [
    'uint8[99, 8] d, int64[B, S] i, float[99, 1] s',
    'y = GatherBlockQuantized <block_size = 16> (d, i, s)',
    'float[B, S, 16]',
  ],
  [
    'float[N, 3, H, W] x, float[8, 3, 3, 3] w',
    'y = FusedConv <kernel_shape = [3, 3], activation = "Relu"> (x, w)',
    'float[N, 8, H - 2, W - 2]',
  ],
  [
    'float16[N, H, W, 4] x, float16[8, 4, 3, 3] w',
    'y = NhwcConv <pads = [1, 1, 1, 1], strides = [2, 2]> (x, w)',
    'float16[N, (H + 1)//2, (W + 1)//2, 8]',
  ],
  [
    'float[N, H, W, 4] x, float[8, 4, 3, 3] w',
    'y = NhwcFusedConv <activation = "Relu"> (x, w)',
    'float[N, H - 2, W - 2, 8]',
  ],
  ['uint8[N, H, W, 4] x', 'y = NhwcMaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)', 'uint8[N, H//2, W//2, 4]'],
  [
    'uint8[N, H, W, 4] x, float s, uint8 z',
    'y = QLinearAveragePool <kernel_shape = [2, 2], channels_last = 1> (x, s, z, s, z)',
    'uint8[N, H - 1, W - 1, 4]',
  ],
  [
    'uint8[N, H, W, 4] x, float s, uint8 z, uint8[8, 4, 1, 1] w',
    'y = QLinearConv <channels_last = 1> (x, s, z, w, s, z, s, z)',
    'uint8[N, H, W, 8]',
  ],
  [
    'uint8[N, H, W, 4] x, float s, uint8 z',
    'y = QLinearGlobalAveragePool <channels_last = 1> (x, s, z, s, z)',
    'uint8[N, 1, 1, 4]',
  ],
  ['uint8[N, 4] x, uint8[N, 1] w, float s, uint8 z', 'y = QLinearAdd (x, s, z, w, s, z, s, z)', 'uint8[N, 4]'],
  ['uint8[N, 4] x, float s, uint8 z', 'y = QLinearReduceMean <axes = [1], keepdims = 0> (x, s, z, s, z)', 'uint8[N]'],
  [
    'uint8[N, 4] x, uint8[4] w, bool[1, 4] c, float s, uint8 z',
    'y = QLinearWhere (c, x, s, z, w, s, z, s, z)',
    'uint8[N, 4]',
  ],
  [
    'uint8[N, 4] x, uint8[N, 3] w, float s, uint8 z',
    'y = QLinearConcat <axis = 1> (s, z, x, s, z, w, s, z)',
    'uint8[N, 7]',
  ],
  ['uint8[N, 4] x, float s, uint8 z', 'y = QLinearSigmoid (x, s, z, s, z)', 'uint8[N, 4]'],
  ['uint8[N, 4] x, float s, uint8 z', 'y = QLinearLeakyRelu (x, s, z, s, z)', 'uint8[N, 4]'],
  ['uint8[N, 4] x, float s, uint8 z', 'y = QLinearSoftmax <opset = 13> (x, s, z, s, z)', 'uint8[N, 4]'],
  ['int8[N, 4] x', 'y = ReduceSumInteger <axes = [0]> (x)', 'int32[1, 4]'],
  ['uint8[N, 4] x, uint8[4] w, uint8 z', 'y = MulInteger (x, z, w, z)', 'int32[N, 4]'],
  ['float[N, 4] x, uint8 z, float s', 'y = QuantizeLinear (x, s, z)', 'uint8[N, 4]'],
  ['uint8[N, 4] x, uint8 z, float16 s', 'y = DequantizeLinear (x, s, z)', 'float16[N, 4]'],
  ['float[N, 4, 2] x, float[4, 2] w', 'y = ComplexMul (w, x)', 'float[N, 4, 2]'],
  ['float[N, 8] x', 'y = Rfft <normalized = 0, onesided = 1, signal_ndim = 1> (x)', 'float[N, 5, 2]'],
  ['float[N, 5, 2] x', 'y = Irfft <normalized = 0, onesided = 1, signal_ndim = 1> (x)', 'float[N, 8]'],
  ['float[M, 4] a, float[K, 4] b', 'y = CDist <metric = "euclidean"> (a, b)', 'float[M, K]'],
  ['float[N, 3] x', 'c = ai.onnx.Constant <value = int32 {-1}> () y = ExpandDims (x, c)', 'float[N, 3, 1]'],
  ['float[N, 9] x', 'y = UnfoldTensor <dim = 1, size = 3, step = 2> (x)', 'float[N, 4, 3]'],
  ['float[N] x', 'y, i, c = Unique (x)', 'float[?] int64[N] int64[?]'],
  ['float[V, 4] w, int64[N, M] i', 'y = TorchEmbedding (w, i)', 'float[N, M, 4]'],
  ['int64[B, S] i, float[B, V] s', 'y = NGramRepeatBlock <ngram_size = 3> (i, s)', 'float[B, V]'],
  ['int64[N] x', 'y = MurmurHash3 <positive = 0> (x)', 'int32[N]'],
  [
    'float16[B, S, 8] x, int32[B] c',
    'y, o, l, m = RemovePadding (x, c)',
    'float16[?, 8] int32[B, S] int32[B + 1] int32[1]',
  ],
  ['float16[T, 8] x, int32[B, S] o', 'y = RestorePadding (x, o)', 'float16[B, S, 8]'],
  [
    'float[N, 3, H, W] x, float[R, 4] r, int32[R] b',
    'c = ai.onnx.Constant <value = int32[2] {7, 9}> () y = CropAndResize (x, r, b, c)',
    'float[R, 3, 7, 9]',
  ],
  ['float[N, 3, H, W] x, float[N, 5, 6, 2] g', 'y = GridSample (x, g)', 'float[N, 3, 5, 6]'],
  ['float[N, 4, M] x, int64[K, 2] i', 'y = GatherND (x, i)', 'float[K, M]'],
  [
    'float[N, 4, 5] x, float[4, 2, 3] w',
    'p = ai.onnx.Constant <value = int64[2] {1, 0}> () y = ConvTransposeWithDynamicPads <strides = [2]> (x, w, p)',
    'float[N, 2, 10]',
  ],
  [
    'float[S, B, 3] x, int8[1, 3, 16] w, int8[1, 4, 16] r, float s, int8 z',
    'y, h, c = DynamicQuantizeLSTM <hidden_size = 4> (x, w, r, , , , , , s, z, s, z)',
    'float[S, 1, B, 4] float[1, B, 4] float[1, B, 4]',
  ],
  [
    'float[N, 3] x',
    'k = ai.onnx.Shape <start = 0, end = 1> (x) o = ai.onnx.Constant <value = int64 {0}> () y = Range (o, k)',
    'int64[N]',
  ],
  ['float[N, 4] x, float[N, 3] r, float[5, 4, 4] a, float[5, 4, 4] b', 'y = MoE (x, r, a, , b)', 'float[N, 4]'],
];

/** Operators without a domain are those of com.microsoft. */
const nodesOf = (call: string): string =>
  call.replaceAll(/= (ai\.onnx\.)?([A-Z]\w+)/g, (_, standard: string | undefined, name: string) =>
    standard === undefined ? `= com.microsoft.${name}` : `= ${name}`,
  );

/** The results of the last node. */
const resultsOf = (call: string): string => {
  const [names = ''] = / ?([a-z, ]+)= [A-Z]\w+(?: <[^>]*>)? \([^)]*\)$/.exec(call)?.slice(1) ?? [];
  return names.trim();
};

test.each(cases)('(%s) %s', (inputs, call, expected) =>
  expect(shapes(`(${inputs}) => (${resultsOf(call)}) { ${nodesOf(call)} }`)).toBe(expected),
);

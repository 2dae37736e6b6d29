import { describe, expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

describe('matrix products', () => {
  test.each([
    ['2, 3', '3, 4', 'float[2, 4]'],
    ['3', '3', 'float'],
    ['3', '5, 3, 4', 'float[5, 4]'],
    ['B, S, 8', '8, 16', 'float[B, S, 16]'],
    ['B, H, S, 8', 'B, H, 8, T', 'float[B, H, S, T]'],
    ['1, 3, 2, 8', '5, 1, 8, 4', 'float[5, 3, 2, 4]'],
    ['A, 2, 8', 'B, 8, 4', 'float[max(A, B), 2, 4]'],
  ])('[%s] x [%s]', (left, right, expected) => {
    expect(shapes(`(float[${left}] a, float[${right}] b) => (y) { y = MatMul (a, b) }`)).toBe(expected);
  });

  test('inner dimensions agree, and a scalar is no matrix', () => {
    expect(infer('(float[2, 3] a, float[4, 5] b) => (y) { y = MatMul (a, b) }').contradictions).toHaveLength(1);
    expect(infer('(float a, float[4, 5] b) => (y) { y = MatMul (a, b) }').contradictions).toHaveLength(1);
  });

  test.each([
    ['(uint8[2, 3] a, int8[3, 4] b) => (y) { y = MatMulInteger (a, b) }', 10, 'int32[2, 4]'],
    [
      '(uint8[2, 3] a, float s, uint8 z, int8[3, 4] b, int8 bz, int8 yz) => (y) { y = QLinearMatMul (a, s, z, b, s, bz, s, yz) }',
      21,
      'int8[2, 4]',
    ],
    ['(float[3, N] a, float[4, 3] b) => (y) { y = Gemm <transA = 1, transB = 1> (a, b) }', 11, 'float[N, 4]'],
    ['(float[N, 3] a, float[3, 4] b, float[4] c) => (y) { y = Gemm (a, b, c) }', 13, 'float[N, 4]'],
    [
      '(float[B, 3, 2] a, float[B, 3, 4] b) => (y) { y = com.microsoft.FusedMatMul <transA = 1> (a, b) }',
      13,
      'float[B, 2, 4]',
    ],
    [
      '(float[B, S, 64] a, uint8[32, 2, 16] b, float[64] s) => (y) { y = com.microsoft.MatMulNBits <K = 64, N = 32, bits = 4, block_size = 32> (a, b, s) }',
      13,
      'float[B, S, 32]',
    ],
  ])('%s', (text, opset, expected) => {
    expect(shapes(text, opset)).toBe(expected);
  });

  test('the bias of Gemm broadcasts to the product, not the other way', () => {
    expect(
      infer('(float[2, 3] a, float[3, 4] b, float[5] c) => (y) { y = Gemm (a, b, c) }').contradictions,
    ).toHaveLength(1);
    expect(
      infer('(float[1, 3] a, float[3, 4] b, float[2, 4] c) => (y) { y = Gemm (a, b, c) }').contradictions,
    ).toHaveLength(1);
  });
});

describe('Einsum', () => {
  function einsum(equation: string, ...inputs: readonly string[]): string {
    const declared = inputs.map((dims, index) => `float${dims} x${index}`).join(', ');
    const names = inputs.map((_, index) => `x${index}`).join(', ');
    return shapes(`(${declared}) => (y) { y = Einsum <equation = "${equation}"> (${names}) }`, 12);
  }

  test.each([
    ['ij,jk->ik', ['[2, 3]', '[3, 4]'], 'float[2, 4]'],
    ['ij,jk', ['[2, 3]', '[3, 4]'], 'float[2, 4]'],
    ['bhqd, bhkd -> bhqk', ['[B, H, Q, 8]', '[B, H, K, 8]'], 'float[B, H, Q, K]'],
    ['ii->i', ['[N, 3]'], 'float[3]'],
    ['ii', ['[3, 3]'], 'float'],
    ['ba', ['[2, 3]'], 'float[3, 2]'],
    ['aB', ['[2, 3]'], 'float[3, 2]'],
    ['...ij->...ji', ['[N, 2, 3, 4]'], 'float[N, 2, 4, 3]'],
    ['...i,...i', ['[5, 1, 3]', '[4, 3]'], 'float[5, 4]'],
    ['i...->...', ['[5, 2, 3]'], 'float[2, 3]'],
    ['ij,ij->ij', ['[1, 3]', '[2, 1]'], 'float[2, 3]'],
    ['i,i->i', ['[N]', '[M]'], 'float[max(M, N)]'],
    ['i...,...->...', ['[5, 2, N]', '[N]'], 'float[2, N]'],
    ['ij->', ['[2, 3]'], 'float'],
  ])('%s of %j', (equation, inputs, expected) => {
    expect(einsum(equation, ...inputs)).toBe(expected);
  });

  test('an operand of unknown rank', () => {
    expect(einsum('ij,jk->ik', '[]', '[3, 4]')).toBe('float[?, 4]');
    expect(einsum('...j,jk->...k', '[]', '[3, 4]')).toBe('float[]');
  });

  test.each([
    ['ij,jk->ik', ['[2, 3]', '[4, 5]']],
    ['ij->ijk', ['[2, 3]']],
    ['ijk->i', ['[2, 3]']],
    ['i,j->i', ['[2]']],
    ['i1->i', ['[2, 3]']],
    ['ii->i', ['[2, 3]']],
  ])('%s of %j cannot be', (equation, inputs) => {
    expect(einsum(equation, ...inputs)).toMatch(/^contradiction/);
  });
});

describe('attention', () => {
  test('of four axes', () => {
    const text =
      '(float[B, 8, Q, 64] q, float[B, 2, K, 64] k, float[B, 2, K, 32] v) => (y) { y = Attention (q, k, v) }';
    expect(shapes(text, 23)).toBe('float[B, 8, Q, 32]');
  });

  test('packed, with past and present', () => {
    const text = `(float[B, Q, 512] q, float[B, K, 128] k, float16[B, K, 64] v, float[B, 2, P, 64] pk, float16[B, 2, P, 32] pv) => (y, a, b, s) {
      y, a, b, s = Attention <q_num_heads = 8, kv_num_heads = 2> (q, k, v, , pk, pv)
    }`;
    expect(shapes(text, 23)).toBe(
      'float[B, Q, 256] float[B, 2, K + P, 64] float16[B, 2, K + P, 32] float[B, 8, Q, K + P]',
    );
  });

  test('linear attention and its convolution', () => {
    const text = `(float[B, T, 32] q, float[B, T, 16] k, float[B, T, 24] v) => (y, s) {
      y, s = LinearAttention <q_num_heads = 4, kv_num_heads = 2, update_rule = "linear"> (q, k, v)
    }`;
    expect(shapes(text, 27)).toBe('float[B, T, 48] float[B, 2, 8, 12]');
    expect(shapes('(float[B, C, L] x, float[6, 1, 4] w) => (y, s) { y, s = CausalConvWithState (x, w) }', 27)).toBe(
      'float[B, 6, L] float[B, 6, 3]',
    );
  });

  test.each([
    [
      '(float[B, S, 64] x, float[64, 192] w, float[192] b) => (y) { y = com.microsoft.Attention <num_heads = 4> (x, w, b) }',
      'float[B, S, 64]',
    ],
    [
      '(float[B, S, 64] q, float[B, T, 64] k, float[B, T, 32] v) => (y) { y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v) }',
      'float[B, S, 32]',
    ],
    [
      '(float16[B, S, 128] q, float16[B, 2, P, 16] k, float16[B, 2, P, 16] v, int32[B] l, int32 t) => (y, a, b) { y, a, b = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2> (q, , , k, v, l, t) }',
      'float16[B, S, 64] float16[B, 2, ?, 16] float16[B, 2, ?, 16]',
    ],
    [
      '(float[B, S, 8] x, float[B, S, 8] r, float[8] g) => (y, m, d, s) { y, m, d, s = com.microsoft.SkipLayerNormalization (x, r, g) }',
      'float[B, S, 8] float[B, S, 1] float[B, S, 1] float[B, S, 8]',
    ],
  ])('of ONNX Runtime: %s', (text, expected) => {
    expect(shapes(text, 17)).toBe(expected);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, onnx } from '../../src/wire/codec.ts';
import { decodeText, encodeText } from '../../src/wire/text.ts';

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

describe('64-bit integers', () => {
  test.each([
    0n,
    1n,
    -1n,
    127n,
    128n,
    1n << 28n,
    (1n << 32n) - 1n,
    1n << 52n,
    (1n << 53n) + 1n,
    1n << 56n,
    INT64_MAX,
    INT64_MIN,
  ])('%d is exact', (value) => {
    const bytes = encodeMessage(onnx.AttributeProto, { i: value, ints: [value, value] });
    expect(decodeMessage(onnx.AttributeProto, bytes)).toMatchObject({ i: value, ints: [value, value] });
  });

  test('any int64 and uint64 is exact, packed and unpacked', () => {
    const int64 = fc.bigInt({ min: INT64_MIN, max: INT64_MAX });
    const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(fc.array(int64), fc.array(uint64), (signed, unsigned) => {
        const bytes = encodeMessage(onnx.TensorProto, { dims: signed, int64Data: signed, uint64Data: unsigned });
        const again = decodeMessage(onnx.TensorProto, bytes);
        expect([again.dims, again.int64Data, again.uint64Data]).toEqual([signed, signed, unsigned]);
      }),
    );
  });

  test('the bytes are those of the protobuf specification', () => {
    expect(encodeMessage(onnx.AttributeProto, { i: 150n })).toEqual(Uint8Array.of(0x18, 0x96, 0x01));
    expect(encodeMessage(onnx.AttributeProto, { i: -1n })).toEqual(
      Uint8Array.of(0x18, ...new Array(9).fill(0xff), 0x01),
    );
  });

  test('a varint that does not end is an error', () => {
    expect(() => decodeMessage(onnx.AttributeProto, Uint8Array.of(0x18, 0x80))).toThrow(RangeError);
    expect(() => decodeMessage(onnx.AttributeProto, Uint8Array.of(0x18, ...new Array(11).fill(0x80)))).toThrow(
      /varint/,
    );
  });
});

describe('presence', () => {
  test('an absent field is null, a zero that is there is a zero', () => {
    expect(decodeMessage(onnx.AttributeProto, new Uint8Array(0))).toMatchObject({
      f: null,
      i: null,
      s: null,
      name: null,
    });
    const zeros = { name: '', f: 0, i: 0n, s: new Uint8Array(0) };
    expect(decodeMessage(onnx.AttributeProto, encodeMessage(onnx.AttributeProto, zeros))).toMatchObject(zeros);
  });

  test('unknown fields, enum values and fields of the wrong wire type come back', () => {
    const bytes = Uint8Array.of(0xc2, 0x3e, 1, 0x61, 0xa0, 1, 99, 0x1d, 1, 2, 3, 4);
    const message = decodeMessage(onnx.AttributeProto, bytes);
    expect(message).toMatchObject({ type: null, i: null });
    expect(encodeMessage(onnx.AttributeProto, message)).toEqual(bytes);
  });
});

describe('texts', () => {
  test('any bytes survive being text', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => expect(encodeText(decodeText(bytes))).toEqual(bytes)));
  });

  test.each([
    ['plain', 'conv1.weight'],
    ['with a byte order mark', '\ufeffname'],
    ['of several planes', 'h\u00e4\u20ac\u{1f600}'],
    ['with a real replacement character', 'a\ufffdb'],
  ])('UTF-8 %s is read as it is', (_title, text) => {
    const bytes = new TextEncoder().encode(text);
    expect(decodeText(bytes)).toBe(text);
    expect(decodeMessage(onnx.NodeProto, encodeMessage(onnx.NodeProto, { name: text })).name).toBe(text);
  });

  test.each([
    ['a lone continuation', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong in three bytes', [0xe0, 0x80, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a sequence that is cut off', [0x61, 0xe2, 0x82]],
    ['Latin-1 before and after UTF-8', [0xe4, 0x62, 0xc3, 0xa4, 0xe4]],
  ])('%s comes back', (_title, list) => {
    const bytes = Uint8Array.from(list);
    expect(encodeText(decodeText(bytes))).toEqual(bytes);
    const message = decodeMessage(onnx.NodeProto, Uint8Array.of(0x1a, bytes.byteLength, ...bytes));
    expect(encodeMessage(onnx.NodeProto, message)).toEqual(Uint8Array.of(0x1a, bytes.byteLength, ...bytes));
  });
});

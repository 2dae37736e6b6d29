import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { byteLengthOf, type DataType, dataTypeInfo } from '../../src/ir/data-type.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { encodeMessage, onnx, type TensorProto } from '../../src/wire/codec.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import { bytesOfModel, modelOf, modelOfBytes } from '../support/protos.ts';

function modelWith(tensor: TensorProto): Uint8Array {
  return bytesOfModel(modelOf({ initializer: [{ name: 'w', ...tensor }] }));
}

async function load(bytes: Uint8Array, maximumResidentBytes?: number): Promise<Tensor> {
  const model = await loadModel(new MemorySource(bytes), { maximumResidentBytes });
  const tensor = [...model.graph.initializers][0]?.initializer;
  if (tensor === undefined) throw new Error('no initializer');
  return tensor;
}

function tensorProto(dataType: DataType, count: number, data: TensorProto): TensorProto {
  return { dims: [BigInt(count)], dataType: dataTypeInfo(dataType).code, ...data };
}

const f32 = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);

/** The table of onnx.proto: the field of each data type, its entries, and the raw bytes they stand for. */
const encodings: readonly (readonly [DataType, count: number, data: TensorProto, raw: Uint8Array])[] = [
  ['float', 2, { floatData: [1.5, -0] }, f32(1.5, -0)],
  ['complex64', 1, { floatData: [1, 2] }, f32(1, 2)],
  ['double', 1, { doubleData: [0.1] }, new Uint8Array(new Float64Array([0.1]).buffer)],
  ['complex128', 1, { doubleData: [0.1, 0.2] }, new Uint8Array(new Float64Array([0.1, 0.2]).buffer)],
  [
    'int64',
    3,
    { int64Data: [9223372036854775807n, -9223372036854775808n, -1n] },
    new Uint8Array(new BigInt64Array([9223372036854775807n, -9223372036854775808n, -1n]).buffer),
  ],
  ['uint64', 1, { uint64Data: [18446744073709551615n] }, new Uint8Array(8).fill(255)],
  ['uint32', 2, { uint64Data: [4294967295n, 1n] }, Uint8Array.of(255, 255, 255, 255, 1, 0, 0, 0)],
  ['int32', 2, { int32Data: [-2, 2147483647] }, Uint8Array.of(254, 255, 255, 255, 255, 255, 255, 127)],
  ['int16', 2, { int32Data: [-2, 300] }, Uint8Array.of(254, 255, 44, 1)],
  ['uint16', 1, { int32Data: [65535] }, Uint8Array.of(255, 255)],
  ['int8', 2, { int32Data: [-128, 127] }, Uint8Array.of(128, 127)],
  ['uint8', 2, { int32Data: [0, 255] }, Uint8Array.of(0, 255)],
  ['bool', 3, { int32Data: [1, 0, 1] }, Uint8Array.of(1, 0, 1)],
  ['float16', 2, { int32Data: [0x3c00, 0xc000] }, Uint8Array.of(0, 0x3c, 0, 0xc0)],
  ['bfloat16', 1, { int32Data: [0x3f80] }, Uint8Array.of(0x80, 0x3f)],
  ['float8e4m3fn', 2, { int32Data: [0x7e, 0xfe] }, Uint8Array.of(0x7e, 0xfe)],
  ['float8e8m0', 1, { int32Data: [0xff] }, Uint8Array.of(0xff)],
  // Two elements an entry, the first in the low four bits; four for the 2-bit types.
  ['int4', 3, { int32Data: [0xf1, 0x08] }, Uint8Array.of(0xf1, 0x08)],
  ['uint4', 2, { int32Data: [0x21] }, Uint8Array.of(0x21)],
  ['float4e2m1', 1, { int32Data: [0x07] }, Uint8Array.of(0x07)],
  ['uint2', 5, { int32Data: [0xe4, 0x03] }, Uint8Array.of(0xe4, 0x03)],
  ['int2', 4, { int32Data: [0x1b] }, Uint8Array.of(0x1b)],
  // One element an entry; four make three bytes: 1 | 2 << 6 | 3 << 12 | 63 << 18, then 5.
  ['float6e2m3', 5, { int32Data: [1, 2, 3, 63, 5] }, Uint8Array.of(0x81, 0x30, 0xfc, 0x05)],
  ['float6e3m2', 3, { int32Data: [63, 0, 1] }, Uint8Array.of(0x3f, 0x10, 0x00)],
];

test('every data type but string has a row', () => {
  expect(new Set(encodings.map(([dataType]) => dataType)).size).toBeGreaterThanOrEqual(22);
});

describe.each(encodings)('%s', (dataType, count, data, raw) => {
  const bytes = modelWith(tensorProto(dataType, count, data));

  test('typed data becomes the raw bytes', async () => {
    expect(raw.byteLength).toBe(byteLengthOf(dataType, count));
    expect((await load(bytes)).bytes).toEqual(raw);
  });

  test('typed data that stays in the file reads the same', async () => {
    const tensor = await load(bytes, 0);
    expect(tensor.isResident).toBe(false);
    expect(await tensor.payload.read(0, raw.byteLength)).toEqual(raw);
    expect(await tensor.payload.read(raw.byteLength - 1, 1)).toEqual(raw.subarray(-1));
    expect(await tensor.payload.read(0, 1)).toEqual(raw.subarray(0, 1));
  });

  test('is written as it was, or as raw bytes when it is written anew', async () => {
    const model = await loadModel(new MemorySource(bytes));
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
    forgetOrigins(model);
    expect(modelOfBytes(await modelToBytes(model)).graph?.initializer?.[0]).toMatchObject({
      ...tensorProto(dataType, count, {}),
      rawData: raw,
    });
  });
});

/** A TensorProto of `elements`, each a field of its own. */
function unpacked(dataType: DataType, count: number, tag: number, elements: readonly Uint8Array[]): Uint8Array {
  const head = encodeMessage(onnx.TensorProto, { ...tensorProto(dataType, count, {}), name: 'w' });
  return Buffer.concat([head, ...elements.flatMap((element) => [Uint8Array.of(tag), element])]);
}

function modelOfTensor(tensor: Uint8Array): Uint8Array {
  const length = (size: number): number[] =>
    size < 128 ? [size] : [(size & 127) | 128, ...length(Math.floor(size / 128))];
  const graph = Buffer.concat([Uint8Array.of(0x2a, ...length(tensor.byteLength)), tensor]);
  return Buffer.concat([Uint8Array.of(8, 10, 0x3a, ...length(graph.byteLength)), graph]);
}

describe('unpacked elements', () => {
  const varints = Array.from({ length: 40_000 }, (_, index) => Uint8Array.of((index & 127) | 128, 1));
  const values = Int32Array.from(varints, (_, index) => (index & 127) + 128);

  test.each([40, 40_000])('%d varints', async (count) => {
    const bytes = modelOfTensor(unpacked('int32', count, 0x28, varints.slice(0, count)));
    const tensor = await load(bytes);
    const raw = await tensor.payload.read(0, count * 4);
    expect(Buffer.compare(raw, new Uint8Array(values.buffer, 0, count * 4))).toBe(0);
    const middle = await tensor.payload.read(52, 28);
    expect(Buffer.compare(middle, new Uint8Array(values.buffer, 52, 28))).toBe(0);
    const model = await loadModel(new MemorySource(bytes));
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
    model.producerName = 'changed';
    const again = await loadModel(new MemorySource(await modelToBytes(model)));
    expect(await [...again.graph.initializers][0]?.initializer?.payload.read(0, 28)).toEqual(raw.subarray(0, 28));
  });

  test.each([3, 30_000])('%d floats', async (count) => {
    const floats = Array.from({ length: count }, (_, index) => f32(index + 0.5));
    const tensor = await load(modelOfTensor(unpacked('float', count, 0x25, floats)));
    expect(Buffer.compare(await tensor.payload.read(0, count * 4), Buffer.concat(floats))).toBe(0);
  });

  test('packed and unpacked pieces follow each other, and the name may lie between', async () => {
    const parts = [
      encodeMessage(onnx.TensorProto, tensorProto('int64', 5, { int64Data: [1n, 2n] })),
      Uint8Array.of(0x38, 3),
      encodeMessage(onnx.TensorProto, { name: 'w' }),
      Uint8Array.of(0x38, 4, 0x3a, 1, 5),
    ];
    for (const limit of [64, 0]) {
      const tensor = await load(modelOfTensor(Buffer.concat(parts)), limit);
      expect(tensor.name).toBe('w');
      const raw = await tensor.payload.read(0, 40);
      expect([...new BigInt64Array(raw.slice().buffer)]).toEqual([1n, 2n, 3n, 4n, 5n]);
    }
  });
});

describe('long typed data', () => {
  test('varints are decoded as they are read, forwards and again from the start', async () => {
    const count = 100_000;
    const values = BigInt64Array.from(
      { length: count },
      (_, index) => (BigInt(index) * 0x123456789abcdefn) & 0xffffffffffffn,
    );
    const tensor = await load(modelWith(tensorProto('int64', count, { int64Data: [...values] })));
    expect(tensor.isResident).toBe(false);
    const raw = new Uint8Array(values.buffer);
    for (const [offset, length] of [
      [0, 16],
      [400_000, 100_000],
      [500_000, 4],
      [8, 8],
      [0, raw.byteLength],
    ] as const) {
      expect(Buffer.compare(await tensor.payload.read(offset, length), raw.subarray(offset, offset + length))).toBe(0);
    }
  });

  test('packed floats are raw bytes where they lie, also in several chunks', async () => {
    const first = Array.from({ length: 20_000 }, (_, index) => index);
    const second = Array.from({ length: 10_000 }, (_, index) => -index);
    const tensor = Buffer.concat([
      encodeMessage(onnx.TensorProto, { ...tensorProto('float', 30_000, { floatData: first }), name: 'w' }),
      encodeMessage(onnx.TensorProto, { floatData: second }),
    ]);
    const raw = f32(...first, ...second);
    const bytes = modelOfTensor(tensor);
    const { payload } = await load(bytes);
    expect(Buffer.compare(await payload.read(0, raw.byteLength), raw)).toBe(0);
    expect(Buffer.compare(await payload.read(79_990, 30), raw.subarray(79_990, 80_020))).toBe(0);
    const model = await loadModel(new MemorySource(bytes));
    forgetOrigins(model);
    const again = modelOfBytes(await modelToBytes(model)).graph?.initializer?.[0]?.rawData ?? new Uint8Array(0);
    expect(Buffer.compare(again, raw)).toBe(0);
  });
});

describe('what does not fit', () => {
  test.each<readonly [string, TensorProto, RegExp]>([
    [
      'too few raw bytes',
      { dims: [3n], dataType: 1, rawData: new Uint8Array(8) },
      /'w' has 8 bytes of data.*ask for 12/,
    ],
    ['too few floats', { dims: [3n], dataType: 1, floatData: [1, 2] }, /'w' has 2 entries of data.*ask for 3/],
    ['too few varints', { dims: [3n], dataType: 6, int32Data: [300, 300] }, /'w' has .*3/],
    ['no data', { dims: [3n], dataType: 1 }, /'w' has no data/],
    [
      'the data of another type',
      { dims: [1n], dataType: 1, int64Data: [1n] },
      /'w' is of type float, but keeps its data in int64_data/,
    ],
    ['too few strings', { dims: [2n], dataType: 8, stringData: [new Uint8Array(1)] }, /'w' has 1 strings/],
    ['a negative dimension', { dims: [-1n], dataType: 1 }, /'w' has the impossible dimension -1/],
    [
      'more elements than there can be',
      { dims: [1n << 40n, 1n << 40n], dataType: 1 },
      /'w' has more elements than can be counted/,
    ],
    ['no data type', { dims: [1n], rawData: new Uint8Array(4) }, /'w' has no data type/],
    ['an unknown data type', { dims: [1n], dataType: 99, rawData: new Uint8Array(4) }, /'w' has the data type 99/],
    ['a segment', { dims: [1n], dataType: 1, segment: { begin: 0n, end: 1n }, rawData: new Uint8Array(4) }, /segment/],
  ])('%s is a ModelError that says so', async (_title, tensor, message) => {
    await expect(load(modelWith(tensor))).rejects.toThrow(message);
    await expect(load(modelWith(tensor))).rejects.toMatchObject({
      name: 'InvalidModelError',
      place: { file: 'model' },
    });
  });

  test('a dimension of 0 needs no data, whatever the others are', async () => {
    const tensor = await load(modelWith({ dims: [1n << 50n, 0n, 1n << 50n], dataType: 1 }));
    expect(tensor.elementCount).toBe(0);
    expect(tensor.bytes.byteLength).toBe(0);
  });

  test('more data than the dims ask for is kept in the file and not shown', async () => {
    const bytes = modelWith({ dims: [1n], dataType: 1, rawData: new Uint8Array(12).fill(9) });
    expect((await load(bytes)).bytes).toEqual(new Uint8Array(4).fill(9));
    expect(Buffer.compare(await modelToBytes(await loadModel(new MemorySource(bytes))), bytes)).toBe(0);
  });
});

import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { measureModel, saveModel } from '../../src/api/save.ts';
import { UsageError } from '../../src/base/errors.ts';
import { addConstant } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { ComputedPayload, Tensor } from '../../src/ir/tensor.ts';
import { type ByteSink, MemorySink } from '../../src/wire/byte-sink.ts';
import { type ByteSource, MemorySource } from '../../src/wire/byte-source.ts';
import { addModel, bytesOfModel, modelOf, modelOfBytes } from '../support/protos.ts';

/** Counts and forgets. */
class CountingSink implements ByteSink {
  byteLength = 0;

  async write(bytes: Uint8Array): Promise<void> {
    this.byteLength += bytes.byteLength;
  }
}

const gibibyte = 2 ** 30;

async function modelOfSize(...sizes: number[]): Promise<Model> {
  const model = await loadModel(new MemorySource(bytesOfModel(addModel())));
  sizes.forEach((size, index) => {
    const payload = new ComputedPayload(size, 1, async (_offset, length, into) =>
      into === undefined ? new Uint8Array(length) : into.subarray(0, length),
    );
    addConstant(model.graph, `big${index}`, new Tensor('uint8', [size], payload));
  });
  return model;
}

describe('a model over 2 GiB', () => {
  test('becomes external data, with a note, beside its target', async () => {
    const model = await modelOfSize(gibibyte, gibibyte + 5000, 16);
    const sink = new MemorySink();
    const data = new CountingSink();
    const locations: string[] = [];
    const result = await saveModel(model, sink, {
      target: {
        folder: '/somewhere',
        name: 'm.onnx',
        openExternal: async (location) => {
          locations.push(location);
          return data;
        },
      },
    });
    expect(locations).toEqual(['m.onnx.data']);
    expect(result.notes).toEqual([expect.stringMatching(/2\.00 GiB, more than protobuf allows.*m\.onnx\.data/)]);
    expect(result.byteLength).toBe(sink.bytes.byteLength);
    expect(result.externalByteLength).toBe(data.byteLength);
    const [small, first, second, tiny] = modelOfBytes(sink.bytes).graph?.initializer ?? [];
    // What is small stays in the model, where every tool looks for it.
    expect([small?.rawData?.byteLength, tiny?.rawData?.byteLength]).toEqual([8, 16]);
    expect(Object.fromEntries(first?.externalData?.map(({ key, value }) => [key, value]) ?? [])).toEqual({
      location: 'm.onnx.data',
      offset: '0',
      length: String(gibibyte),
    });
    expect(second?.externalData?.find(({ key }) => key === 'offset')?.value).toBe(String(gibibyte));
    expect(second?.dataLocation).toBe(1);
  });

  test('cannot be written where there is no place for data', async () => {
    const model = await modelOfSize(2 * gibibyte);
    await expect(saveModel(model, new CountingSink())).rejects.toThrow(/2\.00 GiB, more than the 2 GiB/);
    await expect(saveModel(model, new CountingSink())).rejects.toBeInstanceOf(UsageError);
  });
});

const zeros = new Uint8Array(8 * 1024 * 1024);

/** Counts what is zeros and keeps the rest; reads it back. */
class SparseFile implements ByteSink, ByteSource {
  readonly name = 'sparse';
  byteLength = 0;
  copied = 0;
  readonly #pieces: { readonly start: number; readonly bytes: Uint8Array }[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    if (Buffer.compare(bytes, zeros.subarray(0, bytes.byteLength)) !== 0)
      this.#pieces.push({ start: this.byteLength, bytes: bytes.slice() });
    this.byteLength += bytes.byteLength;
  }

  async copy(_source: ByteSource, _offset: number, length: number): Promise<void> {
    this.byteLength += length;
    this.copied += length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (length > 16 * 1024 * 1024) throw new Error(`${length} bytes at once`);
    const result = new Uint8Array(length);
    for (const { start, bytes } of this.#pieces) {
      const from = Math.max(start, offset);
      const to = Math.min(start + bytes.byteLength, offset + length);
      if (to > from) result.set(bytes.subarray(from - start, to - start), from - offset);
    }
    return result;
  }
}

describe('a model near 2 GiB', () => {
  test('that grows beyond is split, and what lies in its file is copied from there', async () => {
    const large = new SparseFile();
    await saveModel(await modelOfSize(gibibyte, gibibyte - 100_000), large);
    expect(large.byteLength).toBeLessThan(2 * gibibyte);
    const model = await loadModel(large);
    const computed = new ComputedPayload(200_000, 1, async (_offset, length) => new Uint8Array(length).fill(1));
    addConstant(model.graph, 'folded', new Tensor('uint8', [200_000], computed));
    await expect(saveModel(model, new CountingSink())).rejects.toThrow(/2\.00 GiB, more than the 2 GiB/);
    await expect(saveModel(model, new CountingSink(), { externalData: 'inline' })).rejects.toThrow(
      /with its data the model takes 2\.00 GiB/,
    );
    const data = new SparseFile();
    const sink = new MemorySink();
    const target = { folder: '/somewhere', name: 'm.onnx', openExternal: async () => data };
    const { notes, externalByteLength } = await saveModel(model, sink, { target });
    expect(notes).toEqual([expect.stringMatching(/its weights were written to m\.onnx\.data/)]);
    expect(data.copied).toBe(2 * gibibyte - 100_000);
    expect(data.byteLength).toBe(externalByteLength);
    expect(await data.read(data.byteLength - 200_000, 200_000)).toEqual(new Uint8Array(200_000).fill(1));
    expect(sink.bytes.byteLength).toBeLessThan(1000);
  });

  test('cannot take in more data than fits, and none is read to find out', async () => {
    const externalData = [{ key: 'location', value: 'w.bin' }];
    const tensor = { dims: [BigInt(1.5 * gibibyte)], dataType: 2, dataLocation: 1, externalData };
    const bytes = bytesOfModel(
      modelOf({
        initializer: [
          { ...tensor, name: 'a' },
          { ...tensor, name: 'b' },
        ],
      }),
    );
    const data = {
      name: 'w.bin',
      byteLength: 1.5 * gibibyte,
      read: () => Promise.reject(new Error('a weight was read')),
    };
    const model = await loadModel(new MemorySource(bytes), { external: { folder: '/a', open: async () => data } });
    const target = { folder: '/b', name: 'm.onnx', openExternal: async () => new SparseFile() };
    const inline = { externalData: 'inline', target } as const;
    await expect(saveModel(model, new CountingSink(), inline)).rejects.toThrow(/3\.00 GiB, .*protobuf allows/);
    await expect(saveModel(model, new CountingSink(), inline)).rejects.toMatchObject({
      hint: expect.stringContaining('--external-data split'),
    });
    // The two share their elements.
    expect(await measureModel(model, { target })).toMatchObject({ bytes: expect.closeTo(1.5 * gibibyte, -3) });
  });

  test('whose weights are all too small to move is refused', async () => {
    const model = await modelOfSize(gibibyte, gibibyte);
    const target = { folder: '/a', name: 'm.onnx', openExternal: async () => new SparseFile() };
    const options = { target, externalThreshold: 2 * gibibyte };
    await expect(saveModel(model, new CountingSink(), options)).rejects.toThrow(
      /even without its weights .* 2\.00 GiB/,
    );
    await expect(saveModel(model, new CountingSink(), { externalThreshold: -1 })).rejects.toBeInstanceOf(UsageError);
    await expect(saveModel(model, new CountingSink(), { externalData: 'split' })).rejects.toThrow(/only beside a file/);
  });
});

test('data that stays is not written over by data that comes', async () => {
  const externalData = [{ key: 'location', value: './m.onnx.data' }];
  const kept = { name: 'kept', dims: [2n], dataType: 1, dataLocation: 1, externalData };
  const bytes = bytesOfModel(modelOf({ initializer: [kept] }));
  const external = { folder: '/here', open: async () => new MemorySource(new Uint8Array(8)) };
  const model = await loadModel(new MemorySource(bytes), { external });
  const payload = new ComputedPayload(2 * gibibyte, 1, async (_offset, length, into) => into ?? new Uint8Array(length));
  addConstant(model.graph, 'big', new Tensor('uint8', [2 * gibibyte], payload));
  const locations: string[] = [];
  const openExternal = async (location: string): Promise<ByteSink> => {
    locations.push(location);
    return new CountingSink();
  };
  await saveModel(model, new CountingSink(), { target: { folder: '/here', name: 'm.onnx', openExternal } });
  expect(locations).toEqual(['m.onnx.1.data']);
});

test('a changed model is as long as it says', async () => {
  const model = await loadModel(new MemorySource(bytesOfModel(addModel(50_000))));
  model.graph.touch();
  const sink = new MemorySink();
  expect(await saveModel(model, sink)).toEqual({
    byteLength: sink.bytes.byteLength,
    externalByteLength: undefined,
    kept: [],
    notes: [],
  });
});

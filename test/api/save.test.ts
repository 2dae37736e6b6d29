import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { saveModel } from '../../src/api/save.ts';
import { UsageError } from '../../src/base/errors.ts';
import { addConstant } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { ComputedPayload, Tensor } from '../../src/ir/tensor.ts';
import { type ByteSink, MemorySink } from '../../src/wire/byte-sink.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
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

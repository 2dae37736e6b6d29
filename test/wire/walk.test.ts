import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { ModelError } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/wire/byte-source.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { walkModel } from '../../src/wire/walk.ts';
import {
  addModel,
  bytesOfModel,
  everything,
  floatTensor,
  floatType,
  modelOf,
  node,
  valueInfo,
} from '../support/protos.ts';

/** Counts what is read of a source. */
class CountingSource extends MemorySource {
  bytesRead = 0;
  reads = 0;

  override async read(offset: number, length: number): Promise<Uint8Array> {
    this.bytesRead += length;
    this.reads++;
    return super.read(offset, length);
  }
}

/** A source of zeros, but for the pieces given: large files without their bytes. */
class SparseSource implements ByteSource {
  readonly name = 'huge.onnx';
  readonly byteLength: number;
  readonly #pieces: readonly (readonly [offset: number, bytes: Uint8Array])[];
  bytesRead = 0;

  constructor(byteLength: number, pieces: readonly (readonly [offset: number, bytes: Uint8Array])[]) {
    this.byteLength = byteLength;
    this.#pieces = pieces;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.bytesRead += length;
    const result = new Uint8Array(length);
    for (const [start, bytes] of this.#pieces) {
      const from = Math.max(start, offset);
      const to = Math.min(start + bytes.byteLength, offset + length);
      if (to > from) result.set(bytes.subarray(from - start, to - start), from - offset);
    }
    return result;
  }
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function failure(bytes: Uint8Array): Promise<unknown> {
  return loadModel(new MemorySource(bytes)).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('weights', () => {
  test('are not read, at any depth', async () => {
    const count = 500_000;
    const big = (name: string) => floatTensor(name, count);
    const branch = {
      name: 'b',
      node: [node('Neg', ['bw'], ['by'])],
      initializer: [big('bw')],
      output: [{ name: 'by' }],
    };
    const bytes = bytesOfModel(
      modelOf({
        node: [
          node('If', ['x'], ['y'], {
            attribute: [
              { name: 'then_branch', type: 5, g: branch },
              { name: 'else_branch', type: 5, g: branch },
            ],
          }),
          node('Constant', [], ['c'], { attribute: [{ name: 'value', type: 4, t: big('') }] }),
          node('Op', [], ['s'], {
            attribute: [
              {
                name: 'sparse',
                type: 11,
                sparseTensor: {
                  values: big('sv'),
                  indices: { ...big(''), dims: [BigInt(count / 2)], dataType: 7 },
                  dims: [1_000_000n],
                },
              },
            ],
          }),
        ],
        initializer: [{ ...big('f'), rawData: null, floatData: new Array(count).fill(1) }],
        input: [valueInfo('x', floatType())],
        output: [valueInfo('y')],
      }),
    );
    const source = new CountingSource(bytes);
    const model = await loadModel(source);
    expect(model.graph.nodeCount).toBe(3);
    expect(source.bytesRead).toBeLessThan(200_000);
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
    const skeleton = await walkModel(source, 65536);
    expect(skeleton.holes).toHaveLength(6);
    expect(skeleton.bytes.byteLength).toBeLessThan(1000);
  });

  test('a file of 5 TB with one tensor opens at once', async () => {
    const size = 5e12;
    const tensor = [0x08, ...varint(size / 4), 0x10, 1, 0x42, 1, 0x77, 0x4a, ...varint(size)];
    const graph = [0x2a, ...varint(tensor.length + size)];
    const head = Uint8Array.of(8, 10, 0x3a, ...varint(graph.length + tensor.length + size), ...graph, ...tensor);
    const tail = Uint8Array.of(0x42, 4, 0x0a, 0, 0x10, 21);
    const end = head.byteLength + size;
    const source = new SparseSource(end + tail.byteLength, [
      [0, head],
      [end, tail],
    ]);
    const model = await loadModel(source);
    const [w] = model.graph.initializers;
    expect(w?.initializer?.dims).toEqual([size / 4]);
    expect(model.opsetVersion('')).toBe(21);
    expect(source.bytesRead).toBeLessThan(200_000);
  });
});

describe('windows', () => {
  test.each([0, 100, 5000, 1 << 20])(
    'what is kept and left out with a limit of %d gives the file again',
    async (limit) => {
      const proto = everything();
      proto.graph?.initializer?.push(floatTensor('a', 3000), floatTensor('b', 40_000), floatTensor('c', 2));
      proto.docString = 'd'.repeat(300_000);
      const bytes = bytesOfModel(proto);
      const source = new MemorySource(bytes);
      const skeleton = await walkModel(source, limit);
      const pieces: Uint8Array[] = [];
      skeleton.visit(
        0,
        skeleton.bytes.byteLength,
        (piece) => pieces.push(piece),
        (start, end) => pieces.push(bytes.subarray(start, end)),
      );
      expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0);
      expect(skeleton.sourceLength(0, skeleton.bytes.byteLength)).toBe(bytes.byteLength);
      const model = await loadModel(source, { maximumResidentBytes: limit });
      model.graph.touch();
      const again = await loadModel(new MemorySource(await modelToBytes(model)));
      expect(again.graph.initializers.size).toBe(model.graph.initializers.size);
    },
  );

  test('positions of the skeleton and offsets of the source say the same', async () => {
    const bytes = bytesOfModel(addModel(100_000));
    const skeleton = await walkModel(new MemorySource(bytes), 1000);
    expect(skeleton.holes).toHaveLength(1);
    for (let position = 0; position < skeleton.bytes.byteLength; position++) {
      expect(bytes[skeleton.sourceOf(position)]).toBe(skeleton.bytes[position]);
    }
    const [hole] = skeleton.holes;
    const at = hole?.position ?? 0;
    expect(skeleton.sourceAfter(at)).toBe(hole?.sourceStart);
    expect(skeleton.endOf(at, 400_000)).toBe(at);
    expect(skeleton.endOf(at, 400_001)).toBe(at + 1);
    expect(skeleton.endOf(at - 1, 1)).toBe(at);
  });
});

describe('damaged files', () => {
  test('cut off anywhere, a file is a ModelError, or the cut is between two fields of the model', async () => {
    const bytes = bytesOfModel(addModel(20_000));
    const graphEnd = bytes.byteLength - 6;
    const cuts = new Set([
      1,
      2,
      3,
      5,
      10,
      50,
      100,
      5000,
      79_000,
      graphEnd - 1,
      graphEnd,
      graphEnd + 1,
      bytes.byteLength - 1,
    ]);
    for (const cut of cuts) {
      const error = await failure(bytes.slice(0, cut));
      if (cut === graphEnd) expect(error).toBeUndefined();
      else expect(error).toBeInstanceOf(ModelError);
    }
    const error = (await failure(bytes.slice(0, 5000))) as ModelError;
    expect(error.message).toBe(
      `the file is truncated: it has 5000 bytes, but the field at byte 2 ends at byte ${graphEnd}`,
    );
    expect(error.place).toEqual({ file: 'model', offset: 2 });
    expect(((await failure(bytes.slice(0, -1))) as ModelError).message).toMatch(/truncated/);
  });

  test('wrong bytes anywhere are a ModelError or another model, and never anything else', async () => {
    const bytes = bytesOfModel(everything());
    let refused = 0;
    for (let at = 0; at < bytes.byteLength; at += 13) {
      for (const value of [0, 0x7f, 0xff]) {
        const damaged = bytes.slice();
        damaged[at] = value;
        const error = await failure(damaged);
        if (error === undefined) continue;
        refused++;
        expect(error).toBeInstanceOf(ModelError);
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  test('the byte is named', async () => {
    const bytes = bytesOfModel(addModel());
    const at = Buffer.from(bytes).indexOf('Add') - 1;
    bytes[at] = 100;
    expect(await failure(bytes)).toMatchObject({
      message: expect.stringMatching(/^the file is corrupt: a NodeProto cannot be read/),
      place: { file: 'model', offset: at - 1 },
    });
  });

  test('a length beyond its message is named, in a long message too', async () => {
    const proto = addModel(50_000);
    const bytes = bytesOfModel(proto);
    const at = Buffer.from(bytes).indexOf(Buffer.from([0x4a, 0xc0, 0x9a, 0x0c]));
    bytes[at + 1] = 0xff;
    expect(await failure(bytes)).toMatchObject({
      message: expect.stringMatching(/TensorProto.*beyond the end/),
      place: { offset: at },
    });
  });
});

describe('bombs', () => {
  function nested(levels: number): Uint8Array {
    let graph = bytesOfModel({ graph: { name: 'inner' } }).subarray(2);
    for (let level = 0; level < levels; level++) {
      const attribute = [0x0a, 1, 0x67, 0xa0, 1, 5, 0x32, ...varint(graph.byteLength), ...graph];
      const held = [0x22, 2, 0x49, 0x66, 0x2a, ...varint(attribute.length), ...attribute];
      graph = Uint8Array.of(0x0a, ...varint(held.length), ...held);
    }
    return Uint8Array.of(8, 10, 0x3a, ...varint(graph.byteLength), ...graph);
  }

  test('subgraphs may nest as deep as other readers read, not deeper', async () => {
    expect(await failure(nested(30))).toBeUndefined();
    for (const levels of [40, 300]) {
      expect(await failure(nested(levels))).toMatchObject({
        name: 'ModelError',
        message: expect.stringMatching(/nested/),
      });
    }
  });

  test('groups that nest without end are refused', async () => {
    const bytes = Buffer.concat([bytesOfModel(addModel()), Buffer.alloc(200_000, 0x0b)]);
    expect(await failure(bytes)).toBeInstanceOf(ModelError);
    const inner = Buffer.alloc(20_000, 0x0b);
    expect(
      await failure(Buffer.concat([Uint8Array.of(8, 10, 0x3a, ...varint(inner.byteLength)), inner])),
    ).toBeInstanceOf(ModelError);
  });

  test('types that nest without end are refused', async () => {
    let type: number[] = [];
    for (let level = 0; level < 300; level++) {
      const element = [0x0a, ...varint(type.length), ...type];
      type = [0x22, ...varint(element.length), ...element];
    }
    const info = [0x0a, 1, 0x78, 0x12, ...varint(type.length), ...type];
    const graph = [0x5a, ...varint(info.length), ...info];
    expect(await failure(Uint8Array.of(8, 10, 0x3a, ...varint(graph.length), ...graph))).toMatchObject({
      name: 'InvalidModelError',
    });
  });
});

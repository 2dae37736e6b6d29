import { describe, expect, test } from '@jest/globals';
import { ModelError } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/wire/byte-source.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { checkSize } from '../../src/wire/check-size.ts';
import { MAXIMUM_MESSAGES, MAXIMUM_SKELETON_BYTES, MAXIMUM_VALUES } from '../../src/wire/limits.ts';
import { Skeleton } from '../../src/wire/skeleton.ts';
import { walkModel } from '../../src/wire/walk.ts';
import { varintBytes } from '../support/wire-tree.ts';

const field = (number: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([varintBytes(BigInt(number * 8 + 2)), varintBytes(BigInt(content.byteLength)), content]);

/** A model whose graph has this content. */
const model = (...graph: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.of(8, 10), field(7, Buffer.concat(graph)), field(8, Uint8Array.of(0x10, 21))]);

const repeated = (piece: readonly number[], count: number): Uint8Array =>
  Buffer.alloc(piece.length * count, Uint8Array.from(piece));

function walk(bytes: Uint8Array): Promise<unknown> {
  return walkModel(new MemorySource(bytes), 65536).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Counting to the real ones takes minutes. */
const fewer = { messages: 100, values: 1000, decodedBytes: MAXIMUM_SKELETON_BYTES };

describe('what would take more memory than there may be is refused before it is decoded', () => {
  test.each([
    ['nodes', [0x0a, 0]],
    ['initializers', [0x2a, 0]],
    ['value_info', [0x6a, 0]],
    ['attributes of a node', undefined],
  ])('%s of two bytes each', async (_what, piece) => {
    const parts = (count: number): Uint8Array =>
      piece === undefined ? field(1, repeated([0x2a, 0], count)) : repeated(piece, count);
    expect(await walk(model(parts(MAXIMUM_MESSAGES - 10)))).toBeUndefined();
    const error = await walk(model(parts(MAXIMUM_MESSAGES + 1)));
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toMatch(/more than 1000000 nodes, attributes and tensors/);
  });

  test.each<readonly [string, (count: number) => Uint8Array]>([
    ['packed ints of an attribute', (count) => field(1, field(5, field(8, new Uint8Array(count))))],
    ['ints of an attribute', (count) => field(1, field(5, repeated([0x40, 1], count)))],
    ['dims of a tensor', (count) => field(5, repeated([8, 1], count))],
    ['dims of a type', (count) => field(11, field(2, field(1, field(2, repeated([0x0a, 0], count)))))],
    ['metadata', (count) => repeated([0x82, 1, 0], count)],
    ['unknown fields', (count) => repeated([0xf8, 6, 1], count)],
    ['names of a node', (count) => field(1, repeated([0x0a, 0], count))],
  ])('%s', (_what, parts) => {
    const check = (count: number) => (): void => {
      const bytes = model(parts(count));
      checkSize(new Skeleton(new MemorySource(bytes), bytes, [], [], 65536), fewer);
    };
    expect(check(fewer.values - 20)).not.toThrow();
    expect(check(fewer.values + 1)).toThrow(ModelError);
    expect(check(fewer.values + 1)).toThrow(/more than 1000 names, numbers and dimensions/);
  });

  test('a long text is one value', async () => {
    expect(await walk(model(field(10, new Uint8Array(3 * MAXIMUM_VALUES).fill(0x61))))).toBeUndefined();
  });

  test('a text of gigabytes is not read', async () => {
    const length = 4 * MAXIMUM_SKELETON_BYTES;
    const head = Buffer.concat([Uint8Array.of(8, 10, 0x32), varintBytes(BigInt(length))]);
    let bytesRead = 0;
    const source: ByteSource = {
      name: 'huge.onnx',
      byteLength: head.byteLength + length + 2,
      async read(offset, wanted) {
        bytesRead += wanted;
        const bytes = new Uint8Array(wanted);
        if (offset < head.byteLength) bytes.set(head.subarray(offset, offset + wanted));
        return bytes;
      },
    };
    const error = await walkModel(source, 65536).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    expect(error).toBeInstanceOf(ModelError);
    expect(bytesRead).toBeLessThan(1024 * 1024);
  });
});

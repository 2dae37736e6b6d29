import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import { MemorySink } from '../../src/wire/byte-sink.ts';
import { type ByteSource, MemorySource } from '../../src/wire/byte-source.ts';
import { gunzip, GzipSink } from '../../src/wire/gzip.ts';
import { PiecesSource, spool } from '../../src/wire/pieces-source.ts';
import { addModel, bytesOfModel } from '../support/protos.ts';

const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index * index) % 251);

async function unpacked(bytes: Uint8Array, maximumBytes?: number): Promise<Buffer> {
  const source = await gunzip(new MemorySource(bytes, 'a.gz'), maximumBytes === undefined ? {} : { maximumBytes });
  return Buffer.from(await source.read(0, source.byteLength));
}

describe('gunzip', () => {
  test('gives back what was packed, also in several members', async () => {
    expect((await unpacked(gzipSync(content))).equals(content)).toBe(true);
    expect((await unpacked(gzipSync(new Uint8Array(0)))).byteLength).toBe(0);
    const twice = await unpacked(Buffer.concat([gzipSync('one '), gzipSync('two')]));
    expect(twice.toString()).toBe('one two');
  });

  test.each([
    ['cut off', gzipSync(content).subarray(0, 1000)],
    ['cut off before its end mark', gzipSync(content).subarray(0, -4)],
    ['nothing but a magic number', Uint8Array.of(0x1f, 0x8b)],
    ['damaged', gzipSync(content).fill(7, 500, 600)],
  ])('data that is %s is a ModelError', async (_, bytes) => {
    await expect(unpacked(bytes)).rejects.toMatchObject({ name: 'ModelError', place: { file: 'a.gz' } });
  });

  test('a bomb ends at the limit, long before it is unpacked', async () => {
    // 1 GiB of zeros, of which each MiB packs to a kilobyte.
    const member = gzipSync(new Uint8Array(2 ** 20));
    const bomb = Buffer.concat(Array.from({ length: 1024 }, () => member));
    let fed = 0;
    const source: ByteSource = {
      name: 'bomb.gz',
      byteLength: bomb.byteLength,
      async read(offset, length) {
        fed += length;
        return bomb.subarray(offset, offset + length);
      },
    };
    await expect(gunzip(source, { maximumBytes: 8 * 2 ** 20 })).rejects.toMatchObject({
      name: 'ModelError',
      message: 'the file of 1.1 MB unpacks to more than 8 MiB',
    });
    expect(fed).toBeLessThan(bomb.byteLength);
  });

  test('without a limit of the caller, one grows to 256 MiB', async () => {
    const member = gzipSync(new Uint8Array(2 ** 20));
    const bomb = Buffer.concat(Array.from({ length: 300 }, () => member));
    await expect(unpacked(bomb)).rejects.toMatchObject({ message: 'the file of 0.3 MB unpacks to more than 256 MiB' });
  });
});

describe('GzipSink', () => {
  test('writes what gunzip reads, in pieces of any size', async () => {
    const sink = new MemorySink();
    const gzip = new GzipSink(sink);
    const reused = new Uint8Array(7000);
    for (let at = 0; at < content.byteLength; at += 7000) {
      const piece = content.subarray(at, at + 7000);
      reused.set(piece);
      await gzip.write(reused.subarray(0, piece.byteLength));
    }
    await gzip.finish();
    expect(gunzipSync(sink.bytes).equals(content)).toBe(true);
  });

  test('fails when the sink behind it does', async () => {
    const gzip = new GzipSink({ write: () => Promise.reject(new Error('the disk is full')) });
    const writing = async (): Promise<void> => {
      for (let at = 0; at < 100; at++) await gzip.write(content);
      await gzip.finish();
    };
    await expect(writing()).rejects.toThrow('the disk is full');
  });
});

describe('a packed model', () => {
  const bytes = bytesOfModel(addModel(5000));

  test('is read, its weights too', async () => {
    const model = await loadModel(new MemorySource(gzipSync(bytes), 'a.onnx.gz'));
    const [tensor] = tensorsOfModel(model);
    const expected = addModel(5000).graph?.initializer?.[0]?.rawData;
    expect(Buffer.from((await tensor?.payload.read(0, 20_000)) ?? []).equals(expected ?? new Uint8Array(0))).toBe(true);
  });

  test('packed twice is refused', async () => {
    await expect(loadModel(new MemorySource(gzipSync(gzipSync(bytes)), 'a.gz'))).rejects.toMatchObject({
      message: 'the file is compressed with gzip twice',
    });
  });

  test('what else is packed is named', async () => {
    await expect(loadModel(new MemorySource(gzipSync('<html>'), 'a.onnx.gz'))).rejects.toMatchObject({ kind: 'html' });
  });

  test('a text in it that is wrong is told with line and column', async () => {
    await expect(loadModel(new MemorySource(gzipSync('ir_version: x'), 'a.gz'))).rejects.toMatchObject({
      message: "line 1, column 13: ir_version is a whole number, but 'x' is none",
    });
  });
});

test('pieces are read as one', async () => {
  const pieces = [content.subarray(0, 3), new Uint8Array(0), content.subarray(3, 10), content.subarray(10, 500)];
  async function* chunks(): AsyncIterable<Uint8Array> {
    yield* pieces;
  }
  for (const source of [new PiecesSource(pieces, 'x'), await spool(chunks(), 'x')]) {
    expect(source.byteLength).toBe(500);
    for (const [offset, length] of [
      [0, 500],
      [0, 3],
      [3, 7],
      [2, 2],
      [9, 300],
      [499, 1],
      [0, 0],
      [500, 0],
    ] as const)
      expect(Buffer.from(await source.read(offset, length))).toEqual(
        Buffer.from(content.subarray(offset, offset + length)),
      );
  }
  const nothing = new PiecesSource([], 'x');
  expect((await nothing.read(0, 0)).byteLength).toBe(0);
});

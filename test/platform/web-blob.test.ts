/** The browser's side: Node has real Blobs, and a fake one shows what is asked of them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { lint } from '../../src/api/lint.ts';
import { simplify } from '../../src/api/simplify.ts';
import { ModelError } from '../../src/base/errors.ts';
import { readModelFile, writeModelFile } from '../../src/platform/node.ts';
import { type BlobLike, BlobSink, BlobSource, FilesResolver } from '../../src/platform/web.ts';
import { type ChosenFile, readModelBlob, readModelUrl, writeModelBlobs } from '../../src/platform/web.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { RangeServer } from '../support/range-server.ts';

const scratch = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
const server = new RangeServer();
const base = server.start();
afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await server.stop();
});

/** A File that counts what is read of it and can be made to fail. */
class FakeFile implements ChosenFile {
  readonly name: string;
  readonly webkitRelativePath: string;
  readonly size: number;
  read = 0;
  broken: 'not at all' | 'shorter' | 'gone' = 'not at all';
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name: string, folder = '') {
    this.#bytes = bytes;
    this.size = bytes.byteLength;
    this.name = name;
    this.webkitRelativePath = folder === '' ? '' : `${folder}/${name}`;
  }

  slice(start: number, end: number): BlobLike {
    const slice = new FakeFile(this.#bytes.subarray(start, end), this.name);
    const arrayBuffer = async (): Promise<ArrayBuffer> => {
      if (this.broken === 'gone') throw new Error('NotReadableError');
      this.read += end - start;
      return new Uint8Array(this.#bytes.subarray(start, this.broken === 'shorter' ? end - 1 : end)).buffer;
    };
    return { size: slice.size, slice: (from, to) => slice.slice(from, to), arrayBuffer };
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    throw new Error('the whole file was asked for');
  }
}

const samples = readdirSync('samples').filter((name) => name.endsWith('.onnx'));
const dataOf = (name: string): string[] => readdirSync('samples').filter((other) => other === `${name}.data`);

async function bytesOf(blob: Blob | undefined): Promise<Uint8Array> {
  return new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
}

describe.each(samples)('%s', (name) => {
  const bytes = readFileSync(join('samples', name));
  const file = new FakeFile(bytes, name);
  const files = dataOf(name).map((other) => new FakeFile(readFileSync(join('samples', other)), other));

  test('is linted, simplified and written as from a file', async () => {
    server.put(`/${name}`, bytes);
    for (const other of files) server.put(`/${other.name}`, readFileSync(join('samples', other.name)));
    const fromFile = await readModelFile(join('samples', name));
    const others = [
      await readModelBlob(file, files),
      await readModelBlob(new File([new Uint8Array(bytes)], name), files),
      await readModelUrl(`${await base}/${name}`),
    ];
    const targets = ['tensorrt@8.6'];
    const findings = lint(fromFile, { targets });
    const report = simplify(fromFile);
    const target = join(scratch, name, 'out.onnx');
    mkdirSync(join(scratch, name), { recursive: true });
    const written = await writeModelFile(fromFile, target, { externalData: 'split', externalThreshold: 64 });
    const expected = written.files.map(({ path }) => readFileSync(path));
    for (const model of others) {
      const unchanged = await writeModelBlobs(model, 'out.onnx');
      expect(Buffer.compare(await bytesOf(unchanged.files[0]?.blob), bytes)).toBe(0);
      expect(unchanged.kept).toEqual(dataOf(name));
      expect(lint(model, { targets })).toEqual(findings);
      expect(simplify(model)).toEqual(report);
      const blobs = await writeModelBlobs(model, 'out.onnx', { externalData: 'split', externalThreshold: 64 });
      expect(blobs.files.map((one) => one.name)).toEqual(['out.onnx', 'out.onnx.data'].slice(0, expected.length));
      for (const [index, one] of blobs.files.entries())
        expect(Buffer.compare(await bytesOf(one.blob), expected[index] ?? bytes)).toBe(0);
    }
  }, 60_000);
});

describe('a Blob as a source', () => {
  test('is read by slices', async () => {
    const file = new FakeFile(readFileSync('samples/silero_vad_16k.onnx'), 'silero.onnx');
    await readModelBlob(file);
    expect(file.read).toBeLessThan(file.size / 2);
  });

  test.each(['shorter', 'gone'] as const)('that is %s by now is named', async (broken) => {
    const file = new FakeFile(Uint8Array.of(1, 2, 3), 'm.onnx');
    file.broken = broken;
    const read = new BlobSource(file, 'm.onnx').read(0, 3);
    await expect(read).rejects.toBeInstanceOf(ModelError);
    await expect(read).rejects.toMatchObject({ message: /became shorter|was changed/, place: { file: 'm.onnx' } });
  });
});

describe('a Blob as a sink', () => {
  test('holds what was written and copied, in order, and reads no other Blob', async () => {
    const large = new Uint8Array(3_000_000).fill(5);
    const blob = new Blob([Uint8Array.of(10, 11, 12, 13)]);
    const sink = new BlobSink();
    const buffer = Uint8Array.of(1, 2);
    await sink.write(buffer);
    buffer.fill(99);
    await sink.copy(new BlobSource(blob, 'b'), 1, 2);
    await sink.write(large);
    await sink.write(large);
    await sink.copy(new MemorySource(Uint8Array.of(7, 8, 9)), 1, 2);
    await sink.copy(new BlobSource(new FakeFile(Uint8Array.of(20, 21), 'f'), 'f'), 0, 2);
    expect(sink.byteLength).toBe(6_000_008);
    const bytes = await bytesOf(sink.toBlob());
    expect([...bytes.subarray(0, 5)]).toEqual([1, 2, 11, 12, 5]);
    expect([...bytes.subarray(6_000_003)]).toEqual([5, 8, 9, 20, 21]);
    expect(bytes.byteLength).toBe(6_000_008);
  });
});

describe('data among chosen files', () => {
  const one = (name: string, folder = ''): FakeFile => new FakeFile(Uint8Array.of(name.length), name, folder);
  const found = async (files: FakeFile[], location: string, model?: FakeFile): Promise<FakeFile | undefined> => {
    const source = await new FilesResolver(files, model).open(location);
    return files.find((file) => source instanceof BlobSource && source.blob === file);
  };

  test('is found by its path in a chosen folder', async () => {
    const model = one('m.onnx', 'top/net');
    const files = [one('w.bin', 'top/net'), one('w.bin', 'top/net/sub'), one('w.bin', 'top'), model];
    expect(await found(files, 'w.bin', model)).toBe(files[0]);
    expect(await found(files, './sub\\w.bin', model)).toBe(files[1]);
    await expect(found(files, 'net/w.bin', model)).rejects.toThrow(/'net\/w\.bin' is missing/);
    await expect(found([files[2] as FakeFile], 'w.bin', model)).rejects.toThrow(/is missing/);
  });

  test('is found by its name among single files', async () => {
    const files = [one('w.bin'), one('v.bin')];
    expect(await found(files, 'v.bin')).toBe(files[1]);
    expect(await found(files, 'sub/w.bin')).toBe(files[0]);
    const error = await found(files, 'u.bin').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining("'u.bin' is missing"), hint: /choose it together/ });
  });

  test.each(['../w.bin', '/w.bin', 'C:\\w.bin', 'a/../../w.bin', ''])(
    'is refused by the rules of files: %j',
    (location) => expect(new FilesResolver([one('w.bin')]).open(location)).rejects.toBeInstanceOf(ModelError),
  );

  test('of two choices does not lie in one folder', () => {
    expect(new FilesResolver([]).folder).not.toBe(new FilesResolver([]).folder);
  });
});

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readModelFile, writeModelFile } from '../../src/platform/node.ts';
import { convertModel, readModelStream, writeModelStream } from '../../src/platform/node-convert.ts';
import { loadModel } from '../../src/api/load.ts';
import { sameModel } from '../../src/text/compare.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { MemorySink } from '../../src/wire/byte-sink.ts';

const samples = resolve(import.meta.dirname, '../../samples');
/** 25 kB of external data beside it. */
const external = 'unet_pad_crop.dy.dyn.onnx';

let folder: string;
const path = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  copyFileSync(join(samples, 'gather_slice_concat.onnx'), path('a.onnx'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the same format', () => {
  test('is copied byte for byte, whatever the spelling', async () => {
    const text = '# mine\nir_version: 0x8\ngraph < name: "g" >\nopset_import { version: 17 }';
    writeFileSync(path('a.pbtxt'), text);
    await convertModel(path('a.pbtxt'), path('b.textproto'));
    expect(readFileSync(path('b.textproto'), 'utf8')).toBe(text);
    const packed = gzipSync(readFileSync(path('a.onnx')), { level: 1 });
    writeFileSync(path('a.onnx.gz'), packed);
    await convertModel(path('a.onnx.gz'), path('b.onnx.gz'));
    expect(readFileSync(path('b.onnx.gz')).equals(packed)).toBe(true);
    await convertModel(path('a.onnx'), path('b.onnx'));
    expect(readFileSync(path('b.onnx')).equals(readFileSync(path('a.onnx')))).toBe(true);
  });

  test('also with external data in the same folder, and never over that data', async () => {
    for (const name of [external, `${external}.data`]) copyFileSync(join(samples, name), path(name));
    await convertModel(path(external), path('b.onnx'));
    expect(readFileSync(path('b.onnx')).equals(readFileSync(path(external)))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.data'))).toEqual([`${external}.data`]);
    await expect(convertModel(path(external), path(`${external}.data`))).rejects.toMatchObject({ name: 'UsageError' });
    expect(readFileSync(path(`${external}.data`)).equals(readFileSync(join(samples, `${external}.data`)))).toBe(true);
  });

  test('but external data comes along into another folder', async () => {
    mkdirSync(path('out'));
    const { files } = await convertModel(join(samples, external), path('out/b.pbtxt'));
    expect(files.map((file) => file.path)).toEqual([path('out/b.pbtxt'), path('out/b.pbtxt.data')]);
    await convertModel(path('out/b.pbtxt'), path('out/c.onnx'));
    const model = await readModelFile(path('out/c.onnx'));
    const [tensor] = [...model.graph.initializers].filter(({ initializer }) => initializer?.external !== undefined);
    expect((await tensor?.initializer?.payload.read(0, 8))?.byteLength).toBe(8);
  });
});

test('external data goes where it is asked for', async () => {
  const binary = readFileSync(join(samples, external));
  await convertModel(join(samples, external), path('inline.pbtxt'), { externalData: 'inline' });
  expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'inline.pbtxt']);
  await convertModel(path('inline.pbtxt'), path('split.json'), { externalData: 'split' });
  expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'inline.pbtxt', 'split.json', 'split.json.data']);
  // In place of its own data file: the text form is written a second time for the moment between two renames.
  const model = await readModelFile(path('split.json'));
  await writeModelFile(model, path('split.json'), { externalData: 'split', externalThreshold: 2048 });
  expect(readFileSync(path('split.json'), 'utf8')).toMatch(/^\{/);
  expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'inline.pbtxt', 'split.json', 'split.json.data']);
  const sink = new MemorySink();
  expect((await convertModel(path('split.json'), sink, { externalData: 'inline' })).notes).toEqual([]);
  const whole = await loadModel(new MemorySource(sink.bytes));
  const original = await readModelFile(join(samples, external), { maximumResidentBytes: Infinity });
  expect(sameModel(whole, original, { names: true })).toBeUndefined();
  expect(readFileSync(join(samples, external)).equals(binary)).toBe(true);
});

describe('another format', () => {
  test.each([
    ['b.pbtxt', /^ir_version: \d+\n/],
    ['b.json', /^\{\n {2}"ir_version": "\d+",/],
    ['b.onnxtxt', /^<\n {2}ir_version: \d+,/],
  ])('goes by the extension: %s', async (name, head) => {
    await convertModel(path('a.onnx'), path(name));
    expect(readFileSync(path(name), 'utf8')).toMatch(head);
    await convertModel(path('a.onnx'), path(`${name}.gz`));
    expect(gunzipSync(readFileSync(path(`${name}.gz`))).equals(readFileSync(path(name)))).toBe(true);
    await convertModel(path(`${name}.gz`), path('back.onnx'));
    const same = readFileSync(path('back.onnx')).equals(readFileSync(path('a.onnx')));
    expect(same || name === 'b.onnxtxt').toBe(true);
  });

  test('or by what is asked for', async () => {
    await convertModel(path('a.onnx'), path('b.anything'), { format: 'json' });
    expect(readFileSync(path('b.anything'), 'utf8')).toMatch(/^\{/);
  });

  test('writeModelFile goes by the extension as well', async () => {
    const model = await readModelFile(path('a.onnx'));
    await writeModelFile(model, path('b.onnxtxt.gz'));
    expect(gunzipSync(readFileSync(path('b.onnxtxt.gz'))).toString()).toMatch(/^<\n {2}ir_version/);
  });

  test('leaves the target as it is when the model cannot be written in it', async () => {
    writeFileSync(path('bad.pbtxt'), 'producer_name: "\\377" graph { name: "g" }');
    writeFileSync(path('b.json'), 'old');
    await expect(convertModel(path('bad.pbtxt'), path('b.json'))).rejects.toMatchObject({ name: 'ModelError' });
    expect(readFileSync(path('b.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'b.json', 'bad.pbtxt']);
  });
});

describe('pipes', () => {
  const bytes = readFileSync(join(samples, 'gather_slice_concat.onnx'));

  async function* chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000);
  }

  test('a model comes out of one and goes into another', async () => {
    const sink = new MemorySink();
    expect(await writeModelStream(await readModelStream(chunks()), sink)).toEqual([]);
    expect(Buffer.from(sink.bytes).equals(bytes)).toBe(true);
    const copy = new MemorySink();
    await convertModel(chunks(), copy);
    expect(Buffer.from(copy.bytes).equals(bytes)).toBe(true);
  });

  test('external data stays behind, which is said', async () => {
    const sink = new MemorySink();
    const { notes } = await convertModel(join(samples, external), sink, { format: 'textproto' });
    expect(notes).toEqual([`the model is written without its external data: ${external}.data must lie beside it`]);
    expect(Buffer.from(sink.bytes).toString()).toContain(`value: "${external}.data"`);
  });
});

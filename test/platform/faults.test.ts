/** Saving, with every step of it failing in turn: source intact, target either old or new and whole, nothing left behind. */
import { mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { ModelError, UsageError } from '../../src/base/errors.ts';
import { failureOf } from '../../src/cli/failure.ts';
import {
  FolderResolver,
  FileSink,
  FileSource,
  readModelFile,
  writeModelFile,
  type WriteOptions,
} from '../../src/platform/node.ts';
import { type FileOperations, nodeFiles } from '../../src/platform/node-file-operations.ts';
import { systemWith } from '../../src/platform/node-system.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import { addModel, bytesOfModel } from '../support/protos.ts';
import { externalAttack } from '../support/attacks.ts';
import { contentsOf, diskOf, failingAt, interferedFiles, killedAt, systemError } from '../support/faulty-files.ts';
import { scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();
let folders = 0;

interface Scenario {
  readonly title: string;
  /** The files that there are before. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly source: string;
  readonly target: string;
  readonly options?: WriteOptions;
}

const inFile = bytesOfModel(addModel(6));
const { 'm.onnx': referring, 'w.bin': data } = externalAttack({ location: 'w.bin', offset: '4', length: '24' }, 6);
const { 'm.onnx': referringToOwn } = externalAttack({ location: 'm.onnx.data', offset: '0', length: '24' }, 6);
const { 'm.onnx': old } = externalAttack({ location: 'out.onnx.data', offset: '8', length: '24' }, 6);
if (referring === undefined || referringToOwn === undefined || old === undefined || data === undefined) {
  throw new Error('an attack lacks its files');
}

const scenarios: readonly Scenario[] = [
  { title: 'a new file', files: { 'm.onnx': inFile }, source: 'm.onnx', target: 'out.onnx' },
  { title: 'a model over itself', files: { 'm.onnx': inFile }, source: 'm.onnx', target: 'm.onnx' },
  {
    title: 'a new model with its data',
    files: { 'a/m.onnx': referring, 'a/w.bin': data, 'b/other': data },
    source: 'a/m.onnx',
    target: 'b/out.onnx',
  },
  {
    title: 'a model and its data over an old pair',
    files: { 'a/m.onnx': referring, 'a/w.bin': data, 'b/out.onnx': old, 'b/out.onnx.data': data.toReversed() },
    source: 'a/m.onnx',
    target: 'b/out.onnx',
  },
  {
    title: 'a model and its data over themselves',
    files: { 'm.onnx': referringToOwn, 'm.onnx.data': data },
    source: 'm.onnx',
    target: 'm.onnx',
    options: { externalData: 'split', externalThreshold: 0 },
  },
  {
    title: 'a model that takes its data in',
    files: { 'm.onnx': referringToOwn, 'm.onnx.data': data },
    source: 'm.onnx',
    target: 'm.onnx',
    options: { externalData: 'inline' },
  },
];

function prepare({ files }: Scenario): string {
  const folder = join(top, String(folders++));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

/** Reads, changes and writes the model of a scenario, all by way of `files`. */
async function save({ source, target, options }: Scenario, folder: string, files: FileOperations): Promise<void> {
  const path = join(folder, source);
  const system = systemWith(files);
  const file = new FileSource(path, path, { files });
  const model = await loadModel(file, { external: new FolderResolver(path, system) });
  model.producerName = 'changed';
  await writeModelFile(model, join(folder, target), { ...options, system });
}

/** What a model says and holds, or that it cannot be read. */
async function stateOf(path: string): Promise<string> {
  try {
    const model = await readModelFile(path);
    const elements: string[] = [];
    for (const tensor of tensorsOfModel(model)) {
      elements.push(Buffer.from(await tensor.payload.read(0, tensor.byteLength)).toString('hex'));
    }
    return `${model.producerName} ${elements.join(' ')}`;
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(dirname(path), '') : String(error);
  }
}

/** Every change of a save, in order, and the states before and after. */
async function undisturbed(scenario: Scenario): Promise<{ steps: number; before: string; after: string }> {
  const folder = prepare(scenario);
  const target = join(folder, scenario.target);
  const before = await stateOf(target);
  const { files, calls } = failingAt(Infinity, '');
  await save(scenario, folder, files);
  const after = await stateOf(target);
  expect(after).toContain('changed');
  expect(await stateOf(join(folder, scenario.source))).toMatch(/[0-9a-f]{48}$/);
  expect(Object.keys(contentsOf(folder)).filter((name) => /tmp|\.1\./.test(name))).toEqual([]);
  return { steps: calls.length, before, after };
}

const temporary = /\.onnx-preflight-\d+-[0-9a-z]*\.tmp$/;

describe.each(scenarios)('$title', (scenario) => {
  test.each(['EIO', 'ENOSPC', 'EPERM'])('any step may fail with %s', async (code) => {
    const { steps, after } = await undisturbed(scenario);
    expect(steps).toBeGreaterThan(10);
    const wrong: string[] = [];
    let failures = 0;
    for (let at = 0; at < steps; at++) {
      const folder = prepare(scenario);
      const contents = contentsOf(folder);
      const { files, calls } = failingAt(at, code);
      const error: unknown = await save(scenario, folder, files).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const problem = (text: string): number => wrong.push(`step ${at}, ${calls[at] ?? ''}: ${text}`);
      const state = await stateOf(join(folder, scenario.target));
      const left = Object.keys(contentsOf(folder)).filter((name) => temporary.test(name));
      if (left.length > 0) problem(`left ${left.join(', ')}`);
      if (error === undefined) {
        // What failed was not needed, such as a mode that cannot be kept.
        if (state !== after) problem('told of nothing, and is not written');
        continue;
      }
      failures++;
      const { line, exitCode } = failureOf(error);
      if (exitCode !== 2) problem(`is told of as ${line}`);
      // The last thing that can fail is to make the last rename durable.
      if (state === after && line.startsWith('cannot sync')) continue;
      if (JSON.stringify(contentsOf(folder)) !== JSON.stringify(contents)) problem(`changed files, and said ${line}`);
    }
    expect(wrong).toEqual([]);
    expect(failures).toBeGreaterThan(5);
  });

  test('kill -9 at any step leaves the old or the new model, each with its data', async () => {
    const { steps, before, after } = await undisturbed(scenario);
    const seen = new Set<string>();
    for (let at = 0; at < steps; at++) {
      const folder = prepare(scenario);
      const { files, calls } = killedAt(at);
      await save(scenario, folder, files).catch(() => undefined);
      const killed = `${at} ${calls[at] ?? ''}`;
      const state = await stateOf(join(folder, scenario.target));
      seen.add(state);
      expect({ killed, isWhole: state === before || state === after, state }).toMatchObject({ killed, isWhole: true });
      if (scenario.source !== scenario.target) {
        const contents = contentsOf(folder);
        expect(contents).toMatchObject({ [scenario.source]: contentsOf(prepare(scenario))[scenario.source] });
      }
      // What lies around can be told from everything else, and does not stop the next run.
      const extra = Object.keys(contentsOf(folder)).filter(
        (name) => !(name in scenario.files) && !temporary.test(name),
      );
      expect(extra.filter((name) => !/^(?:b\/)?(?:out|m)\.onnx(?:(?:\.1)?\.data)?$/.test(name))).toEqual([]);
      await save(scenario, folder, nodeFiles);
      expect(await stateOf(join(folder, scenario.target))).toBe(after);
    }
    expect([...seen].sort()).toEqual([before, after].sort());
  });

  test('a disk that is full after any byte changes nothing', async () => {
    const { after } = await undisturbed(scenario);
    for (let room = 0; ; room++) {
      const folder = prepare(scenario);
      const contents = contentsOf(folder);
      const error: unknown = await save(scenario, folder, diskOf(room)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) {
        expect(room).toBeGreaterThan(100);
        expect(await stateOf(join(folder, scenario.target))).toBe(after);
        break;
      }
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({
        message: expect.stringMatching(/^cannot write .*: no space is left on the device$/),
      });
      expect({ room, contents: contentsOf(folder) }).toEqual({ room, contents });
    }
  });

  test('reads and writes that take a few bytes at a time come to the same', async () => {
    const whole = prepare(scenario);
    await save(scenario, whole, nodeFiles);
    const folder = prepare(scenario);
    const few = interferedFiles((name, values) => {
      const [descriptor, bytes, start, length, position] = values as [number, Uint8Array, number, number, number];
      if (name === 'readSync' || name === 'read')
        return nodeFiles.readSync(descriptor, bytes, start, Math.min(length, 7), position);
      if (name === 'writeSync' || name === 'write')
        return nodeFiles.writeSync(descriptor, bytes, start, Math.min(length, 5));
      return undefined;
    });
    await save(scenario, folder, few);
    expect(contentsOf(folder)).toEqual(contentsOf(whole));
  });
});

describe('a source that changes while it is copied', () => {
  const large: Scenario = {
    title: 'a large model',
    files: { 'm.onnx': bytesOfModel(addModel(1_000_000)), 'out.onnx': inFile },
    source: 'm.onnx',
    target: 'out.onnx',
  };

  /** Does something to the source right after the temporary file got its first bytes. */
  async function saving(change: (path: string) => void): Promise<{ error: unknown; folder: string }> {
    const folder = prepare(large);
    let isChanged = false;
    const files = interferedFiles((name, values) => {
      if ((name !== 'readSync' && name !== 'read') || isChanged || (values[4] as number) < 1_000_000) return undefined;
      isChanged = true;
      change(join(folder, 'm.onnx'));
      return undefined;
    });
    const error: unknown = await save(large, folder, files).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isChanged).toBe(true);
    return { error, folder };
  }

  test.each<[string, (path: string) => void, RegExp]>([
    ['becomes shorter', (path) => truncateSync(path, 2_000_000), /became shorter while it was read/],
    ['is emptied', (path) => truncateSync(path, 0), /became shorter while it was read/],
    ['grows', (path) => writeFileSync(path, 'more', { flag: 'a' }), /was changed while it was read/],
    ['is written to', (path) => utimesSync(path, 1, 1), /was changed while it was read/],
  ])('and %s is told of, and the target stays', async (_title, change, message) => {
    const { error, folder } = await saving(change);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    const { 'out.onnx': target, ...rest } = contentsOf(folder);
    expect(target === Buffer.from(inFile).toString('latin1')).toBe(true);
    expect(Object.keys(rest)).toEqual(['m.onnx']);
  });

  test('and cannot be read on is told of with the place', async () => {
    const { error } = await saving(() => {
      throw systemError('EIO');
    });
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({
      message: 'the file cannot be read here: the device reports an input/output error',
      place: { offset: expect.any(Number) },
    });
  });
});

test('what a flush lost is told of, though the system tells it once', async () => {
  const folder = prepare({ title: '', files: { 'm.onnx': inFile }, source: '', target: '' });
  let isLost = false;
  const files = interferedFiles((name) => {
    if (name !== 'fdatasync') return undefined;
    isLost = true;
    throw systemError('EIO');
  });
  const sink = new FileSink(join(folder, 'out.onnx'), { system: systemWith(files) });
  const piece = new Uint8Array(1 << 20);
  while (!isLost) await sink.write(piece);
  await expect(sink.sync()).rejects.toThrow(/cannot write .*: the device reports an input\/output error/);
  sink.discard();
  expect(Object.keys(contentsOf(folder))).toEqual(['m.onnx']);
});

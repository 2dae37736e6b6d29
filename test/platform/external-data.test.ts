/** Where the elements of tensors go when a model is written to a file, and that no moment is without a whole model. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  chmodSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ExternalDataOptions } from '../../src/api/external-options.ts';
import { UsageError } from '../../src/base/errors.ts';
import { addConstant } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { ComputedPayload, Tensor } from '../../src/ir/tensor.ts';
import { loadModel } from '../../src/api/load.ts';
import { type System, systemWith, thisSystem } from '../../src/platform/node-system.ts';
import {
  FileSource,
  FolderResolver,
  measureModelFile,
  readModelFile,
  writeModelFile,
} from '../../src/platform/node.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import type { ModelProto, TensorProto } from '../../src/wire/codec.ts';
import { interferedFiles } from '../support/faulty-files.ts';
import { bytesOfModel, everything, floatTensor, modelOf, modelOfBytes, node, valueInfo } from '../support/protos.ts';
import { freshFolder, putFile, scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();

let folder = '';
beforeEach(() => {
  folder = freshFolder(top);
});

function put(name: string, bytes: Uint8Array): string {
  return putFile(folder, name, bytes);
}

function noise(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * seed + (index >> 8)) & 255);
}

/** A tensor of bytes in a file; what is left out of its reference is left out of `range`. */
function external(name: string, size: number, range: Readonly<Record<string, string | number>>): TensorProto {
  const entries = { location: 'w.bin', ...range };
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }));
  return { name, dims: [BigInt(size)], dataType: 2, dataLocation: 1, externalData };
}

function modelWith(...initializer: TensorProto[]): ModelProto {
  const names = initializer.map(({ name }) => name ?? '');
  const join = node('Concat', names, ['y'], { attribute: [{ name: 'axis', type: 2, i: 0n }] });
  return modelOf({ node: [join], initializer, output: [valueInfo('y', { tensorType: { elemType: 2 } })] });
}

/** All elements of a model, tensor by tensor. */
async function elementsOf(model: Model): Promise<string[]> {
  const all: string[] = [];
  for (const { strings, payload } of tensorsOfModel(model)) {
    const bytes = strings === undefined ? [await payload.read(0, payload.byteLength)] : strings;
    all.push(bytes.map((piece) => Buffer.from(piece).toString('base64')).join());
  }
  return all;
}

async function elementsIn(path: string): Promise<string[]> {
  return elementsOf(await readModelFile(path));
}

async function convert(source: string, target: string, options: ExternalDataOptions): Promise<readonly string[]> {
  const model = await readModelFile(source);
  const measured = await measureModelFile(model, target, options);
  const { files, notes } = await writeModelFile(model, target, options);
  expect(files.map(({ path, bytes }) => [path, bytes])).toEqual(files.map(({ path }) => [path, statSync(path).size]));
  expect(measured.bytes).toBe(files.reduce((sum, { bytes }) => sum + bytes, 0));
  return notes;
}

type Reference = { readonly offset: number; readonly length: number; readonly location: string | undefined };

/** The references of the initializers of a file, undefined for those that are in the model. */
function referencesIn(path: string): (Reference | undefined)[] {
  return (modelOfBytes(readFileSync(path)).graph?.initializer ?? []).map(({ dataLocation, externalData }) => {
    if (dataLocation !== 1) return undefined;
    const at = (key: string): string | undefined =>
      externalData?.find((entry) => entry.key === key)?.value ?? undefined;
    return { location: at('location'), offset: Number(at('offset')), length: Number(at('length')) };
  });
}

/** Every message that holds a tensor, each with data in the model, in its own field or in a file. */
function tensorsEverywhere(): ModelProto {
  const model = everything();
  const typed = { name: 'typed', dims: [3n], dataType: 1, floatData: [1, 2, 3] };
  const bits = { name: 'four bits', dims: [5n], dataType: 22, int32Data: [0x21, 0x43, 0x05] };
  const initializer = (model.graph?.initializer ?? []).map((tensor) =>
    tensor.name === 'external' ? external('external', 3000, { offset: 4096, length: 3000, something: 'else' }) : tensor,
  );
  const constant = node('Constant', [], ['constant'], {
    attribute: [{ name: 'value', type: 4, t: external('', 5, { offset: 1 }) }],
  });
  const [definition = {}] = model.functions ?? [];
  const defaults = [{ name: 'gamma', type: 4, t: floatTensor('', 4) }, ...(definition.attributeProto ?? [])];
  return {
    ...model,
    graph: { ...model.graph, initializer: [...initializer, typed, bits] },
    functions: [{ ...definition, attributeProto: defaults, node: [constant, ...(definition.node ?? [])] }],
  };
}

describe('split and inline', () => {
  test('reach every tensor of every message, and go back and forth', async () => {
    const source = put('a/m.onnx', bytesOfModel(tensorsEverywhere()));
    put('a/w.bin', noise(10_000, 7));
    for (const name of ['b', 'c', 'd']) mkdirSync(join(folder, name));
    const expected = await elementsIn(source);
    await convert(source, join(folder, 'b/m.onnx'), { externalData: 'split', externalThreshold: 0 });
    const split = await readModelFile(join(folder, 'b/m.onnx'));
    const inModel = [...tensorsOfModel(split)].filter((tensor) => tensor.external === undefined);
    expect(inModel.every(({ dataType }) => dataType === 'string')).toBe(true);
    expect(expected.length).toBeGreaterThan(20);
    rmSync(join(folder, 'a'), { recursive: true });
    expect(await elementsOf(split)).toEqual(expected);
    const kept = [...tensorsOfModel(split)].find(({ name }) => name === 'external')?.external?.entries.at(-1);
    expect(kept).toEqual(['something', 'else']);

    await convert(join(folder, 'b/m.onnx'), join(folder, 'c/m.onnx'), { externalData: 'inline' });
    rmSync(join(folder, 'b'), { recursive: true });
    const inline = await readModelFile(join(folder, 'c/m.onnx'));
    expect([...tensorsOfModel(inline)].filter((tensor) => tensor.external !== undefined)).toEqual([]);
    expect(await elementsOf(inline)).toEqual(expected);
    expect(readdirSync(join(folder, 'c'))).toEqual(['m.onnx']);
    await convert(join(folder, 'c/m.onnx'), join(folder, 'd/m.onnx'), { externalData: 'split' });
    expect(await elementsIn(join(folder, 'd/m.onnx'))).toEqual(expected);
  });

  test('split draws the line at the threshold, for tensors in the model and in files', async () => {
    const source = put(
      'm.onnx',
      bytesOfModel(
        modelWith(
          external('a', 99, {}),
          external('b', 100, { offset: 99 }),
          floatTensor('c', 24),
          floatTensor('d', 25),
        ),
      ),
    );
    put('w.bin', noise(500, 3));
    const target = join(folder, 'out.onnx');
    await convert(source, target, { externalData: 'split', externalThreshold: 100 });
    expect(referencesIn(target)).toEqual([
      undefined,
      { location: 'out.onnx.data', offset: 0, length: 100 },
      undefined,
      { location: 'out.onnx.data', offset: 128, length: 100 },
    ]);
    // Data that nobody uses any more is not written.
    expect(statSync(`${target}.data`).size).toBe(228);
    expect(await elementsIn(target)).toEqual(await elementsIn(source));
  });

  test('data that is computed while saving goes into the data file, once for all that use it', async () => {
    const model = await readModelFile(put('m.onnx', bytesOfModel(modelWith(floatTensor('a', 2)))));
    const payload = new ComputedPayload(2_000_000, 4, async (offset, length) =>
      noise(2_000_000, 5).subarray(offset, offset + length),
    );
    for (const name of ['one', 'two']) addConstant(model.graph, name, new Tensor('float', [500_000], payload));
    const target = join(folder, 'out.onnx');
    await writeModelFile(model, target, { externalData: 'split' });
    const [, one, two] = referencesIn(target);
    expect(one).toEqual({ location: 'out.onnx.data', offset: 0, length: 2_000_000 });
    expect(two).toEqual(one);
    expect(Buffer.compare(readFileSync(`${target}.data`), noise(2_000_000, 5))).toBe(0);
  });

  test('inline says what sharing no longer saves, and both say that a checksum is dropped', async () => {
    const shared = external('a', 2000, { offset: 8, length: 2000, checksum: 'da39a3ee' });
    const source = put('m.onnx', bytesOfModel(modelWith(shared, { ...shared, name: 'b' })));
    put('w.bin', noise(3000, 3));
    const checksum = 'the checksum of w.bin was dropped: it is one of the whole old file';
    expect(await convert(source, join(folder, 'inline.onnx'), { externalData: 'inline' })).toEqual([
      checksum,
      expect.stringMatching(/a copy each now: 2000 bytes more/),
    ]);
    expect(await convert(source, join(folder, 'split.onnx'), { externalData: 'split' })).toEqual([checksum]);
    expect(await convert(source, join(folder, 'auto.onnx'), {})).toEqual([]);
    expect(readFileSync(join(folder, 'auto.onnx'))).toEqual(readFileSync(source));
    expect(await elementsIn(join(folder, 'inline.onnx'))).toEqual(await elementsIn(source));
  });

  test('a tensor without elements needs neither data nor file', async () => {
    const source = put('a/m.onnx', bytesOfModel(modelWith(external('none', 0, { location: 'gone.bin' }))));
    mkdirSync(join(folder, 'b'));
    for (const externalData of ['auto', 'inline', 'split'] as const) {
      await convert(source, join(folder, 'b/m.onnx'), { externalData });
      expect(referencesIn(join(folder, 'b/m.onnx'))).toEqual([undefined]);
    }
    expect(readdirSync(join(folder, 'b'))).toEqual(['m.onnx']);
  });

  test('a file that is too short is found before anything is written', async () => {
    const source = put('m.onnx', bytesOfModel(modelWith(external('a', 2000, { offset: 1001 }))));
    put('w.bin', noise(3000, 3));
    for (const externalData of ['inline', 'split'] as const) {
      const written = writeModelFile(await readModelFile(source), join(folder, 'out.onnx'), { externalData });
      await expect(written).rejects.toThrow(/reaches byte 3001 of 'w\.bin', which has 3000/);
    }
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'w.bin']);
  });
});

describe('a new data file', () => {
  test('keeps shared and overlapping ranges shared, and every range as aligned as it was', async () => {
    const source = put(
      'a/m.onnx',
      bytesOfModel(
        modelWith(
          external('tail', 5000, { offset: 135_000, length: 5000 }),
          external('head', 100_000, { offset: 40_960, length: 100_000 }),
          external('page', 4096, { offset: 8192 }),
          external('again', 5000, { offset: 135_000 }),
          external('line', 6, { offset: 192 }),
          external('odd', 7, { offset: 3 }),
          external('granule', 5000, { offset: 65_536 * 4 }),
        ),
      ),
    );
    const data = noise(300_000, 13);
    put('a/w.bin', data);
    mkdirSync(join(folder, 'b'));
    const target = join(folder, 'b/m.onnx');
    for (const externalData of ['auto', 'split'] as const) {
      await convert(source, target, { externalData, externalThreshold: 1 });
      const [tail, head, page, again, line, odd, granule] = referencesIn(target) as Reference[];
      expect(again).toEqual(tail);
      expect((tail?.offset ?? 0) - (head?.offset ?? 0)).toBe(135_000 - 40_960);
      expect((head?.offset ?? 1) % 4096).toBe(0);
      expect((page?.offset ?? 1) % 4096).toBe(0);
      expect((line?.offset ?? 1) % 64).toBe(0);
      expect((odd?.offset ?? 1) % 64).toBe(0);
      expect((granule?.offset ?? 1) % 65_536).toBe(0);
      expect(await elementsIn(target)).toEqual(await elementsIn(source));
    }
    // What lay between the ranges is gone, but for what aligns them.
    expect(statSync(`${target}.data`).size).toBeLessThan(65_536 * 3 + 5000);
  });

  test('starts large tensors of any origin at a page, and very large ones where Windows maps them', async () => {
    const sizes = [1000, 70_000, 70_000, 1_100_000, 1_100_000, 3];
    const tensors = sizes.map((size, index) => ({
      name: `t${index}`,
      dims: [BigInt(size)],
      dataType: 2,
      rawData: noise(size, index + 3),
    }));
    const source = put('m.onnx', bytesOfModel(modelWith(...tensors)));
    const target = join(folder, 'out.onnx');
    await convert(source, target, { externalData: 'split', externalThreshold: 1 });
    const alignments = [64, 4096, 4096, 65_536, 65_536, 64];
    const offsets = referencesIn(target).map((reference) => reference?.offset ?? -1);
    expect(offsets.map((offset, index) => offset % (alignments[index] ?? 0))).toEqual(offsets.map(() => 0));
    expect(await elementsIn(target)).toEqual(await elementsIn(source));
  });

  test('is no file that the source goes on using, nor one of another', async () => {
    const used = external('a', 2000, { location: 'out.onnx.data' });
    const source = put('m.onnx', bytesOfModel(modelWith(used)));
    put('out.onnx.data', noise(2000, 3));
    put('out.onnx.1.data', noise(5, 3));
    const target = join(folder, 'out.onnx');
    await convert(source, target, { externalData: 'split' });
    expect(referencesIn(target)).toEqual([{ location: 'out.onnx.2.data', offset: 0, length: 2000 }]);
    expect(readFileSync(join(folder, 'out.onnx.data'))).toEqual(Buffer.from(noise(2000, 3)));
    expect(statSync(join(folder, 'out.onnx.1.data')).size).toBe(5);
    // Nor may the model itself take its place, whatever the policy.
    for (const externalData of ['auto', 'keep', 'inline', 'split'] as const) {
      const taken = writeModelFile(await readModelFile(source), join(folder, 'out.onnx.data'), { externalData });
      await expect(taken).rejects.toThrow(/out\.onnx\.data holds data of the model/);
    }
  });

  test('replaces none when that is not allowed', async () => {
    const source = put('m.onnx', bytesOfModel(modelWith(floatTensor('a', 1000))));
    put('out.onnx.data', noise(10, 3));
    const options = { externalData: 'split', replaceData: false } as const;
    const written = writeModelFile(await readModelFile(source), join(folder, 'out.onnx'), options);
    await expect(written).rejects.toThrow(/out\.onnx\.data exists beside the output/);
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'out.onnx.data']);
  });
});

describe('keep', () => {
  test('leaves references as they are where their data can be found', async () => {
    const source = put('a/m.onnx', bytesOfModel(modelWith(external('a', 2000, { offset: 8 }), floatTensor('b', 1000))));
    put('a/w.bin', noise(3000, 3));
    mkdirSync(join(folder, 'b'));
    const target = join(folder, 'b/m.onnx');
    const write = async (): Promise<unknown> =>
      writeModelFile(await readModelFile(source), target, { externalData: 'keep' });
    await expect(write()).rejects.toThrow(/m\.onnx would not find its data 'w\.bin' in its new folder: .* is missing/);
    await expect(write()).rejects.toBeInstanceOf(UsageError);
    put('b/w.bin', noise(2007, 3));
    await expect(write()).rejects.toThrow(/would not find its data 'w\.bin'.*reaches byte 2008 .* has 2007/);
    put('b/w.bin', noise(3000, 5));
    await write();
    expect(readFileSync(target)).toEqual(readFileSync(source));
    expect(readdirSync(join(folder, 'b')).sort()).toEqual(['m.onnx', 'w.bin']);
  });
});

describe('a data file that is replaced', () => {
  const first = modelWith(
    external('a', 2000, { location: 'm.onnx.data', offset: 5000 }),
    external('b', 3000, { location: 'm.onnx.data', offset: 100 }),
  );

  async function start(): Promise<{ path: string; old: string[]; model: Model; changed: string[] }> {
    const path = put('m.onnx', bytesOfModel(first));
    put('m.onnx.data', noise(7000, 11));
    const old = await elementsIn(path);
    const model = await readModelFile(path);
    // Other elements, so that old and new cannot be taken for each other.
    const [value] = [...model.graph.initializers];
    if (value === undefined) throw new Error('there is no initializer');
    value.initializer = new Tensor('uint8', [2000], noise(2000, 91), { name: value.name });
    return { path, old, model, changed: await elementsOf(model) };
  }

  /** Runs `check` before and after each step that changes what a path leads to. */
  async function watching(check: () => Promise<void>, run: () => Promise<unknown>): Promise<number> {
    const system = thisSystem as { -readonly [Key in keyof System]: System[Key] };
    const { rename, link } = system;
    const states: (readonly [name: string, bytes: Uint8Array])[][] = [];
    const look = (): void =>
      void states.push(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const));
    const watched =
      (step: (from: string, to: string) => void) =>
      (from: string, to: string): void => {
        look();
        step(from, to);
        look();
      };
    system.rename = watched(rename);
    system.link = watched(link);
    try {
      await run();
    } finally {
      Object.assign(system, { rename, link });
    }
    // The folder is put back into each state it was in, as a process that was killed there would have left it.
    for (const state of states) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      for (const [name, bytes] of state) writeFileSync(join(folder, name), bytes);
      await check();
    }
    return states.length;
  }

  test('is always whole together with its model, whenever the process ends', async () => {
    const { path, old, model, changed } = await start();
    const seen: string[] = [];
    const moments = await watching(
      async () => {
        const now = JSON.stringify(await elementsIn(path));
        seen.push(now === JSON.stringify(old) ? 'old' : now === JSON.stringify(changed) ? 'new' : 'broken');
      },
      () => writeModelFile(model, path, { externalData: 'split' }),
    );
    expect(moments).toBe(10);
    expect(seen.join(' ')).toMatch(/^(old )+(new ?)+$/);
  });

  test('keeps its name and mode, and nothing is left beside it', async () => {
    const { path, model, changed } = await start();
    chmodSync(`${path}.data`, 0o640);
    const { files } = await writeModelFile(model, path, { externalData: 'split' });
    expect(files.map((file) => file.path)).toEqual([path, `${path}.data`]);
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'm.onnx.data']);
    expect(statSync(`${path}.data`).mode & 0o777).toBe(0o640);
    expect(await elementsIn(path)).toEqual(changed);
    expect(referencesIn(path).map((reference) => reference?.location)).toEqual(['m.onnx.data', 'm.onnx.data']);
  });

  async function failingAt(broken: 'link' | 'rename', failing: number, run: () => Promise<unknown>): Promise<void> {
    const system = thisSystem as { -readonly [Key in keyof System]: System[Key] };
    const original = system[broken];
    let calls = 0;
    system[broken] = (from, to) => {
      if (++calls === failing) throw Object.assign(new Error('not here'), { code: 'EPERM' });
      original(from, to);
    };
    try {
      await run();
    } finally {
      system[broken] = original;
    }
  }

  test('keeps an interim name where the file system has no hard links', async () => {
    const { path, model, changed } = await start();
    await failingAt('link', 1, async () => {
      const { files, notes } = await writeModelFile(model, path, { externalData: 'split' });
      expect(files.map((file) => file.path)).toEqual([path, join(folder, 'm.onnx.1.data')]);
      expect(notes).toEqual([expect.stringMatching(/the data is in m\.onnx\.1\.data, since .* permission denied/)]);
    });
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'm.onnx.1.data', 'm.onnx.data']);
    expect(await elementsIn(path)).toEqual(changed);
  });

  test.each([
    ['the data', 1],
    ['the interim model', 2],
  ])('stays as it was when %s cannot be put in place', async (_what, failing) => {
    const { path, model, old } = await start();
    await failingAt('rename', failing, () =>
      expect(writeModelFile(model, path, { externalData: 'split' })).rejects.toThrow(
        /cannot write .*permission denied/,
      ),
    );
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'm.onnx.data']);
    expect(await elementsIn(path)).toEqual(old);
  });

  test.each([
    ['the data', 3],
    ['the model', 4],
  ])('leaves a whole new model when %s cannot get its name', async (_what, failing) => {
    const { path, model, changed } = await start();
    await failingAt('rename', failing, () => writeModelFile(model, path, { externalData: 'split' }));
    expect(await elementsIn(path)).toEqual(changed);
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'm.onnx.1.data', 'm.onnx.data']);
  });

  test('is spared when its model has another name, which needs it', async () => {
    const { path, old, model } = await start();
    linkSync(path, join(folder, 'second.onnx'));
    await writeModelFile(model, path, { externalData: 'split' });
    expect(referencesIn(path)[0]?.location).toBe('m.onnx.1.data');
    expect(await elementsIn(join(folder, 'second.onnx'))).toEqual(old);
  });
});

test('a save leaves no file open, and saves at the same time do not disturb each other', async () => {
  if (!existsSync('/proc/self/fd')) return;
  const open = (): number => readdirSync('/proc/self/fd').length;
  const source = put('m.onnx', bytesOfModel(modelWith(external('a', 3_000_000, {}), floatTensor('b', 1_000_000))));
  put('w.bin', noise(3_000_000, 7));
  const model = await readModelFile(source);
  const expected = await elementsOf(model);
  // Pieces of this size are read in the background.
  const [a] = [...model.graph.initializers];
  const payload = a?.initializer?.payload;
  const computed = new ComputedPayload(3_000_000, 1, async (offset, length, into) => {
    if (payload === undefined) throw new Error('there is no payload');
    return (await payload.read(offset, length, into ?? new Uint8Array(length))).slice();
  });
  if (a !== undefined) a.initializer = new Tensor('uint8', [3_000_000], computed, { name: 'a' });
  const before = open();
  const names = ['1.onnx', '2.onnx', '3.onnx', '4.onnx'];
  await Promise.all(names.map((name) => writeModelFile(model, join(folder, name), { externalData: 'split' })));
  expect(open()).toBeLessThanOrEqual(before);
  for (const name of names) expect(await elementsIn(join(folder, name))).toEqual(expected);
});

test('a file for each tensor is read and gathered with few files open at once', async () => {
  if (!existsSync('/proc/self/fd')) return;
  const count = 300;
  const names = Array.from({ length: count }, (_, index) => `w${index}`);
  for (const [index, name] of names.entries()) put(name, noise(100, index + 1));
  const source = put(
    'm.onnx',
    bytesOfModel(modelWith(...names.map((name) => external(name, 100, { location: name })))),
  );
  const model = await readModelFile(source, { maximumResidentBytes: 0 });
  const before = readdirSync('/proc/self/fd').length;
  let most = 0;
  const files = interferedFiles((name) => {
    if (name === 'openSync') most = Math.max(most, readdirSync('/proc/self/fd').length);
    return undefined;
  });
  const loaded = await loadModel(new FileSource(source), {
    external: new FolderResolver(source, systemWith(files)),
    maximumResidentBytes: 0,
  });
  await writeModelFile(loaded, join(folder, 'inline.onnx'), { externalData: 'inline' });
  expect(await elementsIn(join(folder, 'inline.onnx'))).toEqual(await elementsOf(model));
  expect(most - before).toBeGreaterThan(50);
  expect(most - before).toBeLessThan(100);
});

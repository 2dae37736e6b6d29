import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ModelError, UsageError } from '../../src/base/errors.ts';
import { addConstant } from '../../src/ir/graph.ts';
import { ComputedPayload, Tensor } from '../../src/ir/tensor.ts';
import type { Model } from '../../src/ir/model.ts';
import { FileSink, openFile, readModelFile, writeModelFile } from '../../src/platform/node.ts';
import type { ModelProto, TensorProto } from '../../src/wire/codec.ts';
import {
  addModel,
  bytesOfModel,
  everything,
  floatType,
  modelOf,
  modelOfBytes,
  node,
  valueInfo,
} from '../support/protos.ts';
import { freshFolder, putFile, scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();

let folder = '';
beforeEach(() => {
  folder = freshFolder(top);
});

function put(name: string, bytes: Uint8Array | string): string {
  return putFile(folder, name, bytes);
}

/** Compares without printing: Jest takes seconds for a long array. */
function expectFile(name: string, bytes: Uint8Array): void {
  expect(Buffer.compare(readFileSync(join(folder, name)), bytes)).toBe(0);
}

function reading(path: string): ModelProto {
  return modelOfBytes(readFileSync(path));
}

function weights(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * seed) & 255);
}

function external(name: string, bytes: number, location: string, offset: number): TensorProto {
  const externalData = Object.entries({ location, offset: String(offset), length: String(bytes) }).map(
    ([key, value]) => ({ key, value }),
  );
  return { name, dims: [BigInt(bytes / 4)], dataType: 1, dataLocation: 1, externalData };
}

/** A large tensor, a small one, and one that shares the large one's bytes. */
function modelWithData(location = 'w.bin'): ModelProto {
  return modelOf({
    node: [node('Concat', ['a', 'b', 'c'], ['y'], { name: 'join', attribute: [{ name: 'axis', type: 2, i: 0n }] })],
    initializer: [
      external('a', 400_000, location, 8),
      external('b', 8, location, 0),
      external('c', 400_000, location, 8),
    ],
    output: [valueInfo('y', floatType('n'))],
  });
}

async function elements(model: Model): Promise<Uint8Array[]> {
  return Promise.all(
    [...model.graph.initializers].map(({ initializer }) => {
      if (initializer === undefined) throw new Error('no tensor');
      return initializer.payload.read(0, initializer.byteLength);
    }),
  );
}

describe('reading', () => {
  test("a missing file, a folder and a device are the caller's mistake", async () => {
    await expect(readModelFile(join(folder, 'none.onnx'))).rejects.toThrow(
      /cannot read .*none\.onnx: there is no such file/,
    );
    await expect(readModelFile(folder)).rejects.toThrow(/is a folder/);
    await expect(readModelFile('/dev/null')).rejects.toThrow(/is not a regular file/);
    await expect(readModelFile(join(folder, 'none.onnx'))).rejects.toBeInstanceOf(UsageError);
  });

  test('a damaged file is named', async () => {
    const path = put('m.onnx', bytesOfModel(addModel(20_000)).subarray(0, 1000));
    await expect(readModelFile(path)).rejects.toMatchObject({ name: 'ModelError', place: { file: path, offset: 2 } });
  });

  test('weights are read later from the same file, but not from one that took its place', async () => {
    const path = put('m.onnx', bytesOfModel(addModel(50_000)));
    const model = await readModelFile(path);
    expect((await elements(model))[0]?.byteLength).toBe(200_000);
    writeFileSync(path, bytesOfModel(addModel(50_001)));
    const again = await readModelFile(path);
    rmSync(path);
    put('m.onnx', bytesOfModel(addModel(50_001)));
    await expect(elements(again)).rejects.toThrow(/the file was changed/);
  });

  test('a source gives any range, and after it was closed too', async () => {
    const source = openFile(put('bytes', weights(1000, 3)));
    expect(source.byteLength).toBe(1000);
    expect(await source.read(10, 20)).toEqual(weights(1000, 3).subarray(10, 30));
    source.close();
    expect(await source.read(990, 10)).toEqual(weights(1000, 3).subarray(990));
    source.close();
  });
});

describe('writing', () => {
  test('an unchanged model is the same file', async () => {
    const source = put('m.onnx', bytesOfModel(everything()));
    const target = join(folder, 'copy.onnx');
    const { files } = await writeModelFile(await readModelFile(source), target);
    expect(readFileSync(target)).toEqual(readFileSync(source));
    expect(files).toEqual([{ path: target, bytes: statSync(source).size }]);
  });

  test('a model may take its own place; its mode is kept and nothing else is left', async () => {
    const path = put('m.onnx', bytesOfModel(addModel(100_000)));
    chmodSync(path, 0o640);
    const model = await readModelFile(path);
    model.producerName = 'changed';
    await writeModelFile(model, path);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['m.onnx']);
    const expected = { ...addModel(100_000), producerName: 'changed' };
    expect(Buffer.compare(readFileSync(path), bytesOfModel(modelOfBytes(bytesOfModel(expected))))).toBe(0);
  });

  test('through a link the file it leads to is replaced', async () => {
    const path = put('store/blob', bytesOfModel(addModel()));
    symlinkSync(path, join(folder, 'm.onnx'));
    const model = await readModelFile(join(folder, 'm.onnx'));
    model.producerName = 'changed';
    await writeModelFile(model, join(folder, 'm.onnx'));
    expect(reading(path).producerName).toBe('changed');
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'store']);
  });

  test('a failure on the way leaves source and target as they were', async () => {
    const source = put('m.onnx', bytesOfModel(addModel(100_000)));
    const target = put('old.onnx', 'old');
    const before = readFileSync(source);
    const model = await readModelFile(source);
    let done = 0;
    const payload = new ComputedPayload(20_000_000, 4, async (_offset, length) => {
      if (done++ > 1) throw new ModelError('cannot be computed');
      return new Uint8Array(length);
    });
    addConstant(model.graph, 'computed', new Tensor('float', [5_000_000], payload));
    for (const path of [target, source, join(folder, 'new.onnx')]) {
      done = 0;
      await expect(writeModelFile(model, path)).rejects.toThrow('cannot be computed');
    }
    expectFile('m.onnx', before);
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'old.onnx']);
  });

  test('a full disk leaves nothing behind', async () => {
    const path = put('m.onnx', bytesOfModel(addModel(100_000)));
    const model = await readModelFile(path);
    model.producerName = 'changed';
    const { write } = FileSink.prototype;
    let written = 0;
    FileSink.prototype.write = async function (bytes) {
      written += bytes.byteLength;
      throw new UsageError(`cannot write ${this.path}: no space is left on the device`);
    };
    try {
      await expect(writeModelFile(model, join(folder, 'new.onnx'))).rejects.toThrow(/no space/);
    } finally {
      FileSink.prototype.write = write;
    }
    expect(written).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(['m.onnx']);
  });

  test("a target that cannot be is the caller's mistake", async () => {
    const model = await readModelFile(put('m.onnx', bytesOfModel(addModel())));
    await expect(writeModelFile(model, join(folder, 'no/such/folder/m.onnx'))).rejects.toThrow(
      /cannot write .*there is no such/,
    );
    mkdirSync(join(folder, 'sub'));
    await expect(writeModelFile(model, join(folder, 'sub'))).rejects.toThrow(/it is a folder/);
    await expect(writeModelFile(model, join(folder, 'sub'))).rejects.toBeInstanceOf(UsageError);
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'sub']);
  });

  test('a device is written to, and stays', async () => {
    const model = await readModelFile(put('m.onnx', bytesOfModel(addModel())));
    const { files } = await writeModelFile(model, '/dev/null');
    expect(files[0]?.bytes).toBe(bytesOfModel(addModel()).byteLength);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('external data', () => {
  const data = Buffer.concat([weights(8, 1), weights(400_000, 7), weights(5000, 11)]);

  test('in the same folder stays where it is', async () => {
    const path = put('m.onnx', bytesOfModel(modelWithData()));
    put('w.bin', data);
    const model = await readModelFile(path);
    for (const node of model.graph.nodes) node.name = 'other';
    const { files } = await writeModelFile(model, join(folder, 'out.onnx'));
    expect(files.map(({ path: file }) => file)).toEqual([join(folder, 'out.onnx')]);
    expect(reading(join(folder, 'out.onnx')).graph?.initializer).toEqual(
      modelOfBytes(bytesOfModel(modelWithData())).graph?.initializer,
    );
    expectFile('w.bin', data);
  });

  test('moves along to another folder: what is used, once, aligned', async () => {
    const path = put('a/m.onnx', bytesOfModel(modelWithData()));
    put('a/w.bin', data);
    mkdirSync(join(folder, 'b'));
    const target = join(folder, 'b/out.onnx');
    const model = await readModelFile(path);
    const { files } = await writeModelFile(model, target);
    expect(files.map(({ path: file, bytes }) => [file, bytes])).toEqual([
      [target, statSync(target).size],
      [`${target}.data`, 400_008],
    ]);
    const references = reading(target).graph?.initializer?.map(({ externalData }) =>
      Object.fromEntries(externalData?.map(({ key, value }) => [key, value]) ?? []),
    );
    expect(references).toEqual([
      { location: 'out.onnx.data', offset: '0', length: '400000' },
      { location: 'out.onnx.data', offset: '400000', length: '8' },
      { location: 'out.onnx.data', offset: '0', length: '400000' },
    ]);
    rmSync(join(folder, 'a'), { recursive: true });
    expect(
      (await elements(await readModelFile(target))).map((bytes) =>
        Buffer.compare(bytes, bytes.byteLength === 8 ? weights(8, 1) : weights(400_000, 7)),
      ),
    ).toEqual([0, 0, 0]);
    expect(readdirSync(join(folder, 'b')).sort()).toEqual(['out.onnx', 'out.onnx.data']);
  });

  test('that is missing lets the model be read, kept and inspected, and names itself when it is needed', async () => {
    const path = put('a/m.onnx', bytesOfModel(modelWithData()));
    mkdirSync(join(folder, 'b'));
    const model = await readModelFile(path);
    await writeModelFile(model, join(folder, 'a/copy.onnx'));
    expect(readFileSync(join(folder, 'a/copy.onnx'))).toEqual(readFileSync(path));
    await expect(elements(model)).rejects.toThrow(/the external data file 'w\.bin' is missing/);
    await expect(writeModelFile(model, join(folder, 'b/out.onnx'))).rejects.toThrow(/'w\.bin' is missing/);
    expect(readdirSync(join(folder, 'b'))).toEqual([]);
  });

  test('a model never replaces its own data', async () => {
    const path = put('m.onnx', bytesOfModel(modelWithData()));
    put('w.bin', data);
    await expect(writeModelFile(await readModelFile(path), join(folder, 'w.bin'))).rejects.toThrow(
      /w\.bin holds data of the model/,
    );
    expectFile('w.bin', data);
  });

  test('a link in the way of the new data file is replaced, not followed', async () => {
    const path = put('a/m.onnx', bytesOfModel(modelWithData()));
    put('a/w.bin', data);
    mkdirSync(join(folder, 'b'));
    symlinkSync(join(folder, 'a/w.bin'), join(folder, 'b/out.onnx.data'));
    await writeModelFile(await readModelFile(path), join(folder, 'b/out.onnx'));
    expectFile('a/w.bin', data);
    expect((await elements(await readModelFile(join(folder, 'b/out.onnx'))))[1]).toEqual(weights(8, 1));
  });

  test('models that lie in a store of links are read', async () => {
    put('blobs/1', bytesOfModel(modelWithData('sub/w.bin')));
    put('blobs/2', data);
    mkdirSync(join(folder, 'snapshot/sub'), { recursive: true });
    symlinkSync('../blobs/1', join(folder, 'snapshot/m.onnx'));
    symlinkSync('../../blobs/2', join(folder, 'snapshot/sub/w.bin'));
    const [a] = await elements(await readModelFile(join(folder, 'snapshot/m.onnx')));
    expect(Buffer.compare(a ?? new Uint8Array(0), weights(400_000, 7))).toBe(0);
  });

  test('a backslash separates, as it does where the model was written', async () => {
    const path = put('m.onnx', bytesOfModel(modelWithData('sub\\w.bin')));
    put('sub/w.bin', data);
    expect((await elements(await readModelFile(path)))[1]).toEqual(weights(8, 1));
  });

  test('a hard link may be read', async () => {
    const path = put('m.onnx', bytesOfModel(modelWithData()));
    linkSync(put('other.bin', data), join(folder, 'w.bin'));
    expect((await elements(await readModelFile(path)))[1]).toEqual(weights(8, 1));
  });

  describe('is refused', () => {
    async function refusal(location: string): Promise<unknown> {
      const path = put('model/m.onnx', bytesOfModel(modelWithData(location)));
      return elements(await readModelFile(path)).then(
        () => 'it was read',
        (error: unknown) => error,
      );
    }

    test.each([
      ['above the folder', '../secret', /'\.\.' component/],
      ['by an absolute path', '/etc/passwd', /is absolute/],
      ['for a device', 'zero', /leads out|not a regular file/],
      ['for a link out of the folder', 'link', /a link that leads out of the model's folder/],
      ['for a link in a folder on the way', 'way/secret', /a link that leads out of the model's folder/],
      ['for a folder', 'sub', /not a regular file/],
      ['for a pipe', 'pipe', /not a regular file/],
      ['for a name with NUL', 'w\0.bin', /NUL/],
    ])('%s', async (_title, location, message) => {
      put('secret', data);
      put('outside/secret', data);
      mkdirSync(join(folder, 'model/sub'), { recursive: true });
      symlinkSync('../secret', join(folder, 'model/link'));
      symlinkSync('../outside', join(folder, 'model/way'));
      symlinkSync('/dev/zero', join(folder, 'model/zero'));
      spawnSync('mkfifo', [join(folder, 'model/pipe')]);
      if (location === 'pipe' && !existsSync(join(folder, 'model/pipe'))) return;
      const error = await refusal(location);
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
    });

    test('for a sibling folder whose name begins like ours', async () => {
      put('model-secret/w', data);
      mkdirSync(join(folder, 'model'));
      symlinkSync('../model-secret/w', join(folder, 'model/w.bin'));
      expect(await refusal('w.bin')).toMatchObject({ message: expect.stringMatching(/leads out/) });
    });
  });
});

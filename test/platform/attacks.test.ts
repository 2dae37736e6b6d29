/** External data that attacks the reader: places it must not read, numbers that lie, and files that change under its hands. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import { FileSource, FolderResolver, readModelFile, writeModelFile } from '../../src/platform/node.ts';
import type { FileOperations } from '../../src/platform/node-file-operations.ts';
import { systemWith } from '../../src/platform/node-system.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import { externalAttack, place } from '../support/attacks.ts';
import { contentsOf, interferedFiles } from '../support/faulty-files.ts';
import { freshFolder, scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();

const secret = 'the secret of somebody else, which is long enough to be read as the elements of a tensor';
let folder = '';
beforeEach(() => {
  folder = freshFolder(top);
  mkdirSync(join(folder, 'model/sub'), { recursive: true });
  writeFileSync(join(folder, 'secret'), secret);
});

const at = (name: string): string => join(folder, name);

/** Reads all elements, and writes the model to another folder, for which all must be read. */
async function everyUse(path: string, files?: FileOperations): Promise<string> {
  const system = files && systemWith(files);
  const model =
    system === undefined
      ? await readModelFile(path)
      : await loadModel(new FileSource(path), { external: new FolderResolver(path, system) });
  const elsewhere = at('elsewhere');
  mkdirSync(elsewhere, { recursive: true });
  await expect(writeModelFile(model, join(elsewhere, 'm.onnx'))).rejects.toBeInstanceOf(ModelError);
  expect(contentsOf(elsewhere)).toEqual({});
  const pieces: string[] = [];
  for (const tensor of tensorsOfModel(model)) {
    pieces.push(Buffer.from(await tensor.payload.read(0, tensor.byteLength)).toString('latin1'));
  }
  return pieces.join('');
}

async function refusal(entries: Readonly<Record<string, string>>, elements = 2): Promise<unknown> {
  const path = place(externalAttack(entries, elements), at('model'));
  return everyUse(path).then(
    (text) => `it read ${text}`,
    (error: unknown) => error,
  );
}

describe('a location is refused', () => {
  test.each([
    ['an absolute path', '/etc/passwd', /is absolute/],
    ['an absolute path of another spelling', '//etc/passwd', /is absolute/],
    ['a path upwards', '../secret', /'\.\.' component/],
    ['a path down and up again', 'sub/../../secret', /'\.\.' component/],
    ['a path upwards that begins inside', './../secret', /'\.\.' component/],
    ['a path upwards with backslashes', '..\\secret', /'\.\.' component/],
    ['a path upwards with both', 'sub\\../..\\secret', /'\.\.' component/],
    ['a drive', 'C:\\secret', /names a drive/],
    ['a place on a drive', 'c:secret', /names a drive/],
    ['a share', '\\\\server\\share\\secret', /is absolute/],
    ['a device path of Windows', '\\\\?\\C:\\secret', /is absolute/],
    ['nothing', '', /is empty/],
    ['blanks', '  ', /is empty/],
    ['a NUL that cuts it short', '../secret\0.bin', /NUL byte/],
    ['the folder itself', '.', /leads out|not a regular file/],
    ['the folder with a slash', './', /leads out|not a regular file/],
    ['a folder', 'sub', /not a regular file/],
    ['a folder with a slash', 'sub/', /not a regular file/],
    ['a file as a folder', 'w.bin/w', /cannot be read: a part of the path is not a folder/],
    ['a name in percent signs', '%2e%2e/secret', /is missing/],
    ['a home', '~/secret', /is missing/],
    ['a URL', 'file:///etc/passwd', /is missing/],
    ['a variable', '$HOME/secret', /is missing/],
    // Two dots of another script, and one of twice the width, are names like any other.
    ['dots that only look so', '\u2024\u2024/secret', /is missing/],
    ['dots of twice the width', '\uff0e\uff0e/secret', /is missing/],
    ['a slash that only looks so', '..\u2215secret', /is missing/],
    ['a slash of twice the width', '..\uff0fsecret', /is missing/],
    ['a name of 100,000 bytes', 'a'.repeat(100_000), /the name is too long/],
    ['a path of 100,000 folders', 'a/'.repeat(100_000), /is missing|name is too long/],
  ])('that is %s', async (_title, location, message) => {
    const error = await refusal({ location });
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test.each([
    ['a link to a file outside', () => symlinkSync('../secret', at('model/evil')), /leads out of the model's folder/],
    [
      'a link to a link',
      () => (symlinkSync('../secret', at('model/b')), symlinkSync('b', at('model/evil'))),
      /leads out/,
    ],
    ['a link by an absolute path', () => symlinkSync(at('secret'), at('model/evil')), /leads out/],
    ['a link to itself', () => symlinkSync('evil', at('model/evil')), /cannot be read: there are too many links/],
    ['a link to nothing', () => symlinkSync('nothing', at('model/evil')), /is missing/],
    ['a link to the folder above', () => symlinkSync('..', at('model/evil')), /leads out/],
    ['/dev/zero', () => symlinkSync('/dev/zero', at('model/evil')), /leads out/],
    ['/dev/stdin', () => symlinkSync('/dev/stdin', at('model/evil')), /leads out|is missing/],
    ['/proc/self/environ', () => symlinkSync('/proc/self/environ', at('model/evil')), /leads out/],
    ['a pipe', () => void spawnSync('mkfifo', [at('model/evil')]), /is not a regular file/],
    [
      'a node of a device',
      () => void spawnSync('mknod', [at('model/evil'), 'c', '1', '5']),
      /is not a regular file|is missing/,
    ],
  ])('that is %s', async (_title, make, message) => {
    make();
    const error = await refusal({ location: 'evil' });
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test('that is a socket', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(at('model/evil'), done));
    try {
      expect(await refusal({ location: 'evil' })).toMatchObject({
        message: expect.stringMatching(/not a regular file/),
      });
    } finally {
      server.close();
    }
  });

  test('that is a link in a folder on the way', async () => {
    symlinkSync('..', at('model/way'));
    expect(await refusal({ location: 'way/secret' })).toMatchObject({ message: expect.stringMatching(/leads out/) });
  });
});

describe('a number is refused', () => {
  const location = 'w.bin';
  test.each<[string, Record<string, string>, RegExp]>([
    ['a huge offset', { location, offset: '9007199254740991' }, /reaches byte \d{16} of 'w\.bin', which has 64/],
    ['an offset beyond all numbers', { location, offset: '1' + '0'.repeat(400) }, /not a count of bytes/],
    ['an offset of 2^63', { location, offset: '9223372036854775808' }, /not a count of bytes/],
    [
      'an offset and a length that wrap round',
      { location, offset: '18446744073709551612', length: '8' },
      /not a count of bytes/,
    ],
    ['an offset at the end', { location, offset: '64' }, /reaches byte 72/],
    ['an offset that is a byte too far', { location, offset: '57', length: '8' }, /reaches byte 65/],
    ['a negative offset', { location, offset: '-1' }, /offset '-1', which is not a count/],
    ['a negative length', { location, length: '-1' }, /length '-1', which is not a count/],
    [
      'a length of 2^62',
      { location, length: '4611686018427387904' },
      /not a count of bytes|gives .* bytes to a tensor of 8/,
    ],
    ['a length that is too short', { location, length: '4' }, /gives 4 bytes to a tensor of 8/],
    ['a length that is too long', { location, length: '16' }, /gives 16 bytes to a tensor of 8/],
    ['a fraction', { location, offset: '1.5' }, /not a count of bytes/],
    ['a number with an exponent', { location, offset: '1e1' }, /not a count of bytes/],
    ['a hexadecimal number', { location, offset: '0x8' }, /not a count of bytes/],
    ['no number', { location, offset: 'NaN' }, /not a count of bytes/],
    ['digits of another script', { location, offset: '\u0661' }, /not a count of bytes/],
  ])('that is %s', async (_title, entries, message) => {
    const error = await refusal(entries);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test('of elements that the file has not, whatever they would take', async () => {
    const path = place(externalAttack({ location }, 2), at('model'));
    const huge = externalAttack({ location }, 2 ** 20)['m.onnx'];
    writeFileSync(path, huge ?? '');
    await expect(everyUse(path)).rejects.toThrow(/reaches byte 4194304 of 'w\.bin', which has 64/);
  });
});

describe('what is sound is read', () => {
  async function elements(entries: Readonly<Record<string, string>>): Promise<number[]> {
    const [tensor] = tensorsOfModel(await readModelFile(place(externalAttack(entries), at('model'))));
    return [...((await tensor?.payload.read(0, 8)) ?? [])];
  }

  test('names that differ in case or in how they are composed are different names where the system says so', async () => {
    expect(await elements({ location: 'w.bin', offset: '8' })).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    const isTold = existsSync(at('model/W.BIN'));
    if (!isTold)
      expect(await refusal({ location: 'W.BIN' })).toMatchObject({ message: expect.stringMatching(/is missing/) });
    writeFileSync(at('model/\u00e9.bin'), new Uint8Array(8).fill(1));
    writeFileSync(at('model/e\u0301.bin'), new Uint8Array(8).fill(2));
    const one = await elements({ location: '\u00e9.bin' });
    expect(one).toEqual(Array(8).fill(existsSync(at('model/e\u0301.bin')) && isTold ? 2 : 1));
  });

  test.each(['a..b.bin', '..bin', '...', 'w.bin..', ' w.bin'])('a name like %j goes nowhere', async (location) => {
    mkdirSync(at('model'), { recursive: true });
    writeFileSync(at(`model/${location}`), new Uint8Array(8).fill(7));
    expect(await elements({ location })).toEqual(Array(8).fill(7));
  });

  test('keys that nobody knows, or that mean something to JavaScript, are only kept', async () => {
    const entries = {
      location: 'w.bin',
      __proto__x: '1',
      constructor: 'x',
      toString: 'y',
      basepath: '/etc',
      checksum: 'no',
    };
    expect(await elements(entries)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('a hard link, of which nobody can say where else it is', async () => {
    place(externalAttack({ location: 'hard' }), at('model'));
    linkSync(at('secret'), at('model/hard'));
    expect(Buffer.from(await elements({ location: 'hard' })).toString()).toBe(secret.slice(0, 8));
  });

  test('data in the file of the model itself, which may not be written over', async () => {
    const path = place(externalAttack({ location: 'm.onnx', offset: '0', length: '8' }), at('model'));
    const before = readFileSync(path);
    expect(await elements({ location: 'm.onnx', offset: '0', length: '8' })).toEqual([...before.subarray(0, 8)]);
    const model = await readModelFile(path);
    model.producerName = 'changed';
    await expect(writeModelFile(model, path)).rejects.toThrow(/m\.onnx holds data of the model and would be replaced/);
    expect(readFileSync(path)).toEqual(before);
    // Elsewhere it takes its data along.
    await writeModelFile(model, at('out.onnx'));
    const [tensor] = tensorsOfModel(await readModelFile(at('out.onnx')));
    expect([...((await tensor?.payload.read(0, 8)) ?? [])]).toEqual([...before.subarray(0, 8)]);
  });
});

describe('a file that is exchanged while it is opened', () => {
  /** Does `change` before or after the data file is opened, and gives what was read of it, or why not. */
  async function reading(moment: 'before' | 'after', change: () => void): Promise<unknown> {
    const path = place(externalAttack({ location: 'w.bin' }), at('model'));
    let isChanged = false;
    const files = interferedFiles((name, [opened, ...rest]) => {
      if (isChanged || name !== 'openSync' || opened !== at('model/w.bin')) return undefined;
      isChanged = true;
      if (moment === 'before') {
        change();
        return undefined;
      }
      const descriptor = systemWith(interferedFiles(() => undefined)).files.openSync(opened, ...(rest as [number]));
      change();
      return descriptor;
    });
    const outcome = await everyUse(path, files).catch((error: unknown) => error);
    expect(isChanged).toBe(true);
    return outcome;
  }

  const turned = (): void => {
    unlinkSync(at('model/w.bin'));
    symlinkSync('../secret', at('model/w.bin'));
  };
  const turnedFolder = (): void => {
    renameSync(at('model'), at('aside'));
    mkdirSync(at('other'));
    writeFileSync(at('other/w.bin'), secret);
    symlinkSync('other', at('model'));
  };
  const piped = (): void => {
    unlinkSync(at('model/w.bin'));
    spawnSync('mkfifo', [at('model/w.bin')]);
  };
  test.each([
    ['a link out of the folder', 'before', turned],
    ['a link out of the folder', 'after', turned],
    ['another folder', 'before', turnedFolder],
    ['another folder', 'after', turnedFolder],
    ['a pipe', 'before', piped],
    ['a pipe', 'after', piped],
  ] as const)('for %s, %s it is open, is not read', async (_title, moment, change) => {
    const outcome = await reading(moment, change);
    expect(outcome).toBeInstanceOf(ModelError);
    expect(String(outcome)).not.toContain('secret of somebody');
  });

  test('for another file of the folder is told of; it may be read the next time', async () => {
    const path = place(externalAttack({ location: 'w.bin' }), at('model'));
    let isChanged = false;
    const files = interferedFiles((name) => {
      if (name !== 'fstatSync' || isChanged) return undefined;
      isChanged = true;
      writeFileSync(at('model/new'), secret);
      renameSync(at('model/new'), at('model/w.bin'));
      return undefined;
    });
    const resolver = new FolderResolver(path, systemWith(files));
    await expect(resolver.open('w.bin')).rejects.toThrow(/was replaced while it was opened/);
    expect((await resolver.open('w.bin')).byteLength).toBe(secret.length);
  });

  test('for a link that is turned back again at once is not read', async () => {
    const path = place(externalAttack({ location: 'w.bin' }), at('model'));
    renameSync(at('model/w.bin'), at('model/good'));
    symlinkSync('good', at('model/w.bin'));
    const turn = (target: string): void => {
      unlinkSync(at('model/w.bin'));
      symlinkSync(target, at('model/w.bin'));
    };
    const opened: unknown[] = [];
    const files = interferedFiles((name, [file]) => {
      if (name === 'openSync') {
        opened.push(file);
        turn('../secret');
      } else if (name === 'fstatSync') turn('good');
      return undefined;
    });
    const model = await loadModel(new FileSource(path), { external: new FolderResolver(path, systemWith(files)) });
    const [tensor] = tensorsOfModel(model);
    // What is opened is the file that was looked at, not what its name leads to by then.
    expect([...((await tensor?.payload.read(0, 8)) ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(opened).toEqual([at('model/good')]);
  });

  test('between two reads is told of', async () => {
    const path = place(externalAttack({ location: 'w.bin' }, 16), at('model'));
    const model = await loadModel(new FileSource(path), {
      external: new FolderResolver(path),
      maximumResidentBytes: 0,
    });
    const [tensor] = tensorsOfModel(model);
    expect((await tensor?.payload.read(0, 4))?.byteLength).toBe(4);
    writeFileSync(at('model/w.bin'), secret);
    const source = new FolderResolver(path);
    await expect(
      (async () => {
        const file = await source.open('w.bin');
        file.close();
        rmSync(at('model/w.bin'));
        writeFileSync(at('model/w.bin'), secret);
        return file.read(0, 4);
      })(),
    ).rejects.toThrow(/the file was changed after it had been read/);
  });
});

/** Writing to what is no plain new file: links, devices, pipes, descriptors, and names that are hard to write. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/base/errors.ts';
import type { Model } from '../../src/ir/model.ts';
import { FileSink, readModelFile, type Unfinished, writeModelFile } from '../../src/platform/node.ts';
import { nodeFiles } from '../../src/platform/node-file-operations.ts';
import { systemWith } from '../../src/platform/node-system.ts';
import { externalAttack, place } from '../support/attacks.ts';
import { interferedFiles, systemError } from '../support/faulty-files.ts';
import { addModel, bytesOfModel } from '../support/protos.ts';
import { freshFolder, scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();

const bytes = bytesOfModel(addModel());
let folder = '';
let model: Model;
beforeEach(async () => {
  folder = freshFolder(top);
  writeFileSync(join(top, 'm.onnx'), bytes);
  model = await readModelFile(join(top, 'm.onnx'));
});

const at = (name: string): string => join(folder, name);
const isRoot = process.getuid?.() === 0;

describe('links', () => {
  test('stay, and the file at the end of several is replaced', async () => {
    mkdirSync(at('store'));
    writeFileSync(at('store/blob'), 'old');
    symlinkSync('store', at('way'));
    symlinkSync('way/blob', at('second'));
    symlinkSync('second', at('m.onnx'));
    const { files } = await writeModelFile(model, at('m.onnx'));
    expect(files.map(({ path }) => path)).toEqual([at('store/blob')]);
    expect(readFileSync(at('store/blob'))).toEqual(Buffer.from(bytes));
    expect([readlinkSync(at('m.onnx')), readlinkSync(at('second'))]).toEqual(['second', 'way/blob']);
    expect(readdirSync(at('store'))).toEqual(['blob']);
  });

  test('that lead to no file yet are followed, too', async () => {
    mkdirSync(at('store'));
    symlinkSync('store/new', at('m.onnx'));
    await writeModelFile(model, at('m.onnx'));
    expect(readFileSync(at('store/new'))).toEqual(Buffer.from(bytes));
    expect(lstatSync(at('m.onnx')).isSymbolicLink()).toBe(true);
  });

  test('that lead nowhere or round are refused', async () => {
    symlinkSync('none/new', at('m.onnx'));
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    await expect(writeModelFile(model, at('m.onnx'))).rejects.toThrow(/cannot write .*there is no such file or folder/);
    await expect(writeModelFile(model, at('a'))).rejects.toThrow(/cannot write .*too many links/);
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'm.onnx']);
  });

  test('of the hard kind are parted: the other name keeps the old file', async () => {
    writeFileSync(at('other'), 'old');
    linkSync(at('other'), at('m.onnx'));
    await writeModelFile(model, at('m.onnx'));
    expect(readFileSync(at('other'), 'utf8')).toBe('old');
    expect(statSync(at('m.onnx')).nlink).toBe(1);
  });

  test('in the place of a data file are replaced, wherever they lead', async () => {
    const source = place(externalAttack({ location: 'w.bin', length: '8' }), at('a'));
    for (const [name, target] of [
      ['null', '/dev/null'],
      ['folder', '..'],
      ['file', '../precious'],
      ['nowhere', '../new'],
    ] as const) {
      mkdirSync(at(name));
      writeFileSync(at('precious'), 'precious');
      symlinkSync(target, join(at(name), 'm.onnx.data'));
      await writeModelFile(await readModelFile(source), join(at(name), 'm.onnx'));
      expect(lstatSync(join(at(name), 'm.onnx.data')).isFile()).toBe(true);
    }
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
    expect(existsSync(at('new'))).toBe(false);
  });

  test('by which the model would take the place of its own data are seen', async () => {
    const source = place(externalAttack({ location: 'w.bin', length: '8' }), folder);
    const data = readFileSync(at('w.bin'));
    const own = await readModelFile(source);
    symlinkSync('w.bin', at('soft.onnx'));
    linkSync(at('w.bin'), at('hard.onnx'));
    for (const name of ['soft.onnx', 'hard.onnx', 'w.bin']) {
      await expect(writeModelFile(own, at(name))).rejects.toThrow(/holds data of the model and would be replaced/);
    }
    expect(readFileSync(at('w.bin'))).toEqual(data);
    expect(readdirSync(folder).sort()).toEqual(['hard.onnx', 'm.onnx', 'soft.onnx', 'w.bin']);
  });
});

describe('a file that is not replaced but written to', () => {
  test('is a pipe that somebody reads', async () => {
    await run('mkfifo', at('pipe'));
    const reader = run('cat', at('pipe'));
    await writeModelFile(model, at('pipe'));
    expect(await reader).toEqual(Buffer.from(bytes));
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });

  test('is a full device, which says so', async () => {
    await expect(writeModelFile(model, '/dev/full')).rejects.toThrow(
      'cannot write /dev/full: no space is left on the device',
    );
  });

  test('has no place for data beside it', async () => {
    const withData = await readModelFile(place(externalAttack({ location: 'w.bin', length: '8' }), folder));
    await expect(writeModelFile(withData, '/dev/null')).rejects.toThrow(/no place beside \/dev\/null/);
    expect(existsSync('/dev/null.data')).toBe(false);
  });

  test('is a descriptor of this process, which goes on where it is', async () => {
    const descriptor = nodeFiles.openSync(at('out'), 'w');
    nodeFiles.writeSync(descriptor, Buffer.from('before '));
    await writeModelFile(model, `/dev/fd/${descriptor}`);
    nodeFiles.writeSync(descriptor, Buffer.from(' after'));
    nodeFiles.closeSync(descriptor);
    expect(readFileSync(at('out'))).toEqual(Buffer.concat([Buffer.from('before '), bytes, Buffer.from(' after')]));
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('may be slow to take more', async () => {
    let refusals = 0;
    const files = interferedFiles((name) => {
      if (name === 'writeSync' && refusals++ < 3) throw systemError('EAGAIN');
      return undefined;
    });
    await writeModelFile(model, at('m.onnx'), { system: systemWith(files) });
    expect(readFileSync(at('m.onnx'))).toEqual(Buffer.from(bytes));
    expect(refusals).toBe(4);
  });
});

describe('names', () => {
  test.each([
    ['of 255 bytes', 'm'.repeat(250) + '.onnx'],
    ['of 255 bytes in other scripts', 'ほ'.repeat(83) + '.onnx'],
    ['with a newline', 'a\nb.onnx'],
    ['with quotes and blanks', ` "'\\ .onnx`],
    ['that begin with a dash', '-o.onnx'],
  ])('%s', async (_title, name) => {
    await writeModelFile(model, at(name));
    await writeModelFile(model, at(name));
    expect(readdirSync(folder)).toEqual([name]);
    expect(readFileSync(at(name))).toEqual(Buffer.from(bytes));
  });

  test('that are too long are told of before anything is written', async () => {
    await expect(writeModelFile(model, at('m'.repeat(256)))).rejects.toThrow(/the name is too long$/);
    const source = place(externalAttack({ location: 'w.bin', length: '8' }), at('a'));
    const long = at('m'.repeat(252));
    await expect(writeModelFile(await readModelFile(source), long)).rejects.toThrow(/\.data: the name is too long$/);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('of temporary files are tried again when another has them', async () => {
    let taken = 0;
    const files = interferedFiles((name, [path]) => {
      if (name === 'openSync' && String(path).endsWith('.tmp') && taken++ < 2) throw systemError('EEXIST');
      return undefined;
    });
    const sink = new FileSink(at('m.onnx'), { system: systemWith(files) });
    await sink.write(bytes);
    sink.commit();
    expect(readdirSync(folder)).toEqual(['m.onnx']);
    expect(taken).toBe(3);
  });
});

describe('modes and owners', () => {
  test('of a new file are what the umask says', async () => {
    const before = process.umask(0o027);
    try {
      await writeModelFile(model, at('m.onnx'));
    } finally {
      process.umask(before);
    }
    expect(statSync(at('m.onnx')).mode & 0o7777).toBe(0o640);
  });

  test.each([0o600, 0o644, 0o664, 0o400, 0o755])('%o of a file that is replaced is kept', async (mode) => {
    writeFileSync(at('m.onnx'), 'old');
    chmodSync(at('m.onnx'), mode);
    await writeModelFile(model, at('m.onnx'));
    expect(statSync(at('m.onnx')).mode & 0o7777).toBe(mode);
  });

  test('of a data file that is replaced are kept, too', async () => {
    const source = place(externalAttack({ location: 'm.onnx.data', length: '8' }), folder);
    writeFileSync(at('m.onnx.data'), new Uint8Array(8));
    chmodSync(at('m.onnx.data'), 0o600);
    await writeModelFile(await readModelFile(source), source, { externalData: 'split', externalThreshold: 0 });
    expect(statSync(at('m.onnx.data')).mode & 0o7777).toBe(0o600);
  });

  test('let nobody read more on the way than may in the end', async () => {
    writeFileSync(at('m.onnx'), 'old');
    chmodSync(at('m.onnx'), 0o644);
    const modes: (number | undefined)[] = [];
    const files = interferedFiles((name, [path]) => {
      if (name !== 'fchmodSync' && name !== 'writeSync') return undefined;
      modes.push(nodeFiles.fstatSync(path as number).mode & 0o7777);
      return undefined;
    });
    await writeModelFile(model, at('m.onnx'), { system: systemWith(files) });
    expect(modes).toEqual([0o600, 0o644]);
  });

  test('of another user stay when root writes', async () => {
    if (!isRoot) return console.warn('skipped: only root gives files away');
    writeFileSync(at('m.onnx'), 'old');
    chmodSync(at('m.onnx'), 0o640);
    chownSync(at('m.onnx'), 12345, 54321);
    await writeModelFile(model, at('m.onnx'));
    const { uid, gid, mode } = statSync(at('m.onnx'));
    expect([uid, gid, mode & 0o7777]).toEqual([12345, 54321, 0o640]);
  });

  test('of a group that cannot be kept go to no other group', async () => {
    writeFileSync(at('m.onnx'), 'old');
    chmodSync(at('m.onnx'), 0o664);
    if (!isRoot) return console.warn('skipped: only root makes a file of another group here');
    chownSync(at('m.onnx'), 0, 54321);
    const files = interferedFiles((name) => {
      if (name === 'fchownSync') throw systemError('EPERM');
      return undefined;
    });
    await writeModelFile(model, at('m.onnx'), { system: systemWith(files) });
    expect(statSync(at('m.onnx')).mode & 0o7777).toBe(0o644);
  });
});

test('a folder that may not be written to stays as it is', async () => {
  const files = interferedFiles((name, [path, flags]) => {
    // As for a user who is not root, or on a read-only file system.
    if (name === 'openSync' && String(path).startsWith(folder) && flags === 'wx') throw systemError('EROFS');
    return undefined;
  });
  await expect(writeModelFile(model, at('m.onnx'), { system: systemWith(files) })).rejects.toThrow(
    `cannot write ${at('m.onnx')}: the file system is read-only`,
  );
  if (isRoot) return;
  chmodSync(folder, 0o500);
  await expect(writeModelFile(model, at('m.onnx'))).rejects.toThrow(/permission denied$/);
  chmodSync(folder, 0o700);
  expect(readdirSync(folder)).toEqual([]);
});

describe('whoever may be ended early', () => {
  test('knows the temporary files as long as there are some, and no longer', async () => {
    const known = new Set<Parameters<Unfinished['add']>[0]>();
    const seen: string[] = [];
    const unfinished: Unfinished = {
      add(file) {
        known.add(file);
        seen.push(`${known.size}`);
      },
      delete(file) {
        known.delete(file);
        seen.push(`${known.size}`);
      },
    };
    const source = place(externalAttack({ location: 'w.bin', length: '8' }), at('a'));
    await writeModelFile(await readModelFile(source), at('m.onnx'), { unfinished });
    expect(seen).toEqual(['1', '2', '1', '0']);

    await expect(writeModelFile(model, at('none/m.onnx'), { unfinished })).rejects.toThrow(UsageError);
    await expect(writeModelFile(model, '/dev/full', { unfinished })).rejects.toThrow(UsageError);
    expect(known.size).toBe(0);
  });

  test('can discard in the middle, and what is written afterwards fails', async () => {
    const sink = new FileSink(at('m.onnx'));
    await sink.write(bytes);
    sink.discard();
    sink.discard();
    await expect(sink.write(bytes)).rejects.toThrow(/was given up/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

function run(command: string, ...rest: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

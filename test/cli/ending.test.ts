/** How the process ends when it is ended: by signals, by kill -9, by streams and disks that take no more. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { UnfinishedFiles } from '../../src/cli/unfinished-files.ts';
import { readModelFile } from '../../src/platform/node.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import { externalAttack, place } from '../support/attacks.ts';
import { bundleCommandLine, type Ending, runCommandLine } from '../support/command-line.ts';
import { contentsOf } from '../support/faulty-files.ts';
import { bytesOfModel, floatTensor, floatType, modelOf, node, valueInfo } from '../support/protos.ts';
import { freshFolder, scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();

let script = '';
beforeAll(() => {
  script = bundleCommandLine(top);
}, 120_000);

let folder = '';
beforeEach(() => {
  folder = freshFolder(top);
});

const at = (name: string): string => join(folder, name);

/** Something to simplify, and weights of 4 bytes times `weights`. */
function improvable(weights: number): Uint8Array {
  return bytesOfModel(
    modelOf({
      node: [node('Identity', ['x'], ['t']), node('Add', ['t', 'w'], ['y'])],
      initializer: [floatTensor('w', weights)],
      input: [valueInfo('x', floatType(weights))],
      output: [valueInfo('y', floatType(weights))],
    }),
  );
}

/** Takes many writes. */
const large = improvable(5_000_000);

/** Sees every call that touches a temporary file, before it is made: `before(name, number)`. */
const watching = (before: string): string => `
  const fs = require('node:fs');
  const descriptors = new Set();
  let number = 0;
  const before = (name) => { const call = ++number; ${before} };
  for (const name of ['openSync', 'writeSync', 'write', 'fsync', 'closeSync', 'renameSync', 'linkSync', 'unlinkSync']) {
    const real = fs[name];
    fs[name] = (...values) => {
      const touches = values.some((value) => /onnx-preflight-\\d+-|\\.data$/.test(value)) || descriptors.has(values[0]);
      if (touches) before(name);
      const result = real(...values);
      if (touches && name === 'openSync') descriptors.add(result);
      if (name === 'closeSync') descriptors.delete(values[0]);
      return result;
    };
  }
`;
/** Tells of each write, which then takes a while. */
const slowly = watching(`
  if (!name.startsWith('write')) return;
  fs.writeFileSync(2, 'writing\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
`);

describe('a signal while a file is written', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s ends the process and leaves nothing',
    async (signal) => {
      writeFileSync(at('m.onnx'), large);
      writeFileSync(at('out.onnx'), 'old');
      const ending = await runCommandLine(script, ['simplify', 'm.onnx', '-o', 'out.onnx', '--force'], {
        cwd: folder,
        hook: slowly,
        watch: (child) => child.stderr?.once('data', () => child.kill(signal)),
      });
      expect(ending).toMatchObject({ signal, code: null });
      expect(ending.stderr.replaceAll('writing\n', '')).toBe('');
      expect(readFileSync(at('out.onnx'), 'utf8')).toBe('old');
      expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'out.onnx']);
    },
  );

  test('is listened to only while there are temporary files', () => {
    const listeners = (): number[] =>
      ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map((name) => process.listenerCount(name));
    const none = listeners();
    const files = new UnfinishedFiles();
    const [first, second] = [{ discard: () => undefined }, { discard: () => undefined }];
    files.add(first);
    files.add(second);
    files.delete(first);
    expect(listeners()).toEqual(none.map((before) => before + 1));
    files.delete(second);
    files.delete(second);
    expect(listeners()).toEqual(none);
  });
});

test('an exception that nobody catches is told in one line with its stack, and leaves nothing', async () => {
  writeFileSync(at('m.onnx'), large);
  const ending = await runCommandLine(script, ['simplify', 'm.onnx', '-o', 'out.onnx'], {
    cwd: folder,
    hook: watching(`if (name.startsWith('write')) setImmediate(() => { throw new Error('a stray one'); });`),
  });
  expect(ending).toMatchObject({ code: 3 });
  expect(ending.stderr).toMatch(/^onnx-preflight: this is a bug of onnx-preflight: a stray one; please report/);
  expect(readdirSync(folder)).toEqual(['m.onnx']);
});

describe('kill -9', () => {
  async function stateOf(path: string): Promise<string> {
    const model = await readModelFile(path);
    const pieces = [...tensorsOfModel(model)].map((tensor) => tensor.payload.read(0, tensor.byteLength));
    const bytes = (await Promise.all(pieces)).map((piece) => Buffer.from(piece).toString('hex'));
    return `${[...model.graph.nodes].length} nodes ${bytes.join(' ')}`;
  }

  test('at any touch of a file leaves the old or the new pair, and the next run is not confused', async () => {
    const old = externalAttack({ location: 'out.onnx.data', offset: '16', length: '8' });
    const prepare = (): void => {
      place(externalAttack({ location: 'w.bin', offset: '4', length: '8' }), at('a'));
      mkdirSync(at('b'), { recursive: true });
      writeFileSync(at('b/out.onnx'), old['m.onnx'] ?? '');
      writeFileSync(at('b/out.onnx.data'), old['w.bin'] ?? '');
    };
    const command = ['simplify', 'a/m.onnx', '-o', 'b/out.onnx', '--force'];
    const killing = (number: number): string =>
      watching(`if (call === ${number}) process.kill(process.pid, 'SIGKILL');`);
    const states = new Set<string>();
    let ending: Ending;
    let kills = 0;
    do {
      prepare();
      ending = await runCommandLine(script, command, { cwd: folder, hook: killing(kills + 1) });
      states.add(await stateOf(at('b/out.onnx')));
      expect(contentsOf(at('a'))).toMatchObject({ 'w.bin': Buffer.from(old['w.bin'] ?? '').toString('latin1') });
    } while (ending.signal === 'SIGKILL' && ++kills < 100);
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    expect(kills).toBeGreaterThan(8);
    expect(states.size).toBe(2);
    // What lies around is recognised, and is no model.
    const around = readdirSync(at('b')).filter((name) => !['out.onnx', 'out.onnx.data'].includes(name));
    expect(around.filter((name) => !/^\.onnx-preflight-\d+-[0-9a-z]+\.tmp$|^out\.onnx\.\d+\.data$/.test(name))).toEqual(
      [],
    );
    const lint = await runCommandLine(script, ['lint', 'b', '--target', 'tensorrt@10.16'], { cwd: folder });
    expect(lint.stdout).toMatch(/no findings in 1 model\n/);
  }, 120_000);
});

describe('standard streams', () => {
  test('a reader that has seen enough does not keep files from being written', async () => {
    for (const name of ['a.onnx', 'b.onnx']) writeFileSync(at(name), improvable(4));
    const { code, stderr } = await runCommandLine(script, ['simplify', 'a.onnx', 'b.onnx'], {
      cwd: folder,
      watch: (child) => child.stdout?.destroy(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'a.simplified.onnx', 'b.onnx', 'b.simplified.onnx']);
  });

  test.each(['-', '/dev/stdout', '/dev/fd/1'])(
    '%s takes the model and nothing else, in a pipe or a file',
    async (output) => {
      writeFileSync(at('m.onnx'), improvable(4));
      const command = ['simplify', 'm.onnx', '-o', output];
      const file = openSync(at('redirected'), 'w');
      const { code, stderr } = await runCommandLine(script, command, { cwd: folder, stdio: ['ignore', file, 'pipe'] });
      expect(code).toBe(0);
      expect(stderr).toContain('Identity');
      expect([...(await readModelFile(at('redirected'))).graph.nodes].map(({ opType }) => opType)).toEqual(['Add']);
      const piped = await runCommandLine(script, command, { cwd: folder });
      expect(Buffer.byteLength(piped.stdout)).toBeGreaterThan(0);
      expect(piped.stdout).not.toContain('wrote');
      expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'redirected']);
    },
  );

  test('a full disk under stdout is an error in one line', async () => {
    if (!existsSync('/dev/full')) return console.warn('skipped: there is no /dev/full here');
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await runCommandLine(script, ['rules'], { cwd: folder, stdio: ['ignore', full, 'pipe'] });
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'onnx-preflight: stdout: no space is left on the device\n' });
  });
});

describe('a full disk', () => {
  test('as /dev/full leaves nothing', async () => {
    if (!existsSync('/dev/full')) return console.warn('skipped: there is no /dev/full here');
    writeFileSync(at('m.onnx'), improvable(4));
    const { code, stderr } = await runCommandLine(script, ['simplify', 'm.onnx', '-o', '/dev/full'], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'onnx-preflight: m.onnx: cannot write /dev/full: no space is left on the device\n',
    });
  });

  test('of 256 KiB keeps the old file, and leaves nothing of the new one', () => {
    const mount = 'mount -t tmpfs -o size=256k none disk';
    mkdirSync(at('disk'));
    if (spawnSync('unshare', ['-rm', 'sh', '-c', mount], { cwd: folder }).status !== 0)
      return console.warn('skipped: this user may not mount a tmpfs');
    writeFileSync(at('m.onnx'), improvable(200_000));
    const run = `"${process.execPath}" "${script}" simplify m.onnx --force -o disk/out.onnx`;
    const commands = `${mount}; echo old > disk/out.onnx; ${run} 2>&1; echo exit $?; ls -A disk; cat disk/out.onnx`;
    const output = execFileSync('unshare', ['-rm', 'sh', '-c', commands], { cwd: folder, encoding: 'utf8' });
    expect(output.replaceAll(folder, '')).toBe(
      'onnx-preflight: m.onnx: cannot write /disk/out.onnx: no space is left on the device\nexit 2\nout.onnx\nold\n',
    );
  });
});

describe('paths', () => {
  /** A path as the shell's printf writes it: other bytes than Node could pass on. */
  const shell = (commands: string): string =>
    spawnSync('sh', ['-c', `run() { "${process.execPath}" "${script}" "$@" 2>&1; echo "exit $?"; }; ${commands}`], {
      cwd: folder,
      encoding: 'utf8',
    }).stdout;

  test('that are not UTF-8 are told of, and nothing is written beside them', () => {
    writeFileSync(at('m.onnx'), improvable(4));
    const output = shell(`
      name="$(printf 'a\\377.onnx')"; mkdir sub; cp m.onnx "sub/$name" || exit
      run inspect sub; run lint "sub/$name"; run simplify m.onnx -o "$name"`);
    const refused = 'onnx-preflight: sub/a?.onnx: the name is not UTF-8; rename the file or folder\n';
    expect(output.replaceAll('\ufffd', '?')).toBe(
      `${refused}exit 2\n${refused}no findings in 0 models; 1 unreadable\nexit 2\n` +
        'onnx-preflight: a?.onnx is not UTF-8; choose another name\nexit 2\n',
    );
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'sub']);
  });

  test('with a newline take one line, and are written as they are', () => {
    writeFileSync(at('a\nb.onnx'), improvable(4));
    const output = shell(
      `run simplify "$(printf 'a\\nb.onnx')" -o "$(printf 'c\\nd.onnx')"; run lint "$(printf 'e\\nf')"`,
    );
    expect(output).toContain('wrote c\\nd.onnx');
    expect(output).toContain('onnx-preflight: e\\nf: there is no such file\n');
    expect(readdirSync(folder).sort()).toEqual(['a\nb.onnx', 'c\nd.onnx']);
  });

  test('that are pipes or devices are neither waited for nor read', () => {
    symlinkSync('/dev/zero', at('zero.onnx'));
    const output = shell(
      `mkfifo pipe.onnx; run inspect pipe.onnx; run inspect zero.onnx; run inspect /dev/zero; run inspect .`,
    );
    const refused = (name: string): string =>
      `onnx-preflight: ${name}: ${name.startsWith('/') ? name : at(name)} is not a regular file\n`;
    expect(output).toBe(
      `${refused('pipe.onnx')}exit 2\n${refused('zero.onnx')}exit 2\n${refused('/dev/zero')}exit 2\n` +
        `${refused('pipe.onnx')}${refused('zero.onnx')}exit 2\n`,
    );
  });

  test.each([
    ['a pipe', 'mkfifo', 'is not a regular file'],
    ['a link to a device', 'ln -s /dev/zero', 'is not a regular file'],
    ['a huge file', 'truncate -s 20G', 'is too large for a configuration'],
    ['a folder', 'mkdir', 'is a folder'],
  ])('of configurations that are %s are refused at once', (_title, make, reason) => {
    writeFileSync(at('m.onnx'), improvable(4));
    const output = shell(`${make} onnx-preflight.config.json; run lint m.onnx`);
    expect(output).toBe(`onnx-preflight: onnx-preflight.config.json ${reason}\nexit 2\n`);
  });

  test('of links that lead nowhere are there, and are not followed without --force', () => {
    writeFileSync(at('m.onnx'), improvable(4));
    symlinkSync('planted', at('m.simplified.onnx'));
    expect(shell('run simplify m.onnx')).toBe(
      'onnx-preflight: m.simplified.onnx exists; --force overwrites it, --output names another\nexit 2\n',
    );
    expect(existsSync(at('planted'))).toBe(false);
  });
});

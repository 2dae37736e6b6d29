import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { invariant, ModelError, UsageError } from '../../src/base/errors.ts';
import { worst } from '../../src/cli/exit-codes.ts';
import { failureOf } from '../../src/cli/failure.ts';
import { type Host, paletteOf } from '../../src/cli/host.ts';
import { libraryServices } from '../../src/cli/library-services.ts';
import { run } from '../../src/cli/run.ts';
import { coloured, plain } from '../../src/report/palette.ts';
import { parseModel } from '../../src/text/parse.ts';
import { recordingHost } from '../support/host.ts';

describe('a failure is one line', () => {
  test('that says what, where, and what to try', () => {
    const error = new ModelError(
      'a length is too large',
      { file: '/abs/a.onnx', offset: 12, node: 'n' },
      'export it again',
    );
    expect(failureOf(error, 'a.onnx')).toEqual({
      line: 'a.onnx: byte 12, node n: a length is too large; export it again',
      exitCode: 2,
    });
    expect(failureOf(error).line).toMatch(/^\/abs\/a\.onnx: byte 12/);
    expect(failureOf(new UsageError('no', 'yes'))).toEqual({ line: 'no; yes', exitCode: 2 });
  });

  test('without line breaks or control characters of the model', () => {
    expect(failureOf(new ModelError('bad', { value: 'x\n\u001b[2J' }), 'a').line).toBe('a: value x\\n\\u{1b}[2J: bad');
  });

  test('for what the system says', () => {
    const error = Object.assign(new Error('EACCES: permission denied, open ...'), { code: 'EACCES', path: '/x' });
    expect(failureOf(error)).toEqual({ line: '/x: permission denied', exitCode: 2 });
  });

  test('with a stack for our own bugs only', () => {
    for (const thrown of [new TypeError('x is undefined'), 'a string', undefined]) {
      const failure = failureOf(thrown, 'a.onnx');
      expect(failure.exitCode).toBe(3);
      expect(failure.line).toMatch(/^a\.onnx: this is a bug of onnx-preflight: .*; please report it/);
      expect(failure.stack).toContain('Error');
    }
    expect(failureOf(new UsageError('no')).stack).toBeUndefined();
  });
});

test('the worst exit code counts', () => {
  expect(worst()).toBe(0);
  expect(worst(0, 2, 1)).toBe(2);
});

describe('a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('goes on after a bug, and ends with 3', async () => {
    for (const name of ['a.onnx', 'b.onnx']) writeFileSync(join(folder, name), '');
    const { host, said } = recordingHost(folder);
    const exit = await run(['lint', 'a.onnx', 'b.onnx', '--target', 'tensorrt@8.6'], host, {
      ...libraryServices,
      async readModel(path) {
        invariant(!path.endsWith('a.onnx'), 'the roof fell down');
        return parseModel('agraph (float[2] x) => (float[2] y) { y = Relu (x) }');
      },
    });
    expect(exit).toBe(3);
    expect(said.stderr).toMatch(
      /^onnx-preflight: a\.onnx: this is a bug of onnx-preflight: the roof fell down; please report/,
    );
    expect(said.stdout).toMatch(/b\.onnx\n +tensorrt@8\.6 +accepted/);
  });
});

describe('colours', () => {
  const host = (environment: Host['environment'], isTerminal: boolean): Host => ({
    folder: '/',
    environment,
    columns: 80,
    isTerminal,
    writeResult: () => undefined,
    writeTalk: () => undefined,
    writeBytes: async () => undefined,
    async *readInput() {},
  });

  test.each([
    [{}, true, coloured],
    [{}, false, plain],
    [{ NO_COLOR: '1' }, true, plain],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, plain],
    [{ NO_COLOR: '' }, true, coloured],
    [{ FORCE_COLOR: '1' }, false, coloured],
    [{ FORCE_COLOR: '0' }, true, plain],
    [{ TERM: 'dumb' }, true, plain],
  ])('%j, on a terminal: %s', (environment, isTerminal, palette) =>
    expect(paletteOf(host(environment, isTerminal))).toBe(palette),
  );
});

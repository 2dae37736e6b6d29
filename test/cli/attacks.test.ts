/** Models that attack the reader, given to every command: an error that says what is wrong, or a sound result; soon, in little memory. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Host } from '../../src/cli/host.ts';
import { run } from '../../src/cli/run.ts';
import { place, wireAttacks } from '../support/attacks.ts';
import { bundleCommandLine, runCommandLine } from '../support/command-line.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'onnx-preflight-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** What `simplify` says of those it refuses; all others are simplified. */
const refusals: Readonly<Record<string, RegExp>> = {
  'a billion nested messages claimed': /the file is truncated/,
  'nested messages that claim more than the graph around them': /corrupt.*reaches beyond the end of its message/,
  'messages nested 5,000 deep': /subgraphs are nested too deep/,
  'messages nested as deep as is allowed': /the model is not valid: \d+ errors/,
  'groups nested 100,000 deep': /messages are nested more than 100 deep/,
  'a length of 2^63': /the file is truncated/,
  'a length of -1': /the file is truncated/,
  '10,000 empty nodes': /the model is not valid: \d+ errors/,
  '10,000 empty initializers': /the model is not valid: 10000 errors/,
  'dims of 2^62': /impossible dimension 4611686018427387904/,
  'dims whose product overflows': /more elements than can be counted/,
  'dims whose product overflows to 0': /more elements than can be counted/,
  'dims that claim 2^50 elements':
    /has 8 bytes of data, but its type and dims \[1125899906842624\] ask for 4503599627370496/,
  'typed data that claims 2^50 elements': /has 8 bytes of data/,
  'texts that claim 2^50 elements': /has 1 strings/,
  'a negative dim': /impossible dimension -1/,
  'a dim of 0 beside one of 2^62': /impossible dimension 4611686018427387904/,
  'a million dims': /has 1000000 dims; 1024 are the most/,
  'a sparse tensor of 2^62': /impossible dimension 4611686018427387904/,
  'duplicate names': /the model is not valid: 3 errors/,
  'a cyclic graph': /in a cycle: \(Add of a\), \(Relu of b\)/,
  'a cycle of 2,000 nodes': /in a cycle: .* and \d+ more/,
  'a subgraph that captures its own node': /reads its own output/,
  'subgraphs that capture each other': /in a cycle: \(If of a\), \(If of b\)/,
  'a function that calls itself': /in a circle: local::f0 -> local::f0$/m,
  'functions that call each other': /in a circle: local::f0 -> local::f1 -> local::f0$/m,
  'a function that calls itself through two others': /in a circle: local::f0 -> local::f1 -> local::f2 -> local::f0$/m,
  'a function that calls itself in a branch': /in a circle: local::f0 -> local::f0$/m,
  'ConstantOfShape of 2^62 and a negative': /dimension 1 of 'y' would be -1/,
  'Range without a step': /a delta of 0/,
  'a name of a megabyte': /n{10}\.\.\. \(\d+ characters\)/,
  'an opset of 2^62': /imported in version 4611686018427387904/,
};

/** Bounds what grows faster than the file; each takes some ten milliseconds, and machines are busy. */
const CPU_SECONDS = 20;

let folders = 0;

describe.each(Object.entries(wireAttacks))('%s', (title, attack) => {
  const folder = join(top, String(folders++));
  beforeAll(() => {
    mkdirSync(folder);
    place(attack, folder);
  });

  async function command(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
    const said = { stdout: '', stderr: '' };
    const host: Host = {
      folder,
      environment: {},
      columns: 80,
      isTerminal: false,
      writeResult: (text) => (said.stdout += text),
      writeTalk: (text) => (said.stderr += text),
      writeBytes: async () => undefined,
      async *readInput() {},
    };
    const before = process.cpuUsage();
    const exit = await run(argv, host);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(CPU_SECONDS);
    // Names may clear the screen; a report must not.
    expect(said.stdout + said.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(said.stderr.length).toBeLessThan(100_000);
    return { exit, ...said };
  }

  test('simplify refuses it or writes a model', async () => {
    const { exit, stderr } = await command('simplify', 'm.onnx', '-o', 'out.onnx');
    const refusal = refusals[title];
    if (refusal === undefined) {
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      expect((await command('inspect', 'out.onnx')).exit).toBe(0);
      // A second run finds nothing more: the result is a model like any other.
      await command('simplify', 'out.onnx', '-o', 'again.onnx');
      expect(Buffer.compare(readFileSync(join(folder, 'again.onnx')), readFileSync(join(folder, 'out.onnx')))).toBe(0);
      return;
    }
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringMatching(refusal) });
    expect(stderr).toMatch(/^onnx-preflight: m\.onnx: /);
    expect(stderr).not.toContain('    at ');
  });

  test('lint and inspect end with a verdict or a reason', async () => {
    const lint = await command('lint', 'm.onnx');
    expect([0, 1, 2]).toContain(lint.exit);
    if (lint.exit === 2) expect(lint.stdout + lint.stderr).toContain('m.onnx');
    const inspect = await command('inspect', '--text', 'm.onnx');
    expect([0, 2]).toContain(inspect.exit);
    if (inspect.exit === 2) expect(inspect.stderr).toMatch(/^onnx-preflight: m\.onnx: /);
  });
});

test('every refusal is of an attack there is', () => {
  expect(Object.keys(refusals).filter((title) => !(title in wireAttacks))).toEqual([]);
});

describe('little memory is taken', () => {
  let script = '';
  beforeAll(() => {
    script = bundleCommandLine(top);
  }, 120_000);

  /** Several by one process: memory that was taken for one and given back is not needed again. */
  const attacks = Object.values(wireAttacks);
  const shares = [0, 1, 2].map((share) => attacks.filter((_, index) => index % 3 === share));

  test.each(['lint', 'inspect', 'simplify'].flatMap((name) => shares.map((share, index) => ({ name, index, share }))))(
    'by $name, part $index',
    async ({ name, index, share }) => {
      const folder = join(top, `${name}-${index}`);
      for (const [number, attack] of share.entries()) place(attack, join(folder, String(number)));
      const rest = name === 'simplify' ? ['-o', 'out/'] : [];
      const ending = await runCommandLine(script, [name, ...rest, '.'], { cwd: folder });
      expect(ending.signal).toBeNull();
      expect([1, 2]).toContain(ending.code);
      expect(ending.stderr).not.toContain('this is a bug');
      expect(ending.peakMegabytes).toBeGreaterThan(30);
      expect(ending.peakMegabytes).toBeLessThan(300);
    },
    120_000,
  );
});

/** What the system does not allow: one line that says what and where, exit 2, and nothing half-written. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bundleCommandLine } from '../support/command-line.ts';
import { contentsOf } from '../support/faulty-files.ts';
import { bytesOfModel, modelOf, node, valueInfo } from '../support/protos.ts';
import { freshFolder, scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();
const isRoot = process.getuid?.() === 0;
/** Root may do everything, so another user is asked: nobody, of whom there are no files. */
const NOBODY = 65534;
/** There is something to simplify. */
const model = bytesOfModel(
  modelOf({
    node: [node('Identity', ['x'], ['t']), node('Relu', ['t'], ['y'])],
    input: [valueInfo('x')],
    output: [valueInfo('y')],
  }),
);

let script = '';
beforeAll(() => {
  script = bundleCommandLine(top);
  chmodSync(top, 0o755);
}, 120_000);

let folder = '';
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = freshFolder(top);
  chmodSync(folder, 0o755);
  writeFileSync(at('m.onnx'), model, { mode: 0o644 });
});

/** A folder of the user who runs the command, with a model in it. */
function makeFolder(name: string, mode: number): void {
  mkdirSync(at(name));
  writeFileSync(at(`${name}/in.onnx`), model, { mode: 0o644 });
  if (isRoot) chownSync(at(name), NOBODY, NOBODY);
  chmodSync(at(name), mode);
}

function asUser(...argv: string[]): { code: number | null; stdout: string; stderr: string } {
  const options = { cwd: folder, encoding: 'utf8', ...(isRoot && { uid: NOBODY, gid: NOBODY }) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...argv], options);
  return { code: status, stdout, stderr };
}

function expectRefusal(message: string, ...argv: string[]): void {
  const { code, stderr } = asUser(...argv);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `onnx-preflight: ${message}\n` });
}

const unix = process.platform === 'win32' ? test.skip : test;

unix('an output in a folder that may not be written to', () => {
  makeFolder('closed', 0o555);
  const before = contentsOf(folder);
  const refusal = 'closed/out.onnx cannot be written: its folder may not be written to; name another --output';
  expectRefusal(refusal, 'simplify', 'm.onnx', '-o', 'closed/out.onnx');
  expectRefusal(
    'closed/in.simplified.onnx cannot be written: its folder may not be written to; name another --output',
    ...['simplify', 'closed/in.onnx'],
  );
  expectRefusal(
    `m.onnx: cannot write ${at('closed/out.pbtxt')}: permission denied`,
    ...['convert', 'm.onnx', 'closed/out.pbtxt'],
  );
  expectRefusal(
    `closed/in.onnx: cannot write ${at('closed/in.onnx')}: permission denied`,
    ...['simplify', 'closed/in.onnx', '--in-place'],
  );
  expect(contentsOf(folder)).toEqual(before);
});

unix('a model that may not be read', () => {
  writeFileSync(at('secret.onnx'), model, { mode: 0o600 });
  if (!isRoot) chmodSync(at('secret.onnx'), 0o000);
  expectRefusal(`secret.onnx: cannot read ${at('secret.onnx')}: permission denied`, 'inspect', 'secret.onnx');
  const { code, stdout } = asUser('lint', 'secret.onnx', 'm.onnx', '--target', 'tensorrt@8.6');
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining('in 1 model; 1 unreadable') });
});

unix('a folder that may not be looked into, where no configuration can be either', () => {
  makeFolder('locked', 0o000);
  expectRefusal('locked: permission denied', 'inspect', 'locked');
  expectRefusal('locked/in.onnx: permission denied', 'inspect', 'locked/in.onnx');
  chmodSync(at('locked'), 0o755);
});

unix('a configuration that may not be read is not passed over', () => {
  writeFileSync(at('onnx-preflight.config.json'), '{}', { mode: 0o600 });
  if (!isRoot) chmodSync(at('onnx-preflight.config.json'), 0o000);
  expectRefusal(`${at('onnx-preflight.config.json')}: permission denied`, 'lint', 'm.onnx');
});

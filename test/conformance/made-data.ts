/**
 * The standard's cases for those who have no data folder: made from the onnx package of PyPI, in a virtual environment of its
 * own in the user's cache folder, once.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The version whose cases the floors are counted on, and the numpy that computes their expected outputs. */
const PACKAGES = ['onnx==1.23.1', 'numpy==2.4.6'];
const OLDEST_PYTHON = [3, 11];

/** What is made of the onnx package; everything else of the data is harvested. */
export const madeFiles = ['onnx-1.23.1-node-cases.tar.xz', 'backend-node-cases.json'];

/** The folder with the cases, or why there is none, in a line. */
export function makeData(): { readonly folder: string } | { readonly missing: string } {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'onnx-preflight', 'conformance-onnx-1.23.1');
  if (madeFiles.every((file) => existsSync(join(folder, file)))) return { folder };
  const python = findPython();
  if (python === undefined)
    return {
      missing: `python3 (${OLDEST_PYTHON.join('.')} or later, with venv and pip), which makes the standard's cases`,
    };
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}-`);
  try {
    const failure = makeIn(scratch, python);
    if (failure !== undefined) return { missing: failure };
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(scratch, 'data'), folder);
    return { folder };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function findPython(): string | undefined {
  const [major, minor] = OLDEST_PYTHON;
  const check = `import ensurepip, sys, venv; sys.exit(sys.version_info < (${major}, ${minor}))`;
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', check], { stdio: 'ignore' }).status === 0);
}

/** Why it failed, or undefined. */
function makeIn(scratch: string, python: string): string | undefined {
  const environment = join(scratch, 'venv');
  const own = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  console.log(`conformance: making the standard's cases with ${PACKAGES.join(' and ')} from PyPI`);
  return (
    run('a virtual environment of Python', python, ['-m', 'venv', environment]) ??
    run(`${PACKAGES.join(' and ')} from PyPI`, own, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--only-binary=:all:',
      ...PACKAGES,
    ]) ??
    run('the cases of the onnx package', own, ['test/conformance/make-node-cases.py', join(scratch, 'data')])
  );
}

function run(what: string, program: string, parameters: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status === 0) return undefined;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? `it ended with ${status}`;
  return `${what}: ${reason}`;
}

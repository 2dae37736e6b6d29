// Tries the hooks with the real pre-commit in a scratch git repository: `node test/hook/pre-commit.mjs`.
// Needs `pre-commit` from PyPI on the PATH (or named by PRE_COMMIT_BIN), a build in dist/, and the network of the npm
// registry, from which pre-commit installs the hook. Tries the committed state of this repository.
// Prints what each step showed, and what the hook's environment takes on disk and was fetched for it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const repository = resolve(import.meta.dirname, '../..');
const preCommit = process.env.PRE_COMMIT_BIN ?? 'pre-commit';
const { parseModel, writeModelFile } = await import(pathToFileURL(join(repository, 'dist/index.js')).href);

const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-hook-'));
const scratch = join(folder, 'scratch');
const environment = {
  ...process.env,
  PRE_COMMIT_HOME: join(folder, 'home'),
  npm_config_cache: join(folder, 'npm-cache'),
  PATH: `${dirname(preCommit)}:${process.env.PATH}`,
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};
const failures = [];

function git(...args) {
  return execFileSync('git', args, {
    cwd: scratch,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Commits everything; returns whether that went through, and what was said. */
function commit(message) {
  git('add', '-A');
  const { status, stdout, stderr } = spawnSync('git', ['commit', '-m', message], {
    cwd: scratch,
    env: environment,
    encoding: 'utf8',
  });
  return { passed: status === 0, output: stdout + stderr };
}

function expectThat(what, holds, output) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (holds) return;
  failures.push(what);
  console.log(output.replace(/^/gm, '     | '));
}

async function write(name, text) {
  mkdirSync(dirname(join(scratch, name)), { recursive: true });
  await writeModelFile(parseModel(text), join(scratch, name));
}

function bytesBelow(path) {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

try {
  const source = join(folder, 'onnx-preflight');
  execFileSync('git', ['clone', '--quiet', repository, source]);
  const revision = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: source, encoding: 'utf8' }).trim();
  mkdirSync(scratch);
  git('init', '--quiet');
  writeFileSync(
    join(scratch, '.pre-commit-config.yaml'),
    `repos:
  - repo: ${source}
    rev: ${revision}
    hooks:
      - id: onnx-preflight-lint
        args: [--target, tensorrt@8.6]
      - id: onnx-preflight-simplify-check
`,
  );
  execFileSync(preCommit, ['install'], { cwd: scratch, env: environment, stdio: 'ignore' });
  const started = Date.now();
  execFileSync(preCommit, ['install-hooks'], { cwd: scratch, env: environment, stdio: 'inherit' });
  console.log(`installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  const installed = readdirSync(environment.PRE_COMMIT_HOME).map((name) => join(environment.PRE_COMMIT_HOME, name));
  const nodeEnvironments = installed.map((path) => join(path, 'node_env-system')).filter((path) => existsSync(path));
  console.log(
    `left on disk: ${megabytes(nodeEnvironments.reduce((sum, path) => sum + bytesBelow(path), 0))} in the hook's environment`,
  );
  console.log(`fetched: ${megabytes(bytesBelow(join(folder, 'npm-cache')))} in npm's cache`);

  await write('models/good.onnx', 'agraph (float[2] x) => (float[2] y) { y = Relu (x) }');
  let result = commit('a good model');
  expectThat(
    'a good model passes',
    result.passed && /lint ONNX models for TensorRT\.+Passed/.test(result.output),
    result.output,
  );

  await write('models/bad.onnx', 'agraph (float[2,3,3] x) => (float[2] y) { y = Det (x) }');
  result = commit('a model that TensorRT rejects');
  expectThat(
    'a model that the target rejects stops the commit',
    !result.passed && /tensorrt@8\.6 +rejected/.test(result.output),
    result.output,
  );
  expectThat(
    'and the hook says why and what to do',
    /tensorrt\/unsupported-operator/.test(result.output) && /fix: /.test(result.output),
    result.output,
  );
  rmSync(join(scratch, 'models/bad.onnx'));

  await write('models/long.onnx', 'agraph (float[2] x) => (float[2] y) { t = Identity (x)\ny = Relu (t) }');
  result = commit('a model that is not simplified');
  expectThat(
    'a model with a node too many stops the commit',
    !result.passed && /would remove 1 of 2 nodes/.test(result.output),
    result.output,
  );
  expectThat(
    'and the hook names the command',
    /run: onnx-preflight simplify models\/long\.onnx --in-place/.test(result.output),
    result.output,
  );
  rmSync(join(scratch, 'models/long.onnx'));

  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 88240000\n`;
  writeFileSync(join(scratch, 'models/pointer.onnx'), pointer);
  git('add', '-A');
  const verbose = spawnSync(preCommit, ['run', '--verbose'], { cwd: scratch, env: environment, encoding: 'utf8' });
  expectThat(
    'a Git LFS pointer is passed over with a note',
    verbose.status === 0 && /skipped: this is a Git LFS pointer/.test(verbose.stdout),
    verbose.stdout,
  );
  result = commit('a pointer');
  expectThat('and can be committed', result.passed, result.output);

  writeFileSync(join(scratch, 'models/good.onnx.data'), 'x');
  git('add', '-A');
  const mapped = spawnSync(preCommit, ['run', '--verbose'], { cwd: scratch, env: environment, encoding: 'utf8' });
  expectThat(
    'a data file stands for its model',
    mapped.status === 0 && /^models\/good\.onnx$/m.test(mapped.stdout),
    mapped.stdout,
  );
} finally {
  if (process.env.KEEP === undefined) rmSync(folder, { recursive: true, force: true });
}
console.log(failures.length === 0 ? 'the hooks work' : `${failures.length} of the steps failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
/** A project that has the package installed; built afresh, since dist may be another's. */
const consumer = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
const home = join(consumer, 'node_modules/onnx-preflight');
const sample = join(root, 'samples/channel_shuffle_pixelshuffle.onnx');
const readingMatter = ['README.md', 'LICENSE', 'CHANGELOG.md'];

beforeAll(() => {
  mkdirSync(home, { recursive: true });
  for (const name of ['package.json', ...readingMatter]) copyFileSync(join(root, name), join(home, name));
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
  execFileSync(process.execPath, ['src/tools/build.mjs', join(home, 'dist')], { cwd: root });
}, 180_000);

afterAll(() => rmSync(consumer, { recursive: true }));

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly version: string;
}

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

describe('the package', () => {
  test('has every bin and export', () => {
    const targets = [
      ...Object.values(packageJson.bin),
      ...Object.values(packageJson.exports).flatMap((entry) =>
        typeof entry === 'string' ? [entry] : Object.values(entry),
      ),
    ];
    expect(targets.filter((target) => !existsSync(join(home, target)))).toEqual([]);
  });

  test('holds the built files and the reading matter, and no source', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: home,
      encoding: 'utf8',
    });
    const [packed] = JSON.parse(output) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => !path.startsWith('dist/')).sort()).toEqual(['package.json', ...readingMatter].sort());
    expect(paths.filter((path) => path.startsWith('dist/') && !/\.(c?js|cache|d\.ts)$/.test(path))).toEqual([]);
    expect(paths.filter((path) => /^dist\/types\/(?!src\/|rules\/)|\/(cli|tools)\//.test(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.js')).length).toBeLessThan(20);
  });

  test('depends on two packages at run time', () => {
    expect(Object.keys(packageJson.dependencies)).toEqual(['protobufjs', 'yargs']);
  });
});

describe('the library', () => {
  test('loads by its own name and prints nothing', () => {
    const script = `import { simplify } from 'onnx-preflight';
import { rewrite } from 'onnx-preflight/rule-kit';
process.exitCode = typeof simplify === 'function' && typeof rewrite === 'function' ? 0 : 9;`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: consumer,
      encoding: 'utf8',
    });
    expect(output).toBe('');
  });

  test('has types that a strict consumer compiles against', () => {
    const file = join(consumer, 'use.ts');
    writeFileSync(
      file,
      `import { lint, readModelFile, simplify, type LintResult } from 'onnx-preflight';
import { op, rewrite, value } from 'onnx-preflight/rule-kit';
import { readModelBlob, writeModelBlobs } from 'onnx-preflight/web';
export const blob: Blob | undefined = (await writeModelBlobs(await readModelBlob(new File([], 'm')), 'm')).files[0]?.blob;
const model = await readModelFile('a.onnx');
export const nodes: number = simplify(model).nodes.after;
export const result: LintResult = lint(model, { targets: ['tensorrt@8.6'] });
export const wrong: string = simplify(model).nodes.after;
export const rule = rewrite({
  id: 'eliminate-neg', summary: '', why: '', exact: true, pattern: op('Neg', 'outer', value('x')),
  rewrite: ({ outer, x }, context) => context.replace(outer, x), examples: [],
});
`,
    );
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    const messages = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    expect(messages).toEqual(["Type 'number' is not assignable to type 'string'."]);
  }, 60_000);
});

describe('the bundle for browsers', () => {
  test('names no module of Node', () => {
    expect(readFileSync(join(home, 'dist/web.js'), 'utf8')).not.toMatch(/(from|import|require)\s*\(?\s*["'`]node:/);
  });

  /** Runs a script with the bundle's exports in `web`, where there is nothing but what browsers have; what it puts out. */
  const runInBrowser = (body: string): string =>
    execFileSync(
      process.execPath,
      [
        ...['--experimental-vm-modules', '--no-warnings', '--input-type=module', '-e'],
        `import { readFileSync } from 'node:fs';
import { createContext, SourceTextModule } from 'node:vm';
const names = ['TextDecoder', 'TextEncoder', 'Blob', 'File', 'URL', 'fetch', 'performance', 'setTimeout', 'clearTimeout'];
const globals = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
const bundle = new SourceTextModule(readFileSync(${JSON.stringify(join(home, 'dist/web.js'))}, 'utf8'), {
  context: createContext(globals),
});
await bundle.link(() => { throw new Error('a module is asked for'); });
await bundle.evaluate();
const web = bundle.namespace;
${body}`,
      ],
      { cwd: consumer, encoding: 'utf8' },
    );

  test('reads, lints, simplifies and writes where there is nothing but what browsers have', () => {
    const output = runInBrowser(`const { readModelBlob, lint, simplify, writeModelBlobs } = web;
const model = await readModelBlob(new File([readFileSync(${JSON.stringify(sample)})], 'm.onnx'));
const { targets } = lint(model, { targets: ['tensorrt@8.6'] });
const { nodes } = simplify(model);
const { files } = await writeModelBlobs(model, 'm.onnx');
process.stdout.write(JSON.stringify([targets[0].verdict, nodes, files[0].blob.size]));`);
    expect(JSON.parse(output)).toEqual(['rejected', { before: 41, after: 11 }, expect.any(Number)]);
  });

  test('computes a model with a loop, a branch, a function and a sequence there', () => {
    const output = runInBrowser(`const { evaluateModel, parseModel } = web;
const model = parseModel(\`<ir_version: 10, opset_import: ["" : 21, "local" : 1]>
g (float[n] x) => (float[m] y, float[k] z) <int64 three = {3}, int64 at = {-1}, bool go = {1}> {
  half = local.Half (x)
  last, all = Loop (three, go, half) <body = body (int64 i, bool c, float[] v) => (d, w, s) {
    d = Identity (c)
    w = Add (v, x)
    s = ReduceSum <keepdims = 0> (v)
  }>
  parts = SequenceConstruct (last, all)
  y = SequenceAt (parts, at)
  some = Size (x)
  any = Greater (some, three)
  z = If (any) <then_branch = many () => (a) { a = Identity (x) }, else_branch = few () => (b) { b = Neg (x) }>
}
<domain: "local", opset_import: ["" : 21]>
Half (x) => (y) { two = Constant <value = float {2}> () y = Div (x, two) }\`);
const { initializers } = parseModel('g () => (float[2] t) <float[2] t = {2, 4}> {}').graph;
const [{ initializer }] = initializers;
const results = await evaluateModel(model, new Map([['x', initializer]]));
process.stdout.write(JSON.stringify([...results].map(([name, { dims, bytes }]) => {
  const { buffer, byteOffset, length } = bytes;
  return [name, dims, [...new Float32Array(buffer.slice(byteOffset, byteOffset + length))]];
})));`);
    expect(JSON.parse(output)).toEqual([
      ['y', [3], [3, 9, 15]],
      ['z', [2], [-2, -4]],
    ]);
  });
});

describe('the command line', () => {
  test('is a script', () => {
    const [first] = readFileSync(join(home, 'dist/cli.cjs'), 'utf8').split('\n');
    expect(first).toBe('#!/usr/bin/env node');
  });

  test('comes with code that this Node takes', () => {
    const path = join(home, 'dist/main.cjs');
    const script = new Script(readFileSync(path, 'latin1'), { cachedData: readFileSync(`${path}.cache`) });
    expect(script.cachedDataRejected).toBe(false);
  });

  test.each(['missing', 'of another Node'])('starts when that code is %s', (state) => {
    const path = join(home, 'dist/main.cjs.cache');
    const cache = readFileSync(path);
    try {
      if (state === 'missing') rmSync(path);
      else
        writeFileSync(
          path,
          cache.map((byte) => byte ^ 1),
        );
      const output = execFileSync(join(home, 'dist/cli.cjs'), ['--version'], { cwd: consumer, encoding: 'utf8' });
      expect(output).toMatch(/^onnx-preflight /);
    } finally {
      writeFileSync(path, cache);
    }
  });

  test('says its version and the date of its facts', () => {
    const output = execFileSync(join(home, 'dist/cli.cjs'), ['--version'], { cwd: consumer, encoding: 'utf8' });
    expect(output).toMatch(/^onnx-preflight \d+\.\d+\.\d+ \(TensorRT facts of \d{4}-\d{2}-\d{2}\)\n$/);
    expect(output).toContain(packageJson.version);
  });

  test('needs nothing but Node', () => {
    writeFileSync(join(consumer, 'empty.onnx'), '');
    const cli = join(home, 'dist/cli.cjs');
    expect(execFileSync(cli, ['rules'], { cwd: consumer, encoding: 'utf8' })).toContain(
      'tensorrt/unsupported-operator',
    );
    expect(() => execFileSync(cli, ['lint', 'empty.onnx'], { cwd: consumer, stdio: 'pipe' })).toThrow(
      /the file is empty/,
    );
  });

  test('starts within 2.5 times what Node needs to start', () => {
    const empty: number[] = [];
    const version: number[] = [];
    // By turns, so that what else runs on the machine slows both.
    for (let round = 0; round < 15; round++) {
      empty.push(secondsOf(['-e', '0']));
      version.push(secondsOf([join(home, 'dist/cli.cjs'), '--version']));
    }
    expect(median(version) / median(empty)).toBeLessThan(2.5);
  }, 60_000);
});

function secondsOf(nodeArguments: readonly string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, nodeArguments, { cwd: consumer, stdio: 'ignore' });
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

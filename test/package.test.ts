import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '..');

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly version: string;
}

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

/** A fresh build, with types, in the tree's own dist. */
beforeAll(() => {
  execFileSync(process.execPath, ['src/tools/build.mjs'], { cwd: root, env: { ...process.env, PRE_COMMIT: '' } });
}, 180_000);

describe('the package', () => {
  test('every bin and export is there after a build', () => {
    const targets = [
      ...Object.values(packageJson.bin),
      ...Object.values(packageJson.exports).flatMap((entry) =>
        typeof entry === 'string' ? [entry] : Object.values(entry),
      ),
    ];
    expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });

  test('holds the built files, the licence and the reading matter, and no source', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [packed] = JSON.parse(output) as [{ files: { path: string }[]; unpackedSize: number }];
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/cli.js',
      'dist/index.js',
      'dist/rule-kit.js',
    ])
      expect(paths).toContain(path);
    expect(paths.filter((path) => !/^(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path))).toEqual(
      [],
    );
    expect(paths.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path))).toEqual([]);
  });

  test('starts with the name of Node', () => {
    const lines = readFileSync(join(root, 'dist/cli.js'), 'utf8').split('\n');
    expect(lines[0]).toBe('#!/usr/bin/env node');
  });

  test('the library loads by its own name and prints nothing', () => {
    const script =
      "import('onnx-preflight').then((door) => import('onnx-preflight/rule-kit').then((kit) => process.exit(typeof door.simplify === 'function' && typeof kit.rewrite === 'function' ? 0 : 9)))";
    const output = execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
    expect(output).toBe('');
  });

  test('depends on two packages at run time', () => {
    expect(Object.keys(packageJson.dependencies)).toEqual(['protobufjs', 'yargs']);
  });

  test('starts within 2.5 times what Node needs to start', () => {
    const empty: number[] = [];
    const version: number[] = [];
    // By turns, so that what else runs on the machine slows both.
    for (let round = 0; round < 15; round++) {
      empty.push(secondsOf(['-e', '0']));
      version.push(secondsOf(['dist/cli.js', '--version']));
    }
    expect(median(version) / median(empty)).toBeLessThan(2.5);
  }, 60_000);
});

function secondsOf(nodeArguments: readonly string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, nodeArguments, { cwd: root, stdio: 'ignore' });
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

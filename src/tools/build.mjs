// Builds what the package ships into dist, or into the folder named: the command line, the doors of the library, and
// the types. The doors for Node share their code as chunks; the command line is one script with V8's code cache beside it, since it is
// started anew for every commit. Runs as `prepare`.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder = 'dist'] = process.argv.slice(2);

// `npm install -g git+...`, as pre-commit calls it, runs `prepare` in a bare clone: npm passes its own --global on to the
// installation that should bring what `prepare` needs. Then only the bundler and what goes into the bundle are fetched;
// options of the outer npm are in the environment, and its --include would win over --omit. --save-prod makes the bundler
// none of the omitted dev dependencies, --no-save writes nothing.
if (!existsSync('node_modules/esbuild')) {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { npm_config_global: _global, npm_config_include: _include, ...env } = process.env;
  const options = ['--save-prod', '--no-save', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const command = [process.env.npm_execpath, 'install', ...options, `esbuild@${devDependencies.esbuild}`];
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}
const { build } = await import('esbuild');

rmSync(folder, { recursive: true, force: true });
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: { index: 'src/index.ts', 'rule-kit': 'src/rule-kit.ts' },
  outdir: folder,
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  format: 'esm',
  // protobufjs reaches for `require` in its CommonJS parts.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
await build({
  ...shared,
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: folder,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  alias: { 'string-width': './src/cli/plain-width.ts' },
  define: { 'import.meta.url': '__moduleUrl' },
  banner: {
    js: "(function (exports, require, module, __filename, __dirname) { const __moduleUrl = 'file://' + __filename;",
  },
  footer: { js: '})' },
});
await build({
  ...shared,
  entryPoints: { cli: 'src/cli/launch.ts', bundle: 'src/cli/bundle.ts' },
  outdir: folder,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync(join(folder, 'cli.cjs'), 0o755);
const cached = spawnSync(process.execPath, ['src/tools/code-cache.mjs', folder], { stdio: 'inherit' });
if (cached.status !== 0) process.exit(cached.status ?? 1);
rmSync(join(folder, 'bundle.cjs'));
// One file, which any page can import as it is.
await build({
  entryPoints: { web: 'src/index-web.ts' },
  outdir: folder,
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  minify: true,
  logLevel: 'warning',
});
// Such a clone has no compiler, and a hook no use for types.
const compiler = 'node_modules/typescript/bin/tsc';
if (existsSync(compiler)) {
  const options = ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'types')];
  process.exitCode = spawnSync(process.execPath, [compiler, ...options], { stdio: 'inherit' }).status ?? 1;
}

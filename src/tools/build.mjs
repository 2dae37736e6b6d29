// Builds what the package ships into dist, or into the folder named: the command line, the two doors of the library, and
// the types. The doors and the command line share their code as chunks. Runs as `prepare`.
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
await build({
  entryPoints: { cli: 'src/cli/main.ts', index: 'src/index.ts', 'rule-kit': 'src/rule-kit.ts' },
  outdir: folder,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  logLevel: 'warning',
  alias: { 'string-width': './src/cli/plain-width.ts' },
  // yargs and protobufjs reach for `require` in their CommonJS parts.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
chmodSync(join(folder, 'cli.js'), 0o755);
// Such a clone has no compiler, and a hook no use for types.
const compiler = 'node_modules/typescript/bin/tsc';
if (existsSync(compiler)) {
  const options = ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'types')];
  process.exitCode = spawnSync(process.execPath, [compiler, ...options], { stdio: 'inherit' }).status ?? 1;
}

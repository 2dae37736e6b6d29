// Builds what the package ships into dist, or into the folder named: the command line, the two doors of the library, and
// the types. The doors and the command line share their code as chunks. Runs as `prepare`, so it needs esbuild alone; in
// the environment of a pre-commit hook, which has no use for types, it leaves them out.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder = 'dist'] = process.argv.slice(2);
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
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
  alias: { 'string-width': './src/cli/plain-width.ts' },
  // yargs and protobufjs reach for `require` in their CommonJS parts.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
chmodSync(join(folder, 'cli.js'), 0o755);
if (process.env.PRE_COMMIT !== '1') {
  const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', join(folder, 'types')];
  process.exitCode = spawnSync(process.execPath, compiler, { stdio: 'inherit' }).status ?? 1;
}

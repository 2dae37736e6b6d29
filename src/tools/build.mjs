// Builds what the package ships: one bundle for the command line, one for each door of the library, and the types.
// Runs as `prepare`, so it needs esbuild alone unless types are wanted; a pre-commit hook environment skips them.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const common = { bundle: true, format: 'esm', target: 'node20', minifySyntax: true, minifyWhitespace: true, logLevel: 'warning' };
// yargs and protobufjs reach for `require` in their CommonJS parts.
const banner = { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" };
await Promise.all([
  build({ ...common, platform: 'node', entryPoints: { cli: 'src/cli/main.ts' }, outdir: 'dist', banner: { js: `#!/usr/bin/env node\n${banner.js}` } }),
  build({ ...common, platform: 'node', entryPoints: { index: 'src/index.ts', 'rule-kit': 'src/rule-kit.ts' }, outdir: 'dist', banner, splitting: false }),
]);
if (process.env.PRE_COMMIT !== '1') {
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '--emitDeclarationOnly', '--declaration'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

// Runs a TypeScript file of this repository: `node src/tools/run.mjs FILE [ARGUMENT...]`.
// Node 20 strips no types, so the file is bundled by esbuild first; bare imports stay imports.
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, ...rest] = process.argv.slice(2);
const folder = mkdtempSync(join(resolve('node_modules'), '.run-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, 'main.mjs');
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
});
process.argv = [process.argv[0], resolve(file), ...rest];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);

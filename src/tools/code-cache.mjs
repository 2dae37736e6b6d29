// Writes V8's code cache of the command line: `node src/tools/code-cache.mjs FOLDER`. What the cache holds is what has run
// by then, so models of many kinds are simplified and linted first; nothing is written but the cache.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [folder = 'dist'] = process.argv.slice(2);
const path = resolve(folder, 'main.cjs');
const { openBundle } = createRequire(import.meta.url)(resolve(folder, 'bundle.cjs'));
const bundle = openBundle(path);
const scratch = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
const host = {
  folder: resolve('samples'),
  environment: {},
  columns: 80,
  isTerminal: false,
  writeResult() {},
  writeTalk() {},
  async writeBytes() {},
  async *readInput() {},
};
const samples = readdirSync(host.folder).filter((name) => name.endsWith('.onnx'));
for (const [index, sample] of samples.entries()) {
  await bundle.runCommand(['simplify', sample, '-o', join(scratch, `${index}.onnx`)], host);
  await bundle.runCommand(['lint', sample], host);
}
writeFileSync(`${path}.cache`, bundle.codeCache());
rmSync(scratch, { recursive: true });

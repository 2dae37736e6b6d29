/** The models of the standard's backend node cases, unpacked from their archive. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export function* nodeCaseModels(data: string): IterableIterator<{ readonly name: string; readonly bytes: Uint8Array }> {
  const archive = join(data, 'onnx-1.23.1-node-cases.tar.xz');
  if (!existsSync(archive)) return;
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  try {
    execFileSync('tar', ['-xJf', archive, '-C', folder, '--wildcards', '*/model.onnx']);
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
      if (path.endsWith('model.onnx')) yield { name: basename(dirname(path)), bytes: readFileSync(join(folder, path)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

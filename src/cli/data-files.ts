// Not `node:fs/promises`, which all commands would wait for.
import { promises as files } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DataEntry } from '../api/read-data.ts';
import { UsageError } from '../base/errors.ts';
import type { CommandContext } from './command.ts';

/**
 * What `--data` names: files with values, `INPUT=FILE`, or a folder of ONNX test data (`input_0.pb` and so on). UsageError when
 * one is not there; see `readData` for others.
 */
export async function readDataFiles(
  paths: readonly string[],
  { host, services }: CommandContext,
): Promise<DataEntry[]> {
  const entries: DataEntry[] = [];
  for (const text of paths) {
    const { name, path } = await locate(text, host.folder);
    for (const file of await filesAt(path, host.folder)) {
      const read = await services.readData(new Uint8Array(await files.readFile(resolve(host.folder, file))), file);
      if (name !== undefined && read.length !== 1)
        throw new UsageError(`${file} holds ${read.length} arrays, which cannot all be '${name}'`);
      entries.push(...read.map((entry) => (name === undefined ? entry : { ...entry, name })));
    }
  }
  return entries;
}

/** A file may have `=` in its name, and an input, too. */
async function locate(text: string, folder: string): Promise<{ readonly name?: string; readonly path: string }> {
  const isThere = async (path: string): Promise<boolean> =>
    (await files.stat(resolve(folder, path)).catch(() => undefined)) !== undefined;
  if (await isThere(text)) return { path: text };
  for (let at = text.indexOf('='); at > 0; at = text.indexOf('=', at + 1))
    if (await isThere(text.slice(at + 1))) return { name: text.slice(0, at), path: text.slice(at + 1) };
  throw new UsageError(`--data is '${text}', and there is no such file`, 'write FILE or INPUT=FILE');
}

async function filesAt(path: string, folder: string): Promise<string[]> {
  if (!(await files.stat(resolve(folder, path))).isDirectory()) return [path];
  const names = (await files.readdir(resolve(folder, path))).filter((name) => /^input_\d+\.pb$/.test(name));
  if (names.length === 0)
    throw new UsageError(`there is no input_0.pb in ${path}`, 'name a folder of ONNX test data, or files');
  return names.sort().map((name) => join(path, name));
}

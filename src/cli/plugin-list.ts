/** Plugin creators from the command line: names, and files that list what a library registers. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';

/** As TensorRT logs it: `Registered plugin creator - ::BatchedNMS_TRT version 1`. */
const LOGGED = /plugin creator - (?:[^\s:]*::)?(\S+)/;
const FIRST_WORD = /^[A-Za-z_]\w*/;

/**
 * What stands for a file has a dot or a slash, which no creator's name has. In a file every line names a creator by its first word, or is one
 * of TensorRT's log; `#` begins a comment.
 */
export async function pluginNames(given: readonly string[], folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of given.flatMap((text) => text.split(',')).map((text) => text.trim())) {
    if (!/[./\\]/.test(entry)) names.push(entry);
    else names.push(...(await listedIn(entry, resolve(folder, entry))));
  }
  return names;
}

async function listedIn(name: string, path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--plugins: ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      'give names of plugin creators, or a text that lists one a line',
    );
  }
  if (text.includes('\0'))
    throw new UsageError(
      `--plugins: ${name} is no text`,
      'a library cannot be looked into: list the names of its creators in a text, one a line',
    );
  const found: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const plain = line.replace(/#.*/, '').trim();
    const creator = LOGGED.exec(plain)?.[1] ?? FIRST_WORD.exec(plain)?.[0];
    if (plain !== '' && creator === undefined)
      throw new UsageError(`--plugins: ${name} has the line '${plain.slice(0, 60)}', which begins with no name`);
    if (creator !== undefined) found.push(creator);
  }
  return found;
}

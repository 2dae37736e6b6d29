import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import type * as main from './main.ts';

type Main = typeof main;

/** That of the script that this becomes part of, which lies beside the bundle; making another takes a module of Node's. */
declare const require: NodeJS.Require;

export interface Bundle extends Main {
  /** V8's code of all functions that have run so far. */
  codeCache(): Buffer;
}

/** Opens the script that the build makes of main.ts: a function in the form of a CommonJS module. */
export function openBundle(path: string, cachedData?: Buffer): Bundle {
  // The bundler escapes what is not ASCII, and this is the fastest way to a string.
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(cachedData !== undefined && { cachedData }),
  });
  const load = script.runInThisContext() as (...module: unknown[]) => void;
  const module = { exports: {} as Main };
  load(module.exports, require, module, path, dirname(path));
  return { ...module.exports, codeCache: () => script.createCachedData() };
}

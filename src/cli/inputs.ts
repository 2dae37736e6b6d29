import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { NotOnnxError } from '../wire/not-onnx.ts';
import { statusOf } from './look.ts';
import type { Services } from './services.ts';

const modelSuffix = '.onnx';
const dataSuffix = '.onnx.data';
/** In place of a path: stdin or stdout. */
export const standardStream = '-';

const streamNames: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/stdout', '/dev/fd/0', '/dev/fd/1']);

/** The path, or `-` for the other names of stdin and stdout: what lies behind them may be a pipe, or a file that is open. */
export function withoutStreamName(path: string): string {
  return streamNames.has(path) ? standardStream : path;
}
/** What `simplify` calls its outputs when nobody names them. */
export const simplifiedSuffix = '.simplified.onnx';
const skippedFolders = new Set(['node_modules', '.git']);

/** A model to work on, or a path that leads to none. */
export interface Input {
  /** As the user named it, or below the folder the user named. */
  readonly path: string;
  /** The folder argument it was found in; undefined when it was named itself. */
  readonly root: string | undefined;
  /** What is wrong with the path. */
  readonly error?: unknown;
}

export interface InputOptions {
  /** The current folder. */
  readonly folder: string;
  /** Leave `*.simplified.onnx` out of folders: they are outputs of earlier runs. */
  readonly skipSimplified: boolean;
  readonly services: Pick<Services, 'readModel' | 'externalFiles'>;
  /** Told of what is passed over. */
  readonly note: (text: string) => void;
}

/**
 * The models that the arguments lead to, each once, in the order of the arguments; folders are searched for `*.onnx`
 * and give them by path; `-` is stdin. A file of external data (`*.onnx.data`) stands for the models beside it that use it.
 */
export async function collectInputs(paths: readonly string[], options: InputOptions): Promise<Input[]> {
  const inputs = new Map<string, Input>();
  const add = (input: Input): void => {
    const key = resolve(options.folder, input.path);
    if (!inputs.has(key)) inputs.set(key, input);
  };
  for (const path of paths.map(withoutStreamName)) {
    try {
      const absolute = resolve(options.folder, path);
      if (path === standardStream) add({ path, root: undefined });
      else if (statSync(absolute).isDirectory()) {
        for (const input of modelsInFolder(path, options)) add(input);
      } else if (path.endsWith(dataSuffix)) {
        const models = await modelsOfData(path, options);
        if (models.length === 0) options.note(`${path}: no model beside it uses it; skipped`);
        for (const model of models) add({ path: model, root: undefined });
      } else add({ path, root: undefined });
    } catch (error) {
      add({ path, root: undefined, error: encodingErrorOf(path) ?? error });
    }
  }
  return [...inputs.values()];
}

function modelsInFolder(root: string, options: InputOptions): Input[] {
  const found: Input[] = [];
  let outputs = 0;
  const pending = [root];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    try {
      for (const entry of readdirSync(resolve(options.folder, current), { withFileTypes: true })) {
        const path = join(current, entry.name);
        if (entry.isDirectory()) {
          if (!skippedFolders.has(entry.name)) pending.push(path);
        } else if (!entry.name.endsWith(modelSuffix)) continue;
        else if (options.skipSimplified && entry.name.endsWith(simplifiedSuffix)) outputs++;
        else {
          const error = isThere(resolve(options.folder, path)) ? undefined : encodingErrorOf(entry.name);
          found.push({ path, root, ...(error !== undefined && { error }) });
        }
      }
    } catch (error) {
      found.push({ path: current, root, error });
    }
  }
  if (outputs > 0) options.note(`${root}: left out ${outputs} *${simplifiedSuffix}; name a file to simplify it again`);
  else if (found.length === 0) {
    if (isSavedModel(resolve(options.folder, root))) throw new NotOnnxError('saved-model', root);
    throw new UsageError(`no *${modelSuffix} in this folder`, 'name a model or another folder');
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A SavedModel of TensorFlow is a folder with a file of this name. */
function isSavedModel(folder: string): boolean {
  return statusOf(join(folder, 'saved_model.pb')) !== undefined;
}

function isThere(path: string): boolean {
  // Only a name that Node may have got wrong is worth a look.
  return !path.includes('\uFFFD') || statusOf(path) !== undefined;
}

/** Node gives U+FFFD for bytes that are not UTF-8, and finds no file by such a name. */
function encodingErrorOf(path: string): UsageError | undefined {
  return path.includes('\uFFFD') ? new UsageError('the name is not UTF-8', 'rename the file or folder') : undefined;
}

/** The models in the folder of a data file that read it, and the one it is named after. */
async function modelsOfData(path: string, options: InputOptions): Promise<string[]> {
  const namesake = basename(path).slice(0, -'.data'.length);
  const absolute = resolve(options.folder, path);
  const found = new Set((await readersOfData(absolute, options.services)).map((model) => basename(model)));
  const names = readdirSync(dirname(absolute));
  return names
    .sort()
    .filter((name) => name.endsWith(modelSuffix) && (name === namesake || found.has(name)))
    .map((name) => join(dirname(path), name));
}

/** The models beside a data file that keep tensors in it; all paths are absolute. */
export async function readersOfData(data: string, services: InputOptions['services']): Promise<string[]> {
  const models: string[] = [];
  for (const name of readdirSync(dirname(data)).sort()) {
    const model = join(dirname(data), name);
    if (name.endsWith(modelSuffix) && (await reads(model, data, services))) models.push(model);
  }
  return models;
}

/** True when the model can be read and keeps tensors in the file. */
async function reads(path: string, data: string, services: InputOptions['services']): Promise<boolean> {
  try {
    const files = await services.externalFiles(await services.readModel(path));
    return [...files.keys()].some((location) => resolve(dirname(path), location) === data);
  } catch {
    // It is judged when it is itself an input.
    return false;
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceOfModel } from '../api/model-files.ts';
import { UsageError } from '../base/errors.ts';
import { evaluatorRunner } from '../verify/evaluator-runner.ts';
import type { RunnableModel, Runner } from '../verify/runner.ts';
import { reasonOf } from './node-file-operations.ts';
import { FileSource, type Unfinished, writeModelFile } from './node.ts';
import { type ModelFile, type OnnxRuntime, onnxRuntimeRunner } from './onnxruntime.ts';
import { type RunnerName, runnerNames } from './runner-names.ts';

export interface FindRunnersOptions {
  /** Where the packages are looked for first, and after that beside this one: the user's project. */
  readonly folder: string;
  /** Only this one; UsageError when it is not installed. Default: all that are. */
  readonly only?: RunnerName | undefined;
  /** Told of temporary files, for who may be ended early. */
  readonly unfinished?: Unfinished | undefined;
}

/** What is there to run models with, the best first; our own evaluator always is. */
export function findRunners({ folder, only, unfinished }: FindRunnersOptions): Runner[] {
  const runners: Runner[] = [];
  for (const name of only === undefined ? runnerNames : [only]) {
    if (name === 'built-in') {
      runners.push(evaluatorRunner);
      continue;
    }
    const ort = installed(name, folder);
    if (ort === undefined) {
      if (only === undefined) continue;
      throw new UsageError(`${name} is not installed in ${folder} or above`, `npm install ${name}`);
    }
    const version = ort.env?.versions?.[name === 'onnxruntime-web' ? 'web' : 'node'] ?? ort.env?.versions?.['common'];
    const label = version === undefined ? name : `${name} ${version}`;
    // The web package reads a model's bytes only.
    const options = name === 'onnxruntime-web' ? {} : { fileOf: (model: RunnableModel) => fileOf(model, unfinished) };
    runners.push(onnxRuntimeRunner(ort, { name: label, ...options }));
  }
  return runners;
}

/** The package, when it can be loaded; it is no dependency of ours. */
function installed(name: string, folder: string): OnnxRuntime | undefined {
  for (const from of [join(folder, 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)(name) as OnnxRuntime;
    } catch {
      // It is not there, or not for this machine.
    }
  }
  return undefined;
}

/** The file that a model was read from, while it is there and the model is as it was read; else a temporary copy. */
async function fileOf({ model, isAsRead }: RunnableModel, unfinished: Unfinished | undefined): Promise<ModelFile> {
  const source = sourceOfModel(model);
  if (isAsRead && source instanceof FileSource && source.isAt(source.name))
    return { path: source.name, close: () => undefined };
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  } catch (error) {
    throw new UsageError(`no temporary folder can be made: ${reasonOf(error)}`, 'TMPDIR names another place');
  }
  const copy = { discard: () => rmSync(folder, { recursive: true, force: true }) };
  unfinished?.add(copy);
  const close = (): void => {
    copy.discard();
    unfinished?.delete(copy);
  };
  try {
    const path = join(folder, 'model.onnx');
    await writeModelFile(model, path);
    return { path, close };
  } catch (error) {
    close();
    throw error;
  }
}

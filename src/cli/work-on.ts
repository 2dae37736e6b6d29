import { statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { LfsPolicy } from '../api/config.ts';
import type { Model } from '../ir/model.ts';
import { LfsPointerError } from '../wire/not-onnx.ts';
import { type CommandContext, note, tellFailure } from './command.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { type Input, standardStream } from './inputs.ts';

/** What came of one model: a result, an error, or a reason why it was passed over. */
export interface Outcome<Result> {
  readonly path: string;
  readonly exitCode: ExitCode;
  readonly error?: string;
  readonly skipped?: string;
  readonly result?: Result;
}

/** Reads the model of an input and works on it; `work` is also told how large its file is. What goes wrong with this one file is told, and does not stop the run. */
export async function workOn<Result>(
  { path, error }: Input,
  lfs: LfsPolicy,
  context: CommandContext,
  work: (model: Model, fileBytes: number) => Promise<Result>,
  options: { readonly tolerant?: boolean } = {},
): Promise<Outcome<Result>> {
  try {
    if (error !== undefined) throw error;
    const { model, fileBytes } = await readInput(path, options, context);
    return { path, exitCode: exitCodes.clean, result: await work(model, fileBytes) };
  } catch (thrown) {
    if (thrown instanceof LfsPointerError && lfs === 'skip') {
      const skipped = `${thrown.message}; ${thrown.hint ?? ''}`;
      note(context, `${path}: skipped: ${skipped}`);
      return { path, exitCode: exitCodes.clean, skipped };
    }
    const failure = tellFailure(context, thrown, path);
    return { path, exitCode: failure.exitCode, error: failure.line };
  }
}

async function readInput(
  path: string,
  options: { readonly tolerant?: boolean },
  { host, services }: CommandContext,
): Promise<{ readonly model: Model; readonly fileBytes: number }> {
  if (path !== standardStream) {
    const absolute = resolve(host.folder, path);
    const model = await services.readModel(absolute, options);
    return { model, fileBytes: statSync(absolute).size };
  }
  let fileBytes = 0;
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const chunk of host.readInput()) {
      fileBytes += chunk.byteLength;
      yield chunk;
    }
  };
  const model = await services.readStream(counted(), options);
  return { model, fileBytes };
}

/** The path as GitHub wants it: from the repository's root, with slashes. */
export function repositoryPath(path: string, { folder, environment }: Host): string {
  const root = environment['GITHUB_WORKSPACE'] ?? folder;
  const inside = relative(root, resolve(folder, path));
  return (inside.startsWith('..') ? path : inside).replaceAll(sep, '/');
}

/** The path as a person in the current folder would write it. */
export function shownPath(path: string, folder: string): string {
  const inside = relative(folder, path);
  return inside === '' || inside.startsWith('..') ? path : inside;
}

import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Model } from '../ir/model.ts';
import { InvalidModelError } from '../ir/problem.ts';
import { type CommandContext, note } from './command.ts';
import { standardStream } from './inputs.ts';
import { stdoutSink } from './stdout-sink.ts';

/** What `lint --fix` calls its outputs when nobody names them. */
export const fixedSuffix = '.fixed.onnx';

/** Where the repaired form of a model goes. */
export interface FixJob {
  readonly output: string;
  readonly inPlace: boolean;
}

export interface Fixed {
  readonly repairs: readonly string[];
  /** The file that was written; null when there was nothing to repair in place, or what is wrong cannot be repaired. */
  readonly output: string | null;
  /** Set when something is wrong that cannot be repaired. */
  readonly isBeyondRepair?: true;
}

/** Repairs the model and writes it; what cannot be repaired is left to be reported, and nothing is written. */
export async function fix(model: Model, { output, inPlace }: FixJob, context: CommandContext): Promise<Fixed> {
  const { host, services } = context;
  let repairs: readonly string[];
  try {
    repairs = await services.repair(model);
  } catch (error) {
    if (error instanceof InvalidModelError) return { repairs: [], output: null, isBeyondRepair: true };
    throw error;
  }
  if (inPlace && repairs.length === 0) return { repairs, output: null };
  if (output === standardStream) {
    for (const text of await services.writeStream(model, stdoutSink(host, 'binary'))) note(context, text);
    return { repairs, output };
  }
  const target = resolve(host.folder, output);
  mkdirSync(dirname(target), { recursive: true });
  await services.writeModel(model, target);
  return { repairs, output };
}

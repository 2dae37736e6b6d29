import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { rewriteTraceJson, type TracedModel } from '../report/rewrite-trace.ts';
import type { Services } from './services.ts';

/** The file that `--trace` names. */
export class TraceFile {
  readonly #path: string;
  readonly #models: TracedModel[] = [];

  /** UsageError when the file is there already and may not be overwritten, or is one of the `inputs`. */
  constructor(path: string, { folder, inputs, force }: { folder: string; inputs: readonly string[]; force: boolean }) {
    this.#path = resolve(folder, path);
    if (inputs.some((input) => resolve(folder, input) === this.#path))
      throw new UsageError(`--trace would overwrite the input ${path}`);
    if (!force && existsSync(this.#path))
      throw new UsageError(`--trace: ${path} exists already`, '--force overwrites it');
  }

  add(model: TracedModel): void {
    this.#models.push(model);
  }

  async write(services: Services): Promise<void> {
    await services.writeText(this.#path, rewriteTraceJson(this.#models));
  }
}

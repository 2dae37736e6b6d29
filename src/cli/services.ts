import type { RulePage } from '../api/explain.ts';
import type { ModelSummary } from '../api/inspect.ts';
import type { SimplifyOptions } from '../api/simplify.ts';
import type { Model } from '../ir/model.ts';
import type { LintResult } from '../lint/finding.ts';
import type { SimplifyReport } from '../rewrite/report.ts';

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/** The targets of a run, by name. */
export interface RunTargets {
  readonly names: readonly string[];
  /** Those whose findings decide the exit code: all that the user named, or the newest of the default ones. */
  readonly decisive: readonly string[];
}

/**
 * What the commands ask of the library. Each call loads its part on first use, so that a command pays for what it does;
 * tests hand in their own.
 */
export interface Services {
  readModel(path: string): Promise<Model>;
  /** Writes the model and its external data; returns the files, the model first. */
  writeModel(model: Model, path: string): Promise<readonly WrittenFile[]>;
  /** Simplifies in place. */
  simplify(model: Model, options: SimplifyOptions): Promise<SimplifyReport>;
  /** UsageError for a target that there is not; undefined stands for the default targets. */
  targets(texts: readonly string[] | undefined): Promise<RunTargets>;
  /** The verdict on the model as it is and after simplification; leaves the model as it is. */
  lint(model: Model, targets: readonly string[]): Promise<LintResult>;
  /** The same without a look at what simplification would change. */
  lintAsIs(model: Model, targets: readonly string[]): Promise<LintResult>;
  inspect(model: Model): Promise<ModelSummary>;
  /** The model as ONNX text, large tensors elided. */
  print(model: Model): Promise<string>;
  rules(): Promise<readonly RulePage[]>;
}

import type { ShapeBindings } from '../api/bind-dims.ts';
import type { RulePage } from '../api/explain.ts';
import type { ExternalFile } from '../api/external-files.ts';
import type { ModelSummary } from '../api/inspect.ts';
import type { SimplifyOptions } from '../api/simplify.ts';
import type { Model } from '../ir/model.ts';
import type { LintResult } from '../lint/finding.ts';
import type { WriteResult } from '../platform/node.ts';
import type { SimplifyReport } from '../rewrite/report.ts';

/** The targets of a run, by name. */
export interface RunTargets {
  readonly names: readonly string[];
  /** Those whose findings decide the exit code: all that the user named, or the newest of the default ones. */
  readonly decisive: readonly string[];
}

/**
 * What the commands ask of the library, which is loaded when it is first asked for; tests hand in their own.
 */
export interface Services {
  readModel(path: string): Promise<Model>;
  /** Writes the model, and external data that must come along. */
  writeModel(model: Model, path: string): Promise<WriteResult>;
  /** Bytes that `writeModel` would write. */
  measureModel(model: Model, path: string): Promise<number>;
  /** The files of external data by their location, relative to the model's folder. */
  externalFiles(model: Model): Promise<ReadonlyMap<string, ExternalFile>>;
  /** Simplifies in place. */
  simplify(model: Model, options: SimplifyOptions): Promise<SimplifyReport>;
  /** UsageError for a target that there is not; undefined stands for the default targets. */
  targets(texts: readonly string[] | undefined): Promise<RunTargets>;
  /** The verdict on the model as it is and after simplification; leaves the model as it is. */
  lint(model: Model, targets: readonly string[], bindings?: ShapeBindings): Promise<LintResult>;
  /** The same without a look at what simplification would change. */
  lintAsIs(model: Model, targets: readonly string[]): Promise<LintResult>;
  inspect(model: Model, bindings?: ShapeBindings): Promise<ModelSummary>;
  /** The model as ONNX text, large tensors elided. */
  print(model: Model): Promise<string>;
  rules(): Promise<readonly RulePage[]>;
}

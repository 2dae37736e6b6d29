import type { ShapeBindings } from '../api/bind-dims.ts';
import type { ModelDifference } from '../api/diff.ts';
import type { RulePage } from '../api/explain.ts';
import type { CompareOptions, Comparison } from '../api/compare.ts';
import type { ExternalFile } from '../api/external-files.ts';
import type { ModelSummary } from '../api/inspect.ts';
import type { ExternalDataOptions } from '../api/external-options.ts';
import type { DataEntry } from '../api/read-data.ts';
import type { SimplifyOptions } from '../api/simplify.ts';
import type { Verification, VerifyOptions } from '../api/verify.ts';
import type { Model } from '../ir/model.ts';
import type { LintResult } from '../lint/finding.ts';
import type { MachineOptions } from '../lint/machine.ts';
import type { WriteOptions, WriteResult } from '../platform/node.ts';
import type { ModelInput, ModelOutput } from '../platform/node-convert.ts';
import type { RunnerName } from '../platform/runner-names.ts';
import type { SimplifyReport } from '../rewrite/report.ts';
import type { ByteSink } from '../wire/byte-sink.ts';

/** What runs models: the best that the folder's project has, or this one. */
export interface RunnerChoice {
  readonly folder: string;
  readonly runner: RunnerName | undefined;
}

/** The targets of a run, by name. */
export interface RunTargets {
  readonly names: readonly string[];
  /** Those whose findings decide the exit code: all that the user named, or the newest of the default ones. */
  readonly decisive: readonly string[];
  /** Whether the user named them: then no rewrite may bring in an operator that one of them does not have. */
  readonly areNamed: boolean;
}

/**
 * What the commands ask of the library, which is loaded when it is first asked for; tests hand in their own.
 */
export interface Services {
  readModel(path: string, options?: { readonly tolerant?: boolean }): Promise<Model>;
  /** Reads a model out of a pipe. */
  readStream(chunks: AsyncIterable<Uint8Array>, options?: { readonly tolerant?: boolean }): Promise<Model>;
  /** Writes the model, and external data that must come along. */
  writeModel(model: Model, path: string, options?: WriteOptions): Promise<WriteResult>;
  /** Writes the binary form of the model into a pipe; answers what the user should be told. */
  writeStream(model: Model, sink: ByteSink, options?: ExternalDataOptions): Promise<readonly string[]>;
  /** Writes a text that takes the place of the file when it is whole. */
  writeText(path: string, text: string): Promise<void>;
  /** Writes a model in another format; see platform/node-convert.ts. */
  convert(from: ModelInput, to: ModelOutput, options: WriteOptions): Promise<WriteResult>;
  /** Bytes that `writeModel` would write, and the files that the result would go on using. */
  measureModel(
    model: Model,
    path: string,
    options?: ExternalDataOptions,
  ): Promise<Pick<WriteResult, 'kept'> & { readonly bytes: number }>;
  /** True when all data is already where the options want it, `location` being the data file. */
  isPlacedAs(model: Model, location: string, options: ExternalDataOptions): Promise<boolean>;
  /** The files of external data by their location, relative to the model's folder. */
  externalFiles(model: Model): Promise<ReadonlyMap<string, ExternalFile>>;
  /** Simplifies in place. */
  simplify(model: Model, options: SimplifyOptions): Promise<SimplifyReport>;
  /** UsageError for a target that there is not; undefined stands for the default targets. */
  targets(texts: readonly string[] | undefined, machine?: MachineOptions): Promise<RunTargets>;
  /** The verdict on the model as it is and after simplification, which it goes through. */
  lint(model: Model, targets: RunTargets, bindings?: ShapeBindings, machine?: MachineOptions): Promise<LintResult>;
  /** The same without a look at what simplification would change. */
  lintAsIs(model: Model, targets: readonly string[]): Promise<LintResult>;
  /** Puts right in place what is not quite valid, and says what; see `repair` of api/repair.ts for errors. */
  repair(model: Model): Promise<readonly string[]>;
  /** What sets two models apart; reads weights. */
  diff(before: Model, after: Model): Promise<ModelDifference>;
  inspect(model: Model, bindings?: ShapeBindings): Promise<ModelSummary>;
  /** The model as ONNX text, large tensors elided. */
  print(model: Model): Promise<string>;
  rules(): Promise<readonly RulePage[]>;
  /** Values of inputs out of the bytes of a file. */
  readData(bytes: Uint8Array, file: string): Promise<DataEntry[]>;
  /** The values by the inputs of the model that they are for. UsageError where that is not clear. */
  dataFor(model: Model, entries: readonly DataEntry[]): Promise<CompareOptions['data']>;
  /** A copy that stays as it is while the model is simplified. */
  copy(model: Model): Promise<Model>;
  /** Runs the model as it was and as it is now; see `verify` of api/verify.ts. */
  verify(
    original: Model,
    simplified: Model,
    report: SimplifyReport,
    options: Omit<VerifyOptions, 'runners'> & RunnerChoice,
  ): Promise<Verification>;
  compare(a: Model, b: Model, options: Omit<CompareOptions, 'runners'> & RunnerChoice): Promise<Comparison>;
}

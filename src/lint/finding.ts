/** What lint says: data, put into words by the rule's message template; reports only print it. */

export type Severity = 'error' | 'warning' | 'info';

/** How sure we are: certain is read from the parser's source or seen with the parser; likely is inferred from neighbours. */
export type Confidence = 'certain' | 'likely';

/** TensorRT parses a model, then builds an engine of it; a model can be stopped at either stage. */
export type Stage = 'parse' | 'build';

export type VerdictKind = 'accepted' | 'accepted-with-warnings' | 'rejected' | 'undecided';

/** A row of the facts that a finding rests on. */
export interface Basis {
  readonly id: string;
  /** Where it was read (repository, release, file and line; documentation) or how it was observed. */
  readonly source: string;
}

export interface Finding {
  /** Rule id, such as `tensorrt/unsupported-operator`. */
  readonly rule: string;
  readonly messageId: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  /** The message template with its arguments filled in. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly advice: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly stage: Stage;
  /** The targets it holds for, as the user named them: `tensorrt@8.6`. Empty when the model itself is not valid, whatever the target. */
  readonly targets: readonly string[];
  /** Those of `targets` for which it is only inferred, where it is certain for the others. */
  readonly likelyTargets?: readonly string[];
  /** The facts it rests on, where they differ by version one for each; absent where it follows from the model alone. */
  readonly basis?: readonly Basis[];
  /** Graph path: the main graph's name, then `node/attribute` of each subgraph entered. */
  readonly graph: readonly string[];
  /** Label of the node; '' for findings about the model or a value. */
  readonly node: string;
  /** Position of the node in its graph's file order; undefined for findings about the model or a value. */
  readonly nodeIndex: number | undefined;
  readonly opType: string;
  /** Name of the value concerned; '' when none. */
  readonly value: string;
  /** True when the finding is not there any more once the model is simplified. */
  readonly goneAfterSimplify: boolean;
  /** Where the exporter left it: the line of the user's source (pkg.torch.onnx.stack_trace). */
  readonly source?: string;
  /** Where in the file, in bytes from its start; for what is wrong with the file's bytes. */
  readonly offset?: number;
  readonly fix?: { readonly description: string };
}

export interface Verdict {
  readonly verdict: VerdictKind;
  /** Where a rejected model is stopped; null otherwise. */
  readonly stage: Stage | null;
}

/** Nodes of the main graph that follow one another in the file: positions of the first and the last. */
export type NodeRun = readonly [first: number, last: number];

export interface TargetVerdict extends Verdict {
  readonly target: string;
  /** Where the parser rejects nodes or inputs: the runs of nodes that it would take each by itself. */
  readonly supportedSubgraphs?: readonly NodeRun[];
  readonly afterSimplify: Verdict;
}

export interface LintResult {
  readonly targets: readonly TargetVerdict[];
  readonly findings: readonly Finding[];
}

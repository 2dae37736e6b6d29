import type { ModelDifference } from '../api/diff.ts';
import type { RulePage } from '../api/explain.ts';
import type { Finding, TargetVerdict } from '../lint/finding.ts';
import type { AppliedRule, OperatorCount, RefusedRewrite } from '../rewrite/report.ts';
import type { Comparison } from '../api/compare.ts';
import type { Verification } from '../api/verify.ts';
import type { Inspected } from './inspection-text.ts';
import type { LintedModel } from './lint-text.ts';
import { printableJson } from './printable.ts';
import type { SimplifiedModel } from './simplify-text.ts';

/**
 * Version of the two documents below. Fields may be added under the same version; it grows when one is removed,
 * renamed or changes its meaning. int64 values are decimal strings; paths are as the user gave them.
 */
export const contractVersion = 1;

/** What `lint --format json` writes. */
export interface LintDocument {
  readonly version: number;
  readonly models: readonly LintDocumentModel[];
}

/** A finding with null where it is not about a node, so that every finding has the same keys. */
export type DocumentFinding = Omit<Finding, 'nodeIndex'> & { readonly nodeIndex: number | null };

/** `targets` is in the order in which the user named them; `verdict` is about the file as it is. */
export interface LintDocumentModel {
  readonly path: string;
  readonly targets: readonly TargetVerdict[];
  readonly findings: readonly DocumentFinding[];
  /** With `--fix`: what was repaired, a sentence each; `findings` are those that are left. */
  readonly repairs?: readonly string[];
  /** With `--fix`: the file that was written; null when there was nothing to repair. */
  readonly output?: string | null;
  /** Why the file could not be read; there are no targets and no findings then. */
  readonly error?: string;
  /** Why the file was passed over, which is not an error. */
  readonly skipped?: string;
}

/** What `simplify --json` writes. */
export interface SimplifyDocument {
  readonly version: number;
  readonly models: readonly SimplifyDocumentModel[];
}

export interface SimplifyDocumentModel {
  readonly path: string;
  /** The file that was written; null when nothing was. */
  readonly output: string | null;
  readonly error?: string;
  readonly skipped?: string;
  /** Nodes of all graphs, Constant not counted. */
  readonly nodes: { readonly before: number; readonly after: number };
  /** Sizes of the model with its external data; `after` is what it would be when nothing was written. */
  readonly bytes: { readonly before: number; readonly after: number };
  readonly operators: readonly OperatorCount[];
  readonly applied: readonly AppliedRule[];
  readonly refused: readonly RefusedRewrite[];
  readonly notes: readonly string[];
  /** Verdicts on the simplified model; empty without a target. */
  readonly targets: readonly TargetVerdict[];
  /** Findings in the simplified model; empty without a target. */
  readonly findings: readonly DocumentFinding[];
  /** With `--verify`: what came of running the model before and after. Nothing was written when it is not `equal`. */
  readonly verification?: Verification;
  /** Wall time spent on this model. */
  readonly seconds: number;
}

/** A model that could not be simplified. */
export interface FailedModel {
  readonly path: string;
  readonly error?: string;
  readonly skipped?: string;
}

export function lintJson(models: readonly LintedModel[]): string {
  const document: LintDocument = {
    version: contractVersion,
    models: models.map(({ path, error, skipped, result, repairs, output }) => ({
      path,
      ...(error !== undefined && { error }),
      ...(skipped !== undefined && { skipped }),
      targets: result?.targets ?? [],
      findings: (result?.findings ?? []).map(findingFields),
      ...(repairs !== undefined && { repairs }),
      ...(output !== undefined && { output }),
    })),
  };
  return printableJson(document);
}

function findingFields(finding: Finding): DocumentFinding {
  return { ...finding, nodeIndex: finding.nodeIndex ?? null };
}

export function simplifyJson(models: readonly (SimplifiedModel | FailedModel)[]): string {
  const document: SimplifyDocument = {
    version: contractVersion,
    models: models.map((model) => {
      if (!('report' in model)) {
        return {
          ...model,
          output: null,
          nodes: { before: 0, after: 0 },
          bytes: { before: 0, after: 0 },
          operators: [],
          applied: [],
          refused: [],
          notes: [],
          targets: [],
          findings: [],
          seconds: 0,
        };
      }
      const { path, output, report, bytes, targets, findings, verification, seconds } = model;
      const { nodes, operators, applied, refused, notes } = report;
      return {
        path,
        output,
        nodes,
        bytes,
        operators,
        applied,
        refused,
        notes,
        targets,
        findings: findings.map(findingFields),
        ...(verification !== undefined && { verification }),
        seconds,
      };
    }),
  };
  return printableJson(document);
}

/** What `inspect --json` writes: `summary` where the model could be read, `error` where not. */
export function inspectJson(models: readonly (Inspected | FailedModel)[]): string {
  return printableJson({ version: contractVersion, models });
}

/** What `compare --json` writes: `error` where the models could not be compared. */
export interface CompareDocument extends Partial<Comparison> {
  readonly version: number;
  readonly a: string;
  readonly b: string;
  readonly error?: string;
}

export function compareJson(document: Omit<CompareDocument, 'version'>): string {
  return printableJson({ version: contractVersion, ...document });
}

/** What `diff --json` writes. */
export function diffJson(compared: {
  readonly before: string;
  readonly after: string;
  readonly difference: ModelDifference;
}): string {
  const { before, after, difference } = compared;
  return printableJson({ version: contractVersion, before, after, ...difference });
}

/** What `rules --json` writes. */
export function rulesJson(rules: readonly RulePage[]): string {
  return printableJson({ version: contractVersion, rules });
}

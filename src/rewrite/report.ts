/** What a run of simplify reports: data for the JSON contract and the text report. */

/** A guarantee that is not in the file but that a rewrite relied on. */
export type Assumption = 'nonempty';

export interface AppliedRule {
  readonly rule: string;
  readonly count: number;
  /** How many of them keep results within a stated bound only; the others keep every bit. */
  readonly bounded: number;
  readonly assumptions: readonly Assumption[];
}

/** One rewrite: the rule, and the node that it began with. */
export interface AppliedRewrite {
  readonly rule: string;
  readonly graph: readonly string[];
  readonly node: string;
}

/** One rewrite with what came of it; nodes by their labels. */
export interface RewriteRecord extends AppliedRewrite {
  /** Operator of the node that the rule began with. */
  readonly operator: string;
  readonly made: readonly { readonly node: string; readonly operator: string }[];
  readonly removed: readonly { readonly node: string; readonly operator: string }[];
  readonly assumptions: readonly Assumption[];
}

export interface RefusedRewrite {
  readonly rule: string;
  readonly graph: readonly string[];
  readonly node: string;
  readonly reason: string;
}

export interface OperatorCount {
  /** `op_type`, or `domain::op_type`. */
  readonly operator: string;
  readonly before: number;
  readonly after: number;
}

export interface SimplifyReport {
  /** Nodes of all graphs and subgraphs, Constant not counted. */
  readonly nodes: { readonly before: number; readonly after: number };
  readonly operators: readonly OperatorCount[];
  readonly applied: readonly AppliedRule[];
  readonly refused: readonly RefusedRewrite[];
  /** Each rewrite in order, where it was asked for. */
  readonly steps?: readonly RewriteRecord[];
  /** Things the reader should know: repairs of the model, contradictions with its value_info. */
  readonly notes: readonly string[];
  /** True when the model differs from what was read. */
  readonly changed: boolean;
}

import type { Patch } from '../ir/patch.ts';
import type { NodePattern } from './pattern.ts';
import type { RewriteContext } from './context.ts';

/** A rule matched and declined; the reason is shown to users who ask why a node stayed. */
export interface Refusal {
  readonly refused: string;
}

/** The rule matches, but declines for a reason worth telling. A rule that simply does not apply returns undefined. */
export function refuse(reason: string): Refusal {
  return { refused: reason };
}

/**
 * A page of documentation that is also a test, in ONNX text. `before` is rewritten by this rule alone and must become `after`;
 * a second run must change nothing; both must compute the same.
 */
export interface RewriteExample {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  /** For an example that stays 'unchanged': the reason the rule gives. */
  readonly because?: string;
  /** Opset of the texts, when not the newest that ONNX Runtime runs. */
  readonly opset?: number;
}

export interface RewriteRule {
  /** The file's stem: eliminate-, fuse-, fold-, merge-, share- or move- and what it is about. */
  readonly id: string;
  /** One sentence, imperative. */
  readonly summary: string;
  /** Why models have it, or why it matters. */
  readonly why: string;
  /** True when results are bit-identical; else how far they may be off. */
  readonly exact: true | string;
  /** First opset of ai.onnx where the rule's result can be written; the rule is not tried below it. */
  readonly since?: number;
  /**
   * Tried only where all other rules are done: it takes constants away by which they would know an operator that was written as
   * several.
   */
  readonly isLate?: boolean;
  /**
   * What the rule may cost for what it saves: `layers` of TensorRT's network for fewer nodes, so that preset `tensorrt` does not have it,
   * or `nodes` for fewer layers, so that no other preset has it. Most rules cost neither.
   */
  readonly costs?: 'layers' | 'nodes';
  /** Tried only on nodes that a target does not take: the rule writes them in operators that it has. */
  readonly isForTarget?: boolean;
  readonly pattern: NodePattern<unknown>;
  readonly rewrite: (captures: never, context: RewriteContext) => Patch | Refusal | undefined;
  readonly examples: readonly RewriteExample[];
}

/** Declares a rewrite rule; captures are typed from the pattern. */
export function rewrite<Captures>(
  rule: Omit<RewriteRule, 'pattern' | 'rewrite'> & {
    readonly pattern: NodePattern<Captures>;
    readonly rewrite: (captures: Captures, context: RewriteContext) => Patch | Refusal | undefined;
  },
): RewriteRule {
  return rule as RewriteRule;
}

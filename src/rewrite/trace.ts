import type { Node } from '../ir/node.ts';
import type { AppliedRule, AppliedRewrite, Assumption, RefusedRewrite } from './report.ts';

/** Which rewrites were applied and which declined, by rule and node. */
export class Trace {
  readonly #applied = new Map<string, { count: number; bounded: number; assumptions: Set<Assumption> }>();
  readonly #refused = new Map<Node, Map<string, string>>();

  #applications = 0;
  #last: AppliedRewrite | undefined;

  /** `place` is that of the node as it was; `isBounded` says that results may differ within a bound. */
  applied(
    rule: string,
    place: Omit<AppliedRewrite, 'rule'>,
    assumptions: ReadonlySet<Assumption>,
    isBounded: boolean,
  ): void {
    const entry = this.#applied.get(rule) ?? { count: 0, bounded: 0, assumptions: new Set() };
    entry.count++;
    if (isBounded) entry.bounded++;
    this.#applications++;
    this.#last = { rule, ...place };
    for (const assumption of assumptions) entry.assumptions.add(assumption);
    this.#applied.set(rule, entry);
  }

  refused(rule: string, node: Node, reason: string): void {
    const reasons = this.#refused.get(node);
    if (reasons === undefined) this.#refused.set(node, new Map([[rule, reason]]));
    else reasons.set(rule, reason);
  }

  /** The node is looked at anew: what was said of it before no longer counts. */
  forget(node: Node): void {
    this.#refused.delete(node);
  }

  get appliedRules(): AppliedRule[] {
    return [...this.#applied]
      .map(([rule, { count, bounded, assumptions }]) => ({
        rule,
        count,
        bounded,
        assumptions: [...assumptions].sort(),
      }))
      .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1));
  }

  /** Refusals about nodes that are still there. */
  get refusedRewrites(): RefusedRewrite[] {
    const refused: RefusedRewrite[] = [];
    for (const [node, reasons] of this.#refused) {
      if (node.graph === undefined) continue;
      const graph = node.graph.path;
      for (const [rule, reason] of reasons) refused.push({ rule, graph, node: node.label, reason });
    }
    return refused;
  }

  /** How many rewrites were applied. */
  get applications(): number {
    return this.#applications;
  }

  /** The rewrite that was applied last. */
  get last(): AppliedRewrite | undefined {
    return this.#last;
  }

  get changed(): boolean {
    return this.#applied.size > 0;
  }
}

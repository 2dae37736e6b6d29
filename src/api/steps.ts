import type { Node } from '../ir/node.ts';
import type { RewriteStep } from '../rewrite/engine.ts';
import type { RewriteRecord } from '../rewrite/report.ts';

export const provenanceKeys = { rule: 'onnx_preflight.rule', nodes: 'onnx_preflight.made_of' } as const;

interface Wanted {
  readonly steps?: boolean;
  readonly provenance?: boolean;
}

/** What is kept of a run's rewrites: a record, and where new nodes come from. */
export class Steps {
  readonly all: RewriteRecord[] = [];
  /** Original nodes behind each node that a rewrite made, by label. */
  readonly #sources = new WeakMap<Node, readonly string[]>();
  readonly observer: ((step: RewriteStep) => void) | undefined;

  constructor({ steps = false, provenance = false }: Wanted) {
    this.observer =
      steps || provenance
        ? (step) => {
            if (steps) this.#record(step);
            if (provenance) this.#describe(step);
          }
        : undefined;
  }

  #record({ rule, graph, node, opType, made, removed, assumptions }: RewriteStep): void {
    const naming = ({ label, operator }: Node): RewriteRecord['made'][number] => ({ node: label, operator });
    this.all.push({
      rule,
      graph,
      node,
      operator: opType,
      made: made.filter((own) => own.graph !== undefined).map(naming),
      removed: removed.map(naming),
      assumptions: [...assumptions],
    });
  }

  #describe({ rule, made, removed }: RewriteStep): void {
    const sources = [...new Set(removed.flatMap((node) => this.#sources.get(node) ?? [node.label]))];
    if (sources.length === 0) return;
    for (const node of made) {
      this.#sources.set(node, sources);
      node.metadataProps = new Map([
        ...node.metadataProps,
        [provenanceKeys.rule, rule],
        [provenanceKeys.nodes, sources.join(', ')],
      ]);
      node.touch();
    }
  }
}

import type { RefusedRewrite, RewriteRecord } from '../rewrite/report.ts';
import { contractVersion } from './json.ts';
import { printableJson } from './printable.ts';

/** What a run did to one model: rewrites in order, and what was refused of nodes that are left. */
export interface TracedModel {
  readonly path: string;
  readonly applied: readonly RewriteRecord[];
  readonly refused: readonly RefusedRewrite[];
}

/** What `simplify --trace` writes. */
export function rewriteTraceJson(models: readonly TracedModel[]): string {
  return printableJson({ version: contractVersion, models });
}

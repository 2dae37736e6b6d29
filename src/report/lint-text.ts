import type { Finding, LintResult, Severity, TargetVerdict, Verdict } from '../lint/finding.ts';
import { findingBlocks } from './finding-text.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import { countText } from './quantities.ts';
import { table } from './table.ts';

/** What lint has to say of one file: a result, or why there is none. */
export interface LintedModel {
  readonly path: string;
  /** One line: what is wrong with the file and what to try. */
  readonly error?: string;
  /** Why the file was passed over without that being an error. */
  readonly skipped?: string;
  readonly result?: LintResult;
  /** What `--fix` did, a sentence each; the findings are those that are left. */
  readonly repairs?: readonly string[];
  /** The file that `--fix` wrote; null when there was nothing to repair. */
  readonly output?: string | null;
  /** With `--fix`: something is wrong that cannot be repaired. */
  readonly isBeyondRepair?: true;
}

export interface LintTextOptions {
  readonly palette: Palette;
  /** Findings shown of one rule; 0 shows all. */
  readonly maxPerRule: number;
}

/** `rejected (parse)`, `accepted with warnings`. */
export function verdictText({ verdict, stage }: Verdict): string {
  const words = verdict.replaceAll('-', ' ');
  return stage === null ? words : `${words} (${stage})`;
}

function paintVerdict(verdict: Verdict, palette: Palette): (text: string) => string {
  if (verdict.verdict === 'rejected') return palette.red;
  return verdict.verdict === 'accepted' ? palette.green : palette.yellow;
}

/** A line a target: its verdict, and the one after simplification where that differs. */
export function verdictLines(targets: readonly TargetVerdict[], palette: Palette, indent = '  '): string[] {
  const rows = targets.map((target) => {
    const after = verdictText(target.afterSimplify);
    return [
      { text: target.target, paint: palette.bold },
      { text: verdictText(target), paint: paintVerdict(target, palette) },
      after === verdictText(target) ? '' : { text: `after simplify: ${after}`, paint: palette.faint },
    ];
  });
  return table(rows, ['left', 'left', 'left'], indent);
}

const MAXIMUM_RUNS = 6;

/** What rejecting targets would take of the model, a line for those that would take the same. */
function subgraphLines(targets: readonly TargetVerdict[]): string[] {
  const takers = new Map<string, string[]>();
  for (const { target, supportedSubgraphs: runs = [] } of targets) {
    if (runs.length === 0) continue;
    const shown = runs
      .slice(0, MAXIMUM_RUNS)
      .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
    if (runs.length > MAXIMUM_RUNS) shown.push(`and ${runs.length - MAXIMUM_RUNS} more`);
    const text = `${countText(runs.length, 'subgraph')}: nodes ${shown.join(', ')}`;
    takers.set(text, [...(takers.get(text) ?? []), target]);
  }
  return [...takers].map(([text, names]) => `  ${names.join(' and ')} would take ${text}`);
}

function countBySeverity(findings: readonly Finding[]): string {
  const severities: readonly Severity[] = ['error', 'warning', 'info'];
  const counts = severities
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => (severity === 'info' ? `${count} info` : countText(count, severity)));
  return counts.length === 0 ? 'no findings' : counts.join(', ');
}

/** The report a person reads: a section a model, findings before verdicts, and one line that sums up. */
export function lintText(models: readonly LintedModel[], { palette, maxPerRule }: LintTextOptions): string {
  const lines: string[] = [];
  for (const model of models) {
    if (model.result === undefined) continue;
    const { findings, targets } = model.result;
    lines.push(palette.bold(printable(model.path)));
    for (const repair of model.repairs ?? []) lines.push(`  ${palette.green('repaired')}  ${printable(repair)}`);
    if (model.output !== undefined && model.output !== null) lines.push(`  wrote ${printable(model.output)}`);
    else if (model.isBeyondRepair) lines.push('  not repaired, since not all of this can be:');
    else if (model.output === null) lines.push('  nothing to repair');
    lines.push(...findingBlocks(findings, palette, maxPerRule));
    if (findings.length > 0) lines.push('');
    lines.push(...verdictLines(targets, palette), ...subgraphLines(targets), '');
  }
  const linted = models.filter(({ result }) => result !== undefined);
  const all = linted.flatMap(({ result }) => result?.findings ?? []);
  const summary = [`${countBySeverity(all)} in ${countText(linted.length, 'model')}`];
  const gone = all.filter(({ goneAfterSimplify }) => goneAfterSimplify).length;
  if (gone > 0) summary.push(`${gone} of them gone after \`onnx-preflight simplify\``);
  const skipped = models.filter((model) => model.skipped !== undefined).length;
  if (skipped > 0) summary.push(`${skipped} skipped`);
  const unreadable = models.filter((model) => model.error !== undefined).length;
  if (unreadable > 0) summary.push(`${unreadable} unreadable`);
  lines.push(summary.join('; '));
  return `${lines.join('\n')}\n`;
}

import type { Finding, TargetVerdict } from '../lint/finding.ts';
import type { Verification } from '../api/verify.ts';
import type { SimplifyReport } from '../rewrite/report.ts';
import { findingBlocks } from './finding-text.ts';
import { verdictText } from './lint-text.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import { changeText, sizeText } from './quantities.ts';
import { type Cell, table } from './table.ts';
import { verificationLines } from './compare-text.ts';

/** One model that was simplified. */
export interface SimplifiedModel {
  readonly path: string;
  /** The model file that was written; null when nothing was. */
  readonly output: string | null;
  /** All files that were written, external data included. */
  readonly written: readonly { readonly path: string; readonly bytes: number }[];
  readonly report: SimplifyReport;
  /** Sizes of the model with its external data; `after` is what it would be when nothing was written. */
  readonly bytes: { readonly before: number; readonly after: number };
  /** What the targets say of the simplified model; empty without a target. */
  readonly targets: readonly TargetVerdict[];
  readonly findings: readonly Finding[];
  /** What came of running the model before and after, where that was asked for. */
  readonly verification?: Verification;
  readonly seconds: number;
}

export interface SimplifyTextOptions {
  readonly palette: Palette;
  readonly maxPerRule: number;
}

function operatorTable(
  { operators, nodes }: SimplifyReport,
  bytes: SimplifiedModel['bytes'],
  palette: Palette,
): string[] {
  const row = (label: string, before: number, after: number): Cell[] => {
    const change = changeText(before, after);
    const paint = after < before ? palette.green : after > before ? palette.yellow : (text: string) => text;
    return [printable(label), `${before}`, { text: `${after}`, paint }, { text: change, paint }];
  };
  const hasConstants = operators.some(({ operator }) => operator === 'Constant');
  const rows: Cell[][] = [
    ['', { text: 'before', paint: palette.faint }, { text: 'after', paint: palette.faint }],
    ...[...operators]
      .sort((a, b) => (a.operator < b.operator ? -1 : a.operator > b.operator ? 1 : 0))
      .map(({ operator, before, after }) => row(operator, before, after)),
    row(hasConstants ? 'all but Constant' : 'all nodes', nodes.before, nodes.after),
    ['file size', sizeText(bytes.before), sizeText(bytes.after)],
  ];
  return table(rows, ['left', 'right', 'right', 'left'], '  ');
}

/** What still stops the targets, or that nothing does: the verdict of each, then the errors that remain. */
function targetLines(model: SimplifiedModel, { palette, maxPerRule }: SimplifyTextOptions): string[] {
  const lines: string[] = [];
  for (const target of model.targets) {
    const paint =
      target.verdict === 'rejected' ? palette.red : target.verdict === 'accepted' ? palette.green : palette.yellow;
    lines.push(`  ${palette.bold(target.target)}: ${paint(verdictText(target))}`);
  }
  const errors = model.findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) lines.push('  what still stops it:', ...findingBlocks(errors, palette, maxPerRule, '    '));
  const others = model.findings.length - errors.length;
  if (others > 0)
    lines.push(`  ${others} more ${others === 1 ? 'finding' : 'findings'} that stop nothing: onnx-preflight lint`);
  return lines;
}

/** The report on one model, ended by an empty line. */
export function simplifyText(model: SimplifiedModel, options: SimplifyTextOptions): string {
  const { palette } = options;
  const { report } = model;
  const lines = [palette.bold(printable(model.path)), ...operatorTable(report, model.bytes, palette)];
  const remarks: string[] = [];
  if (!report.changed) remarks.push('nothing to simplify');
  if (report.applied.some(({ assumptions }) => assumptions.includes('nonempty')))
    remarks.push('assumes that dynamic dims of graph inputs are at least 1 (--allow-empty does without)');
  for (const note of report.notes) remarks.push(`note: ${printable(note)}`);
  if (report.refused.length > 0) {
    const times = report.refused.length === 1 ? '1 rewrite was' : `${report.refused.length} rewrites were`;
    remarks.push(`${times} refused (--why RULE or --why NODE says why)`);
  }
  for (const file of model.written) remarks.push(`wrote ${printable(file.path)} (${sizeText(file.bytes)})`);
  lines.push(...remarks.map((remark) => `  ${remark}`));
  if (model.verification !== undefined)
    lines.push(...verificationLines(model.verification, palette).map((line) => `  ${line}`));
  lines.push(...targetLines(model, options));
  return `${lines.join('\n')}\n\n`;
}

/**
 * The answer of `--check`: what would go and the command that does it, one line. `options` are those that the command
 * needs beside the model's path.
 */
export function checkText({ path, report }: SimplifiedModel, options: readonly string[]): string {
  const { before, after } = report.nodes;
  const name = printable(path);
  if (after >= before) return `${name}: no node would go\n`;
  const quoted = /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  const command = ['onnx-preflight simplify', quoted, ...options].join(' ');
  return `${name}: simplify would remove ${before - after} of ${before} nodes; run: ${command}\n`;
}

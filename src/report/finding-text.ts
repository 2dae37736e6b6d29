import type { Finding, Severity } from '../lint/finding.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Worst first; findings of one severity keep their order. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ranks[a.severity] - ranks[b.severity]);
}

/** Where a finding is: subgraphs entered, then the node with its op_type, or the value; 'model' when it is about neither. */
export function locationText(finding: Pick<Finding, 'graph' | 'node' | 'opType' | 'value'>): string {
  const { graph, node, opType, value } = finding;
  const path = graph.slice(1);
  if (node !== '') {
    // A label such as `(Conv of x)` says the op_type already.
    const isUnnamed = node.startsWith('(');
    path.push(opType === '' || isUnnamed ? node : `${node} (${opType})`);
  } else if (value !== '') {
    path.push(`value ${value}`);
  }
  return path.length === 0 ? 'model' : printable(path.join(' > '));
}

function paintSeverity(severity: Severity, palette: Palette): string {
  const paint = { error: palette.red, warning: palette.yellow, info: palette.cyan }[severity];
  return paint(severity.padEnd('warning'.length));
}

function block(finding: Finding, palette: Palette, indent: string): string[] {
  const inner = `${indent}${' '.repeat('warning'.length)}  `;
  const lines = [
    `${indent}${paintSeverity(finding.severity, palette)}  ${palette.bold(finding.rule)}  ${locationText(finding)}`,
    `${inner}${printable(finding.message)}`,
  ];
  if (finding.advice !== '') lines.push(`${inner}fix: ${printable(finding.advice)}`);
  const remarks = [finding.targets.join(', ')];
  if (finding.confidence === 'likely') remarks.push('likely, not certain');
  if (finding.goneAfterSimplify) remarks.push('gone after simplify');
  if (finding.offset !== undefined) remarks.push(`at byte ${finding.offset}`);
  if (finding.source !== undefined && finding.source !== '') remarks.push(`from ${printable(finding.source)}`);
  const remark = remarks.filter((text) => text !== '').join('; ');
  if (remark !== '') lines.push(inner + palette.faint(remark));
  return lines;
}

/**
 * One block a finding, worst first, those of one rule together; at most `maxPerRule` of each rule and severity (0: all),
 * then a line that says how many more there are.
 */
export function findingBlocks(
  findings: readonly Finding[],
  palette: Palette,
  maxPerRule: number,
  indent = '  ',
): string[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of bySeverity(findings)) {
    const key = `${ranks[finding.severity]} ${finding.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const lines: string[] = [];
  for (const group of groups.values()) {
    const shown = maxPerRule === 0 ? group : group.slice(0, maxPerRule);
    for (const finding of shown) lines.push(...block(finding, palette, indent));
    const more = group.length - shown.length;
    if (more > 0) {
      const { rule } = group[0] as Finding;
      lines.push(
        `${indent}${' '.repeat('warning'.length)}  ... and ${more} more of ${rule} (--max-per-rule 0 shows all)`,
      );
    }
  }
  return lines;
}

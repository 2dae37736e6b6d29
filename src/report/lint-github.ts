import type { Finding } from '../lint/finding.ts';
import { bySeverity, locationText } from './finding-text.ts';
import { type LintedModel, verdictText } from './lint-text.ts';
import { printable } from './printable.ts';

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const;

/** Escaping of the data part of a workflow command (actions/toolkit packages/core/src/command.ts). */
function escapeData(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

/** Properties also end at `:` and `,`. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function command(name: string, path: string, title: string, message: string): string {
  return `::${name} file=${escapeProperty(path)},title=${escapeProperty(title)}::${escapeData(message)}`;
}

function targetsText({ targets }: Finding): string {
  return targets.length === 0 ? '' : ` [${targets.join(', ')}]`;
}

/**
 * Workflow commands of GitHub Actions, a line each, worst first since GitHub shows ten errors and ten warnings a step;
 * then the verdicts as plain lines of the log. Paths are made relative to the repository by `repositoryPath`.
 */
export function lintGithub(models: readonly LintedModel[], repositoryPath: (path: string) => string): string {
  const lines: string[] = [];
  for (const { path, error } of models) {
    if (error !== undefined) lines.push(command('error', repositoryPath(path), 'onnx-preflight cannot read it', error));
  }
  const placed = models.flatMap(({ path, result }) => (result?.findings ?? []).map((finding) => ({ path, finding })));
  const paths = new Map(placed.map(({ path, finding }) => [finding, path]));
  for (const finding of bySeverity(placed.map(({ finding }) => finding))) {
    const location = locationText(finding);
    const advice = finding.advice === '' ? '' : ` ${finding.advice}`;
    lines.push(
      command(
        commands[finding.severity],
        repositoryPath(paths.get(finding) ?? ''),
        finding.rule,
        `${location}: ${finding.message}${advice}${targetsText(finding)}`,
      ),
    );
  }
  for (const { path, skipped, result } of models) {
    if (skipped !== undefined)
      lines.push(command('notice', repositoryPath(path), 'onnx-preflight skipped it', skipped));
    for (const target of result?.targets ?? [])
      lines.push(`${printable(path)}: ${target.target}: ${verdictText(target)}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

import type { RulePage, RulePageExample } from '../api/explain.ts';
import type { Palette } from './palette.ts';
import { table } from './table.ts';

/** ONNX text without the indentation it has in the rule's file. */
function dedent(text: string): string[] {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n');
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  // The first line stands behind the opening quote; the last is the closing brace, which shows the indentation.
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line, index) => (index === 0 ? line.trimStart() : line.slice(indent)));
}

function modelLines(text: string): string[] {
  return dedent(text).map((line) => `    ${line}`);
}

function exampleLines(example: RulePageExample, palette: Palette): string[] {
  const { title, model, after, because, reports, target } = example;
  const lines = ['', `  ${palette.bold(title)}${target === undefined ? '' : ` (${target})`}`, ...modelLines(model)];
  if (after === 'unchanged') lines.push(`  stays as it is${because === undefined ? '' : `: ${because}`}`);
  else if (after !== undefined) lines.push('  becomes', ...modelLines(after));
  if (reports !== undefined) lines.push(`  reports ${reports.length === 0 ? 'nothing' : reports.join(', ')}`);
  return lines;
}

/** The page of a rule, as `explain` prints it. */
export function rulePageText(page: RulePage, palette: Palette): string {
  const lines = [palette.bold(page.id), `  ${page.summary}`, `  ${page.why}`, ''];
  const facts: string[][] = [];
  if (page.exactness !== undefined) facts.push(['results', page.exactness]);
  if (page.severity !== undefined) facts.push(['severity', page.severity]);
  for (const [id, template] of Object.entries(page.messages ?? {})) facts.push([id, template]);
  for (const advice of adviceLines(page.advice)) facts.push(['what to do', advice]);
  for (const text of page.errorTexts ?? []) facts.push(['TensorRT says', text]);
  lines.push(...table(facts, ['left', 'left'], '  '));
  for (const example of page.examples) lines.push(...exampleLines(example, palette));
  return `${lines.join('\n')}\n`;
}

/** One advice for all messages, or one for each. */
function adviceLines(advice: string | Readonly<Record<string, string>> | undefined): string[] {
  if (advice === undefined) return [];
  return typeof advice === 'string' ? [advice] : [...new Set(Object.values(advice))];
}

/** All rules, a line each. */
export function rulesText(pages: readonly RulePage[], palette: Palette): string {
  const families = [
    ['simplify', 'what simplify rewrites; results are bit-identical unless a bound is stated'],
    ['tensorrt', 'what lint finds that stops or changes a model in TensorRT'],
    ['model', 'what lint finds that is not valid ONNX'],
  ] as const;
  const lines: string[] = [];
  for (const [family, title] of families) {
    const rows = pages
      .filter((page) => page.family === family)
      .map(({ id, severity, exactness, summary }) => [
        id,
        severity ?? (exactness === 'bit-identical' ? 'exact' : 'bounded'),
        summary,
      ]);
    lines.push(palette.bold(`${family}: ${title}`), ...table(rows, ['left', 'left', 'left'], '  '), '');
  }
  lines.push('`onnx-preflight explain RULE` shows examples.');
  return `${lines.join('\n')}\n`;
}

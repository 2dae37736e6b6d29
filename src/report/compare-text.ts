import type { Comparison } from '../api/compare.ts';
import type { Cause, Verification } from '../api/verify.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import { countText } from './quantities.ts';
import { type Cell, table } from './table.ts';

type Output = Comparison['outputs'][number];

/** Names of outputs beyond this say nothing more. */
const SHOWN_OUTPUTS = 20;

/** What `compare` found, ended by an empty line. `a` and `b` are the paths. */
export function comparisonText(comparison: Comparison, a: string, b: string, palette: Palette): string {
  const verdict = comparison.equal ? palette.green(equalityText(comparison)) : palette.red('they differ');
  const lines = [`${palette.bold(printable(a))} and ${palette.bold(printable(b))}: ${verdict}`];
  lines.push(`  ran ${conditionsText(comparison)}`);
  lines.push(...remarkLines(comparison).map((line) => `  ${line}`));
  const { outputs } = comparison;
  const shown = [...outputs].sort((x, y) => Number(x.equal) - Number(y.equal)).slice(0, SHOWN_OUTPUTS);
  lines.push(...outputTable(shown, palette));
  if (outputs.length > shown.length) lines.push(`  and ${countText(outputs.length - shown.length, 'more output')}`);
  return `${lines.join('\n')}\n\n`;
}

/** What `simplify --verify` found. */
export function verificationLines(verification: Verification, palette: Palette): string[] {
  const { cause, equal } = verification;
  if (equal)
    return [
      `${palette.green('verified')}: ${equalityText(verification)}; ran ${conditionsText(verification)}`,
      ...remarkLines(verification),
    ];
  return [
    `${palette.red('verification failed')}, so nothing was written; ran ${conditionsText(verification)}`,
    ...remarkLines(verification),
    ...verification.outputs.filter((output) => !output.equal).map((output) => `  ${differenceText(output)}`),
    ...(cause === null ? [] : [`  ${causeText(cause)}`]),
  ];
}

function equalityText({ outputs, exact }: Comparison): string {
  const [worst] = [...outputs].sort((x, y) => (y.maximumRelative ?? 0) - (x.maximumRelative ?? 0));
  const all = outputs.length === 1 ? 'the output is' : `all ${outputs.length} outputs are`;
  if (worst === undefined) return 'there are no outputs';
  const off = worst.maximumRelative ?? 0;
  if (worst.different === 0 && off === 0) return `${all} equal${exact ? ' to the bit' : ''}`;
  const bound = worst.allowed === 0 ? 'the tolerance' : `${numberText(worst.allowed)} of the scale`;
  return `${all} equal within ${bound}, at most ${numberText(off)} off ('${printable(worst.output)}')`;
}

function conditionsText({ runs, runner, seed }: Comparison): string {
  const sizes = runs.map(({ dims }) => dims).filter((dims) => dims !== '');
  const where = sizes.length === 0 ? '' : ` (${[...new Set(sizes)].map(printable).join('; ')})`;
  return `${countText(runs.length, 'set')} of inputs${where} by ${runner}, seed ${seed}`;
}

function remarkLines({ skipped, notes, runs }: Comparison): string[] {
  return [
    ...skipped.map(({ dims, reason }) => `passed over${dims === '' ? '' : ` ${dims}`}: the original fails: ${reason}`),
    ...runs.flatMap(({ dims, failure }) =>
      failure === null ? [] : [`fails${dims === '' ? '' : ` for ${dims}`}, and the original does not: ${failure}`],
    ),
    ...notes.map((note) => `note: ${note}`),
  ].map(printable);
}

function outputTable(outputs: readonly Output[], palette: Palette): string[] {
  if (outputs.length === 0) return [];
  const faint = (text: string): Cell => ({ text, paint: palette.faint });
  const rows: Cell[][] = [
    ['output', 'max absolute', 'max relative', 'allowed', 'unequal', 'worst at'].map(faint),
    ...outputs.map((output) => [
      { text: printable(output.output), paint: output.equal ? palette.green : palette.red },
      numberText(output.maximumAbsolute),
      numberText(output.maximumRelative),
      output.allowed === 0 ? 'exact' : numberText(output.allowed),
      output.reason === null ? `${output.different} of ${output.elements}` : '-',
      output.reason ?? worstText(output),
    ]),
  ];
  return table(rows, ['left', 'right', 'right', 'right', 'right', 'left'], '  ');
}

function worstText({ at, values }: Output): string {
  if (at === null || values === null) return '';
  return `[${at.join(', ')}]: ${values.map(printable).join(' and ')}`;
}

function differenceText(output: Output): string {
  const name = `output '${printable(output.output)}'`;
  if (output.reason !== null) return `${name}: ${printable(output.reason)}`;
  const off = output.maximumRelative === null ? '' : `, ${numberText(output.maximumRelative)} of the scale`;
  const allowed = output.allowed === 0 ? 'must be equal to the bit' : `allowed is ${numberText(output.allowed)}`;
  const places = `${output.different} of ${countText(output.elements, 'element')}`;
  return `${name}: ${places} differ; at ${worstText(output)} (${numberText(output.maximumAbsolute)} off${off}; ${allowed})`;
}

function causeText({ rules, rewrite }: Cause): string {
  if (rules.length === 0) return 'no rule causes it: results differ before any is applied';
  const names = rules.length === 1 ? `rule ${rules[0]}` : `the rules ${rules.join(' and ')} together`;
  if (rewrite === null) return `caused by ${names}`;
  const [, ...path] = rewrite.graph;
  const place = [...path, rewrite.node].map(printable).join('/');
  const by = rules.length === 1 ? 'at' : `with the rewrite by ${rewrite.rule} at`;
  return `caused by ${names}, ${by} ${place}`;
}

function numberText(value: number | null): string {
  return value === null ? '-' : value === 0 ? '0' : Number(value.toPrecision(2)).toString();
}

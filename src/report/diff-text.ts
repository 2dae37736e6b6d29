import type { Changes, ModelDifference } from '../api/diff.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import { changeText } from './quantities.ts';
import { table } from './table.ts';

/** `maxPerPart` lines of each part are shown; 0 shows all. */
export interface DiffTextOptions {
  readonly palette: Palette;
  readonly maxPerPart: number;
}

/** What `diff` prints: nothing but a sentence when the models are equal. */
export function diffText(difference: ModelDifference, options: DiffTextOptions): string {
  if (difference.isEqual) return 'the models are equal\n';
  const lines = [
    ...partLines('header', difference.header, options),
    ...partLines('inputs', difference.inputs, options),
    ...partLines('outputs', difference.outputs, options),
    ...operatorLines(difference, options.palette),
    ...partLines('nodes', difference.nodes, options),
    ...partLines('weights', difference.weights, options),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function operatorLines({ operators }: ModelDifference, palette: Palette): string[] {
  if (operators.length === 0) return [];
  const rows = operators.map(({ operator, before, after }) => [
    printable(operator),
    `${before}`,
    `${after}`,
    changeText(before, after),
  ]);
  return [palette.bold('operators'), ...table(rows, ['left', 'right', 'right', 'left'], '  ')];
}

function partLines(
  title: string,
  { added, removed, changed }: Changes,
  { palette, maxPerPart }: DiffTextOptions,
): string[] {
  const count = added.length + removed.length + changed.length;
  if (count === 0) return [];
  const lines = [
    ...removed.map((name) => palette.red(`  - ${printable(name)}`)),
    ...added.map((name) => palette.green(`  + ${printable(name)}`)),
    ...changed.map(({ name, before, after }) => `  ~ ${printable(name)}: ${printable(before)} -> ${printable(after)}`),
  ];
  const shown = maxPerPart === 0 ? lines : lines.slice(0, maxPerPart);
  const rest = lines.length - shown.length;
  const summary = `${title}: ${removed.length} removed, ${added.length} added, ${changed.length} changed`;
  return [
    palette.bold(summary),
    ...shown,
    ...(rest > 0 ? [`  ... and ${rest} more (--max-per-part 0 shows all)`] : []),
  ];
}

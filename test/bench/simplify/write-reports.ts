/** Writes what the bench found: the table, the plot, the numbers, and the paragraph of the README. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Participant } from './participants.ts';
import { plotSvg } from './plot.ts';
import { compareTimes, compareWithBest, markdownTable, type Standing, standingText } from './report.ts';
import type { ModelRow } from './results.ts';

function machineText(): string {
  return `${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, node ${process.version}`;
}

/** `simplify.md`, `.json` and `.svg` in a folder. */
export function writeReports(
  rows: readonly ModelRow[],
  participants: readonly Participant[],
  standing: Standing,
  folder: string,
): void {
  mkdirSync(folder, { recursive: true });
  const names = participants.map(({ name }) => name);
  const versions = new Map(participants.map(({ name, version }) => [name, version]));
  const machine = machineText();
  const head = [
    '# Nodes, correctness and time beside the peers',
    '',
    `Written by \`npm run bench -- simplify\` on ${machine}. A cell: nodes left, Constant not counted${rows.some((row) => row.layers !== undefined) ? ' / layers of the TensorRT network' : ''}, seconds of the whole process;`,
    'bold is the fewest of the results that are right. Every result is compared with the original in ONNX Runtime.',
    '',
    '![nodes and seconds](simplify.svg)',
    '',
  ];
  const body = [markdownTable(rows, names, versions), '', '## Beside the best peer whose result is right', ''];
  const text = [...head, ...body, standingText(rows, standing)].join('\n');
  writeFileSync(join(folder, 'simplify.md'), `${text.trimEnd()}\n`);
  // Operators fill a file, and whoever wants them runs the bench.
  const short = rows.map((row) => ({
    ...row,
    results: Object.fromEntries(Object.entries(row.results).map(([name, { operators: _, ...rest }]) => [name, rest])),
  }));
  const lines = short.map((row) => JSON.stringify(row)).join(',\n');
  writeFileSync(join(folder, 'simplify.json'), `{"machine":${JSON.stringify(machine)},"models":[\n${lines}\n]}\n`);
  writeFileSync(join(folder, 'simplify.svg'), plotSvg(rows, names));
}

const BEGIN = '<!-- written by npm run bench -- simplify --readme -->';
const END = '<!-- end -->';

/** Puts the summary between the two comments of the README that are kept for it; nothing else changes. */
export function writeQuote(rows: readonly ModelRow[], standing: Standing, readme: string, folder: string): void {
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${readme} has no place for the summary: ${BEGIN} and ${END}`);
  const before = text.slice(0, begin + BEGIN.length);
  writeFileSync(readme, `${before}\n${quoteText(rows, standing, folder)}\n${text.slice(end)}`);
}

/** A paragraph and the plot. */
export function quoteText(rows: readonly ModelRow[], standing: Standing, folder: string): string {
  const right = (name: string): number => rows.filter(({ results }) => results[name]?.verdict === 'correct').length;
  const nodes = compareWithBest(rows, standing, 'nodes');
  const layers = compareWithBest(rows, standing, 'layers');
  const times = standing.peers.flatMap((peer) => {
    const { models, ours, theirs } = compareTimes(rows, standing.ours, peer);
    return models === 0 ? [] : [`${peer} ${(theirs / ours).toFixed(1)} (right on ${right(peer)})`];
  });
  const inLayers =
    layers.models === 0
      ? []
      : [
          `Of the results with \`--preset tensorrt\`, TensorRT's parser makes ${layers.ours} layers, of the best ones ${layers.theirs} (${percent(layers)}; more on ${layers.above.length}).`,
        ];
  return [
    '',
    `On ${rows.length} exports our result is right on ${right(standing.ours)}; it has ${nodes.ours} nodes, and the best right result of any peer, picked anew for each model,`,
    `${nodes.theirs} (${percent(nodes)}; fewer on ${nodes.fewer} models, equal on ${nodes.equal}, more on ${nodes.above.length}).`,
    ...inLayers,
    `Time of whole processes, in multiples of ours: ${times.join(', ')}.`,
    `Measured on ${machineText()}; [the table](${folder}/simplify.md) has each model, and \`npm run bench -- simplify FOLDER\` measures anew.`,
    '',
    `![nodes left and seconds, for each model and tool](${folder}/simplify.svg)`,
    '',
  ].join('\n');
}

function percent({ ours, theirs }: { readonly ours: number; readonly theirs: number }): string {
  return `${((100 * ours) / theirs).toFixed(1)} %`;
}

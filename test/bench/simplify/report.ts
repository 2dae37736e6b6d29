import { type BestPeer, bestPeer, counts, type ModelRow, operatorDifference, type Result } from './results.ts';

export interface Standing {
  readonly ours: string;
  /** The participant whose layers are compared: ours with preset tensorrt, where it takes part. */
  readonly oursForLayers: string;
  readonly peers: readonly string[];
}

/** The table of `bench/simplify.md`: a row a model, a column a participant, the fewest nodes of right results in bold. */
export function markdownTable(
  rows: readonly ModelRow[],
  names: readonly string[],
  versions: ReadonlyMap<string, string>,
): string {
  const lines = [
    `| model | nodes | ${names.map((name) => `${name} ${versions.get(name) ?? ''}`).join(' | ')} |`,
    `|---|--:|${names.map(() => '--:|').join('')}`,
  ];
  for (const row of rows) {
    const least = Math.min(...names.map((name) => leastOf(row.results[name])));
    const cells = names.map((name) => cellText(row.results[name], least));
    lines.push(`| ${row.model} | ${row.nodes} | ${cells.join(' | ')} |`);
  }
  return [...lines, '', ...summaryTable(rows, names)].join('\n');
}

function leastOf(result: Result | undefined): number {
  return result !== undefined && counts(result) ? (result.nodes ?? Infinity) : Infinity;
}

function cellText(result: Result | undefined, least: number): string {
  if (result === undefined) return '';
  const seconds = `${result.seconds.toFixed(1)} s`;
  if (result.nodes === undefined || result.verdict === 'failed' || result.verdict === 'timeout')
    return `${result.verdict}, ${seconds}`;
  if (result.verdict === 'wrong') return `~~${result.nodes}~~ wrong, ${seconds}`;
  const foreign = result.foreign !== undefined && result.foreign.length > 0 ? ` (${result.foreign.join(', ')})` : '';
  const nodes = result.nodes === least && counts(result) ? `**${result.nodes}**` : `${result.nodes}`;
  const layers = result.layers === undefined ? '' : ` / ${result.layers ?? 'refused'}`;
  return `${nodes}${layers}${foreign}, ${seconds}`;
}

/** What each participant did over all models. */
function summaryTable(rows: readonly ModelRow[], names: readonly string[]): string[] {
  const lines = ['| | correct | wrong | failed | unjudged | seconds | peak MB |', '|---|--:|--:|--:|--:|--:|--:|'];
  for (const name of names) {
    const results = rows.flatMap((row) => row.results[name] ?? []);
    const times = (verdict: Result['verdict']): number => results.filter((result) => result.verdict === verdict).length;
    const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
    const peak = Math.max(0, ...results.map(({ peakBytes }) => peakBytes ?? 0)) / 1e6;
    lines.push(
      `| ${name} | ${times('correct')} | ${times('wrong')} | ${times('failed') + times('timeout')} | ${times('unjudged')} | ${seconds.toFixed(1)} | ${peak.toFixed(0)} |`,
    );
  }
  return lines;
}

/** Where we stand beside the best right peer, model by model and in total, and beside the time of each peer; the text for stdout. */
export function standingText(rows: readonly ModelRow[], standing: Standing): string {
  return [
    ...standingLines(rows, standing, 'nodes'),
    ...standingLines(rows, standing, 'layers'),
    ...standing.peers.flatMap((peer) => timeLine(rows, standing.ours, peer)),
  ].join('\n');
}

/** Ours and the best of the right peers, over the models where both have a result. */
export interface Comparison {
  readonly models: number;
  readonly ours: number;
  readonly theirs: number;
  readonly fewer: number;
  readonly equal: number;
  readonly above: readonly { readonly row: ModelRow; readonly value: number; readonly best: BestPeer }[];
}

export function compareWithBest(
  rows: readonly ModelRow[],
  { ours, oursForLayers, peers }: Standing,
  what: 'nodes' | 'layers',
): Comparison {
  let [our, their, fewer, equal, models] = [0, 0, 0, 0, 0];
  const above: { row: ModelRow; value: number; best: BestPeer }[] = [];
  for (const row of rows) {
    const mine = row.results[what === 'nodes' ? ours : oursForLayers];
    const best = bestPeer(row, peers, what);
    const value = mine?.[what];
    if (mine === undefined || best === undefined || value === undefined || value === null || !counts(mine)) continue;
    models++;
    our += value;
    their += best.least;
    if (value < best.least) fewer++;
    if (value === best.least) equal++;
    if (value > best.least) above.push({ row, value, best });
  }
  return { models, ours: our, theirs: their, fewer, equal, above };
}

function standingLines(rows: readonly ModelRow[], standing: Standing, what: 'nodes' | 'layers'): string[] {
  const lines: string[] = [];
  const dynamic = rows.filter(({ model }) => model.endsWith('.dyn'));
  for (const [label, some] of [
    [what, rows],
    [`${what} of models with dynamic dims`, dynamic.length < rows.length ? dynamic : []],
  ] as const) {
    const { models, ours, theirs, fewer, equal, above } = compareWithBest(some, standing, what);
    if (models === 0) continue;
    lines.push(
      `${label}: ${ours} against ${theirs} of the best peers (${((100 * ours) / theirs).toFixed(1)} %); of ${models} models fewer on ${fewer}, equal on ${equal}, more on ${above.length}`,
    );
  }
  for (const { row, value, best } of compareWithBest(rows, standing, what).above) {
    const [mine, theirs] = [row.results[standing.ours], row.results[best.name]];
    const byOperator =
      what === 'nodes' ? `: ${operatorDifference(mine?.operators ?? {}, theirs?.operators ?? {})}` : '';
    lines.push(`- ${row.model}: ${value} against ${best.least} (${best.name})${byOperator}`);
  }
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Seconds of ours and of a peer over the models for which both have a result. */
export function compareTimes(
  rows: readonly ModelRow[],
  ours: string,
  peer: string,
): { readonly models: number; readonly ours: number; readonly theirs: number; readonly slower: number } {
  let [models, our, their, slower] = [0, 0, 0, 0];
  for (const { results } of rows) {
    const [mine, theirs] = [results[ours], results[peer]];
    if (mine?.nodes === undefined || theirs?.nodes === undefined) continue;
    models++;
    our += mine.seconds;
    their += theirs.seconds;
    if (mine.seconds > theirs.seconds) slower++;
  }
  return { models, ours: our, theirs: their, slower };
}

function timeLine(rows: readonly ModelRow[], name: string, peer: string): string[] {
  const { models, ours, theirs, slower } = compareTimes(rows, name, peer);
  if (models === 0) return [];
  const ratio = (theirs / ours).toFixed(1);
  return [
    `seconds: ${ours.toFixed(1)} against ${theirs.toFixed(1)} of ${peer} (${ratio} x); of ${models} models slower on ${slower}`,
  ];
}

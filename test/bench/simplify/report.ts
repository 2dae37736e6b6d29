import { bestPeer, counts, type ModelRow, operatorDifference, type Result } from './results.ts';

export interface Standing {
  readonly ours: string;
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

/** Where we stand beside the best right peer, model by model and in total; the text for stdout. */
export function standingText(rows: readonly ModelRow[], standing: Standing): string {
  return [...standingLines(rows, standing, 'nodes'), ...standingLines(rows, standing, 'layers')].join('\n');
}

function standingLines(rows: readonly ModelRow[], { ours, peers }: Standing, what: 'nodes' | 'layers'): string[] {
  let [our, their, fewer, equal, compared] = [0, 0, 0, 0, 0];
  const above: string[] = [];
  for (const row of rows) {
    const mine = row.results[ours];
    const best = bestPeer(row, peers, what);
    const value = mine?.[what];
    if (mine === undefined || best === undefined || value === undefined || value === null || !counts(mine)) continue;
    compared++;
    our += value;
    their += best.least;
    if (value < best.least) fewer++;
    if (value === best.least) equal++;
    if (value <= best.least) continue;
    const theirs = row.results[best.name]?.operators ?? {};
    const byOperator = what === 'nodes' ? `: ${operatorDifference(mine.operators ?? {}, theirs)}` : '';
    above.push(`- ${row.model}: ${value} against ${best.least} (${best.name})${byOperator}`);
  }
  if (compared === 0) return [];
  const percent = ((100 * our) / their).toFixed(1);
  return [
    `${what}: ${our} against ${their} of the best peers (${percent} %); of ${compared} models fewer on ${fewer}, equal on ${equal}, more on ${above.length}`,
    ...above,
    '',
  ];
}

export type Verdict = 'correct' | 'wrong' | 'failed' | 'timeout' | 'unjudged';

export type OperatorCounts = Readonly<Record<string, number>>;

/** What one participant made of one model. */
export interface Result {
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Nodes of all graphs, Constant not counted; undefined when there is no result. */
  readonly nodes?: number;
  readonly operators?: OperatorCounts;
  /** The largest difference from the original, relative to the output's scale; 0 where all is the same to the bit. */
  readonly worst?: number;
  /** Domains that the original does not need. */
  readonly foreign?: readonly string[];
  readonly seconds: number;
  readonly peakBytes?: number;
  /** Layers of TensorRT's network, null where its parser refuses; undefined when it was not asked. */
  readonly layers?: number | null;
}

export interface ModelRow {
  readonly model: string;
  readonly bytes: number;
  readonly nodes: number;
  readonly layers?: number | null;
  /** Why the original itself does not run, so that nothing could be compared. */
  readonly unjudged?: string;
  readonly results: Readonly<Record<string, Result>>;
}

/** Whether the result can stand beside ours: right, and without operators that only one runtime has. */
export function counts({ verdict, foreign = [], nodes }: Result): boolean {
  return nodes !== undefined && (verdict === 'correct' || verdict === 'unjudged') && foreign.length === 0;
}

export interface BestPeer {
  readonly name: string;
  readonly least: number;
}

/** The peer that leaves least, and how much; undefined when no peer's result counts. */
export function bestPeer(
  row: ModelRow,
  peers: readonly string[],
  what: 'nodes' | 'layers' = 'nodes',
): BestPeer | undefined {
  let best: BestPeer | undefined;
  for (const name of peers) {
    const result = row.results[name];
    const least = result?.[what];
    if (result === undefined || least === undefined || least === null || !counts(result)) continue;
    if (best === undefined || least < best.least) best = { name, least };
  }
  return best;
}

/** `Reshape +4, Mul -1`: operators of which `ours` holds more or fewer, the largest surplus first. */
export function operatorDifference(ours: OperatorCounts, theirs: OperatorCounts): string {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .map((operator) => ({ operator, more: (ours[operator] ?? 0) - (theirs[operator] ?? 0) }))
    .filter(({ more }) => more !== 0)
    .sort((a, b) => b.more - a.more || (a.operator < b.operator ? -1 : 1))
    .map(({ operator, more }) => `${operator} ${more > 0 ? '+' : ''}${more}`)
    .join(', ');
}

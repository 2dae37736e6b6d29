/** Targets in words. */
import { releasesOf, type Target } from './target.ts';
import { formatVersion, version } from './version.ts';

/** The newest parser that was observed (tensorrt-rtx 1.7.1, which carries the parser of 11.4); what is said of later ones is inferred. */
const OBSERVED_UNTIL = version('11.4');
/** Platform releases whose source was not read. */
const unreadReleases = [version('8.1'), version('8.3')];

/** True when facts about the target are carried over from the release below it. */
export function isBeyondObservation(target: Target): boolean {
  return target.version > OBSERVED_UNTIL || unreadReleases.includes(target.version);
}

/** `TensorRT 8.6 and 10.16`; four or more successive releases are written as a span: `TensorRT 7.0 to 8.6`. */
export function describeTargets(targets: readonly Target[]): string {
  const parts: string[] = [];
  for (const [product, label] of [
    ['tensorrt', 'TensorRT'],
    ['tensorrt-rtx', 'TensorRT-RTX'],
  ] as const) {
    const wanted = new Set(targets.filter((target) => target.product === product).map(({ release }) => release));
    if (wanted.size === 0) continue;
    parts.push(`${label} ${joinWords(spansOf(releasesOf(product), wanted).flatMap(spanWords))}`);
  }
  return joinWords(parts);
}

/** `describeTargets` for many findings, which hold for the same few sets of targets. */
export function targetDescriber(): typeof describeTargets {
  const known = new Map<string, string>();
  return (targets) => {
    const key = targets.map(({ product, release }) => `${product} ${release}`).join();
    const words = known.get(key) ?? describeTargets(targets);
    known.set(key, words);
    return words;
  };
}

function spansOf(releases: readonly number[], wanted: ReadonlySet<number>): number[][] {
  const spans: number[][] = [];
  let open: number[] | undefined;
  for (const release of releases) {
    if (!wanted.has(release)) open = undefined;
    else if (open === undefined) spans.push((open = [release]));
    else open.push(release);
  }
  return spans;
}

function spanWords(span: readonly number[]): string[] {
  const [first] = span;
  const last = span.at(-1);
  if (span.length > 3 && first !== undefined && last !== undefined)
    return [`${formatVersion(first)} to ${formatVersion(last)}`];
  return span.map(formatVersion);
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

import type { RulePage } from './explain.ts';

export interface RuleMatch {
  readonly page: RulePage;
  /** The text of the rule that the pasted one is nearest to. */
  readonly text: string;
  /** Share of the pasted text's weight that the rule's text covers, and the other way round: 0 to 1. */
  readonly score: number;
}

/** Below this share in common two texts speak of different things. */
const LEAST_SCORE = 0.3;

/** Words that mean the same whatever node and file they name. */
function wordsOf(text: string): Set<string> {
  const words = text
    .replace(/\{\w+\}/g, ' ')
    .replace(/[a-z0-9_/.-]+\.(?:cpp|h|onnx|py)(?::\d+)?/gi, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !/^\d+$/.test(word));
  return new Set(words);
}

interface Entry {
  readonly page: RulePage;
  readonly text: string;
  readonly words: ReadonlySet<string>;
}

/**
 * The rules that speak of a pasted error text, best first: words in common with the texts that TensorRT prints, the
 * rule's own messages and its summary. A word counts the more, the fewer texts have it.
 */
export function findRules(pasted: string, pages: readonly RulePage[]): RuleMatch[] {
  const entries: Entry[] = pages
    .filter(({ family }) => family === 'tensorrt')
    .flatMap((page) =>
      [...(page.errorTexts ?? []), ...Object.values(page.messages ?? {}), page.summary].map((text) => ({
        page,
        text,
        words: wordsOf(text),
      })),
    );
  const occurrences = new Map<string, number>();
  for (const { words } of entries) for (const word of words) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
  const weight = (word: string): number => Math.log(1 + entries.length / (occurrences.get(word) ?? 1));
  const weigh = (words: Iterable<string>): number => [...words].reduce((sum, word) => sum + weight(word), 0);

  // Words that no rule knows are names of nodes and files: they say nothing against a match.
  const asked = new Set([...wordsOf(pasted)].filter((word) => occurrences.has(word)));
  const best = new Map<RulePage, RuleMatch>();
  for (const { page, text, words } of entries) {
    const common = weigh([...words].filter((word) => asked.has(word)));
    if (common === 0) continue;
    const score = (2 * common) / (weigh(words) + weigh(asked));
    if (score >= LEAST_SCORE && score > (best.get(page)?.score ?? 0)) best.set(page, { page, text, score });
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}

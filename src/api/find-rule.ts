import type { RulePage } from './explain.ts';

export interface RuleMatch {
  readonly page: RulePage;
  /** The text of the rule that the pasted one is nearest to. */
  readonly text: string;
  /** How much the two texts have in common, 0 to 1. */
  readonly score: number;
}

/** Below this share in common two texts speak of different things. */
const LEAST_SCORE = 0.4;

/** One word in common is chance: `data`, `weights`. */
const LEAST_WORDS = 2;

/** So many words in common are enough to look how much of the rule's text there is, whatever else was pasted. */
const QUOTED_WORDS = 5;

/** From here on one text quotes the other. */
export const QUOTING_SCORE = 0.6;

/** What errors are made of, whatever they are about. */
const emptyWords = new Set(
  (
    'an and are as at be but by can cannot does error failed for from has have if in into is it its may must no not of on only ' +
    'or supported support supports tensor tensorrt than that the this to version was were when which with'
  ).split(' '),
);

/** Words that mean the same whatever node and file they name. */
function wordsOf(text: string): Set<string> {
  const words = text
    .replace(/\{\w+\}/g, ' ')
    .replace(/[a-z0-9_/.-]+\.(?:cpp|h|onnx|py)(?::\d+)?/gi, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !/^\d+$/.test(word) && !emptyWords.has(word));
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
    .filter(({ family, errorTexts }) => family === 'tensorrt' || errorTexts !== undefined)
    .flatMap((page) =>
      [...(page.errorTexts ?? []), ...Object.values(page.messages ?? {}), page.summary].map((text) => ({
        page,
        text,
        words: wordsOf(text),
      })),
    );
  const occurrences = new Map<string, number>();
  for (const { words } of entries) for (const word of words) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
  // Words that no rule knows may be names of nodes and files: they say less against a match than others.
  const weight = (word: string): number => {
    const known = occurrences.get(word);
    return known === undefined ? Math.log(1 + entries.length) / 3 : Math.log(1 + entries.length / known);
  };
  const weigh = (words: Iterable<string>): number => [...words].reduce((sum, word) => sum + weight(word), 0);

  const asked = wordsOf(pasted);
  const best = new Map<RulePage, RuleMatch>();
  for (const { page, text, words } of entries) {
    const common = [...words].filter((word) => asked.has(word));
    if (common.length < LEAST_WORDS) continue;
    const share = (2 * weigh(common)) / (weigh(words) + weigh(asked));
    // A whole log may be pasted that has the text somewhere.
    const quoted = common.length >= QUOTED_WORDS ? weigh(common) / weigh(words) : 0;
    const score = Math.max(share, quoted);
    if (score >= LEAST_SCORE && score > (best.get(page)?.score ?? 0)) best.set(page, { page, text, score });
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}

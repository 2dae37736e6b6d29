/**
 * A smallest part of `items` that still fails, in the sense that it does not when any one of its items is left out: delta
 * debugging (Zeller and Hildebrandt, 2002). `fails` holds for all of `items`.
 */
export async function minimize<Item>(
  items: readonly Item[],
  fails: (part: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let current = items;
  let pieces = 2;
  while (current.length >= 2) {
    const parts = split(current, pieces);
    const smaller = await firstOf(parts, fails);
    if (smaller !== undefined) {
      current = smaller;
      pieces = 2;
      continue;
    }
    const rests = pieces === 2 ? [] : parts.map((part) => current.filter((item) => !part.includes(item)));
    const rest = await firstOf(rests, fails);
    if (rest !== undefined) {
      current = rest;
      pieces = Math.max(2, pieces - 1);
    } else if (pieces < current.length) pieces = Math.min(current.length, pieces * 2);
    else return current;
  }
  return current;
}

/** The least count of at most `high` that fails, by halving: 0 does not fail, `high` does. What fails need not go on failing beyond. */
export async function firstFailure(high: number, fails: (count: number) => Promise<boolean>): Promise<number> {
  let sound = 0;
  let failing = high;
  while (failing - sound > 1) {
    const middle = sound + Math.floor((failing - sound) / 2);
    if (await fails(middle)) failing = middle;
    else sound = middle;
  }
  return failing;
}

function split<Item>(items: readonly Item[], pieces: number): Item[][] {
  return Array.from({ length: pieces }, (_, piece) =>
    items.slice(Math.floor((piece * items.length) / pieces), Math.floor(((piece + 1) * items.length) / pieces)),
  );
}

async function firstOf<Part>(
  parts: readonly Part[],
  holds: (part: Part) => Promise<boolean>,
): Promise<Part | undefined> {
  for (const part of parts) if (await holds(part)) return part;
  return undefined;
}

import type { PositiveNames, Range } from './dim-bounds.ts';

/** Bounds of symbols that whoever runs the model promises to keep, beside the symbols that are taken to be at least 1. */
export class SymbolRanges implements PositiveNames {
  readonly #ranges: ReadonlyMap<string, Range>;
  readonly #positive: ReadonlySet<string>;

  constructor(ranges: ReadonlyMap<string, Range>, positive: ReadonlySet<string>) {
    this.#ranges = ranges;
    this.#positive = positive;
  }

  get size(): number {
    return this.#ranges.size + this.#positive.size;
  }

  has(name: string): boolean {
    return this.#positive.has(name) || (this.#ranges.get(name)?.low ?? 0n) >= 1n;
  }

  rangeOf(name: string): Range | undefined {
    const range = this.#ranges.get(name);
    if (range === undefined) return undefined;
    const least = this.#positive.has(name) ? 1n : 0n;
    return { low: range.low === undefined || range.low < least ? least : range.low, high: range.high };
  }
}

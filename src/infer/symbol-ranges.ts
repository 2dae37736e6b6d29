import type { Dim } from './dim.ts';
import type { PositiveNames, Range } from './dim-bounds.ts';

/**
 * What is known of symbols and sums of them: bounds that whoever runs the model promises to keep, the symbols that are taken to
 * be at least 1, and the dims of values, none of which is below 0 in a run that succeeds.
 */
export class SymbolRanges implements PositiveNames {
  readonly #ranges: ReadonlyMap<string, Range>;
  readonly #positive: ReadonlySet<string>;
  /** Lower bounds of sums without their constant. */
  readonly #lows = new Map<string, bigint>();

  constructor(ranges: ReadonlyMap<string, Range>, positive: ReadonlySet<string>) {
    this.#ranges = ranges;
    this.#positive = positive;
  }

  get size(): number {
    return this.#ranges.size + this.#positive.size + this.#lows.size;
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

  lowOf(key: string): bigint | undefined {
    return this.#lows.get(key);
  }

  /** Takes up that a dim is the size of a value. Of `x - 1` that says x >= 1; a sum without a minus says nothing new. */
  noteSize(dim: Dim): void {
    const { constantTerm } = dim;
    if (constantTerm >= 0n || dim.constant !== undefined) return;
    const sum = dim.minusConstant();
    const known = this.#lows.get(sum.key);
    if (known === undefined || known < -constantTerm) this.#lows.set(sum.key, -constantTerm);
  }
}

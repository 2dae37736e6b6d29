import type { Dim } from './dim.ts';
import type { PositiveNames, Range } from './dim-bounds.ts';
import type { Polynomial } from './dim-terms.ts';

/**
 * What is known of symbols and sums of them: bounds that whoever runs the model promises to keep, the symbols that are taken to
 * be at least 1, and the dims of values, none of which is below 0 in a run that succeeds.
 */
export class SymbolRanges implements PositiveNames {
  readonly #ranges: ReadonlyMap<string, Range>;
  readonly #positive: ReadonlySet<string>;
  /** Lower bounds of sums without their constant. */
  readonly #lows = new Map<string, bigint>();
  /** What floors of quotients are that every run proves whole. */
  readonly #floors = new Map<string, Polynomial>();

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

  /** The dim with what every run proves. */
  proven(dim: Dim): Dim {
    return this.#floors.size === 0 ? dim : dim.withKnownFloors(this.#floors);
  }

  /**
   * Takes up that a dim is the size of a value that every run computes. Of `x - 1` that says x >= 1; a sum without a minus says
   * nothing new. Whole quotients in it are whole in every run.
   */
  noteSize(dim: Dim): void {
    if (dim.hasWhole)
      for (const [key, value] of dim.floorsOfWhole()) if (!this.#floors.has(key)) this.#floors.set(key, value);
    const { constantTerm } = dim;
    if (constantTerm >= 0n || dim.constant !== undefined) return;
    const sum = dim.minusConstant();
    const known = this.#lows.get(sum.key);
    if (known === undefined || known < -constantTerm) this.#lows.set(sum.key, -constantTerm);
  }
}

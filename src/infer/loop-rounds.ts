import type { Graph } from '../ir/graph.ts';
import type { Fact } from './fact.ts';

/**
 * What loops within a loop came to in the round before. A round of the outer loop knows no more than the one before it, so an
 * inner loop that begins where it ended then is settled at once; without that, each level would double the walks.
 */
export class LoopRounds {
  #depth = 0;
  readonly #settled = new Map<Graph, { readonly frame: string; readonly carried: readonly Fact[] }>();

  /** Runs the rounds of one loop; what was settled is forgotten when the outermost one is done. */
  within<T>(rounds: () => T): T {
    this.#depth++;
    try {
      return rounds();
    } finally {
      if (--this.#depth === 0) this.#settled.clear();
    }
  }

  /** The carried facts that a body came to in this call of its function. */
  before(body: Graph, frame: string): readonly Fact[] | undefined {
    const settled = this.#settled.get(body);
    return settled?.frame === frame ? settled.carried : undefined;
  }

  note(body: Graph, frame: string, carried: readonly Fact[]): void {
    this.#settled.set(body, { frame, carried });
  }
}

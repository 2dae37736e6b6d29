import type { Value } from '../ir/value.ts';

/** Something in the model that is provably wrong: a node no run can execute, or a declaration that no run can meet. */
export interface Contradiction {
  /** Path of the graph: the root's name, then `node/attribute` of each subgraph entered. */
  readonly graph: readonly string[];
  /** The node's label. */
  readonly node: string | undefined;
  /** Name of the value. */
  readonly value: string | undefined;
  readonly message: string;
  /** Where what the model declares of a value is wrong, and not what it computes: that value. */
  readonly declared?: Value;
}

/** How a law stops the inference of its node; never seen outside of the walk. */
export class ContradictionFound extends Error {}

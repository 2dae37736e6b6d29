import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import type { Tensor } from './tensor.ts';
import type { Value } from './value.ts';

/**
 * A change of one graph, as a value: nothing happens until the engine applies it.
 * New nodes read new values, and values that are visible at `anchor`.
 */
export interface Patch {
  readonly graph: Graph;
  /** New nodes go right before this node. */
  readonly anchor: Node;
  /** Detached, in execution order. */
  readonly nodes: readonly Node[];
  /** New nodes that go right before another node than the anchor, and read what is visible there. */
  readonly places: ReadonlyMap<Node, Node>;
  /** New initializers (Constant nodes in a function body, which can hold no initializer). */
  readonly constants: readonly PatchConstant[];
  /** Every use of `old` becomes a use of `by`. */
  readonly replacements: readonly Replacement[];
  /** Single inputs to exchange, where other users keep the old value. */
  readonly inputChanges: readonly InputChange[];
  /** Values whose makers are to go if nothing uses them, beyond those that the replacements free. */
  readonly unused: readonly Value[];
}

export interface PatchConstant {
  readonly value: Value;
  readonly tensor: Tensor;
}

export interface Replacement {
  readonly old: Value;
  readonly by: Value;
}

export interface InputChange {
  readonly node: Node;
  readonly index: number;
  readonly by: Value | undefined;
}

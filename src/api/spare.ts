/** What the user wants left as it is: nodes that no rule rewrites, and values that stay. */
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { globMatcher } from './config.ts';
import { mainValues, namedValue } from './extract.ts';

export interface SpareOptions {
  /** Globs of names of nodes, or of values that they make: these nodes are not rewritten. */
  readonly skipNodes?: readonly string[] | undefined;
  /** Values of the main graph that are still computed, under their names. */
  readonly keep?: readonly string[] | undefined;
}

export interface Spared {
  readonly isSkipped: ((node: Node) => boolean) | undefined;
  /** Ends what keeps the values in place; to be called once rewriting is over. */
  release(): void;
}

/**
 * Values that must stay become outputs of the main graph for as long as rules run, which all rules respect. UsageError for a value or
 * a glob that fits nothing.
 */
export function spare(model: Model, { skipNodes = [], keep = [] }: SpareOptions): Spared {
  const skipped = skippedNodes(model, skipNodes);
  const { graph } = model;
  const pinned = new Set<Value>();
  if (keep.length > 0) {
    const values = mainValues(graph);
    for (const name of keep) pinned.add(namedValue(values, name, '--keep'));
  }
  for (const node of skipped) {
    if (node.graph !== graph) continue;
    for (const value of node.outputs) if (value !== undefined) pinned.add(value);
  }
  let count = 0;
  for (const value of pinned) {
    if (value.isInput || value.isGraphOutput) continue;
    graph.addOutput(value);
    count++;
  }
  return {
    isSkipped: skipped.size === 0 ? undefined : (node) => skipped.has(node),
    release() {
      for (; count > 0; count--) graph.deleteOutput(graph.outputs.length - 1);
    },
  };
}

function skippedNodes(model: Model, globs: readonly string[]): Set<Node> {
  const skipped = new Set<Node>();
  if (globs.length === 0) return skipped;
  const names = new Map<string, Node[]>();
  for (const graph of graphsOfModel(model))
    for (const node of graph.nodes)
      for (const name of [node.name, ...node.outputs.map((output) => output?.name ?? '')])
        if (name !== '') {
          const named = names.get(name);
          if (named === undefined) names.set(name, [node]);
          else named.push(node);
        }
  for (const glob of globs) {
    const matches = globMatcher(glob);
    const found = [...names].filter(([name]) => matches(name));
    if (found.length === 0) {
      const near = suggest(glob, names.keys());
      const hint = near === undefined ? 'name a node by its name or by one of its outputs' : `did you mean '${near}'?`;
      throw new UsageError(`--skip-node fits no node: '${glob}'`, hint);
    }
    for (const [, nodes] of found) for (const node of nodes) skipped.add(node);
  }
  return skipped;
}

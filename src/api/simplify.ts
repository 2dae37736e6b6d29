import { inferModel } from '../infer/infer-model.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import { sortTopologically } from '../ir/sort.ts';
import { runRules } from '../rewrite/engine.ts';
import type { OperatorCount, SimplifyReport } from '../rewrite/report.ts';
import { Trace } from '../rewrite/trace.ts';
import { type RuleSelection, selectRules } from './presets.ts';
import { removeUnusedInitializers } from './unused.ts';

export interface SimplifyOptions extends RuleSelection {
  /** Symbolic dims of graph inputs may be 0: give up the assumption `nonempty`. */
  readonly allowEmpty?: boolean;
}

/** A second round finds little, a third hardly anything: rules that still apply after this many undo each other. */
const MAXIMUM_ROUNDS = 20;

/**
 * Simplifies a model in place, to a fixpoint: a second run changes nothing.
 * Errors: ModelError when the graph has a cycle, UsageError for an unknown rule.
 */
export function simplify(model: Model, options: SimplifyOptions = {}): SimplifyReport {
  const rules = selectRules(options);
  const before = countOperators(model);
  const notes: string[] = [];
  let changed = false;
  for (const graph of graphsOfModel(model)) {
    if (!sortTopologically(graph)) continue;
    changed = true;
    notes.push(`put the nodes of graph ${graph.path.join('/')} into topological order`);
  }
  const allowEmpty = options.allowEmpty ?? false;
  let facts = inferModel(model, { allowEmpty });
  for (const { graph, node, value, message } of facts.contradictions) {
    const place = [...graph, node, value].filter((part) => part !== '').join('/');
    notes.push(`${place}: ${message}`);
  }
  const trace = new Trace();
  const engine = { assumeNonempty: !allowEmpty, exactOnly: options.preset === 'exact' };
  // Facts that were refined as rewrites went along may say the same in other words than those of the result, which a second
  // run would see. So the result is looked at again, until there is nothing to do.
  let isFinal = false;
  for (let round = 0; round < MAXIMUM_ROUNDS && !isFinal; round++) {
    const { applications } = trace;
    if (round > 0) facts = inferModel(model, { allowEmpty });
    if (!runRules(model, facts, rules, trace, engine)) break;
    isFinal = trace.applications === applications;
  }
  if (!isFinal) {
    notes.push(
      'stopped before the end: the rules kept on rewriting each other. The result is right, but may not be the smallest. Please report this model.',
    );
  }
  const dropped = removeUnusedInitializers(model);
  if (dropped > 0) notes.push(`removed ${dropped} unused initializer${dropped === 1 ? '' : 's'}`);
  const after = countOperators(model);
  return {
    nodes: { before: total(before), after: total(after) },
    operators: compareCounts(before, after),
    applied: trace.appliedRules,
    refused: trace.refusedRewrites,
    notes,
    changed: changed || trace.changed || dropped > 0,
  };
}

/** Nodes by operator, over all graphs and subgraphs. */
export function countOperators(model: Model): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const graph of graphsOfModel(model)) {
    for (const { operator } of graph.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  return counts;
}

/** A Constant is a tensor in the shape of a node: it does not count. */
function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [operator, count] of counts) if (operator !== 'Constant') sum += count;
  return sum;
}

function compareCounts(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): OperatorCount[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((operator) => ({ operator, before: before.get(operator) ?? 0, after: after.get(operator) ?? 0 }));
}

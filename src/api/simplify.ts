import { check } from './check.ts';
import { checkInferred, checkStructure } from '../check/check-model.ts';
import { repairModel } from '../check/repair.ts';
import { dropUnusedImports } from '../check/repair-header.ts';
import { renameDuplicateNodes } from '../check/repair-names.ts';
import { makeInitializersInputs } from '../check/repair-types.ts';
import type { Range } from '../infer/dim-bounds.ts';
import { inferModel } from '../infer/infer-model.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import { InvalidModelError, problemText, refuses } from '../ir/problem.ts';
import { runRules } from '../rewrite/engine.ts';
import type { OperatorCount, SimplifyReport } from '../rewrite/report.ts';
import type { RewriteRule } from '../rewrite/rule.ts';
import { Trace } from '../rewrite/trace.ts';
import { externalData } from '../serde/reading-rules.ts';
import { bindDims, refreshTypes, type ShapeBindings, staticNote } from './bind-dims.ts';
import { type RuleSelection, selectRules } from './presets.ts';
import { removeUnusedInitializers } from './unused.ts';

export interface SimplifyOptions extends RuleSelection {
  /** Symbolic dims of graph inputs may be 0: give up the assumption `nonempty`. */
  readonly allowEmpty?: boolean;
  /** Fold QuantizeLinear and DequantizeLinear of constants, too: weights get larger, and engines lose the precision asked for. */
  readonly foldQuantization?: boolean;
  /** Dims of the inputs that are frozen, which is written into the model, or bounded. */
  readonly bindings?: ShapeBindings;
  /** Bounds of dims that are frozen or bounded already. */
  readonly ranges?: ReadonlyMap<string, Range>;
}

/** A second round finds little, a third hardly anything: rules that still apply after this many undo each other. */
const MAXIMUM_ROUNDS = 20;

/**
 * Simplifies a model in place, to a fixpoint: a second run changes nothing. What is not quite valid is repaired, and said.
 * Errors: InvalidModelError, with all that is wrong, for a model of which nobody can tell what it computes; UsageError for an
 * unknown rule.
 */
export function simplify(model: Model, options: SimplifyOptions = {}): SimplifyReport {
  return simplifyWith(model, selectRules(options), options).report;
}

export interface Simplification {
  readonly report: SimplifyReport;
  readonly trace: Trace;
}

/**
 * As `simplify`, with exactly these rules, in the order in which they are to be tried. With `maximumApplications` it stops after
 * so many rewrites: the model is then on its way, and as right as at any other point.
 */
export function simplifyWith(
  model: Model,
  rules: readonly RewriteRule[],
  options: SimplifyOptions & { readonly maximumApplications?: number } = {},
): Simplification {
  const before = countOperators(model);
  const allowEmpty = options.allowEmpty ?? false;
  const bound = options.bindings === undefined ? undefined : bindDims(model, options.bindings);
  const ranges = bound?.ranges ?? options.ranges ?? new Map<string, Range>();
  const structural = checkStructure(model);
  if (structural.some(refuses)) throw new InvalidModelError(check(model).filter(refuses));
  const repairs = [...repairModel(model, structural, undefined)];
  let facts = inferModel(model, { allowEmpty, ranges });
  const inferred = checkInferred(model, facts);
  if (inferred.some(refuses)) throw new InvalidModelError(inferred.filter(refuses));
  repairs.push(...repairModel(model, inferred, facts));
  const notes = repairs.map((repair) => `repaired: ${repair}`);
  if (bound !== undefined) {
    notes.push(...bound.notes, staticNote(model, facts));
    refreshTypes(model, facts);
  }
  for (const problem of [...structural, ...inferred])
    if (problem.effect === 'keep' && (problem.severity === 'error' || problem.rule === externalData.id))
      notes.push([problemText(problem), problem.advice].filter((text) => text !== '').join('; '));
  const trace = new Trace();
  const { maximumApplications } = options;
  const engine = {
    assumeNonempty: !allowEmpty,
    exactOnly: options.preset === 'exact',
    foldQuantization: options.foldQuantization ?? false,
    maximumApplications,
  };
  // Facts that were refined as rewrites went along may say the same in other words than those of the result, which a second
  // run would see. So the result is looked at again, until there is nothing to do.
  let isFinal = false;
  for (let round = 0; round < MAXIMUM_ROUNDS && !isFinal; round++) {
    const { applications } = trace;
    if (round > 0) facts = inferModel(model, { allowEmpty, ranges });
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
  // What rewrites leave behind must be as valid as what they began with.
  const tidied = [...dropUnusedImports(model), ...makeInitializersInputs(model), ...renameDuplicateNodes(model)];
  const after = countOperators(model);
  const report: SimplifyReport = {
    nodes: { before: total(before), after: total(after) },
    operators: compareCounts(before, after),
    applied: trace.appliedRules,
    refused: trace.refusedRewrites,
    notes,
    changed: repairs.length > 0 || (bound?.notes.length ?? 0) > 0 || trace.changed || dropped > 0 || tidied.length > 0,
  };
  return { report, trace };
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

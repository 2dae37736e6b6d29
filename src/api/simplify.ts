import { check } from './check.ts';
import { checkInferred, checkStructure, type Judgement } from '../check/check-model.ts';
import { lackOf } from '../check/interface.ts';
import { repairModel } from '../check/repair.ts';
import { dropUnusedImports } from '../check/repair-header.ts';
import { renameDuplicateNodes } from '../check/repair-names.ts';
import { makeInitializersInputs } from '../check/repair-types.ts';
import type { Range } from '../infer/dim-bounds.ts';
import type { ModelFacts } from '../infer/facts.ts';
import { inferModel } from '../infer/infer-model.ts';
import type { Model } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';
import { InvalidModelError, problemText, refuses } from '../ir/problem.ts';
import { runRules } from '../rewrite/engine.ts';
import type { SimplifyReport } from '../rewrite/report.ts';
import type { RewriteRule } from '../rewrite/rule.ts';
import { Trace } from '../rewrite/trace.ts';
import { externalData } from '../serde/reading-rules.ts';
import { bindDims, refreshTypes, type ShapeBindings, staticNote } from './bind-dims.ts';
import { type RuleSelection, selectRules } from './presets.ts';
import { compareCounts, countOperators, nodesIn } from './operator-counts.ts';
import { lowerOpset } from './lower-opset.ts';
import { finishModel, type ModelRequests, prepareModel } from './requests.ts';
import { spare, type SpareOptions } from './spare.ts';
import { Steps } from './steps.ts';
import { newestOpset, targetRefusal } from './target-refusal.ts';
import { bringIntoMemory, smallComputed } from './small-computed.ts';
import { removeUnusedFunctions, removeUnusedInitializers } from './unused.ts';

export interface SimplifyOptions extends RuleSelection, ModelRequests, SpareOptions {
  /** The targets that must have each operator that a rewrite brings in; for preset `tensorrt`, the default ones when absent. */
  readonly targets?: readonly string[];
  /** Record each rewrite in the report. */
  readonly steps?: boolean;
  /** Write into the metadata_props of each new node of which nodes it was made. */
  readonly provenance?: boolean;
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
 * No weight is read: what is computed from weights that are not in memory stays unknown, even where it is small. `simplifyFully` goes on
 * from there.
 * Errors: InvalidModelError, with all that is wrong, for a model of which nobody can tell what it computes; UsageError for an
 * unknown rule.
 */
export function simplify(model: Model, options: SimplifyOptions = {}): SimplifyReport {
  return simplifyWith(model, selectRules(options), options).report;
}

/**
 * As `simplify`, to the end that a run on the written file would come to: small tensors that were computed from weights (a row of a table,
 * say) are in memory once the file is read again, so they are read here, and simplified with.
 * Errors: also ModelError, when a weight cannot be read.
 */
export async function simplifyFully(model: Model, options: SimplifyOptions = {}): Promise<SimplifyReport> {
  const steps = simplification(model, selectRules(options), options);
  let step = steps.next();
  while (step.done !== true) {
    for (const value of step.value) await bringIntoMemory(value);
    step = steps.next(true);
  }
  return step.value.report;
}

export interface Simplification {
  readonly report: SimplifyReport;
  readonly trace: Trace;
  /** What inference knows of the result, with `ranges` and `allowEmpty` as they were given; undefined when it must be asked anew. */
  readonly facts: ModelFacts | undefined;
}

export interface SimplifySteps extends SimplifyOptions {
  /** The model is then on its way, and as right as at any other point. */
  readonly maximumApplications?: number;
  /** What was found already of this very model, with these `ranges` and `allowEmpty`, and without bindings. */
  readonly judgement?: Judgement | undefined;
}

/**
 * As `simplify`, with exactly these rules, in the order in which they are to be tried. With `maximumApplications` it stops after
 * so many rewrites.
 */
export function simplifyWith(model: Model, rules: readonly RewriteRule[], options: SimplifySteps = {}): Simplification {
  const steps = simplification(model, rules, options);
  let step = steps.next();
  while (step.done !== true) step = steps.next(false);
  return step.value;
}

/** Yields small initializers that are not in memory, to go on with them when the answer is that they are now. */
function* simplification(
  model: Model,
  rules: readonly RewriteRule[],
  options: SimplifySteps,
): Generator<readonly Value[], Simplification, boolean | undefined> {
  const { judgement } = options;
  const before = countOperators(model);
  const allowEmpty = options.allowEmpty ?? false;
  const bound = options.bindings === undefined ? undefined : bindDims(model, options.bindings);
  const ranges = bound?.ranges ?? options.ranges ?? new Map<string, Range>();
  const structural = judgement?.structural ?? checkStructure(model);
  if (structural.some(refuses)) throw new InvalidModelError(check(model).filter(refuses));
  const repairs = [...repairModel(model, structural, undefined)];
  const known = repairs.length === 0 ? judgement : undefined;
  let facts = known?.facts ?? inferModel(model, { allowEmpty, ranges });
  const inferred = known?.inferred ?? checkInferred(model, facts);
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
  const prepared = prepareModel(model, facts, options);
  if (prepared.length > 0) facts = inferModel(model, { allowEmpty, ranges });
  notes.push(...prepared);
  const spared = spare(model, options);
  const trace = new Trace();
  const steps = new Steps(options);
  const { maximumApplications } = options;
  const engine = {
    assumeNonempty: !allowEmpty,
    exactOnly: options.preset === 'exact',
    foldQuantization: options.foldQuantization ?? false,
    fewestLayers: options.preset === 'tensorrt',
    maximumApplications,
    isSkipped: spared.isSkipped,
    observe: steps.observer,
    ...((options.preset === 'tensorrt' || options.targets !== undefined) && {
      refuseNode: targetRefusal(options.targets),
    }),
  };
  // Facts that were refined as rewrites went along may say the same in other words than those of the result, which a second
  // run would see. So the result is looked at again, until there is nothing to do.
  let isFinal = false;
  let functions = 0;
  const isForTarget = options.preset === 'tensorrt' && options.targets !== undefined && options.opset === undefined;
  let lowered: ReturnType<typeof lowerOpset>;
  for (let round = 0; round < MAXIMUM_ROUNDS && !isFinal; round++) {
    const { applications } = trace;
    if (round > 0) facts = inferModel(model, { allowEmpty, ranges });
    // With each function that goes, calls of others may become the only ones.
    let gone: number;
    let isDone: boolean;
    do {
      isDone = runRules(model, facts, rules, trace, engine);
      gone = removeUnusedFunctions(model);
      functions += gone;
    } while (isDone && gone > 0);
    if (!isDone) break;
    isFinal = trace.applications === applications;
    if (!isFinal) continue;
    if (lowered === undefined && isForTarget) {
      lowered = lowerOpset(model, newestOpset(options.targets ?? []));
      if (lowered !== undefined) notes.push(lowered.note);
      isFinal = lowered?.isLowered !== true;
      if (!isFinal) continue;
    }
    const small = smallComputed(model);
    if (small.length > 0 && (yield small) === true) isFinal = false;
  }
  if (!isFinal) {
    notes.push(
      'stopped before the end: the rules kept on rewriting each other. The result is right, but may not be the smallest. Please report this model.',
    );
  }
  // Of an output that nobody declared more may be known by now.
  if (isFinal && model.graph.outputs.some(({ type }) => lackOf(type) !== undefined)) {
    const late = repairModel(model, checkInferred(model, facts), facts);
    repairs.push(...late);
    notes.push(...late.map((repair) => `repaired: ${repair}`));
  }
  spared.release();
  const dropped = removeUnusedInitializers(model);
  if (dropped > 0) notes.push(`removed ${dropped} unused initializer${dropped === 1 ? '' : 's'}`);
  if (functions > 0) notes.push(`removed ${functions} unused function${functions === 1 ? '' : 's'}`);
  // What rewrites leave behind must be as valid as what they began with.
  const opened = makeInitializersInputs(model);
  const tidied = [...dropUnusedImports(model), ...opened, ...renameDuplicateNodes(model)];
  const finished = finishModel(model, options, () => inferModel(model, { allowEmpty, ranges }));
  notes.push(...finished);
  const after = countOperators(model);
  const isRequested = prepared.length + finished.length > 0;
  const report: SimplifyReport = {
    nodes: { before: nodesIn(before), after: nodesIn(after) },
    operators: compareCounts(before, after),
    applied: trace.appliedRules,
    refused: trace.refusedRewrites,
    notes,
    ...(options.steps === true && { steps: steps.all }),
    changed:
      repairs.length > 0 ||
      (bound?.notes.length ?? 0) > 0 ||
      isRequested ||
      lowered?.isLowered === true ||
      trace.changed ||
      dropped + functions > 0 ||
      tidied.length > 0,
  };
  // An initializer that has become an input may be given another value; what was asked for beyond the rules may move names.
  const isStill = isFinal && opened.length + finished.length === 0;
  return { report, trace, facts: isStill ? facts : undefined };
}

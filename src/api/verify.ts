/** Proof by running: what simplify made of a model computes what the model did, or which rule is to blame. */
import { ModelError } from '../base/errors.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import type { AppliedRewrite, SimplifyReport } from '../rewrite/report.ts';
import type { RewriteRule } from '../rewrite/rule.ts';
import { evaluatorRunner } from '../verify/evaluator-runner.ts';
import { firstFailure, minimize } from '../verify/minimize.ts';
import type { Trial, TrialResult } from '../verify/run-both.ts';
import type { Runner, Session } from '../verify/runner.ts';
import { BOUNDED, EXACT } from '../verify/tolerance.ts';
import { type ComparedRun, type CompareOptions, type Comparison, Reference, runOf } from './compare.ts';
import { releaseFiles } from './model-files.ts';
import { selectRules } from './presets.ts';
import { repair } from './repair.ts';
import { type SimplifyOptions, simplifyWith } from './simplify.ts';

export interface VerifyOptions extends CompareOptions {
  /** What `simplify` was told. */
  readonly simplify?: SimplifyOptions | undefined;
  /** The rules that it tried, when they were others than its options say. */
  readonly rules?: readonly RewriteRule[] | undefined;
}

/** Why results differ. */
export interface Cause {
  /** The smallest set of rules that makes them differ; empty when they do even without any rule. */
  readonly rules: readonly string[];
  /** The first rewrite with which they do; null when there is no rule. */
  readonly rewrite: AppliedRewrite | null;
}

/** `outputs` are judged to the bit when all that was applied is exact, else by the bound of rewrites that round otherwise. */
export interface Verification extends Comparison {
  /** Null when all is equal. */
  readonly cause: Cause | null;
}

/**
 * Runs a model and what `simplify` made of it on the same inputs. Where they differ, the rules and the rewrite that cause it are
 * found by simplifying copies of the original with fewer of them. `original` is the model as it was before: read anew, or a
 * copy by `cloneModel`. Errors as of `compare`.
 */
export async function verify(
  original: Model,
  simplified: Model,
  report: SimplifyReport,
  options: VerifyOptions = {},
): Promise<Verification> {
  const isExact = report.applied.every(({ bounded }) => bounded === 0);
  const tolerance = options.tolerance ?? (isExact ? EXACT : BOUNDED);
  const bindings = options.bindings ?? options.simplify?.bindings;
  const allowEmpty = options.allowEmpty ?? options.simplify?.allowEmpty;
  const settings: VerifyOptions = { ...options, tolerance, bindings, allowEmpty };
  // What is not quite valid may run nowhere.
  const repaired = cloneModel(original);
  const repairs = repair(repaired);
  // The model itself where it can be: ONNX Runtime then runs the file that it is in.
  const base = repairs.length === 0 ? original : repaired;
  const reference = await Reference.open(base, simplified, settings, repairs.length === 0);
  try {
    const found = await runAgainst(reference, base, simplified, tolerance.isExact);
    const comparison = reference.comparison(found.runs, found.results);
    const notes = [...comparison.notes, ...found.notes];
    if (repairs.length > 0) notes.push('the original was run with its repairs');
    const cause =
      found.failed === undefined ? null : await causeOf(reference, found.failed, original, report, settings);
    return { ...comparison, notes, cause };
  } finally {
    await reference.close();
    releaseFiles(original);
    releaseFiles(simplified);
  }
}

interface Findings {
  readonly runs: readonly ComparedRun[];
  readonly results: readonly TrialResult[];
  readonly notes: readonly string[];
  /** The first trial with another result. */
  readonly failed: Trial | undefined;
}

/** Until the first trial that differs: one is enough to look for the cause. */
async function runAgainst(reference: Reference, base: Model, simplified: Model, isExact: boolean): Promise<Findings> {
  const { runner } = reference;
  const runs: ComparedRun[] = [];
  const results: TrialResult[] = [];
  const notes = new Set<string>();
  const opened = await tryOpen(runner, simplified);
  try {
    for await (const trial of reference.trials()) {
      let result = await judgeOpened(reference, opened, trial);
      if (!result.equal && isExact && typeof opened !== 'string' && runner !== evaluatorRunner) {
        // ONNX Runtime chooses its kernels by what is constant, too, and they may add in another order. A difference that may
        // come from that is settled by our evaluator, which rounds each result once.
        const { equal } = await reference.judge(opened, trial, { tolerance: BOUNDED });
        if (equal && (await isEqualByEvaluator(reference, trial, base, simplified))) {
          result = { ...result, equal, outputs: result.outputs.map((output) => ({ ...output, equal })) };
          notes.add(
            `${runner.name} rounds otherwise after the rewrites; by ${evaluatorRunner.name} all outputs are equal to the bit`,
          );
        }
      }
      results.push(result);
      runs.push(runOf(trial, result));
      if (!result.equal) return { runs, results, notes: [...notes], failed: trial };
    }
    return { runs, results, notes: [...notes], failed: undefined };
  } finally {
    if (typeof opened !== 'string') await opened.close();
  }
}

async function isEqualByEvaluator(
  reference: Reference,
  trial: Trial,
  base: Model,
  simplified: Model,
): Promise<boolean> {
  try {
    const session = await evaluatorRunner.open({ model: base, isAsRead: false });
    const own: Trial = { ...trial, expected: await session.run(trial.inputs) };
    return (await judgeModel(reference, own, simplified, evaluatorRunner)).equal;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}

/** A session, or why the runner does not take the model although it took the original. */
async function tryOpen(runner: Runner, model: Model): Promise<Session | string> {
  try {
    return await runner.open({ model, isAsRead: false });
  } catch (error) {
    if (error instanceof ModelError) return `${runner.name} does not take it: ${error.message}`;
    throw error;
  }
}

async function judgeOpened(reference: Reference, opened: Session | string, trial: Trial): Promise<TrialResult> {
  if (typeof opened === 'string') return { equal: false, outputs: [], failure: opened };
  return reference.judge(opened, trial);
}

async function judgeModel(reference: Reference, trial: Trial, model: Model, runner: Runner): Promise<TrialResult> {
  const opened = await tryOpen(runner, model);
  try {
    return await judgeOpened(reference, opened, trial);
  } finally {
    if (typeof opened !== 'string') await opened.close();
  }
}

/** The smallest set of the applied rules that makes the trial fail, and the first rewrite of them with which it does. */
async function causeOf(
  reference: Reference,
  trial: Trial,
  original: Model,
  report: SimplifyReport,
  { simplify = {}, rules = selectRules(simplify) }: VerifyOptions,
): Promise<Cause> {
  const simplifiedBy = (ids: readonly string[], maximumApplications?: number) => {
    const model = cloneModel(original);
    const own = rules.filter(({ id }) => ids.includes(id));
    const limit = maximumApplications === undefined ? {} : { maximumApplications };
    return { model, ...simplifyWith(model, own, { ...simplify, ...limit }) };
  };
  const fails = async (ids: readonly string[], limit?: number): Promise<boolean> =>
    !(await judgeModel(reference, trial, simplifiedBy(ids, limit).model, reference.runner)).equal;
  if (await fails([])) return { rules: [], rewrite: null };
  const guilty = await minimize(
    report.applied.map(({ rule }) => rule),
    fails,
  );
  const { applications } = simplifiedBy(guilty).trace;
  const first = await firstFailure(applications, (count) => fails(guilty, count));
  return { rules: guilty, rewrite: simplifiedBy(guilty, first).trace.last ?? null };
}

import { tensorrtRules } from '../../rules/tensorrt-rules.ts';
import { checkModel } from '../check/check-model.ts';
import { inferModel } from '../infer/infer-model.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { refuses } from '../ir/problem.ts';
import type { LintResult, Verdict } from '../lint/finding.ts';
import { lintModel, mergeAfterSimplify } from '../lint/run-lint.ts';
import type { MachineOptions } from '../lint/machine.ts';
import { parseTargets, type Target } from '../lint/target.ts';
import { boundCopy, type ShapeBindings } from './bind-dims.ts';
import { findingOfProblem } from './problem-findings.ts';
import { simplify } from './simplify.ts';

export interface LintOptions {
  /** `tensorrt@8.6`, ranges and lists; the newest release of each living line when absent. */
  readonly targets?: readonly string[];
  /** The GPU, its DLA, and the flags the engine is built with; any machine and no flags when absent. */
  readonly machine?: MachineOptions;
  /** Dims of the inputs that are frozen or bounded: the model is judged as it is then. */
  readonly bindings?: ShapeBindings;
}

/** What each target would say of the model as it is. The model is not changed. */
export function lintAsIs(model: Model, { targets, machine }: LintOptions = {}): LintResult {
  return lintModel(model, inferModel(model), { targets: parseTargets(targets, machine), rules: tensorrtRules });
}

/**
 * What is not valid in the model, what each target would say of it as it is, and what would remain after `simplify`. The
 * model is not changed. It may be one of which parts could not be read (LoadOptions.tolerant): there is no verdict then.
 */
export function lint(original: Model, { bindings, ...options }: LintOptions = {}): LintResult {
  const { model, ranges } = boundCopy(original, bindings);
  const targets = parseTargets(options.targets, options.machine);
  if (model.reading.problems.some(refuses)) {
    const findings = checkModel(model, undefined).map(findingOfProblem);
    return { targets: targets.map(undecided), findings };
  }
  const facts = inferModel(model, { ranges });
  const problems = checkModel(model, facts);
  const before = lintModel(model, facts, { targets, rules: tensorrtRules, ranges });
  const validity = problems.map(findingOfProblem);
  // What simplify refuses has no form after it.
  if (problems.some(refuses)) return { ...before, findings: [...validity, ...before.findings] };
  const simplified = cloneModel(model);
  simplify(simplified, { ranges });
  const after = lintModel(simplified, inferModel(simplified, { ranges }), { targets, rules: tensorrtRules, ranges });
  const merged = mergeAfterSimplify(before, after);
  return { ...merged, findings: [...validity, ...merged.findings] };
}

const noVerdict: Verdict = { verdict: 'undecided', stage: null };

function undecided({ name }: Target): LintResult['targets'][number] {
  return { target: name, ...noVerdict, afterSimplify: noVerdict };
}

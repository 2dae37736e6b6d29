import { tensorrtRules } from '../../rules/tensorrt-rules.ts';
import { checkModel, judgeModel } from '../check/check-model.ts';
import { inferModel } from '../infer/infer-model.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { refuses } from '../ir/problem.ts';
import type { Finding, LintResult, Verdict } from '../lint/finding.ts';
import { lintModel, mergeAfterSimplify } from '../lint/run-lint.ts';
import type { MachineOptions } from '../lint/machine.ts';
import { parseTargets, type Target } from '../lint/target.ts';
import { boundCopy, type ShapeBindings } from './bind-dims.ts';
import { findingOfProblem } from './problem-findings.ts';
import { selectRules } from './presets.ts';
import { simplifyWith } from './simplify.ts';

export interface LintOptions {
  /**
   * `tensorrt@8.6`, ranges and lists; the newest release of each living line when absent. What the model would be after `simplify` has
   * no new operator that a target named here does not have.
   */
  readonly targets?: readonly string[];
  /** The GPU, its DLA, and the flags the engine is built with; any machine and no flags when absent. */
  readonly machine?: MachineOptions;
  /** Dims of the inputs that are frozen or bounded: the model is judged as it is then. */
  readonly bindings?: ShapeBindings;
  /** The model is not needed any more: what it would be after `simplify` is then found without a copy of it. */
  readonly isSpare?: boolean;
}

/** What each target would say of the model as it is. The model is not changed. */
export function lintAsIs(model: Model, { targets, machine }: LintOptions = {}): LintResult {
  return lintModel(model, inferModel(model), { targets: parseTargets(targets, machine), rules: tensorrtRules });
}

/**
 * What is not valid in the model, what each target would say of it as it is, and what would remain after `simplify`. The
 * model is not changed, unless it is spare. It may be one of which parts could not be read (LoadOptions.tolerant): there is no
 * verdict then.
 */
export function lint(original: Model, { bindings, isSpare = false, ...options }: LintOptions = {}): LintResult {
  const { model, ranges } = boundCopy(original, bindings);
  const targets = parseTargets(options.targets, options.machine);
  if (model.reading.problems.some(refuses)) {
    const findings = checkModel(model, undefined).map(findingOfProblem);
    return { targets: targets.map(undecided), findings };
  }
  const judgement = judgeModel(model, inferModel(model, { ranges }));
  const problems = [...judgement.structural, ...judgement.inferred];
  const before = lintModel(model, judgement.facts, { targets, rules: tensorrtRules, ranges });
  const validity = problems.map(findingOfProblem);
  // What simplify refuses has no form after it, and where there is nothing that it could mend, nothing is mended.
  if (before.findings.every(isLasting) || problems.some(refuses))
    return { ...before, findings: [...validity, ...before.findings] };
  const mayChange = isSpare || model !== original;
  const simplified = mayChange ? model : cloneModel(model);
  const { facts = inferModel(simplified, { ranges }) } = simplifyWith(simplified, selectRules({}), {
    ranges,
    judgement: mayChange ? judgement : undefined,
    ...(options.targets !== undefined && { targets: options.targets }),
  });
  const after = lintModel(simplified, facts, { targets, rules: tensorrtRules, ranges });
  const merged = mergeAfterSimplify(before, after);
  return { ...merged, findings: [...validity, ...merged.findings] };
}

const lasting: ReadonlySet<string> = new Set(
  tensorrtRules.flatMap((rule) => (rule.lasting ?? []).map((messageId) => `${rule.id} ${messageId}`)),
);

function isLasting({ rule, messageId }: Finding): boolean {
  return lasting.has(`${rule} ${messageId}`);
}

const noVerdict: Verdict = { verdict: 'undecided', stage: null };

function undecided({ name }: Target): LintResult['targets'][number] {
  return { target: name, ...noVerdict, afterSimplify: noVerdict };
}

import { tensorrtRules } from '../../rules/tensorrt-rules.ts';
import { inferModel } from '../infer/infer-model.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import type { LintResult } from '../lint/finding.ts';
import { lintModel, mergeAfterSimplify } from '../lint/run-lint.ts';
import { parseTargets } from '../lint/target.ts';
import { simplify } from './simplify.ts';

export interface LintOptions {
  /** `tensorrt@8.6`, ranges and lists; the newest release of each living line when absent. */
  readonly targets?: readonly string[];
}

/** What each target would say of the model as it is. The model is not changed. */
export function lintAsIs(model: Model, { targets }: LintOptions = {}): LintResult {
  return lintModel(model, inferModel(model), { targets: parseTargets(targets), rules: tensorrtRules });
}

/** What each target would say of the model as it is, and what would remain after `simplify`. The model is not changed. */
export function lint(model: Model, options: LintOptions = {}): LintResult {
  const before = lintAsIs(model, options);
  const simplified = cloneModel(model);
  simplify(simplified);
  return mergeAfterSimplify(before, lintAsIs(simplified, options));
}

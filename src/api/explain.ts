import { simplifyRules, tensorrtRules } from '../../rules/index.ts';
import { checkRules } from '../check/rules.ts';
import type { ModelRule } from '../ir/problem.ts';
import { readingRules } from '../serde/reading-rules.ts';

/** What is to be said of a rule, from its own file. */
export interface RulePage {
  readonly id: string;
  readonly family: 'simplify' | 'tensorrt' | 'model';
  readonly summary: string;
  readonly why: string;
  /** simplify: 'bit-identical', or how far results may be off. */
  readonly exactness?: string;
  readonly severity?: 'error' | 'warning' | 'info';
  /** tensorrt and model: what to do about a finding. */
  readonly advice?: string | Readonly<Record<string, string>>;
  /** tensorrt and model: message templates by id. */
  readonly messages?: Readonly<Record<string, string>>;
  /** tensorrt: texts that TensorRT prints where the rule speaks. */
  readonly errorTexts?: readonly string[];
  readonly examples: readonly RulePageExample[];
}

export interface RulePageExample {
  readonly title: string;
  /** ONNX text. */
  readonly model: string;
  /** simplify: the text it becomes, or 'unchanged'. */
  readonly after?: string;
  readonly because?: string;
  /** tensorrt: the ids of the messages it gets. */
  readonly reports?: readonly string[];
  readonly target?: string;
}

/** What TensorRT prints of models that are not valid, by the rule of model/ that says why. */
const printed: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'model/undefined-value',
    ['Assertion failed: ctx->tensors().count(inputName): Node input was not registered.', 'INVALID_GRAPH'],
  ],
  ['model/duplicate-value', ['ERROR: Output name is not unique: {name}']],
  ['model/cycle', ['Failed to sort the model topologically.']],
]);

export function allRules(): readonly RulePage[] {
  const simplify = simplifyRules.map((rule): RulePage => {
    const examples = rule.examples.map(({ title, before, after, because }) => ({
      title,
      model: before,
      after,
      ...(because !== undefined && { because }),
    }));
    const exactness = rule.exact === true ? 'bit-identical' : rule.exact;
    return { id: rule.id, family: 'simplify', summary: rule.summary, why: rule.why, exactness, examples };
  });
  const tensorrt = tensorrtRules.map((rule): RulePage => {
    const examples = rule.examples.map(({ title, model, reports, target }) => ({
      title,
      model,
      reports,
      ...(target !== undefined && { target }),
    }));
    const { id, summary, why, severity, advice, messages, errors } = rule;
    return {
      id,
      family: 'tensorrt',
      summary,
      why,
      severity,
      advice,
      messages,
      ...(errors !== undefined && { errorTexts: errors }),
      examples,
    };
  });
  const model = [...readingRules, ...checkRules].map((rule): RulePage => {
    const { id, summary, why, severity, messages } = rule;
    const errorTexts = printed.get(id);
    return {
      id,
      family: 'model',
      summary,
      why,
      severity,
      advice: adviceOf(rule),
      messages,
      ...(errorTexts !== undefined && { errorTexts }),
      examples: [],
    };
  });
  return [...simplify, ...tensorrt, ...model];
}

/** What to do, by message; what lint --fix does where it repairs. */
function adviceOf({ advice, effect }: ModelRule): string | Readonly<Record<string, string>> {
  if (advice !== '') return advice as string | Readonly<Record<string, string>>;
  return effect === 'repair' ? '`onnx-preflight lint --fix` and `simplify` repair it.' : {};
}

/** The page of a rule by its id, or by its stem when that is unique. */
export function explain(id: string): RulePage | undefined {
  const pages = allRules();
  return pages.find((page) => page.id === id) ?? pages.find((page) => page.id.endsWith(`/${id}`));
}

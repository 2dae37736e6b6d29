import type { RulePage } from '../api/explain.ts';
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { printable } from '../report/printable.ts';
import type { RefusedRewrite, RewriteRecord, SimplifyReport } from '../rewrite/report.ts';

/** Names a node goes by: its label and its outputs. */
function namesOf(node: Node): string[] {
  return [node.label, ...node.outputs.flatMap((output) => (output === undefined ? [] : [output.name]))];
}

function* nodesOf(model: Model): IterableIterator<Node> {
  for (const graph of graphsOfModel(model)) yield* graph.nodes;
}

/** UsageError for a question about what is neither a simplify rule nor a node of the model. */
export function checkQuestions(questions: readonly string[], model: Model, rules: readonly RulePage[]): void {
  const names = ruleIds(rules);
  for (const node of nodesOf(model)) for (const name of namesOf(node)) names.add(name);
  for (const question of questions) {
    if (names.has(question)) continue;
    const near = suggest(question, names);
    throw new UsageError(
      `--why: '${question}' is neither a simplify rule nor a node of this model`,
      near === undefined ? 'name a node by its name or by one of its outputs' : `did you mean ${near}?`,
    );
  }
}

function ruleIds(rules: readonly RulePage[]): Set<string> {
  return new Set(rules.filter(({ family }) => family === 'simplify').map(({ id }) => id));
}

/** What the run did and refused to do where each question points; `model` is the simplified one. */
export function answerQuestions(
  questions: readonly string[],
  model: Model,
  report: SimplifyReport,
  rules: readonly RulePage[],
): string {
  const ids = ruleIds(rules);
  const lines = questions.flatMap((question) =>
    ids.has(question) ? answerRule(question, report) : answerNode(question, model, report),
  );
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function answerRule(question: string, { applied, refused, steps = [] }: SimplifyReport): string[] {
  const times = applied.find(({ rule }) => rule === question)?.count ?? 0;
  const done = steps.filter(({ rule }) => rule === question).map(stepText);
  const refusals = refused.filter(({ rule }) => rule === question).map(refusalText);
  const summary = `${question}: applied ${times} ${times === 1 ? 'time' : 'times'}, refused ${refusals.length}`;
  return [...done, ...refusals, summary];
}

function answerNode(question: string, model: Model, { refused, steps = [] }: SimplifyReport): string[] {
  const labels = new Set([question]);
  let isThere = false;
  for (const node of nodesOf(model)) {
    if (!namesOf(node).includes(question)) continue;
    isThere = true;
    labels.add(node.label);
  }
  const isAbout = ({ node, made, removed }: RewriteRecord): boolean =>
    [node, ...made.map((own) => own.node), ...removed.map((own) => own.node)].some((label) => labels.has(label));
  const done = steps.filter(isAbout).map(stepText);
  const refusals = refused.filter(({ node }) => labels.has(node)).map(refusalText);
  if (!isThere) return [...done, `${question}: gone`];
  return done.length + refusals.length > 0 ? [...done, ...refusals] : [`${question}: kept; no rule matches it`];
}

/** `Conv_3: rewritten by fuse-x: Conv_3 (Conv), Bn_4 (BatchNormalization) became Bn_4 (Conv)`. */
function stepText({ rule, graph, node, made, removed, assumptions }: RewriteRecord): string {
  const list = (nodes: RewriteRecord['made']): string =>
    nodes.map(({ node: label, operator }) => (label.startsWith('(') ? label : `${label} (${operator})`)).join(', ');
  const change =
    removed.length === 0
      ? made.length === 0
        ? 'its inputs changed'
        : `made ${list(made)}`
      : `${list(removed)} ${made.length === 0 ? 'went away' : `became ${list(made)}`}`;
  const assumed = assumptions.length === 0 ? '' : `, assuming ${assumptions.join(', ')}`;
  return `${[...graph.slice(1), node].join(' > ')}: rewritten by ${rule}: ${change}${assumed}`;
}

/** `Loop_3/body > Reshape_7: kept by fuse-consecutive-reshapes: a 0 in shape copies an axis of the inner result`. */
function refusalText({ graph, node, rule, reason }: RefusedRewrite): string {
  return `${[...graph.slice(1), node].join(' > ')}: kept by ${rule}: ${reason}`;
}

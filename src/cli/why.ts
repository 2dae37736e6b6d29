import type { RulePage } from '../api/explain.ts';
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { printable } from '../report/printable.ts';
import type { RefusedRewrite, SimplifyReport } from '../rewrite/report.ts';

/** Names a node goes by: its label and its outputs. */
function namesOf(node: Node): string[] {
  return [node.label, ...node.outputs.flatMap((output) => (output === undefined ? [] : [output.name]))];
}

function* nodesOf(model: Model): IterableIterator<Node> {
  for (const graph of graphsOfModel(model)) yield* graph.nodes;
}

/** UsageError for a question about what is neither a simplify rule nor a node of the model. */
export function checkQuestions(questions: readonly string[], model: Model, rules: readonly RulePage[]): void {
  const names = new Set(rules.filter(({ family }) => family === 'simplify').map(({ id }) => id));
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

/** What the run did and refused to do where each question points; `model` is the simplified one. */
export function answerQuestions(questions: readonly string[], model: Model, report: SimplifyReport): string {
  const lines = questions.flatMap((question) => answer(question, model, report));
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function answer(question: string, model: Model, { applied, refused }: SimplifyReport): string[] {
  const byRule = refused.filter(({ rule }) => rule === question).map(refusalText);
  const times = applied.find(({ rule }) => rule === question)?.count;
  if (times !== undefined) byRule.push(`${question}: applied ${times} ${times === 1 ? 'time' : 'times'}`);
  if (byRule.length > 0) return byRule;

  const labels = new Set<string>();
  for (const node of nodesOf(model)) if (namesOf(node).includes(question)) labels.add(node.label);
  if (labels.size === 0) return [`${question}: not in the simplified model, and not refused`];
  const byNode = refused.filter(({ node }) => labels.has(node)).map(refusalText);
  return byNode.length > 0 ? byNode : [`${question}: kept; no rule matched it`];
}

/** `Loop_3/body > Reshape_7: kept by fuse-consecutive-reshapes: a 0 in shape copies an axis of the inner result`. */
function refusalText({ graph, node, rule, reason }: RefusedRewrite): string {
  return `${[...graph.slice(1), node].join(' > ')}: kept by ${rule}: ${reason}`;
}

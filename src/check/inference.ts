/** What inference proves: nodes that no run can execute, and declarations that no run can meet. */
import type { Contradiction } from '../infer/contradiction.ts';
import type { Facts } from '../infer/fact.ts';
import type { Model } from '../ir/model.ts';
import { makeProblem, modelRule, type Problem } from '../ir/problem.ts';

export const impossibleNodeRule = modelRule({
  id: 'model/impossible-node',
  summary: 'No run can execute the node: its operands and attributes do not go together.',
  why: "It breaks what the operator's definition asks of shapes, ranks and values (Operators.md).",
  severity: 'error',
  effect: 'refuse',
  messages: { node: '{problem}' },
  advice: '',
});

export const declaredTypeRule = modelRule({
  id: 'model/wrong-declared-type',
  summary: 'A value is declared with a type or shape that it never has.',
  why: 'value_info and the types of outputs must agree with what the graph computes (IR.md, Graphs); what the graph computes counts.',
  severity: 'error',
  effect: 'repair',
  messages: { value: '{problem}' },
  advice: '',
});

export function problemOf(model: Model, facts: Facts, contradiction: Contradiction): Problem {
  const { graph, node, value, message, declared } = contradiction;
  const place = { graph, ...(node !== undefined && { node }), ...(value !== undefined && { value }) };
  const args = { problem: message };
  if (declared !== undefined) {
    // A stale shape in value_info misleads only who reads it; an element type decides what runtimes run.
    const isInner = !declared.isGraphOutput && !declared.isInput;
    const { dataType } = facts.get(declared);
    const isStale = isInner && declared.type?.kind === 'tensor' && declared.type.dataType === dataType;
    return makeProblem(declaredTypeRule, 'value', args, place, isStale ? { severity: 'warning' } : {});
  }
  // A body may never run.
  const isMain = graph.length === 1 && graph[0] === model.graph.name;
  return makeProblem(impossibleNodeRule, 'node', args, place, isMain ? {} : { effect: 'keep' });
}

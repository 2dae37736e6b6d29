import type { Contradiction } from '../infer/contradiction.ts';
import type { Facts } from '../infer/fact.ts';
import type { ModelFacts } from '../infer/facts.ts';
import type { Model } from '../ir/model.ts';
import { type Problem, refuses } from '../ir/problem.ts';
import { checkFunctions } from './functions.ts';
import { checkHeader } from './header.ts';
import { checkImports } from './imports.ts';
import { impossibleNodeRule, problemOf } from './inference.ts';
import { checkInitializers } from './initializers.ts';
import { checkDeclarations, checkOutputs } from './interface.ts';
import { checkNames } from './names.ts';
import { checkOperators } from './operators.ts';
import { checkOrder } from './order.ts';
import { ProblemList } from './problem-list.ts';
import { checkReferences } from './references.ts';
import { checkSparseTensors } from './sparse-tensors.ts';
import { checkTypes } from './types.ts';

/** What inference knows of a model. */
export type InferredFacts = Facts & { readonly contradictions: readonly Contradiction[] };

/** Each looks at the whole model for one thing, in time linear in its nodes; weights are not read. */
const checks: readonly ((model: Model, list: ProblemList) => void)[] = [
  checkHeader,
  checkImports,
  checkFunctions,
  checkNames,
  checkOutputs,
  checkInitializers,
  checkSparseTensors,
  checkOrder,
  checkOperators,
  checkReferences,
];

/** What is not valid in the model as it stands, what was found on reading it included; nothing is inferred. */
export function checkStructure(model: Model): readonly Problem[] {
  const list = new ProblemList(model);
  for (const check of checks) check(model, list);
  return [...model.reading.problems, ...list.problems];
}

/** What is not valid in a model, and what inference knows of it. */
export interface Judgement {
  readonly structural: readonly Problem[];
  readonly inferred: readonly Problem[];
  readonly facts: ModelFacts;
}

/** All of both; of a node that is used wrongly inference has nothing to add. */
export function checkModel(model: Model, facts: InferredFacts | undefined): readonly Problem[] {
  const structural = checkStructure(model);
  return [...structural, ...checkFurther(model, structural, facts)];
}

export function judgeModel(model: Model, facts: ModelFacts): Judgement {
  const structural = checkStructure(model);
  return { structural, inferred: checkFurther(model, structural, facts), facts };
}

function checkFurther(model: Model, structural: readonly Problem[], facts: InferredFacts | undefined): Problem[] {
  const broken = new Set(structural.filter(refuses).map(nodeKey));
  return checkInferred(model, facts).filter(
    (problem) => problem.rule !== impossibleNodeRule.id || !broken.has(nodeKey(problem)),
  );
}

function nodeKey({ place: { graph = [], node = '' } }: Problem): string {
  return [...graph, node].join('\n');
}

/** What shows only when types and shapes are known: operands of wrong types, nodes that cannot run, wrong declarations. */
export function checkInferred(model: Model, facts: InferredFacts | undefined): readonly Problem[] {
  const list = new ProblemList(model);
  checkDeclarations(model, list, facts);
  if (facts === undefined) return list.problems;
  checkTypes(model, list, facts);
  return [...list.problems, ...facts.contradictions.map((contradiction) => problemOf(model, facts, contradiction))];
}

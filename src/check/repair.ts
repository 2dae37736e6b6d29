/** What `simplify` and `lint --fix` put right: what is meant is clear, and the standard says how it must be written. */
import type { Model } from '../ir/model.ts';
import type { Problem } from '../ir/problem.ts';
import { sortTopologically } from '../ir/sort.ts';
import { graphsOfModel } from '../ir/model.ts';
import type { InferredFacts } from './check-model.ts';
import { importsTooEarly, irVersionRule } from './header.ts';
import { missingImportRule, unusedImportRule } from './imports.ts';
import { declaredTypeRule } from './inference.ts';
import { initializerInputRule } from './initializers.ts';
import { outputRule, valueTypeRule } from './interface.ts';
import { graphNameRule, nodeNameRule, shadowingRule } from './names.ts';
import { orderRule } from './order.ts';
import { strayValueInfoRule } from './references.ts';
import { addMissingImports, dropUnusedImports, mergeRepeatedEntries } from './repair-header.ts';
import {
  dropStrayValueInfo,
  makeOutputsLocal,
  nameGraphs,
  renameDuplicateNodes,
  renameShadowing,
} from './repair-names.ts';
import { completeOutputTypes, correctDeclaredTypes, makeInitializersInputs } from './repair-types.ts';

/** Mends all of one kind, and says what was done, in a sentence each. */
type Repair = (model: Model, facts: InferredFacts | undefined) => readonly string[];

/** By rule. They run in this order: names before what goes by them, types last. */
const repairs: readonly (readonly [rule: string, repair: Repair])[] = [
  [irVersionRule.id, raiseIrVersion],
  ['model/duplicate-key', mergeRepeatedEntries],
  ['model/duplicate-opset-import', mergeRepeatedEntries],
  [missingImportRule.id, addMissingImports],
  [unusedImportRule.id, dropUnusedImports],
  [graphNameRule.id, nameGraphs],
  [shadowingRule.id, renameShadowing],
  [outputRule.id, makeOutputsLocal],
  [orderRule.id, sortNodes],
  [nodeNameRule.id, renameDuplicateNodes],
  [strayValueInfoRule.id, dropStrayValueInfo],
  [initializerInputRule.id, makeInitializersInputs],
  [declaredTypeRule.id, correctDeclaredTypes],
  [valueTypeRule.id, completeOutputTypes],
];

/** Repairs what `problems` say can be repaired. Repairs of types need the facts. Answers what was done. */
export function repairModel(
  model: Model,
  problems: readonly Problem[],
  facts: InferredFacts | undefined,
): readonly string[] {
  const wanted = new Set(problems.filter(({ effect }) => effect === 'repair').map(({ rule }) => rule));
  if (wanted.size === 0) return [];
  const done = repairs.filter(([rule]) => wanted.has(rule)).flatMap(([, repair]) => repair(model, facts));
  const { problems: read, damagedNodes } = model.reading;
  model.reading = { problems: read.filter(({ effect }) => effect !== 'repair'), damagedNodes };
  return done;
}

function raiseIrVersion(model: Model): readonly string[] {
  if (!importsTooEarly(model)) return [];
  const from = model.irVersion;
  // Nothing else differs between 2 and 3, but that 3 imports operator sets.
  model.irVersion = 3;
  return [`raised the IR version from ${from} to 3, which may import operator sets`];
}

function sortNodes(model: Model): readonly string[] {
  const sorted = [...graphsOfModel(model)].filter((graph) => sortTopologically(graph));
  return sorted.map((graph) => `put the nodes of graph ${graph.path.join('/')} into topological order`);
}

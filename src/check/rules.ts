/** All that can be wrong with a graph, for lists and pages; what can be wrong with a file's messages is in serde/. */
import type { ModelRule } from '../ir/problem.ts';
import { functionOpsetRule, functionRule, recursionRule } from './functions.ts';
import { irVersionRule } from './header.ts';
import { missingImportRule, newerOpsetRule, unusedImportRule } from './imports.ts';
import { declaredTypeRule, impossibleNodeRule } from './inference.ts';
import { initializerInputRule, initializerTypeRule, inputInitializerRule } from './initializers.ts';
import { outputRule, repeatedOutputRule, valueTypeRule } from './interface.ts';
import { graphNameRule, nodeNameRule, shadowingRule } from './names.ts';
import { attributesRule, operandsRule, unknownOperatorRule } from './operators.ts';
import { cycleRule, orderRule } from './order.ts';
import { danglingReferenceRule, strayValueInfoRule } from './references.ts';
import { sparseTensorRule } from './sparse-tensors.ts';
import { operandTypeRule } from './types.ts';

export const checkRules: readonly ModelRule[] = [
  irVersionRule,
  missingImportRule,
  unusedImportRule,
  newerOpsetRule,
  functionRule,
  recursionRule,
  functionOpsetRule,
  graphNameRule,
  nodeNameRule,
  shadowingRule,
  valueTypeRule,
  outputRule,
  repeatedOutputRule,
  initializerInputRule,
  inputInitializerRule,
  initializerTypeRule,
  sparseTensorRule,
  orderRule,
  cycleRule,
  unknownOperatorRule,
  operandsRule,
  attributesRule,
  operandTypeRule,
  impossibleNodeRule,
  declaredTypeRule,
  strayValueInfoRule,
  danglingReferenceRule,
];

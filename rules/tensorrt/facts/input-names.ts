/** What the standard calls the inputs of a node. */
import { findSchema, type Node } from '../../../src/rule-kit.ts';

/** `axes`, as the schema in force names it; `input 1` for an operator or a position the standard does not know. */
export function inputName(node: Node, index: number): string {
  const opset = node.graph?.opsetVersion('') ?? 1;
  return findSchema('', node.opType, opset)?.inputs[index]?.name ?? `input ${index}`;
}

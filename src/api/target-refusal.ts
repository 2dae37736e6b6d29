import { operatorSupportAt } from '../../rules/tensorrt/facts/operators.ts';
import type { Node } from '../ir/node.ts';
import { parseTargets } from '../lint/target.ts';

/**
 * Why one of the targets would not take a node of this operator; undefined when all do, or when no release knows the operator, so that it
 * is a matter of functions and plugins.
 */
export function targetRefusal(targets: readonly string[] | undefined): (node: Node) => string | undefined {
  const parsed = parseTargets(targets);
  return ({ opType }) => {
    const target = parsed.find(({ version }) => operatorSupportAt(opType, version)?.supported === false);
    return target === undefined ? undefined : `${target.name} has no ${opType}`;
  };
}

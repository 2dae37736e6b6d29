import { documentedOpset } from '../../rules/tensorrt/facts/documented-opset.ts';
import { operatorSupportAt } from '../../rules/tensorrt/facts/operators.ts';
import type { Node } from '../ir/node.ts';
import { parseTargets } from '../lint/target.ts';
import { findSchema, schemaVersions } from '../opset/schema.ts';

/** Versions that read the same attributes and inputs in another way than the one before: an importer of the older one errs without a word. */
const REDEFINED: ReadonlyMap<string, number> = new Map([['GroupNormalization', 21]]);

/**
 * Why one of the targets would not take a node as the opset has it; undefined when all do, or when no release knows the operator, so that
 * it is a matter of functions and plugins.
 */
export function targetRefusal(
  targets: readonly string[] | undefined,
): (node: Node, opset: number) => string | undefined {
  const parsed = parseTargets(targets);
  return ({ opType, domain }, opset) => {
    for (const { name, version } of parsed) {
      if (operatorSupportAt(opType, version)?.supported === false) return `${name} has no ${opType}`;
      if (domain !== '') continue;
      const limit = documentedOpset(version);
      const born = schemaVersions('', opType)[0]?.sinceVersion ?? 0;
      if (born > limit) return `${name} is written for opset ${limit}, and ${opType} came with ${born}`;
      const redefined = REDEFINED.get(opType);
      const since = findSchema('', opType, opset)?.sinceVersion ?? 0;
      if (redefined !== undefined && since >= redefined && limit < redefined)
        return `${name} is written for opset ${limit}, and ${opType} means something else from ${redefined} on`;
    }
    return undefined;
  };
}

/** The newest opset that all of these targets are written for. */
export function newestOpset(targets: readonly string[]): number {
  return Math.min(...parseTargets(targets).map(({ version }) => documentedOpset(version)));
}

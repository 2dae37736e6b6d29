import { version, type Version } from '../../../src/rule-kit.ts';

/** The newest opset that docs/operators.md of a release names. */
const documented: readonly (readonly [since: Version, opset: number])[] = [
  [version('7.0'), 11],
  [version('7.2'), 13],
  [version('8.4'), 17],
  [version('9.0'), 19],
  [version('10.0'), 20],
  [version('10.6'), 22],
  [version('10.14'), 24],
  [version('11.5'), 25],
];

export function documentedOpset(target: Version): number {
  return documented.findLast(([since]) => since <= target)?.[1] ?? 0;
}

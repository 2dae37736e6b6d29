/** What simplification mends: compares the lint of a model with the lint of its simplified form. */
import type { Finding, LintResult } from './finding.ts';

/**
 * The result for the file as it is, with what remains of it after simplification: each verdict gets its `afterSimplify`,
 * and findings that the simplified model no longer has are marked. A finding stays when the simplified model has one of
 * the same rule and message at a node or value of the same name, or, failing that, at another node of the same operator.
 */
export function mergeAfterSimplify(before: LintResult, after: LintResult): LintResult {
  const remaining = new Map<string, Finding[]>();
  for (const finding of after.findings) {
    const list = remaining.get(kindOf(finding));
    if (list === undefined) remaining.set(kindOf(finding), [finding]);
    else list.push(finding);
  }
  const claim = (finding: Finding, matches: (other: Finding) => boolean): boolean => {
    const list = remaining.get(kindOf(finding)) ?? [];
    const index = list.findIndex((other) => matches(other) && sharesTarget(finding, other));
    if (index < 0) return false;
    list.splice(index, 1);
    return true;
  };
  const stays = new Set<Finding>();
  for (const finding of before.findings) if (claim(finding, (other) => isSamePlace(finding, other))) stays.add(finding);
  for (const finding of before.findings)
    if (!stays.has(finding) && claim(finding, (other) => other.opType === finding.opType)) stays.add(finding);
  return {
    targets: before.targets.map((target) => {
      const later = after.targets.find(({ target: name }) => name === target.target);
      return later === undefined
        ? target
        : { ...target, afterSimplify: { verdict: later.verdict, stage: later.stage } };
    }),
    findings: before.findings.map((finding) => ({ ...finding, goneAfterSimplify: !stays.has(finding) })),
  };
}

function kindOf(finding: Finding): string {
  return `${finding.rule} ${finding.messageId}`;
}

function sharesTarget(a: Finding, b: Finding): boolean {
  return a.targets.some((target) => b.targets.includes(target));
}

function isSamePlace(a: Finding, b: Finding): boolean {
  if (a.node !== '' && a.node === b.node) return true;
  return a.value !== '' && a.value === b.value && a.opType === b.opType;
}

import type { Finding, LintResult, Stage, TargetVerdict, Verdict } from '../lint/finding.ts';
import { type Configuration, globMatcher, type SeverityLevel, splitIgnore } from './config.ts';

type Suppressions = Pick<Configuration, 'select' | 'ignore' | 'severities'>;

/**
 * The result as the user's configuration wants it: only the selected rules, without the ignored findings, with the
 * severities of the configuration. A verdict that rested on what was dropped or changed is taken anew from what is left.
 */
export function selectFindings(result: LintResult, { select, ignore, severities }: Suppressions): LintResult {
  const isSelected = anyOf((select ?? []).map(globMatcher), true);
  const isIgnored = anyOf((ignore ?? []).map(ignoreMatcher), false);
  const levels = Object.entries(severities ?? {}).map(([rule, level]) => [globMatcher(rule), level] as const);
  const levelOf = (rule: string): SeverityLevel | undefined => levels.findLast(([matches]) => matches(rule))?.[1];

  const findings: Finding[] = [];
  const touched = new Set<string>();
  let isChanged = false;
  for (const finding of result.findings) {
    const level = levelOf(finding.rule) ?? finding.severity;
    const kept = level !== 'off' && isSelected(finding.rule) && !isIgnored(finding);
    if (!kept || level !== finding.severity) {
      isChanged = true;
      for (const target of finding.targets) touched.add(target);
    }
    if (kept) findings.push(level === finding.severity ? finding : { ...finding, severity: level });
  }
  if (touched.size === 0 && !isChanged) return result;
  const targets = result.targets.map((target) => (touched.has(target.target) ? judgeAgain(target, findings) : target));
  return { targets, findings };
}

function anyOf<Item>(matchers: readonly ((item: Item) => boolean)[], whenNone: boolean): (item: Item) => boolean {
  return (item) => (matchers.length === 0 ? whenNone : matchers.some((matches) => matches(item)));
}

function ignoreMatcher(ignore: string): (finding: Finding) => boolean {
  const { rule, node } = splitIgnore(ignore);
  const matchesRule = globMatcher(rule);
  const matchesNode = node === undefined ? undefined : globMatcher(node);
  return (finding) =>
    matchesRule(finding.rule) &&
    (matchesNode === undefined ||
      matchesNode(finding.node) ||
      matchesNode([...finding.graph.slice(1), finding.node].join('/')) ||
      (finding.value !== '' && matchesNode(finding.value)));
}

function judgeAgain(target: TargetVerdict, findings: readonly Finding[]): TargetVerdict {
  const own = findings.filter(({ targets }) => targets.includes(target.target));
  const verdict = verdictOf(target, own);
  // What the parser would take does not depend on what the user is told of it.
  const subgraphs = verdict.stage === 'parse' ? target.supportedSubgraphs : undefined;
  return {
    target: target.target,
    ...verdict,
    ...(subgraphs !== undefined && { supportedSubgraphs: subgraphs }),
    afterSimplify: verdictOf(
      target.afterSimplify,
      own.filter(({ goneAfterSimplify }) => !goneAfterSimplify),
    ),
  };
}

/** An undecided model stays undecided: silencing a finding decides nothing. */
function verdictOf(old: Verdict, findings: readonly Finding[]): Verdict {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const stage: Stage = errors.some((error) => error.stage === 'parse') ? 'parse' : 'build';
    return { verdict: 'rejected', stage };
  }
  if (old.verdict === 'undecided') return old;
  const hasWarning = findings.some(({ severity }) => severity === 'warning');
  return { verdict: hasWarning ? 'accepted-with-warnings' : 'accepted', stage: null };
}

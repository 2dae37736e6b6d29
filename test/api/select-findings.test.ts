import { describe, expect, test } from '@jest/globals';
import { selectFindings } from '../../src/api/select-findings.ts';
import type { Finding, LintResult, TargetVerdict } from '../../src/lint/finding.ts';

function finding(rule: string, changes: Partial<Finding> = {}): Finding {
  return {
    rule,
    messageId: 'm',
    arguments: {},
    message: '',
    advice: '',
    severity: 'error',
    confidence: 'certain',
    stage: 'parse',
    targets: ['old', 'new'],
    graph: ['main'],
    node: 'n',
    nodeIndex: 0,
    opType: 'Op',
    value: '',
    goneAfterSimplify: false,
    ...changes,
  };
}

const rejected = { verdict: 'rejected', stage: 'parse' } as const;
const accepted = { verdict: 'accepted', stage: null } as const;
const verdict = (target: string): TargetVerdict => ({ target, ...rejected, afterSimplify: rejected });
const resultOf = (...findings: Finding[]): LintResult => ({ targets: [verdict('old'), verdict('new')], findings });

describe('a configuration', () => {
  test('that says nothing changes nothing', () => {
    const result = resultOf(finding('tensorrt/a'));
    expect(selectFindings(result, {})).toBe(result);
    expect(selectFindings(result, { ignore: ['tensorrt/b'], severities: { 'tensorrt/a': 'error' } })).toBe(result);
  });

  test('that ignores the only error of a target accepts it', () => {
    const result = selectFindings(
      resultOf(finding('tensorrt/a', { targets: ['old'] }), finding('tensorrt/b', { targets: ['new'] })),
      {
        ignore: ['tensorrt/a'],
      },
    );
    expect(result.findings.map(({ rule }) => rule)).toEqual(['tensorrt/b']);
    expect(result.targets).toEqual([{ target: 'old', ...accepted, afterSimplify: accepted }, verdict('new')]);
  });

  test('may ignore by node, by its path in subgraphs, and by value', () => {
    const findings = [
      finding('tensorrt/a', { node: '/head/Conv' }),
      finding('tensorrt/a', { node: '/tail/Conv' }),
      finding('tensorrt/a', { node: 'c', graph: ['main', '/If/then_branch'] }),
      finding('tensorrt/a', { node: '', value: 'ends' }),
    ];
    const left = (ignore: string): number =>
      selectFindings(resultOf(...findings), { ignore: [ignore] }).findings.length;
    expect(left('tensorrt/a:/head/*')).toBe(3);
    expect(left('*:/*/Conv')).toBe(2);
    expect(left('tensorrt/a:/If/then_branch/c')).toBe(3);
    expect(left('tensorrt/a:ends')).toBe(3);
    expect(left('tensorrt/b:*')).toBe(4);
  });

  test('may select rules', () => {
    const result = selectFindings(resultOf(finding('tensorrt/a'), finding('tensorrt/bc')), { select: ['tensorrt/b*'] });
    expect(result.findings.map(({ rule }) => rule)).toEqual(['tensorrt/bc']);
  });

  test('may change severities, and the verdict follows', () => {
    const result = selectFindings(resultOf(finding('tensorrt/a'), finding('tensorrt/b', { severity: 'info' })), {
      severities: { 'tensorrt/*': 'off', 'tensorrt/a': 'warning' },
    });
    expect(result.findings).toEqual([finding('tensorrt/a', { severity: 'warning' })]);
    expect(result.targets[0]).toMatchObject({ verdict: 'accepted-with-warnings', stage: null });
  });

  test('takes the earliest stage that is left, and what simplify leaves', () => {
    const { targets } = selectFindings(
      resultOf(finding('tensorrt/a'), finding('tensorrt/b', { stage: 'build', goneAfterSimplify: true })),
      { ignore: ['tensorrt/a'] },
    );
    expect(targets[0]).toEqual({ target: 'old', verdict: 'rejected', stage: 'build', afterSimplify: accepted });
  });

  test('leaves the undecided undecided', () => {
    const undecided = { verdict: 'undecided', stage: null } as const;
    const result: LintResult = {
      targets: [{ target: 'old', ...undecided, afterSimplify: undecided }],
      findings: [finding('tensorrt/a', { severity: 'warning' })],
    };
    expect(selectFindings(result, { ignore: ['tensorrt/a'] }).targets[0]).toMatchObject(undecided);
  });
});

import { describe, expect, test } from '@jest/globals';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Finding, LintResult } from '../../src/lint/finding.ts';
import { lint, type LintRule } from '../../src/lint/lint-rule.ts';
import { lintModel, mergeAfterSimplify } from '../../src/lint/run-lint.ts';
import { parseTargets } from '../../src/lint/target.ts';
import { version } from '../../src/lint/version.ts';
import { parseModel } from '../../src/text/parse.ts';

/** Reports every node it meets. */
const everyNode: LintRule = lint({
  id: 'tensorrt/every-node',
  summary: 'A node.',
  why: 'For the test.',
  severity: 'error',
  messages: { met: '{op} at {node} in {tensorrt} for {reason}' },
  advice: 'Nothing about {reason}.',
  check: (_, { report }) => report('met', { reason: 'no reason' }),
  examples: [],
});

const negOnOld: LintRule = lint({
  id: 'tensorrt/neg-on-old',
  summary: 'Neg before 10.0.',
  why: 'For the test.',
  severity: 'warning',
  stage: 'build',
  messages: { old: '{op}' },
  advice: '',
  operators: ['Neg'],
  check: (node, { target, report }) => {
    if (target.version < version('10.0')) report('old', {}, { value: node.output });
  },
  examples: [],
});

function lintText(text: string, targets: readonly string[], rules: readonly LintRule[]): LintResult {
  const model = parseModel(text);
  return lintModel(model, inferModel(model), { targets: parseTargets(targets), rules });
}

const TWO_NODES = 'agraph (float[2] x) => (float[2] y) { a = Neg (x)\n y = Exp (a) }';

describe('findings', () => {
  test('carry place, words and both spellings of the targets', () => {
    const { findings } = lintText(TWO_NODES, ['tensorrt@8.6', 'tensorrt@10.16'], [everyNode]);
    expect(findings).toHaveLength(2);
    expect(findings[1]).toEqual({
      rule: 'tensorrt/every-node',
      messageId: 'met',
      arguments: { reason: 'no reason', op: 'Exp', node: '(Exp of y)', tensorrt: 'TensorRT 8.6 and 10.16' },
      message: 'Exp at (Exp of y) in TensorRT 8.6 and 10.16 for no reason',
      advice: 'Nothing about no reason.',
      severity: 'error',
      confidence: 'certain',
      stage: 'parse',
      targets: ['tensorrt@8.6', 'tensorrt@10.16'],
      graph: ['agraph'],
      node: '(Exp of y)',
      nodeIndex: 1,
      opType: 'Exp',
      value: '',
      goneAfterSimplify: false,
    });
  });

  test('beyond the last parser that was observed they are likely, and say for which targets', () => {
    const [both] = lintText(TWO_NODES, ['tensorrt@11.4', 'tensorrt@11.5'], [everyNode]).findings;
    expect(both?.confidence).toBe('certain');
    expect(both?.likelyTargets).toEqual(['tensorrt@11.5']);
    const [one] = lintText(TWO_NODES, ['tensorrt@11.5'], [everyNode]).findings;
    expect(one?.confidence).toBe('likely');
    expect(one).not.toHaveProperty('likelyTargets');
  });

  test('stand in graph order, with those of subgraphs after the node that holds them', () => {
    const text = `agraph (bool c, float[2] x) => (float[2] y) {
      a = Neg (x)
      b = If (c) <then_branch = t () => (float[2] p) { p = Abs (a) }, else_branch = e () => (float[2] q) { q = Exp (a) }>
      y = Cos (b)
    }`;
    const { findings } = lintText(text, ['tensorrt@11.4'], [everyNode]);
    expect(findings.map(({ opType, graph }) => `${graph.slice(1).join('/')} ${opType}`)).toEqual([
      ' Neg',
      ' If',
      '(If of b)/then_branch Abs',
      '(If of b)/else_branch Exp',
      ' Cos',
    ]);
  });

  test('of an If that is decided, only the branch that is taken is looked at', () => {
    const text = `agraph (float[2] x) => (float[2] y) <bool c = {0}> {
      y = If (c) <then_branch = t () => (float[2] p) { p = Abs (x) }, else_branch = e () => (float[2] q) { q = Exp (x) }>
    }`;
    const { findings } = lintText(text, ['tensorrt@11.4'], [everyNode]);
    expect(findings.map(({ opType }) => opType)).toEqual(['If', 'Exp']);
  });

  test('a function body is met once, however often it is called', () => {
    const text = `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
      agraph (float[2] x) => (float[2] y) { a = local.Twice (x)\n y = local.Twice (a) }
      <domain: "local", opset_import: ["" : 17]>
      Twice (p) => (q) { q = Add (p, p) }`;
    const { findings } = lintText(text, ['tensorrt@11.4'], [everyNode]);
    expect(findings.map(({ opType }) => opType)).toEqual(['Twice', 'Add', 'Twice']);
  });

  test('name the line of the user that the exporter left', () => {
    const model = parseModel(TWO_NODES);
    const trace = [
      'File "/home/me/train.py", line 3, in <module>',
      '  model(x)',
      'File "/home/me/net.py", line 12, in forward',
      '  return -x',
      'File "/venv/lib/python3.11/site-packages/torch/nn/functional.py", line 99, in neg',
    ].join('\n');
    for (const node of model.graph.nodes) node.metadataProps = new Map([['pkg.torch.onnx.stack_trace', trace]]);
    const { findings } = lintModel(model, inferModel(model), {
      targets: parseTargets(['tensorrt@11.4']),
      rules: [everyNode],
    });
    expect(findings[0]?.source).toBe('/home/me/net.py:12 in forward');
  });
});

describe('verdicts', () => {
  test('an error rejects at its stage, a warning only warns, for the targets it holds for', () => {
    const { targets } = lintText(TWO_NODES, ['tensorrt@8.6', 'tensorrt@10.16'], [negOnOld]);
    expect(targets.map(({ verdict, stage }) => [verdict, stage])).toEqual([
      ['accepted-with-warnings', null],
      ['accepted', null],
    ]);
    expect(lintText(TWO_NODES, ['tensorrt@8.6'], [everyNode]).targets).toEqual([
      {
        target: 'tensorrt@8.6',
        verdict: 'rejected',
        stage: 'parse',
        supportedSubgraphs: [],
        afterSimplify: { verdict: 'rejected', stage: 'parse' },
      },
    ]);
  });
});

describe('what simplification mends', () => {
  const before = lintText(TWO_NODES, ['tensorrt@8.6'], [everyNode]);

  const gone = (after: LintResult): boolean[] =>
    mergeAfterSimplify(before, after).findings.map(({ goneAfterSimplify }: Finding) => goneAfterSimplify);

  test('a finding at a node that is left stays', () => {
    expect(
      gone(lintText('agraph (float[2] x) => (float[2] y) { y = Exp (x) }', ['tensorrt@8.6'], [everyNode])),
    ).toEqual([true, false]);
  });

  test('a finding at a node that was replaced by one of its kind stays', () => {
    expect(
      gone(lintText('agraph (float[2] x) => (float[2] z) { z = Neg (x) }', ['tensorrt@8.6'], [everyNode])),
    ).toEqual([false, true]);
  });

  test('the verdict of the simplified model stands beside that of the file', () => {
    const after = lintText('agraph (float[2] x) => (float[2] x2) { x2 = Neg (x) }', ['tensorrt@8.6'], []);
    expect(mergeAfterSimplify(before, after).targets).toEqual([
      {
        target: 'tensorrt@8.6',
        verdict: 'rejected',
        stage: 'parse',
        supportedSubgraphs: [],
        afterSimplify: { verdict: 'accepted', stage: null },
      },
    ]);
  });
});

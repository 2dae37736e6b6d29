import { describe, expect, test } from '@jest/globals';
import { tensorrtRules } from '../../rules/index.ts';
import { selectFindings } from '../../src/api/select-findings.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { LintResult, NodeRun } from '../../src/lint/finding.ts';
import { lintModel } from '../../src/lint/run-lint.ts';
import { parseTargets } from '../../src/lint/target.ts';
import { lintText } from '../../src/report/lint-text.ts';
import { plain } from '../../src/report/palette.ts';
import { parseModel } from '../../src/text/parse.ts';

function lint(text: string): LintResult {
  const model = parseModel(text);
  const targets = parseTargets(['tensorrt@11.4']);
  return lintModel(model, inferModel(model), { targets, rules: tensorrtRules });
}

function runs(text: string): readonly NodeRun[] | undefined {
  return lint(text).targets[0]?.supportedSubgraphs;
}

const CUT_TWICE = `agraph (float[2, 2] x) => (float[2, 2] y) {
  a = Neg (x)
  b = Abs (a)
  d = Det (b)
  c = Add (b, d)
  e = Det (c)
  y = Add (c, e)
}`;

describe('supported subgraphs', () => {
  test('an accepted model has none to be told of, nor has one that the builder stops', () => {
    expect(lint('agraph (float[2] x) => (float[2] y) { y = Neg (x) }').targets[0]).not.toHaveProperty(
      'supportedSubgraphs',
    );
    const built = lint(
      'agraph (float[5000] x) => (float[n] y, int64[n] i) <int64[1] k = {4000}> { y, i = TopK (x, k) }',
    );
    expect(built.targets[0]).toMatchObject({ verdict: 'rejected', stage: 'build' });
    expect(built.targets[0]).not.toHaveProperty('supportedSubgraphs');
  });

  test('lie between the nodes that are refused', () => {
    expect(runs(CUT_TWICE)).toEqual([
      [0, 1],
      [3, 3],
      [5, 5],
    ]);
    expect(runs('agraph (float[2, 2] x) => (float y) { y = Det (x) }')).toEqual([]);
  });

  test('what reads an input that is refused is refused', () => {
    const text = `agraph (float[2] x, string[2] s) => (float[2] y, string[2] t) {
      a = Neg (x)
      t = Identity (s)
      y = Abs (a)
    }`;
    expect(runs(text)).toEqual([
      [0, 0],
      [2, 2],
    ]);
  });

  test('what comes out of a refused node in a type that TensorRT has not cannot begin the next one', () => {
    const text = `agraph (float[2] x) => (float[2] y) {
      a = Neg (x)
      small = Cast <to = 5> (a)
      copy = Identity (small)
      b = Cast <to = 1> (copy)
      y = Abs (b)
    }`;
    expect(runs(text)).toEqual([
      [0, 0],
      [4, 4],
    ]);
  });

  test('a refused node in a branch or in a function takes every node with it that leads there', () => {
    const branch = `agraph (bool c, float[2, 2] x) => (float y) {
      a = Neg (x)
      b = If (c) <then_branch = t () => (float p) { p = Det (a) }, else_branch = e () => (float q) <float q = {1}> {}>
      y = Abs (b)
    }`;
    expect(runs(branch)).toEqual([
      [0, 0],
      [2, 2],
    ]);
    const calls = `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
      agraph (float[2, 2] x) => (float y, float z) {
        a = Neg (x)
        y = local.Outer (a)
        b = Abs (x)
        z = local.Inner (b)
      }
      <domain: "local", opset_import: ["" : 17, "local" : 1]> Outer (p) => (q) { q = local.Inner (p) }
      <domain: "local", opset_import: ["" : 17]> Inner (p) => (q) { q = Det (p) }`;
    expect(runs(calls)).toEqual([
      [0, 0],
      [2, 2],
    ]);
  });

  test('are there as long as the model is rejected, whatever the user hides, and are printed in short', () => {
    const result = lint(CUT_TWICE);
    expect(selectFindings(result, { ignore: ['tensorrt/*'] }).targets[0]).not.toHaveProperty('supportedSubgraphs');
    const kept = selectFindings(result, { ignore: ['tensorrt/unsupported-operator:(Det of d)'] });
    expect(kept.targets[0]?.supportedSubgraphs).toEqual(result.targets[0]?.supportedSubgraphs);
    const text = lintText([{ path: 'a.onnx', result }], { palette: plain, maxPerRule: 5 });
    expect(text).toContain('  tensorrt@11.4 would take 3 subgraphs: nodes 0-1, 3, 5\n');
  });
});

import { describe, expect, test } from '@jest/globals';
import { simplifyJson } from '../../src/report/json.ts';
import { plain } from '../../src/report/palette.ts';
import { checkText, type SimplifiedModel, simplifyText } from '../../src/report/simplify-text.ts';

const model: SimplifiedModel = {
  path: 'a.onnx',
  output: 'a.simplified.onnx',
  written: [{ path: 'a.simplified.onnx', bytes: 88_150_000 }],
  report: {
    nodes: { before: 38, after: 6 },
    operators: [
      { operator: 'Shape', before: 30, after: 0 },
      { operator: 'Conv', before: 6, after: 6 },
      { operator: 'Reshape', before: 2, after: 0 },
    ],
    applied: [{ rule: 'fold-reshape-shape', count: 2, bounded: 0, assumptions: ['nonempty'] }],
    refused: [{ rule: 'fuse-x', graph: ['main'], node: 'n', reason: 'no' }],
    notes: ['a note\u0007'],
    changed: true,
  },
  bytes: { before: 88_200_000, after: 88_150_000 },
  targets: [
    { target: 'tensorrt@8.6', verdict: 'accepted', stage: null, afterSimplify: { verdict: 'accepted', stage: null } },
  ],
  findings: [],
  seconds: 0.25,
};

describe('the text of simplify', () => {
  test('is the table of operators, the sizes, the remarks and the targets', () => {
    expect(simplifyText(model, { palette: plain, maxPerRule: 5 })).toBe(`a.onnx
              before    after
  Conv             6        6
  Reshape          2        0  -2 (-100 %)
  Shape           30        0  -30 (-100 %)
  all nodes       38        6  -32 (-84 %)
  file size  88.2 MB  88.2 MB
  assumes that dynamic dims of graph inputs are at least 1 (--allow-empty does without)
  note: a note\\u{7}
  1 rewrite was refused (--why RULE or --why NODE says why)
  wrote a.simplified.onnx (88.2 MB)
  tensorrt@8.6: accepted

`);
  });

  test('says what would go and how', () => {
    expect(checkText(model, ['--in-place'])).toBe(
      'a.onnx: simplify would remove 32 of 38 nodes; run: onnx-preflight simplify a.onnx --in-place\n',
    );
    expect(checkText({ ...model, path: "my 'own' net.onnx" }, [])).toContain(
      `onnx-preflight simplify 'my '\\''own'\\'' net.onnx'`,
    );
    const same = { ...model, report: { ...model.report, nodes: { before: 6, after: 6 } } };
    expect(checkText(same, [])).toBe('a.onnx: no node would go\n');
  });
});

describe('the JSON of simplify', () => {
  test('keeps the contract', () => {
    const [simplified, failed] = JSON.parse(simplifyJson([model, { path: 'b.onnx', error: 'b.onnx: bad' }])).models;
    const { nodes, operators, applied, refused, notes } = model.report;
    expect(simplified).toEqual({
      path: 'a.onnx',
      output: 'a.simplified.onnx',
      nodes,
      bytes: model.bytes,
      operators,
      applied,
      refused,
      notes,
      targets: model.targets,
      findings: [],
      seconds: 0.25,
    });
    expect(failed).toMatchObject({ path: 'b.onnx', output: null, error: 'b.onnx: bad', findings: [] });
    expect(Object.keys(failed).sort()).toEqual([...Object.keys(simplified), 'error'].sort());
  });
});

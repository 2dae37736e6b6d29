import { describe, expect, test } from '@jest/globals';
import type { Finding, LintResult } from '../../src/lint/finding.ts';
import { lintJson } from '../../src/report/json.ts';
import { lintGithub } from '../../src/report/lint-github.ts';
import { lintText } from '../../src/report/lint-text.ts';
import { coloured, plain } from '../../src/report/palette.ts';

function finding(changes: Partial<Finding> = {}): Finding {
  return {
    rule: 'tensorrt/unsupported-operator',
    messageId: 'unsupported',
    arguments: { operator: 'GridSample' },
    message: 'TensorRT 8.4 has no GridSample.',
    advice: 'Target TensorRT 8.5 or later.',
    severity: 'error',
    confidence: 'certain',
    stage: 'parse',
    targets: ['tensorrt@8.4'],
    graph: ['main'],
    node: '/head/GridSample',
    nodeIndex: 7,
    opType: 'GridSample',
    value: '',
    goneAfterSimplify: false,
    ...changes,
  };
}

function result(findings: readonly Finding[]): LintResult {
  const accepted = { verdict: 'accepted', stage: null } as const;
  const rejected = { verdict: 'rejected', stage: 'parse' } as const;
  return {
    targets: [
      { target: 'tensorrt@8.4', ...rejected, afterSimplify: accepted },
      { target: 'tensorrt@10.3', ...accepted, afterSimplify: accepted },
    ],
    findings,
  };
}

const options = { palette: plain, maxPerRule: 5 };

describe('the text of lint', () => {
  test('has a block a finding, a line a target, and a line that sums up', () => {
    const warning = finding({
      rule: 'tensorrt/int64-overflow',
      severity: 'warning',
      confidence: 'likely',
      node: '',
      value: 'ends',
      opType: '',
      advice: '',
      goneAfterSimplify: true,
      source: 'model.py:118',
    });
    const inner = finding({ graph: ['main', '/If_3/then_branch'], node: '(Conv of y)', opType: 'Conv' });
    const text = lintText([{ path: 'a.onnx', result: result([warning, finding(), inner]) }], options);
    expect(text).toBe(`a.onnx
  error    tensorrt/unsupported-operator  /head/GridSample (GridSample)
           TensorRT 8.4 has no GridSample.
           fix: Target TensorRT 8.5 or later.
           tensorrt@8.4
  error    tensorrt/unsupported-operator  /If_3/then_branch > (Conv of y)
           TensorRT 8.4 has no GridSample.
           fix: Target TensorRT 8.5 or later.
           tensorrt@8.4
  warning  tensorrt/int64-overflow  value ends
           TensorRT 8.4 has no GridSample.
           tensorrt@8.4; likely, not certain; gone after simplify; from model.py:118

  tensorrt@8.4   rejected (parse)  after simplify: accepted
  tensorrt@10.3  accepted

2 errors, 1 warning in 1 model; 1 of them gone after \`onnx-preflight simplify\`
`);
  });

  test('shows only some findings of a rule, and says how many more there are', () => {
    const many = Array.from({ length: 8 }, (_, index) => finding({ node: `n${index}` }));
    const text = lintText([{ path: 'a.onnx', result: result(many) }], { palette: plain, maxPerRule: 3 });
    expect(text.match(/^ {2}error/gm)).toHaveLength(3);
    expect(text).toContain('... and 5 more of tensorrt/unsupported-operator (--max-per-rule 0 shows all)');
    const all = lintText([{ path: 'a.onnx', result: result(many) }], { palette: plain, maxPerRule: 0 });
    expect(all.match(/^ {2}error/gm)).toHaveLength(8);
    expect(all).not.toContain('more of');
  });

  test('a name from the model cannot write to the terminal', () => {
    const evil = finding({ node: 'x\u001b[2J\n::error::\u202egnp\u009b', message: 'a\rb', value: '' });
    const text = lintText([{ path: 'a\u001b.onnx', result: result([evil]) }], options);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('x\\u{1b}[2J\\n::error::\\u{202e}gnp\\u{9b}');
  });

  test('is painted by the palette alone', () => {
    const text = lintText([{ path: 'a.onnx', result: result([finding()]) }], { palette: coloured, maxPerRule: 5 });
    expect(text).toMatch(/\u001b\[31merror/);
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe(
      lintText([{ path: 'a.onnx', result: result([finding()]) }], options),
    );
  });

  test('counts what was skipped and what could not be read', () => {
    const text = lintText(
      [
        { path: 'a', error: 'a: bad' },
        { path: 'b', skipped: 'a pointer' },
      ],
      options,
    );
    expect(text).toBe('no findings in 0 models; 1 skipped; 1 unreadable\n');
  });
});

describe('the JSON of lint', () => {
  test('keeps the contract', () => {
    const document = JSON.parse(
      lintJson([
        { path: 'a.onnx', result: result([finding({ nodeIndex: undefined })]) },
        { path: 'b.onnx', error: 'b.onnx: bad' },
      ]),
    );
    expect(document).toEqual({
      version: 1,
      models: [
        {
          path: 'a.onnx',
          targets: [
            {
              target: 'tensorrt@8.4',
              verdict: 'rejected',
              stage: 'parse',
              afterSimplify: { verdict: 'accepted', stage: null },
            },
            {
              target: 'tensorrt@10.3',
              verdict: 'accepted',
              stage: null,
              afterSimplify: { verdict: 'accepted', stage: null },
            },
          ],
          findings: [{ ...finding(), nodeIndex: null }],
        },
        { path: 'b.onnx', error: 'b.onnx: bad', targets: [], findings: [] },
      ],
    });
  });

  test('writes int64 as decimal strings and control characters as escapes', () => {
    const odd = finding({ node: '\u009b\u2028', arguments: { value: 9223372036854775807n as unknown as string } });
    const text = lintJson([{ path: 'a.onnx', result: result([odd]) }]);
    expect(text).toContain('"value": "9223372036854775807"');
    expect(text).toContain('\\u009b\\u2028');
    expect(JSON.parse(text).models[0].findings[0].node).toBe('\u009b\u2028');
  });
});

describe('the workflow commands of lint', () => {
  test('are escaped as actions/toolkit does, worst first', () => {
    const text = lintGithub(
      [
        {
          path: 'models/a,b.onnx',
          result: result([
            finding({ severity: 'info', node: 'i' }),
            finding({ message: '100% wrong\r\nfor: sure', advice: '' }),
          ]),
        },
        { path: 'c.onnx', error: 'c.onnx: it is empty' },
        { path: 'd.onnx', skipped: 'a pointer' },
      ],
      (path) => `repo/${path}`,
    );
    expect(text.split('\n')).toEqual([
      '::error file=repo/c.onnx,title=onnx-preflight cannot read it::c.onnx: it is empty',
      '::error file=repo/models/a%2Cb.onnx,title=tensorrt/unsupported-operator::/head/GridSample (GridSample): 100%25 wrong\\u{d}\\nfor: sure [tensorrt@8.4]',
      '::notice file=repo/models/a%2Cb.onnx,title=tensorrt/unsupported-operator::i (GridSample): TensorRT 8.4 has no GridSample. Target TensorRT 8.5 or later. [tensorrt@8.4]',
      'models/a,b.onnx: tensorrt@8.4: rejected (parse)',
      'models/a,b.onnx: tensorrt@10.3: accepted',
      '::notice file=repo/d.onnx,title=onnx-preflight skipped it::a pointer',
      '',
    ]);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { RulePage } from '../../src/api/explain.ts';
import { findRules, QUOTING_SCORE } from '../../src/api/find-rule.ts';

function page(id: string, errorTexts: readonly string[], messages: Record<string, string> = {}): RulePage {
  return {
    id,
    family: 'tensorrt',
    summary: `About ${id}.`,
    why: '',
    severity: 'error',
    errorTexts,
    messages,
    examples: [],
  };
}

const pages = [
  page('tensorrt/int64-overflow', ['One or more weights outside the range of INT32 was clamped']),
  page('tensorrt/unsupported-operator', ['No importer registered for op: {op}. Attempting to import as plugin.']),
  page('tensorrt/shape-tensor-rank', ['IShuffleLayer applied to shape tensor must have 0 or 1 reshape dimensions']),
];

describe('a pasted error', () => {
  test('may be somewhere in a log', () => {
    const log = Array.from({ length: 40 }, (_, line) => `[I] layer${line} /model/block_${line}/Conv took ${line} ms`);
    log.splice(20, 0, '[E] /Pad_3: IShuffleLayer applied to shape tensor must have 0 or 1 reshape dimensions');
    const [best] = findRules(log.join('\n'), pages);
    expect(best?.page.id).toBe('tensorrt/shape-tensor-rank');
    expect(best?.score).toBeGreaterThan(QUOTING_SCORE);
  });

  test('that shares only common words with a rule is not claimed by it', () => {
    expect(findRules('One of the weights is wrong', pages)[0]?.score ?? 0).toBeLessThan(QUOTING_SCORE);
  });

  test.each([
    [
      '[W] onnx2trt_utils.cpp:400: One or more weights outside the range of INT32 was clamped',
      'tensorrt/int64-overflow',
    ],
    [
      'ModelImporter.cpp:779: No importer registered for op: GridSample. Attempting to import as plugin.',
      'tensorrt/unsupported-operator',
    ],
    [
      '[E] [graphShapeAnalyzer.cpp::analyzeShapes::1872] Error Code 4: /Pad_3: IShuffleLayer applied to shape tensor must have 0 or 1 reshape dimensions: dimensions were [-1,2]',
      'tensorrt/shape-tensor-rank',
    ],
  ])('%s leads to its rule', (text, id) => expect(findRules(text, pages)[0]?.page.id).toBe(id));

  test('that no rule speaks of leads nowhere', () => {
    expect(findRules('CUDA out of memory', pages)).toEqual([]);
    expect(findRules('', pages)).toEqual([]);
  });
});

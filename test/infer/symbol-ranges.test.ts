import { expect, test } from '@jest/globals';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Range } from '../../src/infer/dim-bounds.ts';
import { parseModel } from '../../src/text/parse.ts';
import { describeFact } from '../support/inferred.ts';

/** What is known of `y`, in a graph whose first dim `batch` has a range. */
function known(body: string, range: Range): string {
  const model = parseModel(
    `<ir_version: 10, opset_import: ["": 21]> agraph (float[batch, 3] x) => (y)
     <int64[1] limit = {16}, int64[1] one = {1}> { n = Shape <end = 1> (x) ${body} }`,
  );
  const facts = inferModel(model, { allowEmpty: true, ranges: new Map([['batch', range]]) });
  const value = model.graph.outputs[0];
  if (value === undefined) throw new Error('the graph has an output');
  return describeFact(facts.get(value));
}

test.each([
  [{ low: 1n, high: 8n }, 'bool[1] = {0}', 'int64[1] = {1}'],
  [{ low: 17n, high: 32n }, 'bool[1] = {1}', 'int64[1] = {batch}'],
])('the range %p decides a comparison and the Where on it', (range, comparison, choice) => {
  expect(known('y = Greater (n, limit)', range)).toBe(comparison);
  expect(known('c = Greater (n, limit) y = Where (c, n, one)', range)).toBe(choice);
});

test('a range on both sides of the limit decides nothing', () => {
  expect(known('y = Greater (n, limit)', { low: 16n, high: 17n })).not.toMatch(/\{[01]\}$/);
});

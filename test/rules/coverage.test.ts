import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { simplifyRules } from '../../rules/index.ts';
import {
  COVERAGE_DATA,
  COVERAGE_TABLE,
  coverageTable,
  parseCoverage,
  ruleIds,
  SURVEY_ROWS,
} from '../../src/tools/generate-coverage.ts';

const rows = parseCoverage(await readFile(COVERAGE_DATA, 'utf8'));

test('every row of the survey is there once, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: SURVEY_ROWS }, (_, index) => index + 1));
});

test('what is done is done by rules that exist', () => {
  const known = new Set(simplifyRules.map(({ id }) => id));
  expect(rows.flatMap(ruleIds).filter((id) => !known.has(id))).toEqual([]);
});

test('no row is open', () => {
  expect(rows.filter(({ verdict }) => verdict === 'open')).toEqual([]);
});

test('what is not done has a mechanism or a reason', () => {
  const silent = rows.filter(({ verdict, detail }) => verdict !== 'done' && verdict !== 'open' && detail.length < 5);
  expect(silent).toEqual([]);
});

test('the table is what the data make', async () => {
  expect(await readFile(COVERAGE_TABLE, 'utf8')).toBe(coverageTable(rows));
});

test('a line that cannot be read is named', () => {
  expect(() => parseCoverage('# head\n1 | a | perhaps | b')).toThrow(/coverage\.txt:2/);
});

import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { constraintExamples } from '../../rules/tensorrt/facts/constraint-examples.ts';
import { constraints } from '../../rules/tensorrt/facts/generated/constraints.ts';
import { observations } from '../../rules/tensorrt/facts/observations.ts';
import { leftOut, refuted, sameAs } from '../../rules/tensorrt/facts/left-out.ts';
import { checkRules } from '../../src/check/rules.ts';
import { readingRules } from '../../src/serde/reading-rules.ts';
import {
  accountForConstraints,
  coverageTable,
  findingOf,
  targetOf,
  targetOutside,
} from '../../src/tools/constraint-coverage.ts';

const read = Object.keys(constraints);
const examples = constraintExamples.map((example) => [example.constraint, example] as const);

test('each constraint is accounted for, once', () => {
  const accounted = [
    ...new Set(constraintExamples.map(({ constraint }) => constraint)),
    ...Object.keys(leftOut),
    ...Object.keys(sameAs),
  ];
  expect(read.length).toBe(607);
  expect(read.filter((id) => !accounted.includes(id))).toEqual([]);
  expect(accounted.filter((id, index) => accounted.indexOf(id) !== index)).toEqual([]);
  expect(accounted.filter((id) => !read.includes(id) && !Object.hasOwn(observations, id))).toEqual([]);
});

test('what says the same as another leads to one that is covered', () => {
  const covered = new Set<string>([
    ...constraintExamples.map(({ constraint }) => constraint),
    ...[...checkRules, ...readingRules].map(({ id }) => id),
  ]);
  const isSeen = (id: string): boolean => covered.has(id) || Object.hasOwn(observations, id);
  expect(Object.entries(sameAs).filter(([, other]) => !isSeen(other))).toEqual([]);
});

test('what is refuted has an observation that ends it', () => {
  expect(refuted.filter((id) => !Object.hasOwn(observations, id))).toEqual([]);
});

describe('a model for each constraint', () => {
  test.each(examples)('%s', (_, example) => {
    const target = targetOf(example);
    const finding = findingOf(example, target);
    expect(finding?.message).toBeDefined();
    // Outside its versions the constraint says nothing of the same model.
    const outside = example.modelRule === undefined ? targetOutside(example) : undefined;
    if (outside !== undefined) expect(findingOf(example, outside)?.message).toBeUndefined();
  });
});

test('COVERAGE.md is up to date', () => {
  expect(readFileSync('rules/tensorrt/COVERAGE.md', 'utf8')).toBe(coverageTable(accountForConstraints()));
});

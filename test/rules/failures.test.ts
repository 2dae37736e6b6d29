import { describe, expect, test } from '@jest/globals';
import { allRules } from '../../src/api/explain.ts';
import { findRules } from '../../src/api/find-rule.ts';
import { lint } from '../../src/api/lint.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { parseModel } from '../../src/text/parse.ts';
import { type Failure, failures } from './failures.ts';

const pages = allRules();

function findingOf(
  { model, opset = 17, machine, finds: [rule, messageId] }: Failure,
  target: string,
): Finding | undefined {
  const text = model.startsWith('<') ? model : `agraph ${model}`;
  const { findings } = lint(parseModel(text, { opset }), {
    targets: [target],
    ...(machine !== undefined && { machine }),
  });
  return findings.find((finding) => finding.rule === rule && (messageId === '' || finding.messageId === messageId));
}

test('there are 53, with 113 error texts', () => {
  expect(failures.map(({ rank }) => rank)).toEqual(Array.from({ length: 53 }, (_, index) => index + 1));
  expect(failures.reduce((sum, { errors }) => sum + errors.length, 0)).toBe(113);
});

describe.each(failures.map((failure) => [failure.title, failure] as const))('%s', (_, failure) => {
  test('is found', () => {
    const finding = findingOf(failure, failure.target);
    expect(finding?.message).toBeDefined();
    expect(finding?.targets.length === 0 || finding?.targets.includes(failure.target)).toBe(true);
  });

  if (failure.mended !== undefined)
    test(`is not there with ${failure.mended}`, () => {
      expect(findingOf(failure, failure.mended ?? '')?.message).toBeUndefined();
    });

  const texts = failure.errors.map((error) =>
    typeof error === 'string' ? ([error, failure.finds[0]] as const) : error,
  );
  test.each(texts)('explain leads from: %s', (text, rule) => {
    expect(findRules(text, pages)[0]?.page.id).toBe(rule);
  });
});

import { describe, expect, test } from '@jest/globals';
import {
  checkRules,
  globMatcher,
  mergeConfiguration,
  parseConfiguration,
  reaches,
  splitIgnore,
} from '../../src/api/config.ts';
import { UsageError } from '../../src/base/errors.ts';

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const { message, hint } = error as UsageError;
    return hint === undefined ? message : `${message}; ${hint}`;
  }
  throw new Error('it did not fail');
}

describe('a configuration file', () => {
  test('has the keys of the options', () => {
    const configuration = {
      $schema: 'x',
      target: 'tensorrt@8.6',
      select: ['tensorrt/*'],
      ignore: ['tensorrt/a:/head/*'],
      severities: { 'tensorrt/a': 'off', 'tensorrt/b': 'warning' },
      failOn: 'never',
      format: 'github',
      lfs: 'skip',
      simplify: { preset: 'exact', disable: 'fuse-x', allowEmpty: true },
    };
    const { $schema: _, ...rest } = configuration;
    expect(parseConfiguration(JSON.stringify(configuration), 'c.json')).toEqual({
      ...rest,
      target: ['tensorrt@8.6'],
      simplify: { preset: 'exact', disable: ['fuse-x'], allowEmpty: true },
    });
  });

  test.each([
    ['{"traget": []}', 'c.json has the unknown key "traget"; did you mean target?'],
    [
      '{"zzzzzz": []}',
      'c.json has the unknown key "zzzzzz"; known keys: target, select, ignore, severities, failOn, format, lfs, externalData, externalThreshold, simplify',
    ],
    [
      '{"__proto__": []}',
      'c.json has the unknown key "__proto__"; known keys: target, select, ignore, severities, failOn, format, lfs, externalData, externalThreshold, simplify',
    ],
    [
      '{"failOn": "warnin"}',
      'c.json: failOn is "warnin", but must be one of error, warning, never; did you mean warning?',
    ],
    ['{"failOn": 3}', 'c.json: failOn is 3, but must be one of error, warning, never'],
    ['{"target": [8.6]}', 'c.json: target has 8.6, but must be made of strings'],
    [
      '{"severities": {"a": "eror"}}',
      'c.json: severities: a is "eror", but must be one of error, warning, info, off; did you mean error?',
    ],
    ['{"severities": []}', 'c.json: severities is an array, but must be an object'],
    ['{"simplify": {"allowEmpty": "yes"}}', 'c.json: simplify: allowEmpty is "yes", but must be true or false'],
    ['{"simplify": {"disabled": []}}', 'c.json: simplify has the unknown key "disabled"; did you mean disable?'],
    ['[]', 'c.json is an array, but must be an object'],
    ['null', 'c.json is null, but must be an object'],
  ])('%s is refused', (text, message) => expect(failure(() => parseConfiguration(text, 'c.json'))).toBe(message));

  test('that is no JSON is refused', () => {
    expect(failure(() => parseConfiguration('{"a": 1,}', 'c.json'))).toMatch(/^c\.json is not JSON: /);
  });

  test('yields to flags, key by key', () => {
    const merged = mergeConfiguration(
      { target: ['a'], failOn: 'never', simplify: { preset: 'exact', disable: ['x'] } },
      { target: ['b'], simplify: { disable: ['y'] } },
    );
    expect(merged).toEqual({ target: ['b'], failOn: 'never', simplify: { preset: 'exact', disable: ['y'] } });
  });
});

describe('rule names', () => {
  const lint = ['tensorrt/unsupported-operator', 'tensorrt/int64-overflow'];
  const simplify = ['fuse-consecutive-reshapes'];

  test('may be ids or globs', () => {
    const configuration = {
      select: ['tensorrt/*'],
      ignore: ['tensorrt/int64-overflow:/a:b/*', 'tensorrt/int64-*'],
      severities: { 'tensorrt/unsupported-operator': 'off' },
      simplify: { disable: ['fuse-consecutive-reshapes'] },
    } as const;
    expect(() => checkRules(configuration, lint, simplify)).not.toThrow();
  });

  test.each([
    [
      { ignore: ['tensorrt/int64-overflw:x'] },
      "ignore names the rule 'tensorrt/int64-overflw', which there is not; did you mean tensorrt/int64-overflow?",
    ],
    [
      { select: ['unsupported-operator'] },
      "select names the rule 'unsupported-operator', which there is not; did you mean tensorrt/unsupported-operator?",
    ],
    [
      { severities: { q: 'off' } } as const,
      "severities names the rule 'q', which there is not; `onnx-preflight rules` lists them",
    ],
    [
      { simplify: { enable: ['tensorrt/int64-overflow'] } },
      "enable names the rule 'tensorrt/int64-overflow', which there is not; `onnx-preflight rules` lists them",
    ],
  ])('%j is refused', (configuration, message) =>
    expect(failure(() => checkRules(configuration, lint, simplify))).toBe(message),
  );

  test('a node glob begins at the first colon', () => {
    expect(splitIgnore('a/b:/x:y')).toEqual({ rule: 'a/b', node: '/x:y' });
    expect(splitIgnore('a/b')).toEqual({ rule: 'a/b', node: undefined });
  });

  test('a glob is no regular expression', () => {
    const matches = globMatcher('/a.b[0]/*/c?');
    expect(matches('/a.b[0]/x/y/c1')).toBe(true);
    expect(matches('/aXb0/x/c1')).toBe(false);
    expect(matches('/a.b[0]/x/c')).toBe(false);
    expect(globMatcher('*')('a\nb')).toBe(true);
  });
});

test('a severity reaches the level that makes a run fail', () => {
  expect(['error', 'warning', 'info'].map((severity) => reaches(severity as 'error', 'warning'))).toEqual([
    true,
    true,
    false,
  ]);
  expect(['error', 'warning', 'info'].map((severity) => reaches(severity as 'error', 'error'))).toEqual([
    true,
    false,
    false,
  ]);
  expect(reaches('error', 'never')).toBe(false);
});

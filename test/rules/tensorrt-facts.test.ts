import { describe, expect, test } from '@jest/globals';
import { constraint, type ConstraintId, holds } from '../../rules/tensorrt/facts/constraints.ts';
import { constraints } from '../../rules/tensorrt/facts/generated/constraints.ts';
import { operatorSupport } from '../../rules/tensorrt/facts/generated/operators.ts';
import { observations } from '../../rules/tensorrt/facts/observations.ts';
import { operatorSupportAt, supportedSince } from '../../rules/tensorrt/facts/operators.ts';
import { version } from '../../src/rule-kit.ts';

const ids = [...Object.keys(constraints), ...Object.keys(observations)] as ConstraintId[];

describe('constraints', () => {
  test('each has a span that is not empty, and a source', () => {
    const bad = ids
      .map(constraint)
      .filter(({ since, until, source }) => since < version('7.0') || until < since || source === '');
    expect(bad).toEqual([]);
  });

  test('since and until are inclusive', () => {
    expect(holds('topk-k-const', version('7.0'))).toBe('certain');
    expect(holds('topk-k-const', version('8.5'))).toBe('certain');
    expect(holds('topk-k-const', version('8.6'))).toBeUndefined();
  });

  test('an observation wins over the reading', () => {
    expect(holds('scatternd-reduction', version('11.4'))).toBe('certain');
    expect(constraint('squeeze-no-axes').until).toBe(version('11.3'));
    expect(constraint('squeeze-no-axes').source).toContain('observed with the parser');
  });

  test('what was read with doubt is likely', () => {
    expect(holds('batchnorm-param-const-old', version('8.6'))).toBe('likely');
  });
});

describe('operators', () => {
  test('every row of the table can be read', () => {
    const names = Object.keys(operatorSupport).map((name) => name.split('::').at(-1) ?? name);
    expect(names.filter((name) => operatorSupportAt(name, version('10.10')) === undefined)).toEqual([]);
  });

  test('support starts where the release notes say', () => {
    expect(operatorSupportAt('NonMaxSuppression', version('7.2'))?.supported).toBe(false);
    expect(operatorSupportAt('LayerNormalization', version('8.6'))?.supported).toBe(true);
    expect(supportedSince('Swish', version('10.16'))).toBe(version('11.0'));
    expect(supportedSince('Det', version('7.0'))).toBeUndefined();
  });

  test('a release without a row takes the nearest lower one', () => {
    expect(operatorSupportAt('Mod', version('11.5'))).toEqual(operatorSupportAt('Mod', version('11.1')));
    expect(operatorSupportAt('Xor', version('8.3'))?.supported).toBe(false);
  });
});

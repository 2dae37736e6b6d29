import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/base/errors.ts';
import { parseGpu } from '../../src/lint/gpu.ts';
import type { MachineOptions } from '../../src/lint/machine.ts';
import { parseTargets } from '../../src/lint/target.ts';
import { describeTargets } from '../../src/lint/target-names.ts';
import { formatVersion, parseVersion, version } from '../../src/lint/version.ts';

const names = (...texts: string[]): string[] => parseTargets(texts).map(({ name }) => name);

function failure(text: string): UsageError {
  try {
    parseTargets([text]);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`'${text}' was taken`);
}

test('versions compare as numbers', () => {
  expect(version('10.10')).toBeGreaterThan(version('10.9'));
  expect(version('10.0')).toBeGreaterThan(version('9.3'));
  expect(parseVersion('8.6.1.6')).toBe(version('8.6'));
  expect(parseVersion('8')).toBeUndefined();
  expect(formatVersion(version('10.10'))).toBe('10.10');
});

describe('targets', () => {
  test('the newest release of each living line is the default', () => {
    expect(parseTargets().map(({ name }) => name)).toEqual(['tensorrt@8.6', 'tensorrt@10.16', 'tensorrt@11.5']);
  });

  test('one, several, lists; each once', () => {
    expect(names('tensorrt@8.6')).toEqual(['tensorrt@8.6']);
    expect(names('tensorrt@8.6, tensorrt@10.3', 'tensorrt@8.6')).toEqual(['tensorrt@8.6', 'tensorrt@10.3']);
  });

  test('a patch level is kept in the name and dropped from the facts', () => {
    expect(parseTargets(['tensorrt@8.6.1'])).toMatchObject([
      { name: 'tensorrt@8.6.1', product: 'tensorrt', release: version('8.6'), version: version('8.6') },
    ]);
  });

  test('ranges are inclusive and ordered by number', () => {
    expect(names('tensorrt@10.8..10.11')).toEqual([
      'tensorrt@10.8',
      'tensorrt@10.9',
      'tensorrt@10.10',
      'tensorrt@10.11',
    ]);
    expect(names('tensorrt@>=11.3')).toEqual(['tensorrt@11.3', 'tensorrt@11.4', 'tensorrt@11.5']);
    expect(names('tensorrt@<=7.1')).toEqual(['tensorrt@7.0', 'tensorrt@7.1']);
    expect(names('tensorrt-rtx@1.6..')).toEqual(['tensorrt-rtx@1.6', 'tensorrt-rtx@1.7']);
  });

  test('TensorRT-RTX has the parser of the TensorRT of its time', () => {
    expect(parseTargets(['tensorrt-rtx@1.4..1.7']).map((target) => formatVersion(target.version))).toEqual([
      '10.16',
      '11.0',
      '11.2',
      '11.4',
    ]);
  });

  test.each([
    ['tensort@8.6', 'did you mean tensorrt?'],
    ['tensorrt@9.7', 'did you mean tensorrt@9.3?'],
    ['tensorrt@12.0', 'the newest release this version knows is tensorrt@11.5'],
    ['tensorrt@6.0', 'known are tensorrt@7.0 to 11.5'],
    ['tensorrt-rtx@1.3', 'known are tensorrt-rtx@1.4 to 1.7'],
    ['tensorrt@10.3..8.6', 'write the lower version first'],
  ])('%s is refused with a hint', (text, hint) => {
    expect(failure(text).hint).toBe(hint);
  });

  test('no version, or none at all', () => {
    expect(failure('tensorrt').message).toBe("target 'tensorrt' names no version");
    expect(failure('tensorrt@new').message).toBe("target 'tensorrt@new': 'new' is not a version");
    expect(failure(' ').message).toBe('no target is given');
  });
});

test('targets in words: four or more successive releases are a span', () => {
  expect(describeTargets(parseTargets(['tensorrt@8.6', 'tensorrt@10.16']))).toBe('TensorRT 8.6 and 10.16');
  expect(describeTargets(parseTargets(['tensorrt@7.0..8.0', 'tensorrt@11.5', 'tensorrt-rtx@1.7']))).toBe(
    'TensorRT 7.0 to 8.0 and 11.5 and TensorRT-RTX 1.7',
  );
});

describe('aliases', () => {
  test.each([
    ['jetpack@5.1', '8.5'],
    ['jetpack@6.2', '10.3'],
    ['ngc@24.05', '10.0'],
    ['ngc:24.05-py3', '10.0'],
    ['deepstream@7.1', '10.3'],
  ])('%s is TensorRT %s', (alias, release) => {
    expect(parseTargets([alias])).toMatchObject([{ name: alias, product: 'tensorrt', release: parseVersion(release) }]);
  });

  test('one that is not known names the nearest', () => {
    expect(failure('jetpack@6.2.2').hint).toContain('did you mean jetpack@6.2');
    expect(failure('jetpak@6.2').hint).toBe('did you mean jetpack?');
  });
});

describe('machines', () => {
  const problem = (targets: readonly string[] | undefined, machine: MachineOptions): string => {
    try {
      parseTargets(targets, machine);
    } catch (error) {
      if (error instanceof UsageError) return `${error.message}; ${error.hint ?? ''}`;
      throw error;
    }
    return 'taken';
  };

  test.each([
    ['sm75', 75],
    ['8.6', 86],
    ['Orin', 87],
    ['agx-orin', 87],
    ['l4', 89],
    ['NVIDIA H100', 90],
    ['rtx5090', 120],
    ['GeForce RTX 4090', 89],
  ])('%s has compute capability %s', (text, capability) => {
    expect(parseGpu(text).computeCapability).toBe(capability);
  });

  test.each([
    [{ gpu: 'rtx5091' }, 'did you mean rtx5090?'],
    [{ gpu: 'sm75', precision: ['bf16'] }, 'bf16 does not go with --gpu sm75: it needs compute capability 8.0'],
    [{ gpu: 'sm86', precision: ['fp8'] }, 'fp8 does not go with --gpu sm86: it needs compute capability 8.9'],
    [{ gpu: 'h100', dla: true }, 'it has no DLA'],
    [{ precision: ['fp166'] }, 'did you mean fp16?'],
    [{ precision: ['int8'], stronglyTyped: true }, 'exclude each other'],
  ])('%j cannot be', (machine, words) => {
    expect(problem(['tensorrt@10.3'], machine)).toContain(words);
  });

  test('weak typing ends with 11.0, unless nobody named the release', () => {
    expect(problem(['tensorrt@11.0'], { precision: ['fp16'] })).toContain('--fp16 does not go with tensorrt@11.0');
    expect(problem(undefined, { precision: ['fp16'] })).toBe('taken');
    expect(problem(['tensorrt@10.16'], { precision: ['fp16'] })).toBe('taken');
  });

  test('plugins are named one by one or as a list', () => {
    const [target] = parseTargets(['tensorrt@10.3'], { plugins: ['A, B', 'C\nD'] });
    expect([...(target?.plugins ?? [])]).toEqual(['A', 'B', 'C', 'D']);
  });
});

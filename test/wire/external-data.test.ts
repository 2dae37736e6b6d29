import { describe, expect, test } from '@jest/globals';
import { ModelError } from '../../src/base/errors.ts';
import { checkLocation, externalRange } from '../../src/wire/external-data.ts';

describe('checkLocation', () => {
  test.each([
    'weights.bin',
    'a/b.bin',
    './w',
    'a..b.bin',
    '..hidden',
    'dir.with.dots/w',
    'sub\\w.bin',
    '...',
    'c:'.slice(0, 1),
  ])('%j may be read', (location) => expect(() => checkLocation(location)).not.toThrow());

  test.each([
    ['', /is empty/],
    ['   ', /is empty/],
    ['/etc/passwd', /is absolute/],
    ['\\\\server\\share\\w', /is absolute/],
    ['\\windows\\w', /is absolute/],
    ['C:\\w.bin', /names a drive/],
    ['c:w.bin', /names a drive/],
    ['../w', /'\.\.' component/],
    ['a/../../w', /'\.\.' component/],
    ['a\\..\\..\\w', /'\.\.' component/],
    ['a/..', /'\.\.' component/],
    ['..', /'\.\.' component/],
    ['w\0.bin', /NUL/],
  ])('%j is refused with the reason', (location, reason) => {
    expect(() => checkLocation(location)).toThrow(ModelError);
    expect(() => checkLocation(location)).toThrow(reason);
  });
});

describe('externalRange', () => {
  test('offset and length may be left out', () => {
    expect(externalRange([['location', 'w']])).toEqual({ location: 'w', offset: 0, length: undefined });
    expect(
      externalRange([
        ['length', '12'],
        ['offset', '4096'],
        ['location', 'w'],
        ['checksum', 'x'],
      ]),
    ).toEqual({
      location: 'w',
      offset: 4096,
      length: 12,
    });
  });

  test.each(['-1', '1.5', '0x10', 'abc', '99999999999999999999', '1e3', 'Infinity'])(
    '%j is no count of bytes',
    (text) => {
      expect(() =>
        externalRange([
          ['location', 'w'],
          ['offset', text],
        ]),
      ).toThrow(/offset/);
      expect(() =>
        externalRange([
          ['location', 'w'],
          ['length', text],
        ]),
      ).toThrow(/length/);
    },
  );

  test('a location is needed', () => expect(() => externalRange([['offset', '0']])).toThrow(/without a location/));
});

import { describe, expect, test } from '@jest/globals';
import { changeText, countText, sizeText } from '../../src/report/quantities.ts';
import { table } from '../../src/report/table.ts';

describe('quantities', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [88_240_000, '88.2 MB'],
    [3_000_000_000, '3.0 GB'],
  ])('%d is %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));

  test.each([
    [38, 6, '-32 (-84 %)'],
    [6, 6, ''],
    [0, 3, '+3'],
    [4, 5, '+1 (+25 %)'],
    [1000, 999, '-1'],
  ])('from %d to %d is %j', (before, after, text) => expect(changeText(before, after)).toBe(text));

  test('nouns follow their number', () => {
    expect([countText(0, 'model'), countText(1, 'model'), countText(2, 'model')]).toEqual([
      '0 models',
      '1 model',
      '2 models',
    ]);
  });
});

describe('a table', () => {
  test('aligns its columns, whatever the paint, and leaves nothing behind the last cell', () => {
    const paint = (text: string): string => `<${text}>`;
    expect(
      table(
        [
          ['a', { text: '10', paint }, ''],
          ['längst', '9', 'x'],
          ['b', '', ''],
        ],
        ['left', 'right', 'left'],
        ' ',
      ),
    ).toEqual([' a       <10>', ' längst   9  x', ' b']);
  });
});

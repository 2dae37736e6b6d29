import { describe, expect, test } from '@jest/globals';
import { firstFailure, minimize } from '../../src/verify/minimize.ts';

const letters = [...'abcdefghijkl'];

/** Fails when the part has all of `guilty`. */
const failing =
  (guilty: string, tried: string[] = []) =>
  async (part: readonly string[]): Promise<boolean> => {
    tried.push(part.join(''));
    return [...guilty].every((letter) => part.includes(letter));
  };

describe('the smallest part that fails', () => {
  test.each(['a', 'l', 'f', 'ab', 'al', 'cg', 'bfk', 'abcdefghijkl'])('is found: %s', async (guilty) => {
    expect((await minimize(letters, failing(guilty))).join('')).toBe(guilty);
  });

  test('takes few tries when one item is to blame', async () => {
    const tried: string[] = [];
    await minimize(letters, failing('g', tried));
    expect(tried.length).toBeLessThan(15);
  });

  test('is one of several, when several fail alone', async () => {
    const found = await minimize(letters, async (part) => part.includes('c') || part.includes('j'));
    expect(found).toHaveLength(1);
    expect('cj').toContain(found[0]);
  });
});

test.each([1, 2, 7, 64, 100])('the first count that fails is found: %i of 100', async (first) => {
  let tries = 0;
  const found = await firstFailure(100, async (count) => {
    tries++;
    return count >= first;
  });
  expect(found).toBe(first);
  expect(tries).toBeLessThan(8);
});

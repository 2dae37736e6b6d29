import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../src/base/errors.ts';
import { Dim } from '../../src/infer/dim.ts';
import { parseDim } from '../../src/infer/dim-parse.ts';
import { dimOf, evenPoints, type Tree, valueOf, wholeTrees } from '../support/dim-trees.ts';

const [n, m, k] = [Dim.symbol('n'), Dim.symbol('m'), Dim.symbol('k')];
const of = (value: number): Dim => Dim.of(value);
const isKnown = (name: string): boolean => ['n', 'm', 'k', 'x'].includes(name);
const runs = { numRuns: 1000 };

/** The dim and the number that a tree is at a point; undefined where it is none, or is not written out. */
function both(tree: Tree, point: ReadonlyMap<string, bigint>): { dim: Dim; value: bigint } | undefined {
  const dim = dimOf(tree);
  const value = valueOf(tree, point);
  return dim === undefined || value === undefined || dim.key.includes('opaque(') ? undefined : { dim, value };
}

describe('properties, where nothing is left over', () => {
  const holds = (check: (dim: Dim, value: bigint, point: ReadonlyMap<string, bigint>) => void): void => {
    let checked = 0;
    fc.assert(
      fc.property(wholeTrees, evenPoints, (tree, point) => {
        const found = both(tree, point);
        if (found === undefined) return;
        if (found.dim.hasWhole) checked++;
        check(found.dim, found.value, point);
      }),
      runs,
    );
    // Whole quotients must occur.
    expect(checked).toBeGreaterThan(runs.numRuns / 25);
  };
  const positiveAt = (point: ReadonlyMap<string, bigint>): ReadonlySet<string> =>
    new Set([...point].filter(([, at]) => at >= 1n).map(([name]) => name));

  test('every operation, at a point, is what bigints make of it', () =>
    holds((dim, value, point) => expect(dim.evaluate(point)).toBe(value)));

  test('roundings are the same number', () =>
    holds((dim, value, point) => {
      for (const rounded of dim.roundings()) {
        expect(rounded.hasWhole).toBe(false);
        expect(rounded.evaluate(point)).toBe(value);
      }
    }));

  test('parse(print) is the same number', () =>
    holds((dim, value, point) => expect(parseDim(dim.toString(), isKnown).evaluate(point)).toBe(value)));

  test('bounds hold', () =>
    holds((dim, value, point) => {
      for (const { low, high } of [dim.bounds(), dim.bounds(positiveAt(point))]) {
        if (low !== undefined) expect(value >= low).toBe(true);
        if (high !== undefined) expect(value <= high).toBe(true);
      }
    }));

  test('an assumption changes no value', () =>
    holds((dim, value, point) => expect(dim.assuming(positiveAt(point)).evaluate(point)).toBe(value)));

  test('putting numbers in for symbols is evaluation', () =>
    holds((dim, value, point) => {
      const dims = new Map([...point].map(([name, at]) => [name, Dim.of(at)]));
      expect(dim.substitute(dims).constant).toBe(value);
    }));

  test('what is called equal is equal, what is called different is different', () => {
    let equal = 0;
    fc.assert(
      fc.property(wholeTrees, wholeTrees, evenPoints, (a, b, point) => {
        const [left, right] = [both(a, point), both(b, point)];
        if (left === undefined || right === undefined) return;
        const pairs = [
          [left, right],
          // The same number in another form.
          [left, { dim: left.dim.plus(right.dim).minus(right.dim), value: left.value }],
          ...left.dim.roundings().map((dim) => [left, { dim, value: left.value }] as const),
        ] as const;
        for (const [one, other] of pairs) {
          if (one.dim.equals(other.dim)) {
            equal++;
            expect(one.value).toBe(other.value);
          }
          if (one.dim.differs(other.dim)) expect(one.value).not.toBe(other.value);
        }
      }),
      runs,
    );
    expect(equal).toBeGreaterThan(runs.numRuns / 4);
  });

  test('floors that a whole quotient tells are those numbers', () => {
    let known = 0;
    fc.assert(
      fc.property(wholeTrees, fc.constantFrom(2n, 3n, 4n, 6n, 12n), wholeTrees, evenPoints, (a, by, b, point) => {
        const [dividend, other] = [both(a, point), both(b, point)];
        if (dividend === undefined || other === undefined || dividend.value % by !== 0n) return;
        const floors = dividend.dim.wholeDivide(Dim.of(by)).floorsOfWhole();
        for (const divisor of [by, 2n]) {
          const rounded = dividend.dim.floorDivide(Dim.of(divisor)).times(other.dim);
          if (rounded.key.includes('opaque(')) return;
          const told = rounded.withKnownFloors(floors);
          if (told !== rounded) known++;
          expect(told.evaluate(point)).toBe(rounded.evaluate(point));
        }
      }),
      runs,
    );
    expect(known).toBeGreaterThan(runs.numRuns / 20);
  });

  test('times its divisor, a whole quotient is the dividend', () => {
    const polynomials = fc
      .array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.array(fc.constantFrom(n, m, k), { maxLength: 2 })), {
        minLength: 1,
        maxLength: 3,
      })
      .map((terms) =>
        terms.reduce(
          (sum, [coefficient, factors]) =>
            sum.plus(factors.reduce((product, factor) => product.times(factor), of(coefficient))),
          Dim.zero,
        ),
      );
    fc.assert(
      fc.property(polynomials, polynomials, (dividend, divisor) => {
        if (divisor.constant === 0n) return;
        const quotient = dividend.wholeDivide(divisor);
        // Where a remainder is plain to see, it is a rounded quotient.
        if (!quotient.hasWhole && dividend.divideExactly(divisor) === undefined) return;
        expect(quotient.times(divisor).key).toBe(dividend.key);
        expect(quotient.negated().times(divisor).key).toBe(dividend.negated().key);
      }),
      runs,
    );
  });

  test('a polynomial in a symbol and a part of it has one key, however it was put together', () => {
    const terms = fc.array(
      fc.record({
        coefficient: fc.integer({ min: -9, max: 9 }),
        factors: fc.array(fc.nat(2), { maxLength: 3 }),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), terms, fc.infiniteStream(fc.nat()), (by, parts, random) => {
        const atoms = [n, m, n.wholeDivide(of(by))];
        const build = (list: typeof parts): Dim =>
          list
            .map(({ coefficient, factors }) =>
              factors.reduce((product, at) => product.times(atoms[at] ?? n), of(coefficient)),
            )
            .reduce((sum, part) => sum.plus(part), Dim.zero);
        const shuffled = parts
          .map((part) => ({ ...part, factors: [...part.factors].reverse(), at: random.next().value as number }))
          .sort((a, b) => a.at - b.at);
        expect(build(shuffled).key).toBe(build(parts).key);
      }),
      runs,
    );
  });
});

describe('canonical form', () => {
  const whole = (dividend: Dim, divisor: Dim | number): Dim =>
    dividend.wholeDivide(typeof divisor === 'number' ? of(divisor) : divisor);
  const equal = (a: Dim, b: Dim): void => expect(a.key).toBe(b.key);

  test('a whole part times its divisor is the whole again, a rounded one is not', () => {
    equal(whole(n, 4).times(of(4)), n);
    equal(whole(n, 4).times(of(2)).times(m).times(of(2)), n.times(m));
    equal(whole(n.times(m), k).times(k), n.times(m));
    equal(whole(n, k.plus(of(1))).times(k.plus(of(1))), n);
    equal(whole(whole(n, 2), 3).times(of(6)), n);
    expect(n.floorDivide(of(4)).times(of(4)).equals(n)).toBe(false);
  });

  test('a divisor that is not 0 is cancelled', () => {
    equal(whole(n.times(m).times(of(2)), n.times(of(4))), whole(m, 2));
    equal(whole(n.times(m), n), m);
    equal(whole(n, whole(n, 4)), of(4));
    equal(whole(n.times(of(6)).plus(of(8)), 4), n.plus(of(2)).plus(whole(n, 2)));
  });

  test('of two ways to write a fraction one is taken', () => {
    equal(whole(n.times(of(3)), 4), n.minus(whole(n, 4)));
    equal(whole(n.negated(), 4), whole(n, 4).negated());
    equal(whole(n.times(of(2)).minus(m), 4), n.minus(whole(n.times(of(2)).plus(m), 4)));
    equal(whole(n, 4).times(of(3)), n.minus(whole(n, 4)));
  });

  test('it is written as a rounded quotient, in the shorter of two ways', () => {
    expect(whole(n, 4).toString()).toBe('n//4');
    expect(whole(n.times(of(3)), 4).toString()).toBe('(3*n)//4');
    expect(whole(n.times(m), k).plus(of(1)).toString()).toBe('(m*n)//k + 1');
    expect(whole(n, 4).terms[0]?.factors[0]?.kind).toBe('floorDivide');
  });

  test('parts of one number are compared as fractions', () => {
    expect(whole(n, 4).times(of(2)).equals(whole(n, 2))).toBe(true);
    expect(
      whole(n, 4)
        .plus(whole(n, 2))
        .equals(whole(n.times(of(3)), 4)),
    ).toBe(true);
    expect(
      whole(n, k)
        .times(m)
        .equals(whole(n.times(m), k)),
    ).toBe(true);
    expect(whole(n, 4).equals(n.floorDivide(of(4)))).toBe(true);
    expect(whole(n, k).times(m).equals(n.floorDivide(k).times(m))).toBe(true);
    expect(whole(n, 4).equals(whole(n, 2))).toBe(false);
    expect(whole(n, 4).differs(whole(n, 4).plus(of(1)))).toBe(true);
    expect(whole(n, 4).differs(whole(n.plus(of(8)), 4))).toBe(true);
  });

  test('a part of what is at least 1 is at least 1', () => {
    expect(whole(n, 4).bounds(new Set(['n'])).low).toBe(1n);
    expect(whole(n.times(m), k).bounds(new Set(['n', 'm'])).low).toBe(1n);
    expect(n.floorDivide(of(4)).bounds(new Set(['n'])).low).toBe(0n);
    expect(whole(n, 4).bounds().low).toBe(0n);
  });

  test('where something is left over it is no number', () => {
    const point = new Map([
      ['n', 6n],
      ['k', 0n],
    ]);
    expect(() => whole(n, 4).evaluate(point)).toThrow('n is no multiple of 4');
    expect(() => whole(n, k).evaluate(point)).toThrow('division by zero');
    expect(() => whole(n, 4).substitute(new Map([['n', of(6)]]))).toThrow(UsageError);
    expect(() => n.wholeDivide(Dim.zero)).toThrow('divided by 0');
  });

  test('what always leaves something is rounded', () => {
    equal(whole(n.times(of(2)).plus(of(1)), 2), n);
    equal(whole(of(7), 2), of(3));
  });
});

/** What a node proves that fails where a quotient is not whole, and where that is known. */
import { describe, expect, test } from '@jest/globals';
import { infer } from '../support/inferred.ts';
import { shapes } from './ops/facts.ts';

const constants = `int64[2] fours = {-1, 4}, int64[2] twos = {-1, 2}, int64[3] pairs = {-1, 2, 2}, int64[1] flat = {-1},
  int64[1] four = {4}, int64[1] zero = {0}, int64[1] one = {1}, int64[1] last = {1}, float value = {0}`;

/** Shape arithmetic beside a Reshape into fours. */
const aside = (nodes: string, outputs = 'y'): string => `agraph (float[N] x) => (${outputs})
  <${constants}, int64[1] two = {2}, int64[1] eight = {8}> {
    r = Reshape (x, fours)
    n = Shape (x)
    q = Div (n, four)
    ${nodes}
  }`;

describe('a Reshape with -1, and back', () => {
  test.each([
    ['[-1, 4]', 'r = Reshape (x, fours)  y = Reshape (r, flat)', 'N'],
    ['[-1, 2, 2]', 'r = Reshape (x, pairs)  y = Reshape (r, flat)', 'N'],
    ['parts of parts', 'r = Reshape (x, fours)  t = Reshape (r, pairs)  y = Reshape (t, flat)', 'N'],
    ['a part, its half, all', 'r = Reshape (x, fours)  t = Reshape (r, twos)  y = Reshape (t, fours)', 'N//4, 4'],
    ['transposed', 'r = Reshape (x, fours)  t = Transpose (r)  y = Reshape (t, flat)', 'N'],
  ])('%s', (_, nodes, expected) =>
    expect(shapes(`(float[N] x) => (y) <${constants}> { ${nodes} }`)).toBe(`float[${expected}]`),
  );

  test('the product of two sizes by one of another value', () => {
    const body = (end: string): string => `(float[N, M] x, float[K] k) => (y) <${constants}> {
      s = Shape (k)
      t = Concat <axis = 0> (flat, s)
      r = Reshape (x, t)
      ${end}
    }`;
    expect(shapes(body('y = Identity (r)'))).toBe('float[(M*N)//K, K]');
    expect(shapes(body('y = Reshape (r, flat)'))).toBe('float[M*N]');
    expect(shapes(body('n = Shape <end = 1> (x)  back = Concat <axis = 0> (n, flat)  y = Reshape (r, back)'))).toBe(
      'float[N, M]',
    );
  });

  test('the part is at least 1 where the whole is, so it is a dim that does not stretch', () => {
    expect(
      shapes(`(float[N] x) => (y) <${constants}> {
        r = Reshape (x, fours)
        n = Shape <end = 1> (r)
        y = Greater (n, zero)
      }`),
    ).toBe('bool[1]{1}');
  });

  test('nothing else is proved: a size that is divided, or another value', () => {
    expect(
      shapes(`(float[N] x) => (y) <${constants}> {
        n = Shape (x)
        q = Div (n, four)
        y = Mul (q, four)
      }`),
    ).toBe('int64[1]{4*(N//4)}');
    // Nobody needs r, and a runtime may leave it out.
    expect(infer(aside('y = Mul (q, four)')).text('y')).toBe('int64[1] = {4*(N//4)}');
  });

  test('what the outputs need is proved for all values', () => {
    const isKnown = (nodes: string): string => infer(aside(nodes, 'y, r')).text('y');
    expect(isKnown('y = Mul (q, four)')).toBe('int64[1] = {N}');
    expect(isKnown('m = Mod (n, four)  y = Equal (m, zero)')).toBe('bool[1] = {1}');
    expect(isKnown('m = Mod (n, four)  c = Greater (m, zero)  y = Where (c, four, n)')).toBe('int64[1] = {N}');
    expect(isKnown('h = Div (n, two)  rest = Sub (n, h)  y = Equal (h, rest)')).toBe('bool[1] = {1}');
    expect(isKnown('y = Mod (n, eight)')).toBe('int64[1] = {N - 8*(N//8)}');
  });

  test('no elements: 0 is a multiple of all', () => {
    expect(shapes(`(float[0] x) => (y) <${constants}> { y = Reshape (x, fours) }`)).toBe('float[0, 4]');
    expect(shapes('(float[N, 0] x) => (y) <int64[2] s = {-1, 4}> { y = Reshape (x, s) }')).toBe('float[0, 4]');
    expect(shapes('(float[N, 0] x) => (y) <int64[2] s = {0, 4}> { y = Reshape <allowzero = 1> (x, s) }')).toBe(
      'float[0, 4]',
    );
  });

  test('what never fits is not complained of twice', () => {
    expect(shapes('(float[6] x) => (y) <int64[2] s = {-1, 4}> { y = Reshape (x, s) }')).toBe(
      'contradiction: 6 elements cannot be divided by 4',
    );
  });
});

describe('other nodes that divide evenly', () => {
  test('Split into equal parts, and Concat', () => {
    expect(shapes('(float[N] x) => (y) { a, b, c = Split <axis = 0> (x)  y = Concat <axis = 0> (a, b, c) }', 13)).toBe(
      'float[N]',
    );
  });

  test('blocks of space and back', () => {
    expect(
      shapes(`(float[B, C, H, W] x) => (y) {
        s = SpaceToDepth <blocksize = 2> (x)
        y = DepthToSpace <blocksize = 2> (s)
      }`),
    ).toBe('float[B, C, H, W]');
  });

  test('channels shuffled in groups', () => {
    expect(
      shapes(`(float[B, C, H, W] x) => (y) <int64[1] two = {2}, int64[1] rest = {-1}, int64[3] all = {0, -1, 0}> {
        b = Shape <end = 1> (x)
        hw = Shape <start = 2> (x)
        grouped = Concat <axis = 0> (b, two, rest, hw)
        g = Reshape (x, grouped)
        t = Transpose <perm = [0, 2, 1, 3, 4]> (g)
        flat = Concat <axis = 0> (b, rest, hw)
        y = Reshape (t, flat)
      }`),
    ).toBe('float[B, C, H, W]');
  });
});

describe('a body that may not run proves nothing around it', () => {
  const known = (nodes: string): string =>
    infer(`<ir_version: 10, opset_import: ["": 21, "local": 1]>
      agraph (bool c, int64 m, float[N] x) => (y) <${constants}, bool yes = {1}, int64 two = {2}> {
        n = Shape (x)
        q = Div (n, four)
        parts = Expand (value, q)
        ${nodes}
        size = Shape (v)
        y = Mul (size, four)
      }
      <domain: "local", opset_import: ["": 21]>
      Quarter (x) => (y) {
        fours = Constant <value = int64[2] {-1, 4}> ()
        last = Constant <value = int64[1] {1}> ()
        r = Reshape (x, fours)
        y = ReduceSum <keepdims = 0> (r, last)
      }`).text('y');
  const rounded = 'int64[1] = {4*(N//4)}';
  const quarter = 'r = Reshape (x, fours)  t = ReduceSum <keepdims = 0> (r, last)';

  test('a branch', () => {
    expect(
      known(`v = If (c) <
        then_branch = then () => (float[A] t) { ${quarter} },
        else_branch = other () => (float[B] e) { e = Identity (parts) }
      >`),
    ).toBe(rounded);
  });

  test('a call in a branch', () => {
    expect(
      known(`v = If (c) <
        then_branch = then () => (float[A] t) { t = local.Quarter (x) },
        else_branch = other () => (float[B] e) { e = Identity (parts) }
      >`),
    ).toBe(rounded);
    expect(known('v = local.Quarter (x)')).toBe('int64[1] = {N}');
  });

  test('parts of two kinds, by the rounding that they share', () => {
    expect(
      known(`v = If (c) <
        then_branch = then () => (float[A] t) { r = Reshape (x, fours)  u = ReduceSum <keepdims = 0> (r, last)
          t = Concat <axis = 0> (u, u) },
        else_branch = other () => (float[B] e) { h = Reshape (x, twos)  e = ReduceSum <keepdims = 0> (h, last) }
      >`),
    ).toBe('int64[1] = {4*(N//2)}');
  });

  test('what both branches prove is proved', () => {
    expect(
      known(`v = If (c) <
        then_branch = then () => (float[A] t) { ${quarter} },
        else_branch = other () => (float[B] e) { r1 = Reshape (x, fours)  e = ReduceMax <keepdims = 0> (r1, last) }
      >`),
    ).toBe('int64[1] = {N}');
  });

  test('a loop', () => {
    const loop = (
      trips: string,
    ): string => `v = Loop (${trips}, yes, parts) <body = body (int64 i, bool go, float[P] s) =>
      (bool on, float[Q] t) { on = Identity (go)  ${quarter} }>`;
    expect(known(loop('m'))).toBe(rounded);
    expect(known(loop('two'))).toBe(rounded);
  });

  test('results of a loop that surely ran', () => {
    const loop = (trips: string): string => `w = Loop (${trips}, yes) <body = body (int64 i, bool go) =>
      (bool on, float[Q] t) { on = Identity (go)  ${quarter} }>  v = ReduceSum <keepdims = 0> (w, zero)`;
    expect(known(loop('two'))).toBe('int64[1] = {N}');
    expect(known(loop('m'))).toBe('int64[1] = {4*w[1]}');
  });

  test('a value around a branch that takes the place of one in it', () => {
    const { facts, value, text } = infer(`agraph (bool c, float[N] x) => (float[A] v) <${constants}> {
      n = Shape (x)
      q = Div (n, four)
      parts = Expand (value, q)
      v = If (c) <
        then_branch = then () => (float[C] t) { ${quarter} },
        else_branch = other () => (float[B] e) { e = Identity (parts) }
      >
    }`);
    expect(facts.get(value('t')).shape?.[0]?.hasWhole).toBe(true);
    facts.adopt(value('parts'), value('t'));
    expect(facts.get(value('parts')).shape?.[0]?.hasWhole).toBe(false);
    expect(text('parts')).toBe('float[N//4]');
    facts.adopt(value('t'), value('parts'));
    expect(text('t')).toBe('float[N//4]');
  });
});

import { describe, expect, test } from '@jest/globals';
import { infer } from '../support/inferred.ts';

describe('If', () => {
  const source = (
    condition: string,
    initializers = '',
  ): string => `agraph (bool c, float[N,3] x, float[N,4] w) => (float[A,B] y) ${initializers} {
    y = If (${condition}) <
      then_branch = then () => (float[C,D] t) { t = Relu (x) },
      else_branch = other () => (float[C,D] e) { e = Neg (w) }
    >
  }`;

  test('what both branches agree on stays', () => {
    expect(infer(source('c')).text('y')).toBe('float[N, y[1]]');
  });

  test('a constant condition takes one branch', () => {
    expect(infer(source('k', '<bool k = {0}>')).text('y')).toBe('float[N, 4]');
  });

  test('a branch that never runs is not complained of', () => {
    const text = source('k', '<bool k = {1}>').replace('Neg (w)', 'Concat <axis = 9> (w, w)');
    expect(infer(text).facts.contradictions).toEqual([]);
    expect(infer(text).text('y')).toBe('float[N, 3]');
    expect(infer(text.replace('If (k)', 'If (c)')).facts.contradictions).toHaveLength(1);
  });

  test('branches see the values around them, and values inside have facts', () => {
    const { text } = infer(source('c'));
    expect(text('t')).toBe('float[N, 3]');
    expect(text('e')).toBe('float[N, 4]');
  });
});

describe('Loop', () => {
  const loop = (
    body: string,
    inputs: string,
    outputs: string,
  ): string => `agraph (int64 m, bool c, float[N,3] x, int64 z) => (float[A] y) <int64 ten = {10}, bool yes = {1}> {
    ${outputs} = Loop (${inputs}) <body = body ${body}>
    y = Size (x)
  }`;

  test('a carried value that keeps its shape keeps what is known', () => {
    const { text } = infer(
      loop(
        '(int64 i, bool go, float[P,Q] v) => (bool on, float[P,Q] w) { on = Identity (go)  w = Relu (v) }',
        'm, c, x',
        'r',
      ),
    );
    expect(text('r')).toBe('float[N, 3]');
    expect(text('w')).toBe('float[N, 3]');
  });

  test('a dimension that grows becomes unknown, outside under a name of its own', () => {
    const { text } = infer(
      loop(
        '(int64 i, bool go, float[P,Q] v) => (bool on, float[P,Q] w) { on = Identity (go)  w = Concat <axis = 0> (v, x) }',
        'm, c, x',
        'r',
      ),
    );
    expect(text('v')).toBe('float[v[0], 3]');
    expect(text('w')).toBe('float[N + v[0], 3]');
    expect(text('r')).toBe('float[r[0], 3]');
  });

  test('a counter is no constant', () => {
    const { text } = infer(
      loop(
        '(int64 i, bool go, int64 v) => (bool on, int64 w) { one = Constant <value_int = 1> ()  on = Identity (go)  w = Add (v, one) }',
        'm, c, z',
        'r',
      ),
    );
    expect(text('w')).toBe('int64[] = {int(v{0}) + 1}');
    expect(text('r')).toBe('int64[] = {int(r{0})}');
  });

  test('carried values that feed each other settle', () => {
    const { text } = infer(
      loop(
        '(int64 i, bool go, float[P,Q] u, float[P,Q] v, float[P,Q] w) => (bool on, float[P,Q] a, float[P,Q] b, float[P,Q] d) { on = Identity (go)  a = Identity (v)  b = Identity (w)  d = Concat <axis = 0> (w, w) }',
        'm, c, x, x, x',
        'r, s, t',
      ),
    );
    expect([text('r'), text('s'), text('t')]).toEqual(['float[r[0], 3]', 'float[s[0], 3]', 'float[t[0], 3]']);
  });

  test('ranks that change are unknown', () => {
    const { text } = infer(
      loop(
        '(int64 i, bool go, float v) => (bool on, float w) { zero = Constant <value_ints = [0]> ()  on = Identity (go)  w = Unsqueeze (v, zero) }',
        'm, c, x',
        'r',
      ),
    );
    expect(text('r')).toBe('float[...]');
  });

  test('scan results have a known length when nothing can end the loop early', () => {
    const body = (on: string): string =>
      `(int64 i, bool go, float[P,Q] v) => (bool on, float[P,Q] w, float[P,Q] s) { ${on}  w = Relu (v)  s = Neg (v) }`;
    const text = (on: string, inputs: string): string => infer(loop(body(on), inputs, 'r, q')).text('q');
    expect(text('on = Identity (go)', 'ten, yes, x')).toBe('float[10, N, 3]');
    expect(text('on = Identity (yes)', 'ten, , x')).toBe('float[10, N, 3]');
    expect(text('on = Not (go)', 'ten, yes, x')).toBe('float[q[0], q[1], 3]');
    expect(text('on = Identity (go)', ', c, x')).toBe('float[q[0], q[1], 3]');
    expect(text('on = Identity (go)', 'm, yes, x')).toBe('float[max(0, int(m{0})), q[1], 3]');
  });

  test('a loop in a loop', () => {
    const { text } = infer(
      loop(
        `(int64 i, bool go, float[P,Q] v) => (bool on, float[P,Q] w) {
          on = Identity (go)
          w = Loop (ten, yes, v) <body = inner (int64 j, bool go2, float[P,Q] a) => (bool on2, float[P,Q] b) { on2 = Identity (go2)  b = Concat <axis = 1> (a, v) }>
        }`,
        'm, c, x',
        'r',
      ),
    );
    expect(text('r')).toBe('float[N, r[1]]');
    expect(text('w')).toBe('float[N, w[1]]');
    expect(text('b')).toBe('float[N, a[1] + v[1]]');
  });
});

describe('Scan', () => {
  test('the body sees a scanned input without its axis, results are stacked', () => {
    const { text } = infer(`agraph (float[H] s, float[T,N,H] x) => (float[A] y, float[B,C,D] z) {
      y, z = Scan (s, x) <num_scan_inputs = 1, scan_output_axes = [1], body = body (float[P] a, float[Q,R] b) => (float[P] c, float[Q,R] d) { c = Relu (a)  d = Add (a, b) }>
    }`);
    expect(text('b')).toBe('float[N, H]');
    expect(text('y')).toBe('float[H]');
    expect(text('z')).toBe('float[N, T, H]');
  });

  test('Scan-8 has a batch axis in front', () => {
    const { text } = infer(
      `agraph (float[B,H] s, float[B,T,H] x) => (float[C,D] y, float[E,F,G] z) {
        y, z = Scan ( , s, x) <num_scan_inputs = 1, body = body (float[P] a, float[P] b) => (float[P] c, float[P] d) { c = Add (a, b)  d = Neg (b) }>
      }`,
      { opset: { '': 8 }, irVersion: 3 },
    );
    expect(text('y')).toBe('float[B, H]');
    expect(text('z')).toBe('float[B, T, H]');
  });
});

describe('nested bodies', () => {
  const nestedText = (levels: number, node: (body: string) => string): string => {
    let inner = 'b0 = Concat <axis = 0> (x, x)';
    for (let level = 1; level <= levels; level++)
      inner = node(inner)
        .replaceAll('@', `${level}`)
        .replaceAll('#', `${level - 1}`);
    return inner;
  };

  test('loops that each change a size take no more than a few walks a level', () => {
    const body = nestedText(
      24,
      (inner) => `b@ = Loop (ten, yes, x) <body = l@ (int64 i@, bool c@, float[P@,3] v@) => (bool d@, float[Q@,3] w@) {
        d@ = Identity (c@)
        ${inner}
        w@ = Concat <axis = 0> (v@, b#)
      }>`,
    );
    const started = performance.now();
    const { text } = infer(`agraph (float[N,3] x) => (float[A,B] b24) <int64 ten = {10}, bool yes = {1}> { ${body} }`);
    expect(text('b24')).toBe('float[b24[0], 3]');
    // Two walks for each level would be 2^24 of them.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('bodies that are wrong at each level are given up in the end', () => {
    const body = nestedText(
      24,
      (
        inner,
      ) => `b@ = Scan (x) <num_scan_inputs = 1, scan_output_axes = [7], body = s@ (float[P@] a@) => (float[Q@,R@] r@) {
        ${inner}
        r@ = Relu (b#)
      }>`,
    );
    const started = performance.now();
    const { facts } = infer(`agraph (float[N,3] x) => (float[A,B] b24) { ${body} }`);
    expect(facts.contradictions.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

import { expect, test } from '@jest/globals';
import { shapes } from './facts.ts';

const size = 's = Shape <start = 0, end = 1> (x) zero = Constant <value = int64[1] {0}> () n = Squeeze (s, zero)';

/** `y` is made as long as the float scalar `f`, cast to int64. */
function lengthOf(body: string): string {
  const text = `(float[N, M] x) => (y) {
    ${size}
    ${body}
    whole = Cast <to = 7> (f)
    length = Unsqueeze (whole, zero)
    y = ConstantOfShape (length)
  }`;
  return shapes(text, 18);
}

const constant = (name: string, value: number | string): string => `${name} = Constant <value = float {${value}}> ()`;

test.each([
  ['half, rounded down', `c = Cast <to = 1> (n) ${constant('h', 0.5)} m = Mul (c, h) f = Floor (m)`, 'float[N//2]'],
  [
    'half, rounded up',
    `c = Cast <to = 1> (n) ${constant('d', '2.0')} m = Div (c, d) f = Ceil (m)`,
    'float[(N + 1)//2]',
  ],
  [
    'a third, which float does not hold',
    `c = Cast <to = 1> (n) ${constant('d', '3.0')} m = Div (c, d) f = Floor (m)`,
    'float[N//3]',
  ],
  [
    'twice and one',
    `c = Cast <to = 1> (n) ${constant('d', '2.0')} ${constant('o', '1.0')} m = Mul (c, d) f = Add (m, o)`,
    'float[2*N + 1]',
  ],
  [
    'cut off by the cast',
    `c = Cast <to = 11> (n) d = Constant <value = double {4.0}> () f = Div (c, d)`,
    'float[N//4]',
  ],
  ['a factor that is rounded', `c = Cast <to = 1> (n) ${constant('h', 0.7)} m = Mul (c, h) f = Floor (m)`, 'float[?]'],
  [
    'a rounded quotient that goes on',
    `c = Cast <to = 1> (n) ${constant('d', '3.0')} m = Div (c, d) t = Mul (m, d) f = Floor (t)`,
    'float[?]',
  ],
  [
    'half precision',
    `c = Cast <to = 10> (n) h = Constant <value = float16 {14336}> () m = Mul (c, h) f = Floor (m)`,
    'float[?]',
  ],
])('%s', (_, body, expected) => {
  expect(lengthOf(body)).toBe(expected);
});

test('sizes as floats are cut, picked and joined', () => {
  const text = `(float[N, M] x) => (y) {
    s = Shape (x)
    f = Cast <to = 1> (s)
    ${constant('half', 0.5)}
    h = Mul (f, half)
    one = Constant <value = int64[1] {1}> ()
    end = Constant <value = int64[1] {9}> ()
    order = Constant <value = int64[2] {-1, 0}> ()
    cut = Slice (h, one, end)
    turned = Gather (h, order)
    three = Constant <value = float[1] {3.5}> ()
    all = Concat <axis = 0> (cut, three, turned)
    down = Floor (all)
    y = Cast <to = 7> (down)
  }`;
  expect(shapes(text, 18)).toBe('int64[4]{M//2, 3, M//2, N//2}');
});

test('a range of floats has as many steps as its whole limit says', () => {
  const text = `(float[N, M] x) => (y) {
    ${size}
    c = Cast <to = 1> (n)
    ${constant('start', '0.0')}
    ${constant('step', '1.0')}
    y = Range (start, c, step)
  }`;
  expect(shapes(text, 18)).toBe('float[N]');
});

test('a fraction is true, whatever is left of it when it is cut off', () => {
  const text = `() => (y) {
    ${constant('a', '1.0')}
    ${constant('b', '2.0')}
    d = Div (a, b)
    y = Cast <to = 9> (d)
  }`;
  expect(shapes(text, 18)).toBe('bool');
});

test('a dim of a value is not below 0, so a cut at 0 changes nothing', () => {
  const text = `(float[1, 1, N] x, float[1, 1, 3] w) => (y) {
    c = Conv (x, w)
    s = Shape <start = 2, end = 3> (c)
    zero = Constant <value = int64[1] {0}> ()
    axis = Constant <value = int64[1] {2}> ()
    cut = Slice (x, zero, s, axis)
    y = Add (cut, c)
  }`;
  expect(shapes(text, 18)).toBe('float[1, 1, N - 2]');
});

import { expect, test } from '@jest/globals';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Value } from '../../src/ir/value.ts';
import {
  constant,
  matchPattern,
  near,
  type NodePattern,
  oneOf,
  oneOfNodes,
  op,
  optional,
  value,
} from '../../src/rewrite/pattern.ts';
import { strayValue } from '../../src/rewrite/queries.ts';
import { parseModel } from '../../src/text/parse.ts';

/** The names of what a pattern captures at the last node of a graph's body; undefined when it does not fit. */
function captured(text: string, pattern: NodePattern<unknown>): Record<string, string | undefined> | undefined {
  const model = parseModel(text);
  const facts = inferModel(model);
  const root = [...model.graph.nodes].at(-1) as Node;
  const captures = matchPattern(pattern, root, (candidate) => facts.get(candidate).constant);
  if (captures === undefined) return undefined;
  const nameOf = (what: unknown): string | undefined =>
    (what as Node | undefined)?.isGraph === false ? (what as Node).output.name : (what as Value | undefined)?.name;
  return Object.fromEntries([...captures].map(([name, what]) => [name, nameOf(what)]));
}

const unary = (body: string): string =>
  `agraph (float[2] x) => (float[2] y) <float two = {2}, float root = {1.41421}, float[1] half = {0.5}, float[2] pair = {2, 2}> {
    ${body}
  }`;

const square = op(
  'Mul',
  'square',
  op('Sub', 'a', value('x'), value('mean')),
  op('Sub', 'b', value('x'), value('mean')),
);

test('inputs of a commutative operator are tried in both orders, as deep as the difference shows', () => {
  const pattern = op('Mul', 'mul', op('Add', 'sum', value('p'), constant('c')), value('p'));
  for (const sum of ['Add (x, two)', 'Add (two, x)'])
    for (const product of ['Mul (s, x)', 'Mul (x, s)'])
      expect(captured(unary(`s = ${sum} y = ${product}`), pattern)).toEqual({ mul: 'y', sum: 's', p: 'x', c: 'two' });
});

test('a choice is taken back when what follows does not fit it', () => {
  // `p` fits either operand of the Add; only the second leads on.
  const pattern = op('Mul', 'mul', op('Add', 'sum', value('p'), value('q')), op('Exp', 'exp', value('p')));
  expect(captured(unary('e = Exp (two) s = Add (x, two) y = Mul (s, e)'), pattern)).toMatchObject({ p: 'two', q: 'x' });
});

test('inputs of other operators keep their places', () => {
  const pattern = op('Sub', 'difference', value('x'), constant('c'));
  expect(captured(unary('y = Sub (x, two)'), pattern)).toBeDefined();
  expect(captured(unary('y = Sub (two, x)'), pattern)).toBeUndefined();
});

test('one name is one value', () => {
  const body = (mean: string): string => unary(`a = Sub (x, two) b = Sub (x, ${mean}) y = Mul (a, b)`);
  expect(captured(body('two'), square)).toEqual({ square: 'y', a: 'a', b: 'b', x: 'x', mean: 'two' });
  expect(captured(body('root'), square)).toBeUndefined();
});

test('numbers are met as exporters write them', () => {
  const divided = (...numbers: number[]): NodePattern<unknown> => op('Div', 'div', value('x'), near(...numbers));
  expect(captured(unary('y = Div (x, root)'), divided(Math.SQRT2))).toBeDefined();
  expect(captured(unary('y = Div (x, half)'), divided(3, 0.5))).toBeDefined();
  expect(captured(unary('y = Div (x, two)'), divided(2.001))).toBeUndefined();
  expect(captured(unary('y = Div (x, root)'), divided(1.414))).toBeUndefined();
  expect(captured(unary('y = Div (x, pair)'), divided(2))).toBeUndefined();
  expect(captured(unary('y = Div (x, x)'), divided(2))).toBeUndefined();
});

test('alternatives, as inputs and as roots', () => {
  const squared = oneOf(op('Mul', 'power', value('d'), value('d')), op('Pow', 'power', value('d'), near(2)));
  const pattern = oneOfNodes(op('Exp', 'root', squared), op('Abs', 'root', squared));
  expect(pattern.operators).toEqual(['Exp', 'Abs']);
  expect(captured(unary('p = Pow (x, two) y = Exp (p)'), pattern)).toEqual({ root: 'y', power: 'p', d: 'x' });
  expect(captured(unary('p = Mul (x, x) y = Abs (p)'), pattern)).toEqual({ root: 'y', power: 'p', d: 'x' });
  expect(captured(unary('p = Pow (x, half) y = Abs (p)'), pattern)).toBeUndefined();
});

test('an omitted input fits an optional one, and no other', () => {
  const text = 'agraph (float[2] x, float hi) => (float[2] y) { y = Clip (x, "", hi) }';
  expect(captured(text, op('Clip', 'clip', value('x'), optional('low'), value('high')))).toEqual({
    clip: 'y',
    x: 'x',
    low: undefined,
    high: 'hi',
  });
  expect(captured(text, op('Clip', 'clip', value('x'), value('low'), value('high')))).toBeUndefined();
  expect(captured(text, op('Clip', 'clip', value('x'), optional('low')))).toBeUndefined();
});

test('a value inside a match that is read elsewhere', () => {
  const stray = (text: string): string | undefined => {
    const model = parseModel(text);
    const facts = inferModel(model);
    const root = [...model.graph.nodes].at(-1) as Node;
    const captures = matchPattern(square, root, (candidate) => facts.get(candidate).constant);
    return strayValue(root, Object.fromEntries(captures ?? []))?.name;
  };
  const two = '<float two = {2}>';
  expect(stray(`agraph (float[2] x) => (float[2] y) ${two} { a = Sub (x, two) y = Mul (a, a) }`)).toBeUndefined();
  expect(stray(`agraph (float[2] x) => (float[2] a, float[2] y) ${two} { a = Sub (x, two) y = Mul (a, a) }`)).toBe('a');
  expect(
    stray(`agraph (float[2] x) => (float[2] z, float[2] y) ${two} { a = Sub (x, two) z = Neg (a) y = Mul (a, a) }`),
  ).toBe('a');
});

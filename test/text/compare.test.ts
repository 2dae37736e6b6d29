import { describe, expect, test } from '@jest/globals';
import { sameModel } from '../../src/text/compare.ts';
import { parseModel } from '../../src/text/parse.ts';

function difference(a: string, b: string, names = false): string | undefined {
  return sameModel(parseModel(a), parseModel(b), { names });
}

const base = `g (float[N] x) => (float[N] y) <float[2] w = {1, 2}, float[2] v = {3, 4}> {
  t = Add (x, w)
  y = Mul <axis = 1, mode = "a"> (t, v)
}`;

describe('equal', () => {
  test('whatever inner values, nodes, initializers and graphs are called, and however initializers are stored', () => {
    const other = `h (float[N] x) => (float[N] y) <float[2] b = {3, 4}, float[2] a = {1, 2}, float[N] inner> {
      [one] inner = Add (x, a)
      [two] y = Mul <mode = "a", axis = 1> (inner, b)
    }`;
    expect(difference(base, other)).toBeUndefined();
    expect(difference(base, other, true)).toBe('the first model has `graph g`, the second `graph h`');
  });

  test('in subgraphs and functions too', () => {
    const text = (inner: string, input: string): string => `
      <ir_version: 10, opset_import: ["": 18, "f": 1]>
      g (bool c, float x) => (y) <float w = {1}> {
        y = If (c) <
          then_branch = ${inner} () => (${inner}) { ${inner} = Add (x, w) },
          else_branch = e () => (${inner}) { ${inner} = f.F (x) }
        >
      }
      <domain: "f", opset_import: ["": 18]> F (${input}) => (r) { r = Relu (${input}) }`;
    expect(difference(text('a', 'i'), text('b', 'j'))).toBeUndefined();
    expect(difference(text('a', 'i'), text('a', 'i'), true)).toBeUndefined();
    expect(difference(text('a', 'i'), text('b', 'i'), true)).toMatch(/has `a = f.F \(x\)`.*second `b = f.F \(x\)`/);
  });
});

describe('different', () => {
  test.each<[title: string, change: [string, string], expected: RegExp]>([
    ['the operator', ['Mul', 'Div'], /first model has `y = Mul <axis = 1, mode = "a"> .*second `y = Div/],
    ['an input', ['(t, v)', '(x, v)'], /Mul/],
    ['an attribute', ['axis = 1', 'axis = 2'], /axis = 1.*axis = 2/],
    ['an attribute that is not there', ['axis = 1, ', ''], /axis = 1/],
    ['an element', ['{1, 2}', '{1, 2.5}'], /element 1 is 2 in the first and 2.5 in the second/],
    ['dims of an initializer', ['float[2] w', 'float[1,2] w'], /float\[2\].*float\[1,2\]/],
    ['the type of an input', ['float[N] x', 'float[M] x'], /input float\[N\] x/],
    ['the type of an output', ['float[N] y', 'float y'], /output float\[N\] y.*output float y/],
    [
      'an initializer that nothing reads',
      ['float[2] v', 'int8 u = {1}, float[2] v'],
      /second model goes on.*int8 \{1\}/,
    ],
    ['a further node', ['t = Add', 's = Abs (x) t = Add'], /initializer.*second `%2 = Abs/],
    ['one initializer for two', ['(t, v)', '(t, w)'], /Mul/],
    ['a default for an input', ['float[N] x)', 'float[2] x = {1, 1})'], /input/],
  ])('%s', (_, [from, to], expected) => {
    expect(difference(base, base.replace(from, to))).toMatch(expected);
  });

  test('the names of inputs and outputs', () => {
    expect(difference('g (x) => (y) { y = Relu (x) }', 'g (z) => (y) { y = Relu (z) }')).toMatch(/input x.*input z/);
    expect(difference('g (x) => (y) { y = Relu (x) }', 'g (x) => (z) { z = Relu (x) }')).toMatch(/y = Relu.*z = Relu/);
  });

  test('opset imports, IR version, functions', () => {
    const header = (text: string): string => `<${text}> g (x) => (y) { y = f.F (x) }`;
    const first = header('ir_version: 8, opset_import: ["": 17, "f": 1]');
    expect(difference(first, header('ir_version: 9, opset_import: ["": 17, "f": 1]'))).toMatch(/ir_version/);
    expect(difference(first, header('ir_version: 8, opset_import: ["f": 1, "": 17]'))).toBeUndefined();
    expect(difference(first, header('ir_version: 8, opset_import: ["": 18, "f": 1]'))).toMatch(/opset_import/);
    expect(difference(first, `${first} <domain: "f", opset_import: ["": 17]> F (x) => (x) {}`)).toMatch(
      /second model goes on.*function f.F/,
    );
  });

  test('tensors, sparse tensors and graphs in attributes', () => {
    const node = (value: string): string => `g (x) => (y) { y = Op <a = ${value}> (x) }`;
    expect(difference(node('int64 {1}'), node('int64 {2}'))).toMatch(/element 0 is 1 in the first and 2 in the second/);
    expect(difference(node('int64 a = {1}'), node('int64 b = {1}'))).toBeUndefined();
    expect(difference(node('string {"a"}'), node('string {"b"}'))).toMatch(/element 0 differs/);
    expect(difference(node('int4[3] {1, 2, 3}'), node('int4[3] {1, 2, 4}'))).toMatch(/from element 2 on/);
    expect(difference(node('float {0}'), node('float {-0}'))).toMatch(
      /element 0 is 0 in the first and -0 in the second/,
    );
    const sparse = (index: number): string => node(`sparse_tensor(float[9]) {float[1] {1}, int64[1] {${index}}}`);
    expect(difference(sparse(1), sparse(1))).toBeUndefined();
    expect(difference(sparse(1), sparse(2))).toMatch(/indices/);
    expect(difference(node('b () => (x) {}'), node('b () => (x, x) {}'))).toMatch(/output/);
    const external = (offset: string): string => node(`float = ["location": "w", "offset": "${offset}"]`);
    expect(difference(external('0'), external('0'))).toBeUndefined();
    expect(difference(external('0'), external('4'))).toMatch(/different places/);
    expect(difference(external('0'), node('float {1}'))).toMatch(/not in memory/);
  });
});

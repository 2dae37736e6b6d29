import { describe, expect, test } from '@jest/globals';
import { isDeterministic } from '../../src/opset/determinism.ts';
import { parseModel } from '../../src/text/parse.ts';

/** Whether the last node of the main graph is deterministic. */
function verdict(body: string, opset: number | Record<string, number> = 17, functions = ''): boolean {
  const model = parseModel(`g (float[2] x, bool c) => () <bool no = {0}, bool yes = {1}> { ${body} } ${functions}`, {
    opset,
  });
  const node = model.graph.last;
  if (node === undefined) throw new Error('the graph has no node');
  return isDeterministic(node, model);
}

describe('isDeterministic', () => {
  test('ordinary operators are, those that the schemas leave in doubt included', () => {
    expect(verdict('y = Relu (x)')).toBe(true);
    expect(verdict('y = DepthToSpace <blocksize = 2> (x)')).toBe(true);
    expect(verdict('y = AffineGrid (x, x)', 20)).toBe(true);
    expect(verdict('y = ai.onnx.ml.Normalizer (x)', { '': 17, 'ai.onnx.ml': 3 })).toBe(true);
  });

  test.each(['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli'])(
    '%s is not, with a seed neither',
    (opType) => {
      expect(verdict(`y = ${opType} <seed = 1.0> (x)`)).toBe(false);
    },
  );

  test('Dropout is where it drops nothing', () => {
    expect(verdict('y = Dropout (x)')).toBe(true);
    expect(verdict('y = Dropout (x, "", no)')).toBe(true);
    expect(verdict('n = Constant <value = bool {0}> () y = Dropout (x, "", n)')).toBe(true);
    expect(verdict('y = Dropout (x, "", yes)')).toBe(false);
    expect(verdict('y = Dropout (x, "", c)')).toBe(false);
    expect(verdict('y = Dropout (x)', 7)).toBe(true);
    expect(verdict('y = Dropout (x)', 6)).toBe(false);
    expect(verdict('y = Dropout <is_test = 1> (x)', 6)).toBe(true);
  });

  test('BatchNormalization is, in training, too', () => {
    const operands = '(x, x, x, x, x)';
    expect(verdict(`y = BatchNormalization ${operands}`, 15)).toBe(true);
    expect(verdict(`y = BatchNormalization <training_mode = 1> ${operands}`, 15)).toBe(true);
    expect(verdict(`y = BatchNormalization ${operands}`, 9)).toBe(true);
    expect(verdict(`y, m, v, sm, sv = BatchNormalization ${operands}`, 9)).toBe(true);
    expect(verdict(`y = BatchNormalization ${operands}`, 6)).toBe(true);
  });

  test('what nobody knows is not: other domains, other operators, operators that are not born yet', () => {
    expect(verdict('y = com.microsoft.Gelu (x)')).toBe(false);
    expect(verdict('y = Reluu (x)')).toBe(false);
    expect(verdict('y = Gelu (x)', 19)).toBe(false);
    expect(verdict('y = Gelu (x)', 20)).toBe(true);
  });

  test('a node with subgraphs is as its bodies are, at any depth', () => {
    const nested = (inner: string): string => `
      y = If (c) <
        then_branch = t () => (a) { a = Relu (x) },
        else_branch = e () => (b) { b = If (c) <
          then_branch = et () => (p) { p = ${inner} (x) },
          else_branch = ee () => (q) { q = Relu (x) }> }
      >`;
    expect(verdict(nested('Abs'))).toBe(true);
    expect(verdict(nested('Bernoulli'))).toBe(false);
    expect(verdict(nested('com.microsoft.Gelu'))).toBe(false);
  });

  test('a call is as the function is, which may override a standard operator or call itself', () => {
    const definition = (domain: string, name: string, op: string): string =>
      `<domain: "${domain}", opset_import: ["": 17, "f": 1]> ${name} (v) => (r) { r = ${op} (v) }`;
    expect(verdict('y = f.F (x)', 17, definition('f', 'F', 'Relu'))).toBe(true);
    expect(verdict('y = f.F (x)', 17, definition('f', 'F', 'RandomNormalLike'))).toBe(false);
    expect(verdict('y = Relu (x)', 17, definition('', 'Relu', 'RandomNormalLike'))).toBe(false);
    expect(verdict('y = f.F (x)', 17, definition('f', 'F', 'f.G') + definition('f', 'G', 'Bernoulli'))).toBe(false);
    expect(verdict('y = f.F (x)', 17, definition('f', 'F', 'f.F'))).toBe(true);
  });
});

import { describe, expect, test } from '@jest/globals';
import { simplify } from '../../src/api/simplify.ts';
import { Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';
import { operatorsOf, soundly, soundlyModel } from '../support/traps.ts';

/** Values with a name of their own: graph inputs and outputs, initializers, annotations, bindings. */
describe('outputs', () => {
  test.each([
    [
      'an output that is also an inner value',
      `agraph (float[N,4] x) => (float[N,4] mid, float[N,4] y) {
        a = Identity (x)
        mid = Neg (a)
        b = Identity (mid)
        y = Exp (b)
      }`,
    ],
    [
      'an inner output that a rule replaces',
      `agraph (float[2,3,4] x) => (float[4,2,3] mid, float[4,2,3] y) {
        a = Transpose <perm = [1, 0, 2]> (x)
        mid = Transpose <perm = [2, 1, 0]> (a)
        y = Neg (mid)
      }`,
    ],
    [
      'two outputs that become the same value',
      `agraph (float[N] x) => (float[N] y, float[N] z) {
        a = Neg (x)
        y = Identity (a)
        z = Identity (a)
      }`,
    ],
    [
      'two outputs computed alike',
      `agraph (float[N] x) => (float[N] y, float[N] z) {
        y = Neg (x)
        z = Neg (x)
      }`,
    ],
    [
      'an output listed twice',
      `agraph (float[2,3,4] x) => (float[4,2,3] y, float[4,2,3] y) {
        a = Transpose <perm = [1, 0, 2]> (x)
        y = Transpose <perm = [2, 1, 0]> (a)
      }`,
    ],
    ['an input that is an output', `agraph (float[N] x) => (float[N] x) { }`],
    [
      'an input that is an output, through no-ops',
      `agraph (float[N] x) => (float[N] y) {
      a = Identity (x)
      b = Cast <to = 1> (a)
      y = Identity (b)
    }`,
    ],
    [
      'an initializer that is an output',
      `agraph (float[N] x) => (float[2] w, float[N] y) <float[2] w = {1, 2}> {
      y = Neg (x)
    }`,
    ],
    [
      'an output that is constant',
      `agraph (float[N] x) => (float[2] c, float[N] y) {
      c = Constant <value_floats = [1.0, 2.0]> ()
      y = Neg (x)
    }`,
    ],
    [
      'an output computed from constants, read inside, too',
      `agraph (float[2] x) => (float[2] c, float[2] y) <float[2] w = {1, 2}> {
      c = Neg (w)
      y = Add (x, c)
    }`,
    ],
    [
      'an output that is a known size',
      `agraph (float[N,4] x) => (int64[1] c, float[N,4] y) <int64[1] i = {1}> {
      s = Shape (x)
      c = Gather (s, i)
      y = Neg (x)
    }`,
    ],
    [
      'a duplicate of an initializer that is an output',
      `agraph (float[2] x) => (float[2] v, float[2] y) <float[2] v = {1, 2}, float[2] w = {1, 2}> {
      a = Add (x, w)
      y = Mul (a, v)
    }`,
    ],
    [
      'an output whose declared dims say less than is known',
      `agraph (float[N,4] x) => (float[A,B] y) {
      y = Identity (x)
    }`,
    ],
    [
      'a chain of aliases to two outputs',
      `agraph (float[N] x) => (float[N] y, float[N] z, float[N] w) {
      a = Neg (x)
      y = Identity (a)
      z = Identity (y)
      w = Identity (z)
    }`,
    ],
  ])('%s', async (_title, text) => {
    await soundly(text);
  });
});

describe('initializers', () => {
  const overridable = `agraph (float[2] x, float[2] w = {1, 2}) => (float[2] y) {
    a = Neg (w)
    b = Identity (w)
    c = Add (a, b)
    y = Add (x, c)
  }`;

  test('from IR 4 on the default of an input is not what it always is', async () => {
    const model = await soundly(`<ir_version: 8, opset_import: ["": 17]> ${overridable}`);
    expect(operatorsOf(model)).toEqual(['Neg', 'Add', 'Add']);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'w']);
  });

  test('up to IR 3 it is, and the input stays in the list', async () => {
    const model = await soundly(`<ir_version: 3, opset_import: ["": 8]> ${overridable}`);
    expect(operatorsOf(model)).toEqual(['Add']);
    // Every initializer is an input there (IR.md, Graphs).
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'w', 'c_1']);
  });

  test('an overridable initializer is not the twin of a constant', async () => {
    await soundly(`<ir_version: 8, opset_import: ["": 17]> agraph (float[2] x, float[2] w = {1, 2}) => (float[2] y) <float[2] v = {1, 2}> {
      a = Add (x, v)
      y = Mul (a, w)
    }`);
  });

  test('an unread overridable input stays', async () => {
    const model =
      await soundly(`<ir_version: 8, opset_import: ["": 17]> agraph (float[2] x, float[2] w = {1, 2}) => (float[2] y) {
      y = Neg (x)
    }`);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'w']);
  });

  test('a training binding may update an initializer, read or not', () => {
    const model = parseModel(`agraph (float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[2] v = {3, 4}> {
      a = Neg (w)
      y = Add (x, a)
    }`);
    for (const value of model.graph.initializers) value.isMutable = true;
    simplify(model);
    expect(operatorsOf(model)).toEqual(['Neg', 'Add']);
    expect([...model.graph.initializers].map(({ name }) => name)).toEqual(['w', 'v']);
  });

  test('a quantization annotation keeps the tensors it names', async () => {
    const model = parseModel(`agraph (float[2] x) => (float[2] y) <float scale = {1}, float other = {1}> {
      a = Identity (x)
      b = Neg (a)
      y = Mul (b, other)
    }`);
    const [first] = [...model.graph.nodes];
    const [scale] = [...model.graph.initializers];
    const annotated = first?.output;
    if (annotated === undefined || scale === undefined) throw new Error('the model is another');
    model.graph.quantizationAnnotations = [{ tensorName: annotated.name, parameters: [['SCALE_TENSOR', scale.name]] }];
    await soundlyModel(model);
  });

  test('external tensors are neither read nor lost', async () => {
    const model = parseModel(`agraph (float[2] x) => (float[2] y) <float[2] w = {1, 2}> {
      a = Identity (w)
      b = Neg (a)
      y = Add (x, b)
    }`);
    const [weight] = [...model.graph.initializers];
    if (weight?.initializer === undefined) throw new Error('the model is another');
    weight.initializer = new Tensor('float', [2], weight.initializer.payload, { name: 'w' });
    expect(operatorsOf(await soundlyModel(model))).toEqual(['Add']);
  });
});

describe('order', () => {
  test('nodes out of order are sorted, and the same is computed', async () => {
    const model = await soundly(
      `agraph (float[N] x) => (float[N] y) {
        y = Exp (b)
        b = Identity (a)
        a = Neg (x)
      }`,
      { atLeast: 0 },
    );
    expect(operatorsOf(model)).toEqual(['Neg', 'Exp']);
  });

  test('a cycle is an error that names its nodes', () => {
    expect(() =>
      simplify(
        parseModel(`agraph (float[N] x) => (float[N] y) {
      a = Add (x, b)
      b = Neg (a)
      y = Exp (b)
    }`),
      ),
    ).toThrow(/cycle/);
  });
});

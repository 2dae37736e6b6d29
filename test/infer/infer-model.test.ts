import { describe, expect, test } from '@jest/globals';
import { Dim } from '../../src/infer/dim.ts';
import type { Fact } from '../../src/infer/fact.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { createNode } from '../../src/ir/node.ts';
import { int64Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { describeFact, infer } from '../support/inferred.ts';

describe('inputs', () => {
  test('equal names are equal dims, expressions over names are expressions', () => {
    const { text, facts } = infer(
      'agraph (float[N,"2*N",past,"past + N"] x, float[N,M] y) => (float[A,B] z) { z = Neg (y) }',
    );
    expect(text('x')).toBe('float[N, 2*N, past, N + past]');
    expect(text('z')).toBe('float[N, M]');
    expect(facts.positiveSymbols).toEqual(new Set(['N', 'past', 'M']));
  });

  test('names that say "unknown" name nothing', () => {
    const { text, facts } = infer('agraph (float["?",?,"-1"] x, float["?"] y) => (float[A] z) { z = Neg (y) }');
    expect(text('x')).toBe('float[x[0], x[1], x[2]]');
    expect(text('z')).toBe('float[y[0]]');
    expect(facts.positiveSymbols).toEqual(new Set(['x[0]', 'x[1]', 'x[2]', 'y[0]']));
  });

  test('a dim_param that reads like one of our symbols is not taken for it', () => {
    const { facts, value } = infer(
      'agraph (float["z[0]"] x) => (float[A] y) { z = my.Mystery (x)  y = Neg (x) }'.replace(
        'agraph',
        '<ir_version: 10, opset_import: ["": 21, "my": 1]> agraph',
      ),
    );
    expect(facts.get(value('y')).shape?.[0]?.symbolName).toBe('z[0]');
    expect(facts.symbolOf(value('z'), 0).symbolName).not.toBe('z[0]');
  });

  test('the elements of a small integer vector have symbols of any sign', () => {
    const { text, facts, value } = infer('agraph (int64[2] x) => (int64[A] y) { y = Neg (x) }');
    expect(text('y')).toBe('int64[2] = {-int(x{0}), -int(x{1})}');
    expect(facts.get(value('x')).elements?.[0]?.bounds()).toEqual({ low: undefined, high: undefined });
  });

  test('an initializer that callers may override is an input; before IR 4 nobody could', () => {
    const source = (version: number): string =>
      `<ir_version: ${version}, opset_import: ["": 12]> agraph (int64[2] x) => (int64[A] y) <int64[2] x = {1, 2}> { y = Neg (x) }`;
    expect(infer(source(10)).text('y')).toBe('int64[2] = {-int(x{0}), -int(x{1})}');
    expect(infer(source(3)).text('y')).toBe('int64[2] = {-1, -2}');
  });
});

describe('declarations', () => {
  const header = '<ir_version: 10, opset_import: ["": 21, "my": 1]>';

  test('of an unknown operator, type and rank are believed, dimensions are not', () => {
    const { text } = infer(
      `${header} agraph (float[N] x) => (float[A,B] y) <float[4,N] z> { z = my.Mystery (x)  y = Neg (z) }`,
    );
    expect(text('z')).toBe('float[z[0], z[1]]');
    expect(text('y')).toBe('float[z[0], z[1]]');
  });

  test('of an operator with a law, nothing is believed but what is not known', () => {
    const { text, facts } = infer(
      'agraph (float[N,3] x) => (float[A,B] y) <float[7,3] z> { z = Relu (x)  y = Neg (z) }',
    );
    expect(text('z')).toBe('float[N, 3]');
    // N may be 7.
    expect(facts.contradictions).toEqual([]);
  });

  test('what cannot be true is told, with its place', () => {
    const { facts } = infer(`agraph (float[2,3] x) => (float[2,4] y) <int64[2,3] a, float[3] b> {
      [first] a = Relu (x)
      b = Neg (x)
      y = Abs (x)
    }`);
    expect(facts.contradictions.map(({ declared, ...rest }) => ({ ...rest, declared: declared?.name }))).toEqual([
      {
        graph: ['agraph'],
        node: 'first',
        value: 'a',
        declared: 'a',
        message: "'a' is declared with element type int64, but it is float",
      },
      {
        graph: ['agraph'],
        node: '(Neg of b)',
        value: 'b',
        declared: 'b',
        message: "'b' is declared with rank 1, but its shape is [2, 3]",
      },
      {
        graph: ['agraph'],
        node: '(Abs of y)',
        value: 'y',
        declared: 'y',
        message: "'y' is declared with dimension 1 = 4, but it is 3",
      },
    ]);
  });

  test('a node that no run can execute is told, and the walk goes on', () => {
    const { facts, text } = infer(`agraph (float[2,3] x, float[4,5] w) => (float[A,B] y) {
      p = MatMul (x, w)
      q = Concat <axis = 5> (x, x)
      y = Relu (x)
    }`);
    expect(facts.contradictions.map(({ node, value }) => [node, value])).toEqual([
      ['(MatMul of p)', 'p'],
      ['(Concat of q)', 'q'],
    ]);
    expect(text('p')).toBe('float[...]');
    expect(text('y')).toBe('float[2, 3]');
  });

  test('a dimension below zero is told', () => {
    const { facts } = infer(
      'agraph (float[2] x) => (float[A] y) { y = Pad (x, pads) }'.replace('{ y', '<int64[2] pads = {-2, -3}> { y'),
    );
    expect(facts.contradictions).toHaveLength(1);
  });
});

describe('order', () => {
  test('a file that is out of order is inferred in execution order', () => {
    const graph = new Graph({ name: 'shuffled' });
    const x = new Value('x', { type: tensorType('float', ['N']) });
    graph.addInput(x);
    const first = createNode('Relu', [x], ['a']);
    const second = createNode('Neg', [first.output], ['b']);
    graph.append(second);
    graph.append(first);
    graph.addOutput(second.output);
    const facts = inferModel(new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph }));
    expect(facts.get(second.output).shape?.join()).toBe('N');
  });

  test('a chain of 20,000 nodes takes no stack and little time', () => {
    const graph = new Graph({ name: 'chain' });
    let value = new Value('x', { type: tensorType('float', ['N', 4]) });
    graph.addInput(value);
    for (let index = 0; index < 20_000; index++) {
      const node = createNode('Relu', [value], [`v${index}`]);
      graph.append(node);
      value = node.output;
    }
    graph.addOutput(value);
    const facts = inferModel(new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph }));
    expect(facts.get(value).shape?.join()).toBe('N,4');
  });

  test('a cycle, which no file may have, leads to nothing known', () => {
    const graph = new Graph({ name: 'cycle' });
    const a = createNode('Relu', [undefined], ['a']);
    const b = createNode('Neg', [a.output], ['b']);
    a.replaceInput(0, b.output);
    graph.append(a);
    graph.append(b);
    graph.addOutput(b.output);
    const facts = inferModel(new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph }));
    expect(facts.get(b.output).shape).toBeUndefined();
  });
});

describe('local functions', () => {
  const header = '<ir_version: 10, opset_import: ["": 21, "local": 1]>';
  const functions = (...definitions: readonly string[]): string =>
    definitions.map((definition) => `<domain: "local", opset_import: ["": 21, "local": 1]> ${definition}`).join('\n');

  test('each call is inferred with its own arguments; inside holds what all calls agree on', () => {
    const { text } = infer(`${header} agraph (float[N,3] x, float[N,4] w) => (float[A,B] y, float[C,D] z) {
      y = local.Twice (x)
      z = local.Twice (w)
    } ${functions('Twice (a) => (b) { b = Concat <axis = 0> (a, a) }')}`);
    expect(text('y')).toBe('float[2*N, 3]');
    expect(text('z')).toBe('float[2*N, 4]');
    expect(text('a')).toBe('float[N, a[1]]');
    expect(text('b')).toBe('float[2*N, a[1]]');
  });

  test('attributes come from the call, or from their defaults', () => {
    const { text } = infer(`${header} agraph (float[N,3] x) => (float[A] y, float[B] z) {
      y = local.Shape0 <at = 1> (x)
      z = local.Shape0 (x)
    } ${functions('Shape0 <at: int = 0> (a) => (b) { i = Constant <value_int: int = @at> ()  s = Shape (a)  b = Gather (s, i) }')}`);
    expect(text('y')).toBe('int64[] = {3}');
    expect(text('z')).toBe('int64[] = {N}');
    expect(text('i')).toBe('?[...]');
    expect(text('b')).toBe('int64[...]');
  });

  test('unknown dims of two calls are two symbols, of one call always the same', () => {
    const { facts, value } = infer(`${header} agraph (float[N] x) => (int64[A] y, int64[B] z) {
      y = local.Find (x)
      z = local.Find (x)
      s = Neg (y)
    } ${functions('Find (a) => (b) { b = NonZero (a) }')}`);
    const [y, z, s] = ['y', 'z', 's'].map((name) => facts.get(value(name)).shape?.[1]?.key);
    expect(y).not.toBe(z);
    expect(s).toBe(y);
    facts.inferNode(value('y').producer as never);
    expect(facts.get(value('y')).shape?.[1]?.key).toBe(y);
  });

  test('a function goes before the standard operator of its name', () => {
    const text =
      '<ir_version: 10, opset_import: ["": 21]> agraph (float[N,3] x) => (float[A] y) { y = Relu (x) } <opset_import: ["": 21], domain: ""> Relu (a) => (b) { b = Shape (a) }';
    expect(infer(text).text('y')).toBe('int64[2] = {N, 3}');
  });

  test('functions call functions, with loops in between', () => {
    const { text } = infer(`${header} agraph (float[N,3] x, int64 m, bool c) => (float[A,B] y) {
      y = Loop (m, c, x) <body = body (int64 i, bool go, float[P,Q] v) => (bool on, float[P,Q] w) { on = Identity (go)  w = local.Outer (v) }>
    } ${functions('Inner (a) => (b) { b = Relu (a) }', 'Outer (p) => (q) { q = local.Inner (p) }')}`);
    expect(text('y')).toBe('float[N, 3]');
    expect(text('b')).toBe('float[N, 3]');
  });

  test('what differs between iterations stays inside, through calls too', () => {
    const { text } = infer(`${header} agraph (float[N] x, int64 m, bool c) => (int64[A,B] y) {
      r, y = Loop (m, c, x) <body = body (int64 i, bool go, float[P] v) => (bool on, float[P] w, int64[Q,R] s) { on = Identity (go)  w = Relu (v)  s = local.Find (v) }>
    } ${functions('Find (a) => (b) { b = NonZero (a) }')}`);
    expect(text('y')).toBe('int64[y[0], 1, y[2]]');
    expect(text('s')).toBe('int64[1, s:b[1]]'.replace('s:b[1]', '"s:b[1]"'));
  });

  test('an input that a call leaves out is left out inside', () => {
    const { text } = infer(`${header} agraph (float[N] x) => (float[A] y) {
      y = local.Cut (x)
    } ${functions('Cut (a, low) => (b) { b = Clip (a, low) }')}`);
    expect(text('y')).toBe('float[N]');
  });

  test('a function that calls itself is told, and does not hang', () => {
    const { facts } = infer(
      `${header} agraph (float[N] x) => (float[A] y) { y = local.F (x) } ${functions('F (a) => (b) { b = local.F (a) }')}`,
    );
    expect(facts.contradictions.map(({ message }) => message)).toEqual(['the function F calls itself']);
  });

  test('functions that call each other twice, forty deep, do not hang', () => {
    const definitions = Array.from(
      { length: 40 },
      (_, depth) => `F${depth} (a) => (b) { c = local.F${depth + 1} (a)  b = local.F${depth + 1} (c) }`,
    );
    const { text } = infer(
      `${header} agraph (float[N] x) => (float[A] y) { y = local.F0 (x)  z = Relu (x) } ${functions(...definitions, 'F40 (a) => (b) { b = Relu (a) }')}`,
    );
    expect(text('z')).toBe('float[N]');
  });
});

describe('the assumption nonempty', () => {
  const source =
    'agraph (float[N,3] x) => (float[A,B] y, float[C,D] z) <int64[1] zero = {0}, int64[1] one = {1}> { y = Slice (x, zero, one, zero)  z = Relu (y)  w = Relu (x) }';

  test('settles what symbols of inputs leave open, and says where', () => {
    const { text, facts, value } = infer(source);
    expect(text('y')).toBe('float[1, 3]');
    expect(['y', 'z', 'w'].map((name) => facts.isAssumed(value(name)))).toEqual([true, true, false]);
  });

  test('is not made when empty dims are allowed', () => {
    const { text, facts, value } = infer(source, { allowEmpty: true });
    expect(text('y')).toBe('float[min(1, N), 3]');
    expect(facts.isAssumed(value('y'))).toBe(false);
  });

  test('is not made for dims that depend on data', () => {
    const { text } = infer(
      'agraph (float[N] x) => (int64[A,B] y) <int64[1] zero = {0}, int64[1] one = {1}> { n = NonZero (x)  y = Slice (n, zero, one, one) }',
    );
    expect(text('y')).toBe('int64[1, min(1, n[1])]');
  });

  test('a size in a Reshape that may be 0 copies the dim of the input then', () => {
    const reshape =
      'agraph (float[2,N] x) => (float[A,B] y) <int64[1] last = {-1}, int64[1] one = {1}> { n = Shape <start = 1> (x)  s = Concat <axis = 0> (n, last)  y = Reshape (x, s) }';
    expect(infer(reshape).text('y')).toBe('float[N, 2]');
    const empty = infer(reshape, { allowEmpty: true });
    expect(empty.text('y')).toBe('float[y[0], y[1]]');
    const same = reshape.replace('float[2,N] x', 'float[N,2] x').replace('start = 1', 'end = 1');
    expect(infer(same, { allowEmpty: true }).text('y')).toBe('float[N, 2]');
  });
});

describe('ModelFacts', () => {
  const source = 'agraph (float[N,3] x, int64[2] s) => (float[A,B] y) { y = Reshape (x, s)  z = Relu (y) }';

  test('inferNode answers the values that became better known', () => {
    const { model, facts, value, text } = infer(source);
    expect(text('y')).toBe('float[y[0], y[1]]');
    const shape = new Value('shape');
    model.graph.addInitializer(shape, int64Tensor([3n, -1n]));
    facts.inferInitializer(shape);
    const node = value('y').producer;
    node?.replaceInput(1, shape);
    if (node === undefined) throw new Error('y has a producer');
    expect(facts.inferNode(node)).toEqual([value('y')]);
    expect(text('y')).toBe('float[3, N]');
    expect(facts.inferNode(node)).toEqual([]);
    expect(text('z')).toBe('float[y[0], y[1]]');
  });

  test('a body that learns more tells the node that holds it', () => {
    const { facts, value, model } = infer(`agraph (bool c, float[N,3] x, int64[2] s) => (float[A,B] y) {
      y = If (c) <then_branch = t () => (float[P,Q] a) { a = Reshape (x, s) }, else_branch = e () => (float[P,Q] b) { b = Neg (x) }>
    }`);
    expect(describeFact(facts.get(value('y')))).toBe('float[y[0], y[1]]');
    const shape = new Value('shape');
    model.graph.addInitializer(shape, int64Tensor([-1n, 3n]));
    facts.inferInitializer(shape);
    value('a').producer?.replaceInput(1, shape);
    const changed = facts.inferNode(value('a').producer as never);
    expect(changed).toEqual([value('a'), value('y')]);
    expect(describeFact(facts.get(value('y')))).toBe('float[N, 3]');
  });

  test('a replacement keeps what was known, and adds to it', () => {
    const { facts, value } = infer(source);
    const other = new Value('other');
    facts.refine(other, { ...facts.get(value('x')), shape: [Dim.of(7), Dim.symbol('other[1]')] });
    facts.adopt(other, value('x'));
    expect(describeFact(facts.get(other))).toBe('float[7, 3]');
    facts.adopt(value('z'), value('x'));
    expect(describeFact(facts.get(value('z')))).toBe('float[N, 3]');
  });

  test('only what is provable is a contradiction', () => {
    const { facts, value } = infer(source);
    const fact = (shape: readonly Dim[]): Fact => ({ ...facts.get(value('x')), shape });
    const x = facts.get(value('x'));
    const n = Dim.symbol('N');
    expect(facts.contradicts(x, fact([n, Dim.of(4)]))).toBe('dimension 1 is 3 against 4');
    expect(facts.contradicts(x, fact([n.plus(Dim.one), Dim.of(3)]))).toBe('dimension 0 is N against N + 1');
    expect(facts.contradicts(x, fact([Dim.of(5), Dim.of(3)]))).toBeUndefined();
    expect(facts.contradicts(x, fact([n]))).toBe('rank 2 against 1');
    expect(facts.contradicts(x, { ...x, dataType: 'int64' })).toBe('element type float against int64');
    const s = facts.get(value('s'));
    expect(facts.contradicts({ ...s, elements: [n, Dim.one] }, { ...s, elements: [n, n.plus(Dim.of(2))] })).toBe(
      'element 1 is 1 against N + 2',
    );
  });
});

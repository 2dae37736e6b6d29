import { describe, expect, test } from '@jest/globals';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Value } from '../../src/ir/value.ts';
import { ParserView } from '../../src/lint/parser-view.ts';
import { shapeProblem } from '../../src/lint/shape-cone.ts';
import { version, type Version } from '../../src/lint/version.ts';
import { parseModel } from '../../src/text/parse.ts';

function viewOf(text: string, target: Version = version('11.4')): { view: ParserView; named: (name: string) => Value } {
  const model = parseModel(text, { opset: 17 });
  const values = new Map<string, Value>();
  for (const value of [...model.graph.inputs, ...model.graph.initializers]) values.set(value.name, value);
  for (const node of model.graph.nodes)
    for (const value of node.outputs) if (value !== undefined) values.set(value.name, value);
  const named = (name: string): Value => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value '${name}'`);
    return value;
  };
  return { view: new ParserView(model, inferModel(model), target), named };
}

describe('weights', () => {
  const { view, named } =
    viewOf(`agraph (float[2] x, int64[1] given) => (float[2] y) <int64[1] one = {1}, int64[1] given = {4}> {
    two = Constant <value_ints = [2]> ()
    same = Identity (one)
    sum = Add (one, two)
    y = Neg (x)
  }`);

  test('are initializers and Constant nodes', () => {
    expect(view.value(named('one')).integers).toEqual([1n]);
    expect(view.value(named('two')).integers).toEqual([2n]);
    expect(view.value(named('x')).isWeights).toBe(false);
  });

  test('an initializer that is an input too is weights: its default is taken', () => {
    expect(view.value(named('given')).integers).toEqual([4n]);
  });

  test('what is computed from constants is none, though its value is known', () => {
    expect(view.value(named('sum')).isWeights).toBe(false);
    expect(view.value(named('sum')).isConstant).toBe(true);
  });

  test('are found through Identity where the parser looks through it, and not through arithmetic', () => {
    expect(view.resolveWeights(named('same'))?.name).toBe('one');
    expect(view.resolveWeights(named('sum'))).toBeUndefined();
  });
});

describe('types', () => {
  const text = `agraph (int64[2] i, double[2] d, bfloat16[2] b, uint16[2] u, uint8[2] image) => (float[2] y) <uint8[2] table = {1, 2}> {
    y = Cast <to = 1> (i)
  }`;
  const types = (target: Version): (string | undefined)[] => {
    const { view, named } = viewOf(text, target);
    return ['i', 'd', 'b', 'u', 'image', 'table'].map((name) => view.importedType(named(name)));
  };

  test('8.6 narrows int64 and double, and has no bfloat16', () => {
    expect(types(version('8.6'))).toEqual(['INT32', 'FLOAT', undefined, undefined, 'UINT8', 'INT32']);
  });

  test('9.0 has int64 and bfloat16', () => {
    expect(types(version('9.0'))).toEqual(['INT64', 'FLOAT', 'BF16', undefined, 'UINT8', 'INT32']);
  });
});

describe('shape tensors', () => {
  const { view, named } =
    viewOf(`agraph (float[b, 3] x, int64[2] sizes, float[2] scales, int64[k] open) => (float y) <int64[2] two = {2, 2}> {
    shape = Shape (x)
    doubled = Mul (shape, two)
    fromInput = Add (sizes, two)
    fromData = Cast <to = 7> (scales)
    longer = Abs (open)
    y = Reshape (x, doubled)
  }`);
  const kindOf = (name: string): string | undefined => shapeProblem(view, named(name))?.kind;

  test('come from shapes, constants and integer inputs of fixed size', () => {
    expect(['doubled', 'fromInput', 'two'].map(kindOf)).toEqual([undefined, undefined, undefined]);
  });

  test('and not from data, nor from inputs whose size is open', () => {
    expect(kindOf('fromData')).toBe('input');
    expect(kindOf('longer')).toBe('extent');
  });
});

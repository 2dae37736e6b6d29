/** Values that are made for inputs fit what the model does with them. */
import { describe, expect, test } from '@jest/globals';
import { isArray, isSequence, type RuntimeValue } from '../../src/fold/runtime-value.ts';
import type { NDArray } from '../../src/fold/array.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Range } from '../../src/infer/dim-bounds.ts';
import { parseModel } from '../../src/text/parse.ts';
import { type Binding, bindingText, planBindings } from '../../src/verify/bindings.ts';
import { requiredInputs } from '../../src/verify/interface.ts';
import { InputMaker } from '../../src/verify/make-inputs.ts';
import { RandomNumbers } from '../../src/verify/random.ts';

function made(text: string, sizes: Record<string, bigint> = {}, isTame = false): Map<string, RuntimeValue> {
  const model = parseModel(text);
  const maker = new InputMaker(model, inferModel(model), requiredInputs(model));
  const values = maker.make(new Map(Object.entries(sizes)), new RandomNumbers(7), new Map(), isTame);
  if (values === undefined) throw new Error('no inputs');
  return values;
}

function array(values: Map<string, RuntimeValue>, name: string): NDArray {
  const value = values.get(name);
  if (value === undefined || value === null || !isArray(value)) throw new Error(`${name} is no tensor`);
  return value;
}

const numbers = (values: Map<string, RuntimeValue>, name: string): number[] =>
  Array.from(array(values, name).data as ArrayLike<number | bigint>, Number);

describe('integers', () => {
  test('are rows of the table that they are looked up in, through casts, reshapes, branches and calls', () => {
    const values = made(
      `<ir_version: 10, opset_import: ["" : 20, "own" : 1]> agraph (int32[40,n] ids, bool c, float[4,8] table) => (float[a,b] y) {
        long = Cast <to = 7> (ids)
        flat = own.Flat (long)
        y = If (c) <
          then_branch = t () => (float[a,b] p) { p = Gather (table, flat) },
          else_branch = e () => (float[a,b] q) { q = Gather (table, flat) }
        >
      }
      <domain: "own", opset_import: ["" : 20]> Flat (x) => (y) { s = Constant <value = int64[1] {-1}> ()  y = Reshape (x, s) }`,
      { n: 5n },
    );
    const ids = numbers(values, 'ids');
    expect(array(values, 'ids').dims).toEqual([40, 5]);
    expect(new Set(ids)).toEqual(new Set([0, 1, 2, 3]));
  });

  test('leave room for what is added to them', () => {
    const ids = numbers(
      made(`agraph (int64[200] ids, float[6,2] table) => (float[200,2] y) <int64 two = {2}> {
        moved = Add (ids, two)
        y = Gather (table, moved)
      }`),
      'ids',
    );
    expect(Math.max(...ids)).toBe(3);
    expect(Math.min(...ids)).toBe(0);
  });

  test('are below a dim that the binding gives', () => {
    const text = `agraph (float[n,2] x, int64[100] at) => (float[100,2] y) { y = Gather (x, at) }`;
    expect(Math.max(...numbers(made(text, { n: 3n }), 'at'))).toBe(2);
  });

  test('are lengths where a recurrent node takes them for lengths', () => {
    const lengths = numbers(
      made(
        `agraph (float[s,64,2] x, int32[64] lengths, float[1,12,2] w, float[1,12,3] r) => (float[s,1,64,3] y) {
          y = LSTM <hidden_size = 3> (x, w, r, "", lengths)
        }`.replace(', "",', ', ,'),
        { s: 4n },
      ),
      'lengths',
    );
    expect(new Set(lengths)).toEqual(new Set([1, 2, 3, 4]));
  });

  test('are the dims of what is reshaped', () => {
    const values = made('agraph (float[2,n] x, int64[2] shape) => (float[a,b] y) { y = Reshape (x, shape) }', {
      n: 3n,
    });
    expect(numbers(values, 'shape')).toEqual([2, 3]);
    const flat = made('agraph (float[2,n] x, int64[1] shape) => (float[a] y) { y = Reshape (x, shape) }', { n: 3n });
    expect(numbers(flat, 'shape')).toEqual([-1]);
  });

  test('are few where they say how many', () => {
    const values = made('agraph (float[9] x, int64[1] k) => (float[a] y, int64[a] i) { y, i = TopK (x, k) }');
    expect(numbers(values, 'k')).toEqual([1]);
  });

  test('of 8 bits are pixels', () => {
    const pixels = numbers(made('agraph (uint8[999] x) => (float[999] y) { y = Cast <to = 1> (x) }'), 'x');
    expect(Math.max(...pixels)).toBeGreaterThan(240);
  });
});

test('masks have ones in front and one at least in each row', () => {
  const values = made(
    `agraph (int64[50,6] attention, bool[50,6] keep) => (float[50,6] y, bool[50,6] z) <float one = {1}> {
      a = Cast <to = 1> (attention)
      y = Sub (one, a)
      z = Not (keep)
    }`,
  );
  for (const name of ['attention', 'keep']) {
    const rows = Array.from({ length: 50 }, (_, row) =>
      numbers(values, name)
        .slice(6 * row, 6 * row + 6)
        .join(''),
    );
    expect(rows.filter((row) => !/^1+0*$/.test(row))).toEqual([]);
    expect(new Set(rows).size).toBeGreaterThan(3);
  }
});

test('floats are of the scale of normalized data, and what their type can hold', () => {
  const values = made(`agraph (float[2000] x, float16[2000] h, bfloat16[5] b) => (float[2000] y) { y = Identity (x) }`);
  const x = numbers(values, 'x');
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const spread = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length);
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(spread - 1)).toBeLessThan(0.1);
  for (const value of numbers(values, 'h')) if (Math.abs(value) >= 1) expect(Number.isInteger(value * 1024)).toBe(true);
  expect(array(values, 'b').dataType).toBe('bfloat16');
});

test('a seed repeats them, tame ones are small', () => {
  const text = 'agraph (float[3] x, int64[30] i) => (float[3] y) { y = Identity (x) }';
  expect(made(text)).toEqual(made(text));
  expect(new Set(numbers(made(text, {}, true), 'i'))).toEqual(new Set([0, 1]));
});

test('sequences and optionals have something in them; maps are refused', () => {
  const values = made(`agraph (seq(float[2]) s, optional(int64[1]) o) => (int64 y) { y = SequenceLength (s) }`);
  const sequence = values.get('s') ?? null;
  expect(isSequence(sequence) && sequence.length).toBe(2);
  expect(array(values, 'o').dims).toEqual([1]);
  expect(() => made('agraph (map(int64, float[1]) m) => (float y) { y = Constant <value = float {1}> () }')).toThrow(
    "input 'm' is a map",
  );
});

describe('sizes', () => {
  const plan = (text: string, ranges: Record<string, Range> = {}, allowEmpty = false, fixed: Binding = new Map()) => {
    const model = parseModel(text);
    const options = { ranges: new Map(Object.entries(ranges)), fixed, allowEmpty };
    return planBindings(requiredInputs(model), model.graph, inferModel(model, { ranges: options.ranges }), options).map(
      bindingText,
    );
  };

  test('are the least, and different ones', () => {
    const [first, second] = plan('agraph (float[b,s] x, float[b,t] z) => (float[b,s] y) { y = Identity (x) }');
    expect(first).toBe('b=1, s=1, t=1');
    expect(second).toBe('b=2, s=3, t=5');
  });

  test('of images are large', () => {
    const [, second] = plan('agraph (float[n,3,h,w] x) => (float[n,3,h,w] y) { y = Identity (x) }');
    expect(second).toBe('n=2, h=64, w=96');
  });

  test('keep to their bounds, and touch both', () => {
    const bounds = { s: { low: 4n, high: 9n } };
    const all = plan('agraph (float[b,s] x) => (float[b,s] y) { y = Identity (x) }', bounds);
    expect(all[0]).toBe('b=1, s=4');
    expect(all).toContain('b=2, s=9');
    for (const text of all) expect(Number(/s=(\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(4);
    for (const text of all) expect(Number(/s=(\d+)/.exec(text)?.[1])).toBeLessThanOrEqual(9);
  });

  test('may be 0 when that is allowed', () => {
    const text = 'agraph (float[b,2] x) => (float[b,2] y) { y = Identity (x) }';
    expect(plan(text, {}, true)[0]).toBe('b=0');
    expect(plan(text)).not.toContain('b=0');
  });

  test('are those of the trace where the model shows them', () => {
    const text = `agraph (float[b,s,8] x) => (float[a,c,d] y) <int64[3] shape = {0, 10, 8}> { y = Reshape (x, shape) }`;
    expect(plan(text)[2]).toContain('s=10');
    const added = 'agraph (float[b,s] x, float[1,12] table) => (float[b,s] y) { y = Add (x, table) }';
    expect(plan(added)[2]).toContain('s=12');
  });

  test('that are fixed stay', () => {
    expect(
      plan('agraph (float[b,s] x) => (float[b,s] y) { y = Identity (x) }', {}, false, new Map([['s', 6n]]))[0],
    ).toBe('s=6, b=1');
    expect(plan('agraph (float[2] x) => (float[2] y) { y = Identity (x) }')).toEqual(['']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { compare } from '../../src/api/compare.ts';
import { selectRules } from '../../src/api/presets.ts';
import { type SimplifyOptions, simplify, simplifyWith } from '../../src/api/simplify.ts';
import { type Verification, verify, type VerifyOptions } from '../../src/api/verify.ts';
import { ModelError, UsageError } from '../../src/base/errors.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { attribute, op, rewrite, type RewriteRule, value } from '../../src/rule-kit.ts';
import { Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';
import type { Runner } from '../../src/verify/runner.ts';

/** Simplifies by our rules and others, and verifies. */
async function verified(
  text: string,
  rules: readonly RewriteRule[] = [],
  options: VerifyOptions = {},
  simplifyOptions: SimplifyOptions = {},
): Promise<Verification> {
  const original = parseModel(text);
  const simplified = cloneModel(original);
  const all = [...selectRules(simplifyOptions), ...rules];
  const { report } = simplifyWith(simplified, all, simplifyOptions);
  return verify(original, simplified, report, { ...options, simplify: simplifyOptions, rules: all });
}

/** Claims to be exact and takes Abs for Identity, but only where an Exp follows. */
const lyingRule = rewrite({
  id: 'eliminate-abs-before-exp',
  summary: 'Remove an Abs.',
  why: 'It should not.',
  exact: true,
  pattern: op('Exp', 'exp', op('Abs', 'abs', value('x'))),
  rewrite: ({ exp, x }, context) => context.replace(exp, context.like(exp, [x])),
  examples: [],
});

const negAsSin = rewrite({
  id: 'move-sign',
  summary: 'Write Neg as Sin.',
  why: 'It should not.',
  exact: true,
  pattern: op('Neg', 'neg', value('x')),
  rewrite: ({ neg, x }, context) => context.replace(neg, context.node('Sin', [x], { from: neg })),
  examples: [],
});

/** Is right. */
const negAsMul = rewrite({
  id: 'move-sign-to-mul',
  summary: 'Write Neg as Mul.',
  why: 'For a test.',
  exact: true,
  pattern: op('Neg', 'neg', value('x')),
  rewrite: ({ neg, x }, context) => {
    const minusOne = context.constant(new Tensor('float', [], new Uint8Array(Float32Array.of(-1).buffer)), 'minus_one');
    return context.replace(neg, context.node('Mul', [x, minusOne], { from: neg }));
  },
  examples: [],
});

/** Is wrong, but finds nothing without the one above. */
const mulAsAbs = rewrite({
  id: 'fuse-sign',
  summary: 'Write Mul as Abs.',
  why: 'It should not.',
  exact: true,
  pattern: op('Mul', 'mul', value('x'), value('factor')),
  rewrite: ({ mul, x }, context) => context.replace(mul, context.node('Abs', [x], { from: mul })),
  examples: [],
});

const chain = `agraph (float[batch,3] x) => (float[batch,3] y) {
  a = Identity (x)
  b = Transpose <perm = [1, 0]> (a)
  c = Transpose <perm = [1, 0]> (b)
  first = Abs (c)
  d = Sqrt (first)
  second = Abs (d)
  bad = Exp (second)
  e = Neg (bad)
  third = Abs (e)
  worse = Exp (third)
  y = Identity (worse)
}`;

describe('what simplify makes', () => {
  test('is equal to the bit where all that was applied is exact', async () => {
    const result = await verified(chain);
    expect(result).toMatchObject({ equal: true, exact: true, cause: null, runner: 'the built-in evaluator', seed: 1 });
    expect(result.runs.map(({ dims }) => dims)).toEqual(['batch=1', 'batch=2', 'batch=3']);
    expect(result.outputs).toMatchObject([{ output: 'y', different: 0, maximumAbsolute: 0 }]);
  });

  test('is judged by a bound where a rule, or a folded kernel, has one', async () => {
    const fused = await verified(`agraph (float[1,1,2,2] x) => (float[1,2,2,2] y) <
      float[2,1,1,1] w = {1.1, 2.3}, float[2] scale = {2.2, 4.1}, float[2] shift = {1, 0.3}, float[2] mean = {0.7, 1},
      float[2] variance = {1.9, 4}> {
      c = Conv (x, w)
      y = BatchNormalization (c, scale, shift, mean, variance)
    }`);
    expect(fused).toMatchObject({ equal: true, exact: false });
    expect(fused.outputs[0]?.maximumRelative).toBeGreaterThan(0);
    expect(fused.outputs[0]?.maximumRelative).toBeLessThan(1e-6);
    const folded = await verified(`agraph (float[2] x) => (float[2] y) <float[2] a = {1.5, 2.5}> {
      b = Tanh (a)
      y = Add (x, b)
    }`);
    expect(folded).toMatchObject({ equal: true, exact: false });
  });

  test('is run with the dims it was frozen to', async () => {
    const options: SimplifyOptions = { bindings: { dims: { batch: 4 } } };
    const result = await verified(chain, [], {}, options);
    expect(result.runs).toMatchObject([{ dims: '', equal: true }]);
    const ranged = await verified(chain, [], {}, { bindings: { dims: { batch: [2, 6] } } });
    expect(ranged.runs.map(({ dims }) => dims)).toEqual(['batch=2', 'batch=6', 'batch=3']);
  });

  test('is held against the model with its repairs', async () => {
    const original = parseModel('agraph (float[2] x) => (float[2] y) { y = Exp (a)  a = Identity (x) }');
    const simplified = cloneModel(original);
    const report = simplify(simplified);
    const result = await verify(original, simplified, report);
    expect(result).toMatchObject({ equal: true, notes: ['the original was run with its repairs'] });
    expect(original.graph.nodeCount).toBe(2);
  });
});

describe('a rule that lies', () => {
  test('is caught, and named with the node', async () => {
    const result = await verified(chain, [lyingRule]);
    expect(result).toMatchObject({
      equal: false,
      cause: {
        rules: ['eliminate-abs-before-exp'],
        rewrite: { rule: 'eliminate-abs-before-exp', node: '(Exp of worse)' },
      },
    });
    // Before a square root nothing is negative: the first of its two rewrites does no harm.
    expect(result.outputs[0]?.different).toBeGreaterThan(0);
  });

  test('is caught among others that are needed for it', async () => {
    const text = 'agraph (float[3] x) => (float[3] y) { a = Identity (x)  n = Neg (a)  y = Abs (n) }';
    const result = await verified(text, [negAsMul, negAsSin].reverse());
    expect(result.cause?.rules).toEqual(['move-sign']);
    expect(result.cause?.rewrite).toMatchObject({ rule: 'move-sign', node: '(Neg of n)' });
  });

  test('is named together with the rule that it needs', async () => {
    const result = await verified('agraph (float[3] x) => (float[3] y) { a = Neg (x)  y = Identity (a) }', [
      negAsMul,
      mulAsAbs,
    ]);
    expect([...(result.cause?.rules ?? [])].sort()).toEqual(['fuse-sign', 'move-sign-to-mul']);
    expect(result.cause?.rewrite?.rule).toBe('fuse-sign');
  });

  test('is caught when the result does not even run', async () => {
    const breaks = rewrite({
      id: 'fold-shape',
      summary: 'Write Neg as Reshape.',
      why: 'It should not.',
      exact: true,
      pattern: op('Neg', 'neg', value('x')),
      examples: [],
      rewrite: ({ neg, x }, context) => {
        const shape = context.vector([7n], 'shape');
        return context.replace(
          neg,
          context.node('Reshape', [x, shape], { attributes: [attribute.int('allowzero', 0)] }),
        );
      },
    });
    const result = await verified('agraph (float[n] x) => (float[m] y) { y = Neg (x) }', [breaks]);
    expect(result).toMatchObject({ equal: false, cause: { rules: ['fold-shape'] } });
    expect(result.runs.at(-1)?.failure).toMatch(/Reshape cannot be computed/);
  });

  test('is not blamed for what was different before any rule', async () => {
    const original = parseModel('agraph (float[2] x) => (float[2] y) { y = Exp (x) }');
    const other = parseModel('agraph (float[2] x) => (float[2] y) { y = Log (x) }');
    const report = simplify(cloneModel(original));
    // Whoever hands in another model learns that it is not the work of a rule.
    const result = await verify(original, other, report);
    expect(result).toMatchObject({ equal: false, cause: { rules: [] } });
  });
});

describe('compare', () => {
  const relu = 'agraph (float[n,2] x) => (float[n,2] y) { y = Relu (x) }';
  const compared = (a: string, b: string, options = {}) => compare(parseModel(a), parseModel(b), options);

  test('tells how far outputs are apart, the worst of all runs', async () => {
    const result = await compared(relu, relu.replace('Relu', 'Identity'));
    expect(result.equal).toBe(false);
    expect(result.outputs[0]).toMatchObject({ output: 'y', equal: false });
    expect(result.runs).toHaveLength(3);
  });

  test('a seed repeats a run', async () => {
    const run = (seed: number) => compared(relu, relu.replace('Relu', 'Abs'), { seed });
    expect((await run(5)).outputs).toEqual((await run(5)).outputs);
    expect((await run(5)).outputs).not.toEqual((await run(6)).outputs);
  });

  test('matches by position where names differ, and says so', async () => {
    const result = await compared(relu, 'agraph (float[m,2] in) => (float[m,2] out) { out = Relu (in) }');
    expect(result).toMatchObject({
      equal: true,
      notes: ['inputs are matched by position: x = in', 'outputs are matched by position: y = out'],
    });
  });

  test('a missing output is a difference', async () => {
    const more = 'agraph (float[n,2] x) => (float[n,2] y, float[n,2] z) { y = Relu (x)  z = Abs (x) }';
    expect((await compared(more, relu)).outputs[1]).toMatchObject({ output: 'z', reason: 'B has no such output' });
    expect((await compared(relu, more)).outputs[1]).toMatchObject({ output: 'z', reason: 'A has no such output' });
  });

  test('a static model is held against a dynamic one at its size', async () => {
    const fixed = relu.replaceAll('n,2', '5,2');
    expect((await compared(relu, fixed)).runs).toMatchObject([{ dims: 'n=5' }]);
  });

  test.each([
    ['other inputs', 'agraph (float[2] x, float[2] z) => (float[2] y) { y = Add (x, z) }', /take different inputs/],
    ['another rank', 'agraph (float[2] x) => (float[2] y) { y = Relu (x) }', /rank 2 in A and 1 in B/],
    [
      'another size',
      'agraph (float[1,3] x) => (float[1,3] y) { y = Relu (x) }',
      /dimension 1 of input 'x' is 2 in A and 3/,
    ],
  ])('%s cannot be compared', async (_, other, message) => {
    const error = await compared(relu, other).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
  });

  test('sizes that the original fails on are passed over and told', async () => {
    const text = `agraph (float[n] x) => (float[m,k] y) <int64[2] shape = {-1, 2}> { y = Reshape (x, shape) }`;
    const result = await compared(text, text);
    expect(result.skipped[0]).toMatchObject({ dims: 'n=1' });
    expect(result.runs.length).toBeGreaterThan(1);
  });

  test('a model that fails on everything is an error, not a success', async () => {
    const text = `agraph (float[n] x) => (float[m,k] y) <int64[2] shape = {-1, 1009}> { y = Reshape (x, shape) }`;
    await expect(compared(text, text)).rejects.toThrow(
      /the model fails on all inputs that were tried, at last with: Reshape/,
    );
  });

  test('data is taken, and what it does not give is random', async () => {
    const add = 'agraph (float[n] x, float[n] z) => (float[n] y) { y = Add (x, z) }';
    const data = new Map([['x', { dataType: 'float' as const, dims: [4], data: Float32Array.of(1, 2, 3, 4) }]]);
    const result = await compared(add, add, { data });
    expect(result).toMatchObject({
      equal: true,
      notes: ["the data gives no 'z': it is random"],
      runs: [{ dims: 'n=4' }],
    });
    await expect(compared(relu, relu, { data: new Map([['q', data.get('x')]]) })).rejects.toThrow(
      /'q', which is no input/,
    );
    await expect(compared(relu, relu, { data })).rejects.toThrow(/has the shape \[4\], and the model takes \[n, 2\]/);
    const doubles = new Map([['x', { dataType: 'double' as const, dims: [1, 2], data: Float64Array.of(1, 2) }]]);
    await expect(compared(relu, relu, { data: doubles })).rejects.toThrow(/is double, and the model takes float/);
  });

  test('takes another runner where the first does not take the model, and says why', async () => {
    const picky: Runner = {
      name: 'picky',
      open: async () => {
        throw new ModelError('it is Tuesday');
      },
    };
    const { evaluatorRunner } = await import('../../src/verify/evaluator-runner.ts');
    const result = await compared(relu, relu, { runners: [picky, evaluatorRunner] });
    expect(result).toMatchObject({
      runner: evaluatorRunner.name,
      notes: ['picky does not take the model: it is Tuesday'],
    });
    await expect(compared(relu, relu, { runners: [picky] })).rejects.toThrow('it is Tuesday');
  });

  test('says that outputs are NaN throughout', async () => {
    const text = `agraph (float[n] x) => (float[n] y) <float minus = {-1}> { a = Abs (x)  b = Mul (a, minus)  y = Log (b) }`;
    expect((await compared(text, text)).notes).toEqual(["output 'y' is NaN throughout, which says little"]);
  });

  test('random numbers cannot be compared', async () => {
    let count = 0;
    const dice: Runner = {
      name: 'dice',
      open: async () => ({
        run: async () => new Map([['y', { dataType: 'float' as const, dims: [1], data: Float32Array.of(count++) }]]),
        close: async () => undefined,
      }),
    };
    const text = 'agraph () => (float[1] y) { y = RandomNormal <shape = [1]> () }';
    await expect(compared(text, text, { runners: [dice] })).rejects.toThrow(
      /node \(RandomNormal of y\) makes the results differ/,
    );
  });
});

test('a difference in the last place by another runner is settled by the evaluator', async () => {
  let opened = 0;
  let closed = 0;
  /** Adds half a unit in the last place to what the second model gives. */
  const sloppy: Runner = {
    name: 'sloppy',
    async open() {
      const error = opened++ === 0 ? 0 : 1e-7;
      return {
        run: async (inputs) => {
          const x = inputs.get('x') as unknown as { dims: number[]; data: Float32Array };
          return new Map([
            ['y', { dataType: 'float' as const, dims: x.dims, data: x.data.map((v) => v * (1 + error)) }],
          ]);
        },
        close: async () => void closed++,
      };
    },
  };
  const text = 'agraph (float[3] x) => (float[3] y) { a = Identity (x)  y = Identity (a) }';
  const result = await verified(text, [], { runners: [sloppy] });
  expect(result).toMatchObject({ equal: true, exact: true });
  expect(result.notes).toEqual([
    'sloppy rounds otherwise after the rewrites; by the built-in evaluator all outputs are equal to the bit',
  ]);
  expect(closed).toBe(opened);
});

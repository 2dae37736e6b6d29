import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { modelToBytes } from '../../src/api/save.ts';
import { ndarray } from '../../src/fold/array.ts';
import { parseModel } from '../../src/text/parse.ts';
import { BINDINGS, randomGraph } from '../support/random-graphs.ts';
import { randomNumbers } from '../support/random-inputs.ts';
import { type Inputs, judgeSimplification } from '../support/soundness.ts';

/** SOUNDNESS_SEED repeats another run, SOUNDNESS_RUNS makes it longer. */
const SEED = Number(process.env['SOUNDNESS_SEED'] ?? 20261123);
const RUNS = Number(process.env['SOUNDNESS_RUNS'] ?? 100);

const tapes = fc.array(fc.nat({ max: 9999 }), { minLength: 20, maxLength: 160, size: 'max' });

function* inputsFor(bindings: typeof BINDINGS): IterableIterator<Inputs> {
  for (const [n, m] of bindings) {
    const random = randomNumbers(n * 16 + m);
    const filled = (dims: number[]): ReturnType<typeof ndarray> => {
      const count = dims.reduce((product, dim) => product * dim, 1);
      return ndarray(
        'float',
        dims,
        Float32Array.from({ length: count }, () => Math.round((random() * 4 - 2) * 8) / 8),
      );
    };
    yield new Map([
      ['x', filled([n, m, 4])],
      ['z', filled([n, 1, 4])],
    ]);
  }
}

test.each([
  ['sizes of at least 1', false],
  ['sizes of 0, too', true],
])(
  'random graphs compute the same after simplify: %s',
  async (_title, allowEmpty) => {
    const bindings = allowEmpty ? BINDINGS : BINDINGS.filter(([n, m]) => n > 0 && m > 0);
    let [asked, computed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(tapes, async (tape) => {
        const { text } = randomGraph(tape);
        const bytes = await modelToBytes(parseModel(text));
        const judgement = await judgeSimplification(bytes, () => inputsFor(bindings), { allowEmpty });
        if (judgement.fault !== undefined) throw new Error(`${text}\n\nbecomes wrong: ${judgement.fault}`);
        asked += bindings.length;
        computed += judgement.computed;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // A -1 has no solution beside a 0, so some do not compute; these must be few.
    expect(computed / asked).toBeGreaterThan(0.8);
  },
  600_000,
);

test('the graphs are worth the trouble', () => {
  const sizes = fc.sample(tapes, { seed: SEED, numRuns: 50 }).map((tape) => randomGraph(tape).steps);
  expect(sizes.reduce((sum, steps) => sum + steps, 0) / sizes.length).toBeGreaterThan(5);
});

/** Random networks of all kinds of operators compute the same after simplify, for sizes that they were not made with, too. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { check } from '../../src/api/check.ts';
import type { Preset } from '../../src/api/presets.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { refuses } from '../../src/ir/problem.ts';
import type { Dimension } from '../../src/ir/value-type.ts';
import { printModel } from '../../src/text/print.ts';
import { networkInputs } from '../support/network-inputs.ts';
import { Network } from '../support/random-network.ts';
import { judgeSimplification } from '../support/soundness.ts';

/** SOUNDNESS_SEED repeats another run, SOUNDNESS_RUNS makes it longer. */
const SEED = Number(process.env['SOUNDNESS_SEED'] ?? 20261125);
const RUNS = Number(process.env['SOUNDNESS_RUNS'] ?? 100);

/** As many results are outputs, so that not all of the network is dead. */
const MAXIMUM_OUTPUTS = 3;

const networks = fc.tuple(
  fc.array(fc.nat(10_000), { minLength: 20, maxLength: 80 }),
  fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3)), { minLength: 1, maxLength: 4 }),
  fc.array(
    fc.tuple(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }),
      fc.tuple(fc.nat(3), fc.nat(2)),
      fc.boolean(),
    ),
    { minLength: 2, maxLength: 2 },
  ),
);

/** The last tensors that nothing reads become outputs. */
function finish({ model }: Network): void {
  const { graph } = model;
  const ends = [...graph.nodes]
    .reverse()
    .flatMap(({ outputs }) => outputs)
    .filter((output) => output?.isUsed === false);
  for (const output of ends.slice(0, MAXIMUM_OUTPUTS)) if (output !== undefined) graph.addOutput(output);
}

test.each<Preset>(['exact', 'default', 'tensorrt'])(
  'random networks compute the same after simplify: %s',
  async (preset) => {
    let [asked, computed, changed] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(networks, async ([numbers, axes, others]) => {
        const shape = axes.map(([dim, kind], axis): Dimension => (kind === 0 && axis > 0 ? dim : `n${axis}`));
        const traced = networkInputs(
          axes.map(([dim]) => dim),
          [1, 1],
          true,
        );
        const network = new Network(numbers, shape, traced);
        finish(network);
        if (network.model.graph.outputs.length === 0) return;
        const runs = [traced];
        for (const [sizes, values, condition] of others) {
          const dims = shape.map((dimension, axis) => (typeof dimension === 'number' ? dimension : (sizes[axis] ?? 1)));
          runs.push(networkInputs(dims, values, condition));
        }
        // A few steps are not in every opset.
        if (check(network.model).some(refuses)) return;
        const bytes = await modelToBytes(network.model);
        const judgement = await judgeSimplification(bytes, () => runs, { preset });
        if (judgement.fault !== undefined)
          throw new Error(`${printModel(network.model)}\n\nbecomes wrong: ${judgement.fault}`);
        asked += runs.length;
        computed += judgement.computed;
        if (judgement.changed) changed++;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(computed / asked).toBeGreaterThan(0.5);
    expect(changed).toBeGreaterThan(RUNS / 2);
  },
  36_000_000,
);

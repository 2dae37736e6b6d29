/**
 * Random networks, inferred once with symbols and computed with numbers: every shape and every element that inference knows
 * must be what the evaluator computes, for inputs of other sizes, with and without empty dimensions.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RuntimeValue } from '../../src/fold/runtime-value.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Dimension } from '../../src/ir/value-type.ts';
import { printModel } from '../../src/text/print.ts';
import { FactCheck } from '../support/check-facts.ts';
import { networkInputs } from '../support/network-inputs.ts';
import { Network } from '../support/random-network.ts';
import { Frame, runNode } from '../support/run-node.ts';

/** Computes the network and compares; what fails, and what follows from it, is left out. */
function check(network: Network, inputs: ReadonlyMap<string, RuntimeValue>, allowEmpty: boolean): FactCheck {
  const { model } = network;
  const { graph } = model;
  const facts = inferModel(model, { allowEmpty });
  const frame = new Frame(undefined, new Map());
  const point = new Map<string, bigint>();
  for (const input of graph.inputs) {
    const value = inputs.get(input.name);
    if (value !== undefined) frame.values.set(input, value);
    if (input.name !== 'x' || value === undefined || value === null || !('dims' in value)) continue;
    for (const [axis, dim] of value.dims.entries()) point.set(`n${axis}`, BigInt(dim));
  }
  const result = new FactCheck(point);
  for (const node of graph.nodes) {
    const outputs = runNode(node, model, frame);
    node.outputs.forEach((output, index) => {
      const value = outputs?.[index];
      if (output === undefined || value === undefined) return;
      frame.values.set(output, value);
      result.check(facts.get(output), value, output.name);
    });
  }
  return result;
}

/** ONNX_PREFLIGHT_GRAPHS asks for more, ONNX_PREFLIGHT_SEED for others. */
const RUNS = Number(process.env['ONNX_PREFLIGHT_GRAPHS'] ?? 2000) / 2;
const seed = process.env['ONNX_PREFLIGHT_SEED'];

function property(allowEmpty: boolean): void {
  let [checked, known] = [0, 0];
  const operators = new Map<string, number>();
  const size = fc.integer({ min: allowEmpty ? 0 : 1, max: 4 });
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000), { minLength: 20, maxLength: 60 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3)), { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.array(size, { minLength: 4, maxLength: 4 }), fc.tuple(fc.nat(3), fc.nat(2)), fc.boolean()), {
        minLength: 1,
        maxLength: 2,
      }),
      (numbers, axes, others) => {
        const shape = axes.map(([dim, kind], axis): Dimension => (kind === 0 && axis > 0 ? dim : `n${axis}`));
        const traced = networkInputs(
          axes.map(([dim]) => dim),
          [1, 1],
          true,
        );
        const network = new Network(numbers, shape, traced);
        const runs = [traced];
        for (const [sizes, values, condition] of others) {
          const dims = shape.map((dimension, axis) => (typeof dimension === 'number' ? dimension : (sizes[axis] ?? 1)));
          runs.push(networkInputs(dims, values, condition));
        }
        for (const { operator } of network.model.graph.nodes)
          operators.set(operator, (operators.get(operator) ?? 0) + 1);
        for (const inputs of runs) {
          try {
            const result = check(network, inputs, allowEmpty);
            checked += result.checked;
            known += result.known;
          } catch (error) {
            throw new Error(`${(error as Error).message}\n${printModel(network.model)}`, { cause: error });
          }
        }
      },
    ),
    { numRuns: RUNS, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
  if (process.env['ONNX_PREFLIGHT_GRAPHS'] !== undefined)
    console.log(
      `${RUNS} networks, ${checked} facts compared, ${known} known; ${[...operators]
        .sort((a, b) => b[1] - a[1])
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
    );
  // The networks must be more than failures, and most of what they are made of must be known.
  expect(checked).toBeGreaterThan(20 * RUNS);
  expect(known).toBeGreaterThan(0.5 * checked);
  expect(operators.size).toBeGreaterThan(RUNS >= 500 ? 120 : 0);
}

test('what is inferred of networks holds for every size', () => property(true), 3_600_000);
test('what is inferred of networks under nonempty holds for sizes from 1 on', () => property(false), 3_600_000);

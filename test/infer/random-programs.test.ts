/**
 * Random shape arithmetic, inferred once with symbols and computed with numbers: every shape and every element that
 * inference knows must be what the kernels compute, for inputs with and without empty dimensions.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrayOf, type NDArray, ndarray } from '../../src/fold/array.ts';
import { evaluateArrays } from '../../src/fold/evaluate-node.ts';
import type { Dim } from '../../src/infer/dim.ts';
import type { ModelFacts } from '../../src/infer/facts.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Value } from '../../src/ir/value.ts';
import type { Dimension } from '../../src/ir/value-type.ts';
import { claimOf } from '../support/check-facts.ts';
import { Program } from '../support/random-programs.ts';

const LARGEST = 5000;

/** Values that the kernels compute; what fails, and what follows from it, is left out. */
function compute(
  program: Program,
  dims: readonly number[],
): { readonly values: ReadonlyMap<Value, NDArray>; readonly isComplete: boolean } {
  const values = new Map<Value, NDArray>();
  const count = dims.reduce((product, dim) => product * dim, 1);
  values.set(program.input, ndarray('float', dims, new Float32Array(count)));
  for (const value of program.graph.initializers) if (value.constant) values.set(value, arrayOf(value.constant));
  let isComplete = true;
  for (const node of program.graph.nodes) {
    const inputs = node.inputs.map((input) => (input === undefined ? undefined : values.get(input)));
    const isSkipped = inputs.some((input) => input === undefined) || isTooLarge(node, inputs);
    const evaluation = isSkipped ? undefined : evaluateArrays(node, inputs);
    if (evaluation === undefined || 'refusal' in evaluation) {
      isComplete = false;
      continue;
    }
    node.outputs.forEach((value, index) => {
      const array = evaluation.outputs[index];
      if (value !== undefined && array !== undefined) values.set(value, array);
    });
  }
  return { values, isComplete };
}

/** Operators whose results may be far larger than their inputs are not run with large targets. */
function isTooLarge({ opType }: Node, inputs: readonly (NDArray | undefined)[]): boolean {
  const product = (array: NDArray | undefined): number =>
    [...((array?.data ?? []) as Iterable<bigint>)].reduce(
      (total, element) => total * Math.max(1, Math.abs(Number(element))),
      1,
    );
  const count = (array: NDArray | undefined): number => array?.dims.reduce((total, dim) => total * dim, 1) ?? 0;
  if (opType === 'ConstantOfShape') return product(inputs[0]) > LARGEST;
  if (opType === 'Expand' || opType === 'Tile') return product(inputs[1]) * Math.max(1, count(inputs[0])) > LARGEST;
  if (opType === 'Range') return inputs.some((input) => product(input) > LARGEST);
  return inputs.some((input) => count(input) > LARGEST);
}

/** Fails when a fact does not hold of what was computed; symbols for the unknown take their values from there. */
function check(
  facts: ModelFacts,
  program: Program,
  values: ReadonlyMap<Value, NDArray>,
  point: Map<string, bigint>,
): number {
  let checked = 0;
  const holds = (dim: Dim, actual: bigint, what: string): void => {
    const own = dim.symbolName ?? dim.signedName;
    if (own !== undefined && !point.has(own)) point.set(own, actual);
    const claimed = claimOf(dim, point, what);
    if (claimed === undefined) return;
    checked++;
    if (claimed !== actual)
      throw new Error(`${what} is ${actual}, inference says ${dim.toString()} = ${claimed} at ${[...point].join(' ')}`);
  };
  for (const node of program.graph.nodes) {
    for (const value of node.outputs) {
      const array = value === undefined ? undefined : values.get(value);
      if (value === undefined || array === undefined) continue;
      const { dataType, shape, elements } = facts.get(value);
      expect(dataType).toBe(array.dataType);
      if (shape !== undefined) expect([value.name, shape.length]).toEqual([value.name, array.dims.length]);
      shape?.forEach((dim, axis) => holds(dim, BigInt(array.dims[axis] ?? -1), `dimension ${axis} of ${value.name}`));
      elements?.forEach((element, index) =>
        holds(
          element,
          BigInt((array.data as ArrayLike<bigint | number>)[index] ?? 0),
          `element ${index} of ${value.name}`,
        ),
      );
    }
  }
  return checked;
}

/** ONNX_PREFLIGHT_GRAPHS asks for more: 100,000 were tried by hand. */
const RUNS = Number(process.env['ONNX_PREFLIGHT_GRAPHS'] ?? 1000);

function property(allowEmpty: boolean): void {
  let checked = 0;
  const size = fc.integer({ min: allowEmpty ? 0 : 1, max: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000), { minLength: 20, maxLength: 60 }),
      fc.array(fc.tuple(size, fc.boolean()), { minLength: 1, maxLength: 3 }),
      fc.array(fc.array(size, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (numbers, axes, sizes, hasOutputs) => {
        const shape = axes.map(([dim, isStatic], axis): Dimension => (isStatic ? dim : `n${axis}`));
        const program = new Program(numbers, shape, hasOutputs);
        const facts = inferModel(program.model, { allowEmpty });
        for (const chosen of sizes) {
          const dims = axes.map(([dim, isStatic], axis) => (isStatic ? dim : (chosen[axis] ?? 1)));
          const point = new Map(dims.map((dim, axis) => [`n${axis}`, BigInt(dim)]));
          const { values, isComplete } = compute(program, dims);
          // Where a node fails that the outputs need, facts say nothing.
          if (isComplete || !hasOutputs) checked += check(facts, program, values, point);
        }
      },
    ),
    { numRuns: RUNS },
  );
  // The programs must be more than failures.
  expect(checked).toBeGreaterThan(10 * RUNS);
}

test('what is inferred holds for every size', () => property(true));
test('what is inferred under nonempty holds for sizes from 1 on', () => property(false));

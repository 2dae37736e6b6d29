/**
 * Every kernel against results that are not its own (fixtures/make.py): exact ones bit for bit, bounded ones within the bound they
 * state, in units in the last place of the result type at the largest magnitude that enters the element.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { arrayOf, isStringData, type NDArray } from '../../src/fold/array.ts';
import { evaluateArrays, findRecipe } from '../../src/fold/evaluate-node.ts';
import { findKernel, kernelOperators } from '../../src/fold/kernels/index.ts';
import { textOf } from '../../src/ir/attribute.ts';
import type { DataType } from '../../src/ir/data-type.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';

interface Case {
  readonly operator: string;
  readonly class: 'exact' | 'bounded';
  /** The inputs are initializers, and so are `expected0`, `expected1`, ... and `scale0`, ... */
  readonly model: string;
}

const file = join(import.meta.dirname, 'fixtures', 'kernel-cases.jsonl.gz');
const rows = gunzipSync(readFileSync(file)).toString().trim().split('\n');
const cases = rows.map((row) => JSON.parse(row) as Case);
const byOperator = new Map<string, Case[]>();
for (const own of cases) byOperator.set(own.operator, [...(byOperator.get(own.operator) ?? []), own]);

/** Significant bits and the exponent of the smallest normal number. */
const formats: Partial<Record<DataType, readonly [number, number]>> = {
  double: [53, -1022],
  float: [24, -126],
  float16: [11, -14],
  bfloat16: [8, -126],
};

function unitAt(magnitude: number, dataType: DataType): number {
  const [bits, lowest] = formats[dataType] ?? [53, -1022];
  return 2 ** (Math.max(Math.floor(Math.log2(magnitude)), lowest) - bits + 1);
}

interface Result {
  readonly outputs: readonly (NDArray | undefined)[];
  readonly ulp: number;
  readonly kind: string;
  readonly expected: (index: number) => NDArray | undefined;
  readonly scale: (index: number) => NDArray | undefined;
}

async function run({ model }: Case): Promise<Result> {
  const { graph } = await loadModel(new MemorySource(Buffer.from(model, 'base64')), { maximumResidentBytes: 1 << 30 });
  const node = graph.first;
  if (node === undefined) throw new Error('a case has no node');
  const named = new Map([...graph.initializers].map((value) => [value.name, value.initializer]));
  const find = (name: string): NDArray | undefined => {
    const tensor = named.get(name);
    return tensor && arrayOf(tensor);
  };
  const inputs = node.inputs.map((value) => value?.initializer && arrayOf(value.initializer));
  const found = findRecipe(
    node,
    inputs.map((array) => array?.dataType),
  );
  const result = evaluateArrays(node, inputs);
  if ('refusal' in result) throw new Error(`${node.operator} was refused: ${result.refusal}`);
  return {
    outputs: result.outputs,
    kind: result.exactness,
    ulp: 'kernel' in found ? (found.kernel.ulp ?? 0) : 0,
    expected: (index) => find(`expected${index}`),
    scale: (index) => find(`scale${index}`),
  };
}

function textsOf(array: NDArray): readonly string[] {
  return isStringData(array.data)
    ? array.data.map(textOf)
    : Array.from(array.data as ArrayLike<number | bigint>, (x) => (Object.is(x, -0) ? '-0' : String(x)));
}

/** The worst error in units, and the first element beyond the bound. */
function beyond(actual: NDArray, expected: NDArray, scale: NDArray, ulp: number): string | undefined {
  for (let i = 0; i < expected.data.length; i++) {
    const [got, wanted] = [Number(actual.data[i]), Number(expected.data[i])];
    if (Object.is(got, wanted)) continue;
    const magnitude = Math.max(Math.abs(wanted), Number(scale.data[i]));
    const units = Math.abs(got - wanted) / unitAt(magnitude, actual.dataType);
    if (!(units <= ulp)) return `element ${i} is ${got}, not ${wanted}: ${units.toFixed(2)} units, more than ${ulp}`;
  }
  return undefined;
}

describe.each([...byOperator])('%s', (_, own) => {
  test.each(own.map((row, index) => [`${row.class} ${index}`, row] as const))('%s', async (_name, row) => {
    const { outputs, kind, ulp, expected, scale } = await run(row);
    expect(kind).toBe(row.class);
    expect(expected(0)).toBeDefined();
    for (let index = 0; ; index++) {
      const [actual, wanted, magnitude] = [outputs[index], expected(index), scale(index)];
      if (wanted === undefined) break;
      if (actual === undefined) throw new Error(`there is no output ${index}`);
      expect(actual.dims).toEqual(wanted.dims);
      if (magnitude === undefined || !(wanted.data instanceof Float64Array))
        expect([actual.dataType, textsOf(actual)]).toEqual([wanted.dataType, textsOf(wanted)]);
      else expect(beyond(actual, wanted, magnitude, ulp)).toBeUndefined();
    }
  });
});

test('every kernel is held to the class it states', () => {
  expect(kernelOperators().filter((operator) => !byOperator.has(operator))).toEqual([]);
});

test('a bounded kernel states its bound', () => {
  const unbounded = kernelOperators().filter((operator) => {
    const own = findKernel(operator);
    return own?.exactness !== 'exact' && own?.ulp === undefined;
  });
  // What is selected is exact; which of equals, or of nearly equal boxes, is not.
  expect(unbounded).toEqual(['TopK', 'NonMaxSuppression']);
});

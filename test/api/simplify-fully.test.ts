import { expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify, simplifyFully } from '../../src/api/simplify.ts';
import type { Model } from '../../src/ir/model.ts';
import { ResidentPayload, Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';

const ROWS = 5000;
const COLUMNS = 8;

/** A table that is too large to be in memory after reading; only its last row has other numbers than 0. */
async function modelWithTable(text: string): Promise<Model> {
  const model = parseModel(text);
  const table = [...model.graph.initializers].find(({ name }) => name === 'table');
  const elements = new Float32Array(ROWS * COLUMNS);
  elements.set([1, 2, 3, 4, 5, 6, 7, 8], (ROWS - 1) * COLUMNS);
  if (table !== undefined)
    table.initializer = new Tensor('float', [ROWS, COLUMNS], new ResidentPayload(new Uint8Array(elements.buffer)), {
      name: 'table',
    });
  return loadModel(new MemorySource(await modelToBytes(model)));
}

const row = (index: number): string => `agraph (float[N,8] x) => (float[N,8] y, float[N,8] z) <
  float[1,8] table = {0, 0, 0, 0, 0, 0, 0, 0}, int64[1] at = {${index}}, float[1,8] same = {1, 2, 3, 4, 5, 6, 7, 8}> {
  r = Gather (table, at)
  y = Mul (x, r)
  z = Sub (same, x)
}`;

const initializersOf = (model: Model): string[] => [...model.graph.initializers].map(({ name }) => name);

test('a row of a large table is shared with an initializer of the same elements', async () => {
  const model = await modelWithTable(row(ROWS - 1));
  expect((await simplifyFully(model)).changed).toBe(true);
  expect(initializersOf(model)).toHaveLength(1);
});

test('without reading weights the second run would find it', async () => {
  const model = await modelWithTable(row(ROWS - 1));
  simplify(model);
  const again = await loadModel(new MemorySource(await modelToBytes(model)));
  expect(initializersOf(again)).toHaveLength(2);
  simplify(again);
  expect(initializersOf(again)).toHaveLength(1);
});

test('what turns out to change nothing goes', async () => {
  const model =
    await modelWithTable(`agraph (float[N,8] x) => (float[N,8] y) <float[1,8] table = {0, 0, 0, 0, 0, 0, 0, 0}, int64[1] at = {0}> {
    r = Gather (table, at)
    s = Sub (x, r)
    y = Neg (s)
  }`);
  const report = await simplifyFully(model);
  expect(report.nodes.after).toBe(1);
  const bytes = await modelToBytes(model);
  const again = await loadModel(new MemorySource(bytes));
  expect((await simplifyFully(again)).changed).toBe(false);
  expect(await modelToBytes(again)).toEqual(bytes);
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { lint } from '../src/api/lint.ts';
import { modelToBytes } from '../src/api/save.ts';
import { simplify } from '../src/api/simplify.ts';
import { verifyModel } from '../src/ir/verify.ts';
import { readModelFile } from '../src/platform/node.ts';
import { orderFault } from './support/order-fault.ts';

const folder = 'samples';
const file = join(folder, 'expected.json');
const models = readdirSync(folder).filter((name) => name.endsWith('.onnx'));

interface Expected {
  readonly nodes: { readonly before: number; readonly after: number };
  /** The verdict of tensorrt@8.6 on the file, and on what simplify makes of it. */
  readonly verdict: { readonly before: string; readonly after: string };
}

async function measure(name: string): Promise<Expected> {
  const model = await readModelFile(join(folder, name));
  const [target] = lint(model, { targets: ['tensorrt@8.6'] }).targets;
  const { nodes } = simplify(model);
  const verdict = { before: target?.verdict ?? '', after: target?.afterSimplify.verdict ?? '' };
  return { nodes, verdict };
}

// UPDATE_SAMPLES=1 writes what is, for a change that is meant.
if (process.env['UPDATE_SAMPLES'] === '1') {
  const measured: Record<string, Expected> = {};
  for (const name of models) measured[name] = await measure(name);
  writeFileSync(file, `${JSON.stringify(measured, undefined, 2)}\n`);
}
const expected = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Expected>>;

describe.each(models)('%s', (name) => {
  test('has the nodes and verdicts it had', async () => {
    expect(await measure(name)).toEqual(expected[name]);
  });

  test('stays a valid graph, and a second run changes nothing', async () => {
    const model = await readModelFile(join(folder, name));
    simplify(model);
    expect(verifyModel(model)).toEqual([]);
    const once = await modelToBytes(model);
    expect(simplify(model)).toMatchObject({ changed: false });
    expect(Buffer.compare(once, await modelToBytes(model))).toBe(0);
  });

  test('comes out the same whatever the order of its nodes', async () => {
    expect(orderFault(await readModelFile(join(folder, name)), 5)).toBeUndefined();
  });

  test('is written back byte for byte when nothing is changed', async () => {
    const bytes = readFileSync(join(folder, name));
    expect(Buffer.compare(bytes, await modelToBytes(await readModelFile(join(folder, name))))).toBe(0);
  });
});

test('samples/README.md names every model', () => {
  const text = readFileSync(join(folder, 'README.md'), 'utf8');
  expect(models.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

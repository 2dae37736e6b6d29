import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { modelToBytes } from '../../src/api/save.ts';
import { parseModel } from '../../src/text/parse.ts';
import { bytesOfModel, everything } from '../support/protos.ts';
import { encodeTree, parseMessage } from '../support/wire-tree.ts';
import { generate } from './generate.ts';
import { tryModel } from './try-model.ts';

async function seeds(): Promise<Uint8Array[]> {
  const text = 'agraph (float[2,3] x) => (float[3,2] y) <int64[2] s = {3, 2}> { y = Reshape (x, s) }';
  return [
    bytesOfModel(everything()),
    await modelToBytes(parseModel(text)),
    readFileSync('samples/loop_if_script.onnx'),
  ];
}

describe('the fuzzer', () => {
  test('makes the same file of the same numbers, and another of others', async () => {
    const models = await seeds();
    const files = Array.from({ length: 50 }, (_, run) => Buffer.from(generate(models, 1, run)).toString('hex'));
    expect(Array.from({ length: 50 }, (_, run) => Buffer.from(generate(models, 1, run)).toString('hex'))).toEqual(
      files,
    );
    expect(new Set(files).size).toBeGreaterThan(40);
    expect(Buffer.from(generate(models, 2, 0)).toString('hex')).not.toBe(files[0]);
  });

  test('reads and writes messages as they are', async () => {
    for (const bytes of await seeds()) {
      const root = parseMessage('Model', bytes);
      expect(root && Buffer.compare(encodeTree(root), bytes)).toBe(0);
    }
  });

  test('finds nothing in 150 runs, of which some get past the reader', async () => {
    const models = await seeds();
    const outcomes = new Map<string, number>();
    for (let run = 0; run < 150; run++) {
      const outcome = await tryModel(generate(models, 7, run));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(['refused', 'rewritten']));
  });
});

import { expect, test } from '@jest/globals';
import { modelToBytes } from '../../src/api/save.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { model } from './model.ts';
import { Random } from './random.ts';
import { shuffleNodes } from './shuffle-nodes.ts';

test('shuffled nodes stand in another order in which makers come before readers, captures included', async () => {
  const lines = Array.from({ length: 12 }, (_, at) => `[n${at}] v${at} = Neg (x)`).join('\n');
  const original = model(`agraph (bool c, float[2] x) => (float[2] y, float[2] z) {
    ${lines}
    y = If (c) <then_branch = yes () => (float[2] t) { t = Add (v3, v4) }, else_branch = no () => (float[2] e) { e = Abs (v11) }>
    z = Sum (v0, v1, v2, v5, v6, v7, v8, v9, v10)
  }`);
  const before = [...original.graph.nodes].map(({ label }) => label);
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    shuffleNodes(original, () => random.next());
    expect(verifyModel(original)).toEqual([]);
    orders.add([...original.graph.nodes].map(({ label }) => label).join());
  }
  expect(orders.size).toBeGreaterThan(15);
  expect([...original.graph.nodes].map(({ label }) => label).sort()).toEqual(before.sort());
  await modelToBytes(original);
});

import { expect, test } from '@jest/globals';
import { simplify } from '../../src/api/simplify.ts';
import { parseModel } from '../../src/text/parse.ts';

test('thousands of equal nodes are merged without a comparison of each with each', () => {
  const count = 4_000;
  const nodes: string[] = [];
  for (let at = 0; at < count; at++) {
    nodes.push(`s${at} = Sin (x)`, `m${at} = Mul (s${at}, f${at})`, `a${at + 1} = Add (a${at}, m${at})`);
  }
  const factors = Array.from({ length: count }, (_, at) => `float f${at} = {${at}.5}`).join(', ');
  const model = parseModel(
    `agraph (float[N] x) => (float[N] y) <${factors}> { a0 = Cos (x) ${nodes.join('\n')} y = Exp (a${count}) }`,
  );
  const started = process.cpuUsage();
  expect(simplify(model).nodes.after).toBe(2 * count + 3);
  const { user, system } = process.cpuUsage(started);
  // Each with each took ten times as long.
  expect((user + system) / 1e6).toBeLessThan(20);
});

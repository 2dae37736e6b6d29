/**
 * `npm run bench -- order [--shuffles N] MODEL|FOLDER...`: whether the nodes that are left depend on the order in which the model lists its
 * nodes, and whether a second run finds something. Exit 1 when one does.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readModelFile } from '../../src/platform/node.ts';
import { orderFault } from '../support/order-fault.ts';

export async function benchOrder(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { shuffles: { type: 'string', default: '20' } },
  });
  const paths = positionals
    .flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]))
    .filter((path) => path.endsWith('.onnx'));
  let faults = 0;
  for (const path of paths) {
    const fault = orderFault(await readModelFile(path), Number(values.shuffles));
    if (fault !== undefined) faults++;
    console.log(`${basename(path)}: ${fault ?? 'ok'}`);
  }
  console.log(`${paths.length - faults} of ${paths.length} models: one result for every order, and nothing left to do`);
  return faults === 0 ? 0 : 1;
}

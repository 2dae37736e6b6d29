/**
 * `npm run bench -- scale [NODES...]`: the whole process of `simplify` on graphs of 1,000, 10,000 and 100,000 nodes beside Node's start, and
 * how its time grows over them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelToBytes } from '../../src/api/save.ts';
import { cli, emptyNode, medians, peakMegabytes, printResults, type Result, type Timed } from './measure.ts';
import { repeatedBlocks } from './repeated-blocks.ts';

const NODE_STARTS = 50;
const MAXIMUM_EXPONENT = 1.1;

export async function benchScale(args: readonly string[]): Promise<number> {
  const sizes = args.length === 0 ? [1_000, 10_000, 100_000] : args.map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-scale-'));
  try {
    const timed: Record<string, Timed> = { node: emptyNode };
    for (const [kind, make] of Object.entries(repeatedBlocks)) {
      for (const size of sizes) {
        const path = join(folder, `${kind}-${size}.onnx`);
        writeFileSync(path, await modelToBytes(make(size)));
        timed[labelOf(kind, size)] = {
          command: cli('simplify', path, '--output', join(folder, 'out.onnx'), '--force', '--no-config'),
        };
      }
    }
    const times = medians(timed);
    const node = times['node'] ?? NaN;
    const results: Result[] = [{ what: 'node', value: node, unit: 'ms' }];
    for (const kind of Object.keys(repeatedBlocks)) {
      const measured = sizes.map((size) => times[labelOf(kind, size)] ?? NaN);
      for (const [at, size] of sizes.entries()) {
        const isLargest = at === sizes.length - 1;
        const value = measured[at] ?? NaN;
        const bound = isLargest ? { bound: Math.round(NODE_STARTS * node) } : {};
        results.push({ what: labelOf(kind, size), value, unit: 'ms', ...bound });
      }
      const largest = timed[labelOf(kind, sizes.at(-1) ?? 0)];
      const peak = largest === undefined ? undefined : peakMegabytes(largest);
      if (peak !== undefined) results.push({ what: `${kind}, peak of the largest`, value: peak, unit: 'MB' });
      const exponent = growth(sizes, measured, node);
      if (exponent !== undefined)
        results.push({ what: `${kind}, exponent`, value: exponent, unit: 'x', bound: MAXIMUM_EXPONENT });
    }
    return printResults('scale', results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function labelOf(kind: string, nodes: number): string {
  return `${kind}, ${nodes} nodes`;
}

/** How the time above Node's start grows from the last but one size to the last: 1 is linear. */
function growth(sizes: readonly number[], times: readonly number[], start: number): number | undefined {
  const [smallSize, largeSize] = sizes.slice(-2);
  const [small, large] = times.slice(-2);
  if (smallSize === undefined || largeSize === undefined || small === undefined || large === undefined) return undefined;
  return Math.log((large - start) / (small - start)) / Math.log(largeSize / smallSize);
}

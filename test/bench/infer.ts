/**
 * `npm run bench -- infer`: inference of large graphs in a process of its own each, beside Node's start, and how its time grows
 * from 10,000 to 100,000 nodes.
 */
import { spawnSync } from 'node:child_process';
import { inferModel } from '../../src/infer/infer-model.ts';
import { largeGraphs } from './large-graphs.ts';
import { emptyNode, medians, printResults, type Result } from './measure.ts';

const ROUNDS = 5;
const NODE_STARTS = 30;
const MAXIMUM_EXPONENT = 1.1;

export async function benchInfer([kind, nodes]: readonly string[]): Promise<number> {
  if (kind !== undefined) return timeOnce(kind, Number(nodes));
  const { node } = medians({ node: emptyNode });
  const results: Result[] = [{ what: 'node', value: node, unit: 'ms' }];
  for (const name of ['chain', 'dag']) {
    const small = median(name, 10_000);
    const large = median(name, 100_000);
    results.push(
      { what: `${name}, 10,000 nodes`, value: small, unit: 'ms' },
      { what: `${name}, 100,000 nodes`, value: large, unit: 'ms', bound: Math.round(NODE_STARTS * node) },
      { what: `${name}, exponent`, value: Math.log10(large / small), unit: 'x', bound: MAXIMUM_EXPONENT },
    );
  }
  for (const name of ['branches', 'loops'])
    results.push({
      what: `${name} in 12 levels, 10,000 nodes`,
      value: median(name, 10_000),
      unit: 'ms',
      bound: Math.round(NODE_STARTS * node),
    });
  return Promise.resolve(printResults('infer', results));
}

function timeOnce(kind: string, nodes: number): number {
  const model = largeGraphs[kind]?.(nodes);
  if (model === undefined) throw new Error(`there is no graph '${kind}'`);
  const started = performance.now();
  const { contradictions } = inferModel(model);
  console.log(performance.now() - started);
  if (contradictions.length > 0) throw new Error(contradictions[0]?.message);
  return 0;
}

function median(kind: string, nodes: number): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const [script = ''] = process.argv.slice(1);
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['src/tools/run.mjs', script, 'infer', kind, `${nodes}`],
      {
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`${kind}: ${stderr}`);
    return Number(stdout.trim().split('\n').at(-1));
  });
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
}

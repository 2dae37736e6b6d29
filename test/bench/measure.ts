import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { table } from '../../src/report/table.ts';

/** One line of a bench: a time in ms, a size in MB or a ratio, and what it must not exceed. */
export interface Result {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'x';
  readonly bound?: number;
}

/** A command to be timed; `before` brings the file system into the state that each run starts from. */
export interface Timed {
  readonly command: readonly [program: string, ...parameters: string[]];
  readonly before?: () => void;
}

const ROUNDS = 5;

/** The bundled command line, never through npx. */
export function cli(...parameters: string[]): [program: string, ...parameters: string[]] {
  const path = resolve('dist/cli.cjs');
  if (!existsSync(path)) throw new Error('there is no dist/cli.cjs; npm run build makes it');
  return [process.execPath, path, ...parameters];
}

export const emptyNode: Timed = { command: [process.execPath, '-e', '0'] };

/** Medians in ms of each command. They run by turns, so that what else runs on the machine slows all of them. */
export function medians<Name extends string>(timed: Readonly<Record<Name, Timed>>): Record<Name, number> {
  const entries = Object.entries(timed) as [Name, Timed][];
  const seconds = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  // The first round only warms the caches.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, { command, before }] of entries) {
      before?.();
      const started = performance.now();
      run(command);
      if (round > 0) seconds.get(name)?.push(performance.now() - started);
    }
  }
  return Object.fromEntries(
    [...seconds].map(([name, values]) => [name, values.sort((a, b) => a - b)[values.length >> 1]]),
  ) as Record<Name, number>;
}

/** The largest resident set of a command in MB, as GNU time tells it; undefined where there is none. */
export function peakMegabytes({ command, before }: Timed): number | undefined {
  const time = '/usr/bin/time';
  if (!existsSync(time)) return undefined;
  before?.();
  const { stderr } = spawnSync(time, ['-f', 'peak %M', ...command], { encoding: 'utf8' });
  const kibibytes = /^peak (\d+)$/m.exec(stderr)?.[1];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
}

function run([program, ...parameters]: readonly [string, ...string[]]): void {
  const { status, stderr } = spawnSync(program, parameters, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  // Findings of the linter end with 1.
  if (status !== 0 && status !== 1)
    throw new Error(`${program} ${parameters.join(' ')} ended with ${status}: ${stderr}`);
}

/** Prints what was measured; 1 when something is above its bound, else 0. */
export function printResults(name: string, results: readonly Result[]): number {
  let misses = 0;
  const rows = results.map(({ what, value, unit, bound }) => {
    const isMissed = bound !== undefined && value > bound;
    if (isMissed) misses++;
    return [
      what,
      `${value.toFixed(unit === 'x' ? 2 : 0)} ${unit}`,
      bound === undefined ? '' : `${bound} ${unit}${isMissed ? ' MISSED' : ''}`,
    ];
  });
  console.log(`${name}, node ${process.version}, ${process.platform}-${process.arch}`);
  console.log(table([['what', 'measured', 'bound'], ...rows], ['left', 'right', 'right']).join('\n'));
  return misses === 0 ? 0 : 1;
}

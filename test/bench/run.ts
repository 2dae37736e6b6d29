/** `npm run bench -- NAME`: measures the built command line, prints ratios of one run, and fails when one is above its bound. */
import { table } from '../../src/report/table.ts';
import { benchIo } from './io.ts';
import type { Result } from './measure.ts';

const suites: Readonly<Record<string, () => Promise<readonly Result[]>>> = { io: benchIo };

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(suites, name));
  if (unknown !== undefined || names.length === 0) {
    console.error(`bench: name one of ${Object.keys(suites).join(', ')}`);
    return 2;
  }
  let misses = 0;
  for (const name of names) {
    const results = (await suites[name]?.()) ?? [];
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
  }
  return misses === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

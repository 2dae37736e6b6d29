import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { run } from '../../src/cli/run.ts';
import { type Outcome, parseScenarios, play } from './scenario.ts';

const folder = join(import.meta.dirname, 'scenarios');

async function runHere(argv: readonly string[], current: string, input?: Uint8Array): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const exit = await run(argv, {
    folder: current,
    environment: {},
    columns: 100,
    isTerminal: false,
    writeResult: (text) => (stdout += text),
    writeTalk: (text) => (stderr += text),
    writeBytes: async (bytes) => void (stdout += Buffer.from(bytes).toString('latin1')),
    async *readInput() {
      if (input !== undefined) yield input;
    },
  });
  return { stdout, stderr, exit };
}

for (const file of readdirSync(folder).sort()) {
  describe(file, () => {
    test.each(parseScenarios(readFileSync(join(folder, file), 'utf8')))('$title', async (scenario) => {
      const comparisons = await play(scenario, runHere);
      expect(comparisons.length).toBeGreaterThan(0);
      for (const { actual, expected } of comparisons) expect(actual).toEqual(expected);
    });
  });
}

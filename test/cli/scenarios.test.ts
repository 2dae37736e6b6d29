import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { run } from '../../src/cli/run.ts';
import { type Outcome, parseScenarios, play } from './scenario.ts';

const folder = join(import.meta.dirname, 'scenarios');

async function runHere(argv: readonly string[], current: string, input?: Uint8Array): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const pieces: Uint8Array[] = [];
  const exit = await run(argv, {
    folder: current,
    environment: {},
    columns: 100,
    isTerminal: false,
    writeResult: (text) => (stdout += text),
    writeTalk: (text) => (stderr += text),
    writeBytes: async (bytes) => void pieces.push(bytes.slice()),
    async *readInput() {
      if (input !== undefined) yield input;
    },
  });
  if (pieces.length === 0) return { stdout, stderr, exit };
  const piped = Buffer.concat(pieces);
  const text = piped.some((byte) => byte < 9) ? '<binary>\n' : piped.toString();
  return { stdout: stdout + text, stderr, exit, piped };
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

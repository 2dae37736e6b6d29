/**
 * Writes every generated file of the repository: `npm run generate`. With `--check` it writes nothing and fails when a
 * file would change. Other arguments are folders or files that hold the source data of the steps.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateConstraintCoverage } from './generate-constraint-coverage.ts';
import { generateCoverage } from './generate-coverage.ts';
import { generateMessages } from './generate-messages.ts';
import { generateOpset } from './generate-opset.ts';
import { generateRules } from './generate-rules.ts';

export interface GeneratedFile {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The files of a step, or why there are none this time (its source data is not at hand). */
export type StepResult = { readonly files: readonly GeneratedFile[] } | { readonly skipped: string };

/** A step gets the arguments of the command line, options left out. */
type Step = (sources: readonly string[]) => Promise<StepResult>;

const steps: readonly (readonly [name: string, step: Step])[] = [
  ['messages', generateMessages],
  ['operator schemas', generateOpset],
  ['rules', generateRules],
  ['coverage', generateCoverage],
  ['coverage of constraints', generateConstraintCoverage],
];

async function textOfFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

const check = process.argv.includes('--check');
const sources = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const [name, step] of steps) {
  const result = await step(sources);
  if ('skipped' in result) {
    console.log(`${name}: skipped, ${result.skipped}`);
    continue;
  }
  for (const { path, text } of result.files) {
    const same = (await textOfFile(path)) === text;
    console.log(`${name}: ${path} ${same ? 'is up to date' : check ? 'would change' : 'written'}`);
    if (same) continue;
    if (check) {
      process.exitCode = 1;
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

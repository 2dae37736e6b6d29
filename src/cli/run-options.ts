import type { InferredOptionTypes, Options } from 'yargs';
import type { CompareOptions } from '../api/compare.ts';
import { oneOf } from '../api/config.ts';
import { UsageError } from '../base/errors.ts';
import { runnerNames } from '../platform/runner-names.ts';
import { naturalNumber } from './options.ts';
import type { RunnerChoice } from './services.ts';

/** Options of commands that run models. */
export const runOptions = {
  data: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'values of inputs: .npz, .npy, a tensor as .pb, a folder of ONNX test data; INPUT=FILE names the input',
  },
  seed: { type: 'string', requiresArg: true, describe: 'of the random inputs [default: 1]' },
  runs: {
    type: 'string',
    requiresArg: true,
    describe: 'sets of inputs, of different sizes where dims are dynamic [default: 3, or 1 when none is]',
  },
  runner: {
    type: 'string',
    requiresArg: true,
    describe: `${runnerNames.join(', ')} [default: the first of them that is installed]`,
  },
} as const satisfies Record<string, Options>;

export type RunArguments = InferredOptionTypes<typeof runOptions>;

/** What the options say, data apart. UsageError for what cannot be. */
export function runSettings(
  parsed: RunArguments,
  folder: string,
): Pick<CompareOptions, 'seed' | 'runs'> & RunnerChoice {
  const runs = parsed.runs === undefined ? undefined : naturalNumber(parsed.runs, '--runs', 0);
  if (runs === 0) throw new UsageError('--runs is 0', 'at least one set of inputs must be compared');
  return {
    seed: naturalNumber(parsed.seed, '--seed', 1),
    runs,
    folder,
    runner: parsed.runner === undefined ? undefined : oneOf(runnerNames, parsed.runner, '--runner'),
  };
}

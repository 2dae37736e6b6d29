import type { Options } from 'yargs';
import { failLevels, lfsPolicies } from '../api/config.ts';
import { UsageError } from '../base/errors.ts';

/** Options that several commands share. Choices are checked by `oneOf`, which says what is near. */

export const targetOption = {
  type: 'string',
  array: true,
  alias: 't',
  requiresArg: true,
  describe: 'TensorRT to judge for: tensorrt@8.6, tensorrt-rtx@1.7; may be given several times',
} as const satisfies Options;

export const failOnOption = {
  type: 'string',
  requiresArg: true,
  describe: `least severity that makes the run fail (exit 1): ${failLevels.join(', ')} [default: error]`,
} as const satisfies Options;

export const lfsOption = {
  type: 'string',
  requiresArg: true,
  describe: `a Git LFS pointer in place of a model is: ${lfsPolicies.join(', ')} [default: error]`,
} as const satisfies Options;

export const configOption = {
  type: 'string',
  requiresArg: true,
  describe: 'configuration file; --no-config uses none [default: nearest onnx-preflight.config.json]',
} as const satisfies Options;

export const maxPerRuleOption = {
  type: 'string',
  requiresArg: true,
  describe: 'findings shown of one rule; 0 shows all [default: 5]',
} as const satisfies Options;

export const jsonOption = { type: 'boolean', describe: 'write JSON' } as const satisfies Options;

/** A whole number from 0 on, or `fallback` when the option is not given. */
export function naturalNumber(text: string | undefined, option: string, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} is '${text}', but must be a number from 0 on`);
  return Number(text);
}

/** `--config FILE` is a string, `--no-config` false. */
export function configurationChoice(value: string | boolean | undefined): string | false | undefined {
  return value === true ? undefined : value;
}

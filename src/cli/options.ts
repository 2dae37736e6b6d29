import type { Options } from 'yargs';
import { type Configuration, failLevels, lfsPolicies, oneOf } from '../api/config.ts';
import { DEFAULT_EXTERNAL_THRESHOLD, externalDataPolicies } from '../api/external-options.ts';
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

export const externalDataOption = {
  type: 'string',
  requiresArg: true,
  describe: `where large tensors go: ${externalDataPolicies.join(', ')} [default: auto]`,
} as const satisfies Options;

export const externalThresholdOption = {
  type: 'string',
  requiresArg: true,
  describe: `bytes from which on a tensor goes into the data file [default: ${DEFAULT_EXTERNAL_THRESHOLD}]`,
} as const satisfies Options;

/** What the two options above mean, for the remarks of commands that have them. */
export const externalDataRemarks = `--external-data: auto leaves external data where it is, or gathers it into OUTPUT.data in another folder; keep leaves every
reference as it is; inline puts all data into the model (at most 2 GiB, and no two tensors share data there); split puts all
tensors of at least --external-threshold bytes into OUTPUT.data and smaller ones into the model.`;

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
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} is '${text}', but must be a number from 0 on`);
  return Number(text);
}

/** `--config FILE` is a string, `--no-config` false. */
export function configurationChoice(value: string | boolean | undefined): string | false | undefined {
  return value === true ? undefined : value;
}

/** The policy that the options stand for; what is not given is left out. UsageError for what is no policy or no number. */
export function externalDataOf(parsed: {
  readonly 'external-data'?: string | undefined;
  readonly 'external-threshold'?: string | undefined;
}): Pick<Configuration, 'externalData' | 'externalThreshold'> {
  const { 'external-data': policy, 'external-threshold': threshold } = parsed;
  return {
    ...(policy !== undefined && { externalData: oneOf(externalDataPolicies, policy, '--external-data') }),
    ...(threshold !== undefined && { externalThreshold: naturalNumber(threshold, '--external-threshold', 0) }),
  };
}

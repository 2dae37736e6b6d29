// Not `node:fs/promises`, which all commands would wait for.
import { promises as files } from 'node:fs';
import { resolve } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import { lfsPolicies, oneOf } from '../../api/config.ts';
import type { Comparison } from '../../api/compare.ts';
import { UsageError } from '../../base/errors.ts';
import { comparisonText } from '../../report/compare-text.ts';
import { compareJson } from '../../report/json.ts';
import { bindingOptions, bindingsOf } from '../bindings.ts';
import { type CommandContext, tellFailure } from '../command.ts';
import { readDataFiles } from '../data-files.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Input, standardStream, withoutStreamName } from '../inputs.ts';
import * as shared from '../options.ts';
import { runOptions, runSettings } from '../run-options.ts';
import { workOn } from '../work-on.ts';

export const options = {
  exact: { type: 'boolean', describe: 'outputs must be equal to the bit; any NaN is equal to any other' },
  rtol: {
    type: 'string',
    requiresArg: true,
    describe:
      "allowed difference, in parts of an output's largest magnitude [default: 1e-4 for float, more for shorter types]",
  },
  atol: { type: 'string', requiresArg: true, describe: 'allowed difference in any case [default: 0]' },
  ...bindingOptions,
  ...runOptions,
  json: shared.jsonOption,
  lfs: shared.lfsOption,
} as const satisfies Record<string, Options>;

export const remarks = `Both models are run on the same random inputs: ids within their tables, masks of 0 and 1, dynamic dims at several sizes. What runs
them is onnxruntime-node or onnxruntime-web when one is installed in the current folder's project, else the built-in evaluator;
graph optimizations are off. Inputs and outputs are matched by name, else by position.
Exit codes: 0 equal, 1 different, 2 not to be compared: bad use, an unreadable model, or A fails on all inputs, 3 a bug of onnx-preflight.`;

type Arguments = InferredOptionTypes<typeof options> & { readonly a: string; readonly b: string };

export async function run(parsed: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services, palette } = context;
  const settings = runSettings(parsed, host.folder);
  const bindings = bindingsOf(parsed);
  const tolerance = toleranceOf(parsed);
  const lfs = oneOf(lfsPolicies, parsed.lfs ?? 'error', '--lfs');
  const [a, b] = [withoutStreamName(parsed.a), withoutStreamName(parsed.b)];
  if (a === standardStream && b === standardStream) throw new UsageError('only one of the two can be piped in');
  const entries = await readDataFiles(parsed.data ?? [], context);
  const [first, second] = [
    await workOn(await inputAt(a, host.folder), lfs, context, async (model) => model),
    await workOn(await inputAt(b, host.folder), lfs, context, async (model) => model),
  ];
  const write = (rest: Partial<Comparison> & { readonly error?: string }): void => {
    if (parsed.json === true) host.writeResult(compareJson({ a, b, ...rest }));
  };
  if (first.result === undefined || second.result === undefined) {
    const failed = first.result === undefined ? first : second;
    write({ error: failed.error ?? failed.skipped ?? 'it was not read' });
    return exitCodes.badUse;
  }
  let comparison: Comparison;
  try {
    comparison = await services.compare(first.result, second.result, {
      ...settings,
      data: await services.dataFor(first.result, entries),
      bindings,
      tolerance,
    });
  } catch (error) {
    const failure = tellFailure(context, error);
    write({ error: failure.line });
    return failure.exitCode;
  }
  if (parsed.json === true) write(comparison);
  else host.writeResult(comparisonText(comparison, a, b, palette));
  return comparison.equal ? exitCodes.clean : exitCodes.findings;
}

async function inputAt(path: string, folder: string): Promise<Input> {
  if (path === standardStream) return { path, root: undefined };
  const error: unknown = await files.stat(resolve(folder, path)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { path, root: undefined, ...(error !== undefined && { error }) };
}

function toleranceOf({
  exact,
  rtol,
  atol,
}: Arguments): Parameters<CommandContext['services']['compare']>[2]['tolerance'] {
  if (exact !== true && rtol === undefined && atol === undefined) return undefined;
  if (exact === true && (rtol ?? atol) !== undefined) throw new UsageError('--exact allows no tolerance');
  return {
    isExact: exact === true,
    relative: rtol === undefined ? (atol === undefined ? undefined : 0) : bound(rtol, '--rtol'),
    absolute: atol === undefined ? 0 : bound(atol, '--atol'),
  };
}

function bound(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`${option} is '${text}', but must be a number from 0 on`);
  return value;
}

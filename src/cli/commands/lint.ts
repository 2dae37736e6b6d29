import type { InferredOptionTypes, Options } from 'yargs';
import { type Configuration, failLevels, lfsPolicies, lintFormats, oneOf, reaches } from '../../api/config.ts';
import { selectFindings } from '../../api/select-findings.ts';
import { UsageError } from '../../base/errors.ts';
import { refuses } from '../../ir/problem.ts';
import type { Finding } from '../../lint/finding.ts';
import { lintJson } from '../../report/json.ts';
import { lintGithub } from '../../report/lint-github.ts';
import { lintSarif } from '../../report/lint-sarif.ts';
import { lintText, type LintedModel } from '../../report/lint-text.ts';
import { bindingOptions, bindingsOf } from '../bindings.ts';
import { type CommandContext, note } from '../command.ts';
import { type ExitCode, exitCodes, worst } from '../exit-codes.ts';
import { fix, fixedSuffix } from '../fix.ts';
import { collectInputs, standardStream } from '../inputs.ts';
import * as shared from '../options.ts';
import { machineOf, machineOptions, withProfile } from '../machine.ts';
import { pluginNames } from '../plugin-list.ts';
import { planOutputs } from '../outputs.ts';
import type { RunTargets } from '../services.ts';
import { Settings } from '../settings.ts';
import { repositoryPath, workOn } from '../work-on.ts';

export const options = {
  target: shared.targetOption,
  select: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'report only this rule, or the rules of a glob such as tensorrt/*',
  },
  ignore: { type: 'string', array: true, requiresArg: true, describe: 'do not report RULE, or RULE:NODE-GLOB' },
  ...bindingOptions,
  ...machineOptions,
  fix: { type: 'boolean', describe: 'repair what is not quite valid, and write the model' },
  output: {
    type: 'string',
    alias: 'o',
    requiresArg: true,
    describe: 'with --fix: file for one model, folder for several [default: NAME.fixed.onnx]',
  },
  'in-place': { type: 'boolean', describe: 'with --fix: overwrite the input' },
  force: { type: 'boolean', describe: 'with --fix: overwrite files that exist, but never the input' },
  'fail-on': shared.failOnOption,
  format: { type: 'string', alias: 'f', requiresArg: true, describe: `${lintFormats.join(', ')} [default: text]` },
  json: { type: 'boolean', describe: 'short for --format json' },
  'max-per-rule': shared.maxPerRuleOption,
  lfs: shared.lfsOption,
  config: shared.configOption,
} as const satisfies Record<string, Options>;

export const remarks = `Folders are searched for *.onnx; - reads stdin, and with --fix writes stdout. What is not valid ONNX is reported whatever the target (rules model/*). A verdict is about the file as it is, and says what it would be after simplify.
Without --target the newest release of each living line is judged; only the newest of them decides the exit code.
Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 bad use or unreadable file, 3 a bug of onnx-preflight.`;

type Arguments = InferredOptionTypes<typeof options> & { readonly models: readonly string[] };

export async function run(parsed: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services } = context;
  const settings = new Settings(flagsOf(parsed), shared.configurationChoice(parsed.config), context);
  const maxPerRule = shared.naturalNumber(parsed['max-per-rule'], '--max-per-rule', 5);
  const format = (await settings.forRun()).format ?? 'text';
  const inputs = await collectInputs(parsed.models, {
    folder: host.folder,
    skipSimplified: false,
    services,
    note: (text) => note(context, text),
  });

  const bindings = withProfile(bindingsOf(parsed), parsed);
  const plugins = parsed.plugins === undefined ? undefined : await pluginNames(parsed.plugins, host.folder);
  const machine = machineOf({ ...parsed, plugins });
  const isFixing = parsed.fix === true;
  if (!isFixing && (parsed.output ?? parsed['in-place'] ?? parsed.force) !== undefined)
    throw new UsageError('lint writes nothing without --fix', 'add --fix');
  const inPlace = parsed['in-place'] === true;
  const outputs = isFixing
    ? planOutputs(inputs, {
        folder: host.folder,
        output: parsed.output,
        inPlace,
        force: parsed.force === true,
        suffix: fixedSuffix,
      })
    : [];

  // Where the model itself is the result, what is said of it is talk.
  const report = (text: string): void =>
    outputs.includes(standardStream) ? host.writeTalk(text) : host.writeResult(text);

  const models: LintedModel[] = [];
  let exitCode: ExitCode = exitCodes.clean;
  for (const [index, input] of inputs.entries()) {
    const configuration = await settings.for(input.path);
    const targets = await services.targets(configuration.target, machine);
    const output = outputs[index];
    const outcome = await workOn(
      input,
      configuration.lfs ?? 'error',
      context,
      async (model) => ({
        ...(output !== undefined && (await fix(model, { output, inPlace }, context))),
        result: selectFindings(await services.lint(model, targets, bindings, machine), configuration),
        isUnreadable: model.reading.problems.some(refuses),
      }),
      { tolerant: true },
    );
    const { result: work, exitCode: ownCode, ...rest } = outcome;
    const { isUnreadable = false, ...linted } = work ?? {};
    models.push({ ...rest, ...linted });
    const failed = fails(work?.result.findings ?? [], targets, configuration);
    const judged = isUnreadable ? exitCodes.badUse : failed ? exitCodes.findings : exitCodes.clean;
    exitCode = worst(exitCode, ownCode, judged);
  }
  if (format === 'json') report(lintJson(models));
  else if (format === 'sarif') report(lintSarif(models, await services.rules(), (path) => repositoryPath(path, host)));
  else if (format === 'github') report(lintGithub(models, (path) => repositoryPath(path, host)));
  else report(lintText(models, { palette: context.palette, maxPerRule }));
  return exitCode;
}

/** True when a finding at or above `failOn` holds for a target that decides, or whatever the target. */
export function fails(
  findings: readonly Finding[],
  { decisive }: RunTargets,
  { failOn = 'error' }: Configuration,
): boolean {
  return findings.some(
    ({ severity, targets }) =>
      reaches(severity, failOn) && (targets.length === 0 || targets.some((target) => decisive.includes(target))),
  );
}

function flagsOf(parsed: Arguments): Configuration {
  const format = parsed.json === true ? 'json' : parsed.format;
  return {
    ...(parsed.target !== undefined && { target: parsed.target }),
    ...(parsed.select !== undefined && { select: parsed.select }),
    ...(parsed.ignore !== undefined && { ignore: parsed.ignore }),
    ...(parsed['fail-on'] !== undefined && { failOn: oneOf(failLevels, parsed['fail-on'], '--fail-on') }),
    ...(format !== undefined && { format: oneOf(lintFormats, format, '--format') }),
    ...(parsed.lfs !== undefined && { lfs: oneOf(lfsPolicies, parsed.lfs, '--lfs') }),
  };
}

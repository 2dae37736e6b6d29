import { mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import type { ShapeBindings } from '../../api/bind-dims.ts';
import { type Configuration, failLevels, lfsPolicies, oneOf } from '../../api/config.ts';
import type { DataEntry } from '../../api/read-data.ts';
import type { ExternalDataOptions } from '../../api/external-options.ts';
import { selectFindings } from '../../api/select-findings.ts';
import { UsageError } from '../../base/errors.ts';
import type { Model } from '../../ir/model.ts';
import type { WriteOptions, WriteResult } from '../../platform/node.ts';
import { simplifyJson } from '../../report/json.ts';
import { checkText, type SimplifiedModel, simplifyText } from '../../report/simplify-text.ts';
import { bindingOptions, bindingsOf } from '../bindings.ts';
import { type CommandContext, note } from '../command.ts';
import { type ExitCode, exitCodes, worst } from '../exit-codes.ts';
import { collectInputs, type Input, readersOfData, simplifiedSuffix, standardStream } from '../inputs.ts';
import { statusOf } from '../look.ts';
import * as shared from '../options.ts';
import { readDataFiles } from '../data-files.ts';
import { runOptions, runSettings } from '../run-options.ts';
import { namedOutputs, planOutputs } from '../outputs.ts';
import type { RunTargets, Services } from '../services.ts';
import { Settings } from '../settings.ts';
import { transformFlags, transformOptions, transformWords } from '../simplify-options.ts';
import { stdoutSink } from '../stdout-sink.ts';
import { TraceFile } from '../trace-file.ts';
import { answerQuestions, checkQuestions } from '../why.ts';
import { type Outcome, shownPath, workOn } from '../work-on.ts';
import { fails } from './lint.ts';

export const options = {
  output: {
    type: 'string',
    alias: 'o',
    requiresArg: true,
    describe: 'file for one model, folder for several, - for stdout [default: NAME.simplified.onnx]',
  },
  'in-place': { type: 'boolean', describe: 'overwrite the input' },
  force: { type: 'boolean', describe: 'overwrite files that exist, but never the input' },
  target: shared.targetOption,
  check: { type: 'boolean', describe: 'write nothing; exit 1 when a node would go' },
  'dry-run': { type: 'boolean', describe: 'write nothing, only report' },
  why: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'write nothing, only say why this node stayed, or what this rule refused',
  },
  verify: {
    type: 'boolean',
    describe: 'run the model before and after on the same inputs; write nothing when they differ (exit 1)',
  },
  ...runOptions,
  trace: {
    type: 'string',
    requiresArg: true,
    describe: 'write each rewrite, and each that was refused, into this JSON file',
  },
  ...transformOptions,
  ...bindingOptions,
  'external-data': shared.externalDataOption,
  'external-threshold': shared.externalThresholdOption,
  'fail-on': shared.failOnOption,
  json: shared.jsonOption,
  'max-per-rule': shared.maxPerRuleOption,
  lfs: shared.lfsOption,
  config: shared.configOption,
} as const satisfies Record<string, Options>;

export const remarks = `Folders are searched for *.onnx, but *.simplified.onnx in them are left out as outputs of earlier runs.
- reads stdin, into memory, and without --output writes stdout; the report then goes to stderr. The extension of the output
says its format, as for convert.
With --target no rewrite brings in an operator that it does not have, and the report also lists what still stops that TensorRT, which
makes the run fail (exit 1; see --fail-on).
--verify runs both models by onnxruntime-node or onnxruntime-web when one is installed in the current folder's project, else by the
built-in evaluator, and names the rule to blame when results differ. Dims take several sizes, within --dim and --input-shape.
Preset exact keeps results bit-identical; default and smallest also allow rewrites with a stated bound, and save nodes;
tensorrt saves layers instead, and brings in no operator that the default targets do not have when no --target is given.
${shared.externalDataRemarks}
Exit codes: 0 clean, 1 findings, --check found nodes to remove or --verify a difference, 2 bad use or unreadable file, 3 a bug of onnx-preflight.`;

type Arguments = InferredOptionTypes<typeof options> & { readonly models: readonly string[] };

const noTargets: RunTargets = { names: [], decisive: [], areNamed: false };

/** What one model shall be made into. */
interface Job {
  readonly input: Input;
  /** Where the result goes; undefined when nothing is to be written. */
  readonly output: string | undefined;
  /** Where it would go; undefined when the user names nothing. */
  readonly measured: string | undefined;
  readonly configuration: Configuration;
  readonly targets: RunTargets;
  readonly bindings: ShapeBindings | undefined;
  /** How it is verified; undefined when it is not. */
  readonly verification: Verifying | undefined;
}

interface Verifying {
  readonly settings: ReturnType<typeof runSettings>;
  readonly data: readonly DataEntry[];
}

export async function run(parsed: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services, palette } = context;
  const settings = new Settings(flagsOf(parsed), shared.configurationChoice(parsed.config), context);
  const maxPerRule = shared.naturalNumber(parsed['max-per-rule'], '--max-per-rule', 5);
  const bindings = bindingsOf(parsed);
  const verification = await verifying(parsed, context);
  const isQuery = parsed.why !== undefined;
  const writes = parsed.check !== true && parsed['dry-run'] !== true && !isQuery;
  const inputs = await collectInputs(parsed.models, {
    folder: host.folder,
    skipSimplified: true,
    services,
    note: (text) => note(context, text),
  });
  const outputs = writes
    ? planOutputs(inputs, {
        folder: host.folder,
        output: parsed.output,
        inPlace: parsed['in-place'] === true,
        force: parsed.force === true,
        suffix: simplifiedSuffix,
      })
    : [];

  const measured = writes ? outputs : namedOutputs(inputs, { folder: host.folder, output: parsed.output });

  const trace =
    parsed.trace === undefined
      ? undefined
      : new TraceFile(parsed.trace, {
          folder: host.folder,
          inputs: inputs.map(({ path }) => path),
          force: parsed.force === true,
        });

  // Where the model itself is the result, the report on it is talk.
  const report = (text: string): void =>
    outputs.includes(standardStream) ? host.writeTalk(text) : host.writeResult(text);

  const outcomes: Outcome<SimplifiedModel>[] = [];
  let exitCode: ExitCode = exitCodes.clean;
  for (const [index, input] of inputs.entries()) {
    const configuration = await settings.for(input.path);
    const named = configuration.target;
    const targets = named === undefined ? noTargets : await services.targets(named);
    const job: Job = {
      input,
      output: outputs[index],
      measured: measured[index],
      configuration,
      targets,
      bindings,
      verification,
    };
    const outcome = await workOn(input, configuration.lfs ?? 'error', context, async (model, fileBytes) => {
      const questions = parsed.why ?? [];
      const rules = isQuery ? await services.rules() : [];
      if (isQuery) checkQuestions(questions, model, rules);
      const result = await simplifyOne(model, fileBytes, job, parsed, context);
      if (isQuery) host.writeResult(answerQuestions(questions, model, result.report, rules));
      return result;
    });
    outcomes.push(outcome);
    exitCode = worst(exitCode, outcome.exitCode);
    const { result } = outcome;
    if (result !== undefined)
      trace?.add({ path: result.path, applied: result.report.steps ?? [], refused: result.report.refused });
    if (result === undefined || isQuery) continue;
    if (parsed.json !== true && parsed.check !== true) report(simplifyText(result, { palette, maxPerRule }));
    if (parsed.check === true) {
      if (parsed.json !== true) host.writeResult(checkText(result, commandFor(parsed)));
      if (removesNodes(result)) exitCode = worst(exitCode, exitCodes.findings);
    }
    if (result.verification?.equal === false) exitCode = worst(exitCode, exitCodes.findings);
    if (fails(result.findings, targets, configuration)) exitCode = worst(exitCode, exitCodes.findings);
  }
  await trace?.write(services);
  if (parsed.json === true && !isQuery)
    report(simplifyJson(outcomes.map(({ result, exitCode: _, ...failed }) => result ?? failed)));
  return exitCode;
}

async function simplifyOne(
  model: Model,
  fileBytes: number,
  { input, output, measured, configuration, targets, bindings, verification: verifying }: Job,
  parsed: Arguments,
  context: CommandContext,
): Promise<SimplifiedModel> {
  const { host, services } = context;
  const started = performance.now();
  const source = resolve(host.folder, input.path);
  const folder = dirname(source);
  const dataBefore = [...(await services.externalFiles(model)).keys()].map((location) =>
    location.replaceAll('\\', '/'),
  );
  const before = fileBytes + (await sizeOfAll(folder, dataBefore));
  if (verifying !== undefined && changesDoors(configuration))
    throw new UsageError(
      '--verify holds the result against the original, so inputs and outputs must stay',
      'leave out --inputs, --outputs and --rename, or compare with the part in a second run',
    );
  const original =
    verifying === undefined
      ? undefined
      : input.path === standardStream
        ? await services.copy(model)
        : await services.readModel(source);
  const rewriting = {
    ...configuration.simplify,
    ...(targets.areNamed && { targets: targets.names }),
    steps: parsed.trace !== undefined || parsed.why !== undefined,
    ...(bindings !== undefined && { bindings }),
  };
  const report = await services.simplify(model, rewriting);
  const verification =
    original === undefined || verifying === undefined
      ? undefined
      : await services.verify(original, model, report, {
          ...verifying.settings,
          data: await services.dataFor(original, verifying.data),
          simplify: rewriting,
        });
  const { targets: verdicts, findings } =
    targets.names.length === 0
      ? { targets: [], findings: [] }
      : selectFindings(await services.lintAsIs(model, targets.names), configuration);
  const { externalData, externalThreshold } = configuration;
  const placement = { externalData, externalThreshold };
  const target = resolve(host.folder, output ?? measured ?? input.path);
  const dataFile = `${target}.data`;
  const isInPlace = parsed['in-place'] === true;
  // A model that is the same already is not written over itself.
  const isSame = isInPlace && !report.changed && (await services.isPlacedAs(model, basename(dataFile), placement));
  const isWritten = output !== undefined && !isSame && verification?.equal !== false;
  const ownsData = isInPlace && dataBefore.some((location) => resolve(folder, location) === dataFile);
  if (isWritten && ownsData && externalData === 'split' && parsed.force !== true)
    await checkOtherReaders(dataFile, source, context);
  const isPiped = output === standardStream;
  if (isWritten && !isPiped) mkdirSync(dirname(target), { recursive: true });
  const { bytes, written, kept, notes } = isPiped
    ? await writeToStdout(model, placement, context)
    : isWritten
      ? await write(model, target, { ...placement, replaceData: ownsData || parsed.force === true }, services)
      : { written: [], notes: [], ...(await services.measureModel(model, target, placement)) };
  const unusedNotes =
    isWritten && isInPlace ? unusedData(folder, dataBefore, [...kept, ...written.map((file) => file.path)]) : [];
  return {
    path: input.path,
    output: isWritten ? output : null,
    written: written.map((file) => ({ ...file, path: shownPath(file.path, host.folder) })),
    report: { ...report, notes: [...report.notes, ...notes, ...unusedNotes] },
    bytes: { before, after: bytes + (await sizeOfAll(dirname(target), kept)) },
    targets: verdicts,
    findings,
    ...(verification !== undefined && { verification }),
    seconds: Math.round(performance.now() - started) / 1000,
  };
}

/** UsageError for options of a verification that nobody asks for. */
/** Whether the result has other inputs or outputs than the model. */
function changesDoors({ simplify = {} }: Configuration): boolean {
  const { inputs, outputs, rename = {} } = simplify;
  return inputs !== undefined || outputs !== undefined || Object.keys(rename).length > 0;
}

async function verifying(parsed: Arguments, context: CommandContext): Promise<Verifying | undefined> {
  if (parsed.verify === true && parsed.why !== undefined) throw new UsageError('--why and --verify exclude each other');
  if (parsed.verify === true)
    return {
      settings: runSettings(parsed, context.host.folder),
      data: await readDataFiles(parsed.data ?? [], context),
    };
  const stray = (Object.keys(runOptions) as (keyof typeof runOptions)[]).find((name) => parsed[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} is for --verify`, 'add --verify');
  return undefined;
}

async function write(
  model: Model,
  target: string,
  options: WriteOptions,
  services: Services,
): Promise<Omit<WriteResult, 'files'> & { readonly bytes: number; readonly written: WriteResult['files'] }> {
  const { files, ...rest } = await services.writeModel(model, target, options);
  return { ...rest, written: files, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

async function writeToStdout(
  model: Model,
  options: ExternalDataOptions,
  { host, services }: CommandContext,
): Promise<{ bytes: number; written: []; kept: []; notes: readonly string[] }> {
  const sink = stdoutSink(host, 'binary');
  let bytes = 0;
  const notes = await services.writeStream(
    model,
    {
      write(piece) {
        bytes += piece.byteLength;
        return sink.write(piece);
      },
    },
    options,
  );
  return { bytes, written: [], kept: [], notes };
}

/** UsageError when another model would find other data in the data file that is to be replaced. */
async function checkOtherReaders(dataFile: string, source: string, { host, services }: CommandContext): Promise<void> {
  const others = (await readersOfData(dataFile, services)).filter((path) => path !== source);
  if (others.length === 0) return;
  throw new UsageError(
    `${shownPath(dataFile, host.folder)} also holds data of ${others.map((path) => basename(path)).join(', ')}`,
    '--force replaces it all the same, --output writes other files',
  );
}

/** Data files that an overwritten model does not use any more; they may be another model's, so they stay. */
function unusedData(folder: string, before: readonly string[], used: readonly string[]): string[] {
  const usedPaths = new Set(used.map((path) => resolve(folder, path)));
  return before
    .filter((location) => !usedPaths.has(resolve(folder, location)))
    .map((location) => `${location} is not used by this model any more, and was left`);
}

/** Bytes of the files together. */
async function sizeOfAll(folder: string, locations: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const location of locations) {
    // What is missing is told of when it is read; it has no size.
    const found = statusOf(resolve(folder, location));
    bytes += found?.size ?? 0;
  }
  return bytes;
}

function removesNodes({ report }: SimplifiedModel): boolean {
  return report.nodes.after < report.nodes.before;
}

/** The rest of the command that would do what `--check` found, to be put after the model's path. */
function commandFor(parsed: Arguments): readonly string[] {
  const repeated = (name: string, values: readonly string[] | undefined): string[] =>
    (values ?? []).map((value) => `--${name} ${value}`);
  return [
    '--in-place',
    ...transformWords(parsed),
    ...repeated('dim', parsed.dim),
    ...repeated('input-shape', parsed['input-shape']),
    ...repeated('external-data', parsed['external-data'] === undefined ? [] : [parsed['external-data']]),
    ...repeated('external-threshold', parsed['external-threshold'] === undefined ? [] : [parsed['external-threshold']]),
  ];
}

function flagsOf(parsed: Arguments): Configuration {
  return {
    ...(parsed.target !== undefined && { target: parsed.target }),
    ...(parsed['fail-on'] !== undefined && { failOn: oneOf(failLevels, parsed['fail-on'], '--fail-on') }),
    ...(parsed.lfs !== undefined && { lfs: oneOf(lfsPolicies, parsed.lfs, '--lfs') }),
    ...shared.externalDataOf(parsed),
    simplify: transformFlags(parsed),
  };
}

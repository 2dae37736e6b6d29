import { resolve } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import { oneOf } from '../../api/config.ts';
import { UsageError } from '../../base/errors.ts';
import { printable } from '../../report/printable.ts';
import { sizeText } from '../../report/quantities.ts';
import { type ModelFormat, modelFormats } from '../../wire/forms/form.ts';
import { type CommandContext, note, tellFailure } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { standardStream, withoutStreamName } from '../inputs.ts';
import { linkStatusOf, statusOf } from '../look.ts';
import * as shared from '../options.ts';
import { stdoutSink } from '../stdout-sink.ts';
import { shownPath } from '../work-on.ts';

export const options = {
  format: {
    type: 'string',
    requiresArg: true,
    describe: `${modelFormats.join(', ')} [default: by the output's extension, else binary]`,
  },
  'external-data': shared.externalDataOption,
  'external-threshold': shared.externalThresholdOption,
  force: { type: 'boolean', describe: 'overwrite files that exist, but never the input' },
} as const satisfies Record<string, Options>;

export const remarks = `Reads any of these formats, by content, also compressed with gzip; - is stdin and stdout. Extensions: .onnx, .pb;
.onnxtxt, .onnxtext; .textproto, .txtpb, .pbtxt, .prototxt, .pbtext; .json, .onnxjson; each with .gz to compress.
Text forms hold the weights in full, at most 512 MiB of text. A model that has the format already is copied byte for byte.
${shared.externalDataRemarks}
Exit codes: 0 written, 2 bad use or unreadable file, 3 a bug of onnx-preflight.`;

type Arguments = InferredOptionTypes<typeof options> & { readonly input: string; readonly output: string };

export async function run(parsed: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services } = context;
  const [input, output] = [withoutStreamName(parsed.input), withoutStreamName(parsed.output)];
  const format: ModelFormat | undefined =
    parsed.format === undefined ? undefined : oneOf(modelFormats, parsed.format, '--format');
  const target = resolve(host.folder, output);
  if (output !== standardStream) checkOutput({ ...parsed, input }, host.folder);
  const sink = output === standardStream ? stdoutSink(host, format ?? 'binary') : undefined;
  try {
    const from = input === standardStream ? host.readInput() : resolve(host.folder, input);
    const { files, notes } = await services.convert(from, sink ?? target, {
      format,
      ...shared.externalDataOf(parsed),
      replaceData: parsed.force === true,
    });
    for (const text of notes) note(context, `${input}: ${text}`);
    for (const { path, bytes } of files)
      host.writeResult(`wrote ${printable(shownPath(path, host.folder))} (${sizeText(bytes)})\n`);
    return exitCodes.clean;
  } catch (error) {
    return tellFailure(context, error, input).exitCode;
  }
}

/** UsageError when the output is the input, or there already. */
function checkOutput({ input, output, force }: Arguments, folder: string): void {
  const found = linkStatusOf(resolve(folder, output));
  if (found === undefined) return;
  const real = statusOf(resolve(folder, output));
  if (real?.isDirectory() === true)
    throw new UsageError(`${output} is a folder`, 'name the file that shall be written');
  const source = input === standardStream ? undefined : statusOf(resolve(folder, input));
  if (real !== undefined && source?.ino === real.ino && source.dev === real.dev)
    throw new UsageError(`${output} is the input`, 'choose another name');
  if (force !== true && (real === undefined || real.isFile()))
    throw new UsageError(`${output} exists`, '--force overwrites it');
}

import type { InferredOptionTypes, Options } from 'yargs';
import { lfsPolicies, oneOf } from '../../api/config.ts';
import { refuses } from '../../ir/problem.ts';
import { type Inspected, inspectionText } from '../../report/inspection-text.ts';
import { inspectJson } from '../../report/json.ts';
import { printable } from '../../report/printable.ts';
import { bindingOptions, bindingsOf } from '../bindings.ts';
import { type CommandContext, note } from '../command.ts';
import { type ExitCode, exitCodes, worst } from '../exit-codes.ts';
import { collectInputs } from '../inputs.ts';
import * as shared from '../options.ts';
import { workOn } from '../work-on.ts';

export const options = {
  json: shared.jsonOption,
  text: { type: 'boolean', describe: 'print the model as ONNX text, large tensors cut short' },
  ...bindingOptions,
  lfs: shared.lfsOption,
} as const satisfies Record<string, Options>;

export const remarks = 'Folders are searched for *.onnx; - reads stdin. Weights are not read.';

type Arguments = InferredOptionTypes<typeof options> & { readonly models: readonly string[] };

export async function run(parsed: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services, palette } = context;
  const lfs = oneOf(lfsPolicies, parsed.lfs ?? 'error', '--lfs');
  const inputs = await collectInputs(parsed.models, {
    folder: host.folder,
    skipSimplified: false,
    services,
    note: (text) => note(context, text),
  });
  const bindings = bindingsOf(parsed);
  const documents = [];
  let exitCode: ExitCode = exitCodes.clean;
  for (const input of inputs) {
    const {
      exitCode: code,
      result,
      ...failed
    } = await workOn(
      input,
      lfs,
      context,
      async (model, fileBytes) => {
        if (parsed.text === true) {
          host.writeResult(shown(await services.print(model)));
          return undefined;
        }
        const summary = await services.inspect(model, bindings);
        return { path: input.path, fileBytes, summary, isUnreadable: model.reading.problems.some(refuses) };
      },
      { tolerant: parsed.text !== true },
    );
    const { isUnreadable = false, ...inspected } = result ?? {};
    exitCode = worst(exitCode, code, isUnreadable ? exitCodes.badUse : exitCodes.clean);
    if (parsed.json === true) documents.push(result === undefined ? failed : (inspected as Inspected));
    else if (result !== undefined) host.writeResult(inspectionText(result, palette));
  }
  if (parsed.json === true && parsed.text !== true) host.writeResult(inspectJson(documents));
  return exitCode;
}

/** For reading: names may hold what moves the cursor. `convert` writes the text as it is. */
function shown(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

import type { InferredOptionTypes, Options } from 'yargs';
import { UsageError } from '../../base/errors.ts';
import type { Model } from '../../ir/model.ts';
import { diffText } from '../../report/diff-text.ts';
import { diffJson } from '../../report/json.ts';
import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes, worst } from '../exit-codes.ts';
import { standardStream, withoutStreamName } from '../inputs.ts';
import * as shared from '../options.ts';
import { workOn } from '../work-on.ts';

export const options = {
  json: shared.jsonOption,
  'max-per-part': {
    type: 'string',
    requiresArg: true,
    describe: 'lines shown of nodes, of weights and so on; 0 shows all [default: 20]',
  },
} as const satisfies Record<string, Options>;

export const remarks = `Nodes and weights go by their names; their order does not count. Weights are compared byte by byte.
Exit codes: 0 the models are equal, 1 they differ, 2 bad use or unreadable file.`;

type Arguments = InferredOptionTypes<typeof options> & { readonly before: string; readonly after: string };

export async function run(parsed: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services, palette } = context;
  const { before, after } = parsed;
  const maxPerPart = shared.naturalNumber(parsed['max-per-part'], '--max-per-part', 20);
  if (before === standardStream && after === standardStream) throw new UsageError('only one of the models can be -');
  const read = async (path: string): ReturnType<typeof workOn<Model>> =>
    workOn({ path: withoutStreamName(path), root: undefined }, 'error', context, (model) => Promise.resolve(model));
  const [first, second] = [await read(before), await read(after)];
  if (first.result === undefined || second.result === undefined) return worst(first.exitCode, second.exitCode);
  const difference = await services.diff(first.result, second.result);
  host.writeResult(
    parsed.json === true ? diffJson({ before, after, difference }) : diffText(difference, { palette, maxPerPart }),
  );
  return difference.isEqual ? exitCodes.clean : exitCodes.findings;
}

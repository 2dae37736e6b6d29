import type { InferredOptionTypes, Options } from 'yargs';
import { rulesJson } from '../../report/json.ts';
import { rulesText } from '../../report/rule-page.ts';
import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import * as shared from '../options.ts';

export const options = { json: shared.jsonOption } as const satisfies Record<string, Options>;

export const remarks = '';

export async function run(
  parsed: InferredOptionTypes<typeof options>,
  { host, services, palette }: CommandContext,
): Promise<ExitCode> {
  const pages = await services.rules();
  host.writeResult(parsed.json === true ? rulesJson(pages) : rulesText(pages, palette));
  return exitCodes.clean;
}

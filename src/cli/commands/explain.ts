import type { InferredOptionTypes, Options } from 'yargs';
import { findRules, QUOTING_SCORE } from '../../api/find-rule.ts';
import { UsageError } from '../../base/errors.ts';
import { suggest } from '../../base/suggest.ts';
import { printable } from '../../report/printable.ts';
import { rulePageText } from '../../report/rule-page.ts';
import { type CommandContext, note } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

export const options = {} as const satisfies Record<string, Options>;

export const remarks = `RULE is a rule's id, or what stands behind its slash; ERROR is what TensorRT printed, in quotes.`;

type Arguments = InferredOptionTypes<typeof options> & { readonly subject: readonly string[] };

export async function run({ subject }: Arguments, context: CommandContext): Promise<ExitCode> {
  const { host, services, palette } = context;
  const asked = subject.join(' ').trim();
  const pages = await services.rules();
  const page = pages.find(({ id }) => id === asked) ?? pages.find(({ id }) => id.endsWith(`/${asked}`));
  if (page !== undefined) {
    host.writeResult(rulePageText(page, palette));
    return exitCodes.clean;
  }
  const [best, ...others] = /\s/.test(asked) ? findRules(asked, pages) : [];
  if (best === undefined) {
    const near = suggest(
      asked,
      pages.flatMap(({ id }) => [id, id.slice(id.indexOf('/') + 1)]),
    );
    throw new UsageError(
      `no rule is called '${printable(asked)}', and none speaks of that`,
      near === undefined ? '`onnx-preflight rules` lists them' : `did you mean ${near}?`,
    );
  }
  note(
    context,
    best.score < QUOTING_SCORE
      ? `no rule quotes this error; the nearest is ${best.page.id}, which speaks of: ${printable(best.text)}`
      : `${best.page.id} quotes it: ${printable(best.text)}`,
  );
  const alike = others.filter(({ score }) => score > best.score / 2).slice(0, 3);
  if (alike.length > 0) note(context, `see also: ${alike.map(({ page: { id } }) => id).join(', ')}`);
  host.writeResult(rulePageText(best.page, palette));
  return exitCodes.clean;
}

import type { Options } from 'yargs';
import type { Palette } from '../report/palette.ts';
import type { ExitCode } from './exit-codes.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Host } from './host.ts';
import type { Services } from './services.ts';

export interface CommandContext {
  readonly host: Host;
  readonly services: Services;
  readonly palette: Palette;
}

/** One file of commands/: its options beside their defaults, and what it does. */
export interface Command {
  readonly options: Readonly<Record<string, Options>>;
  /** Shown under the options in the command's help. */
  readonly remarks: string;
  run(parsed: object, context: CommandContext): Promise<ExitCode>;
}

/** One line on stderr. */
export function note({ host }: CommandContext, text: string): void {
  host.writeTalk(`onnx-preflight: ${text}\n`);
}

/** Tells of an error and returns how it counts. */
export function tellFailure(context: CommandContext, error: unknown, path?: string): Failure {
  const failure = failureOf(error, path);
  note(context, failure.line);
  for (const line of failure.more ?? []) context.host.writeTalk(`  ${line}\n`);
  if (failure.stack !== undefined) context.host.writeTalk(`${failure.stack}\n`);
  return failure;
}

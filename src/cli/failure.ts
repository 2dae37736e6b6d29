import { describePlace, InternalError, ModelError, UsageError } from '../base/errors.ts';
import { InvalidModelError } from '../ir/problem.ts';
import { printable } from '../report/printable.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** What a person is told of an error, and how the process ends because of it. */
export interface Failure {
  /** One line: what, where, what to try. */
  readonly line: string;
  readonly exitCode: ExitCode;
  /** What else is wrong, a line each. */
  readonly more?: readonly string[];
  /** For our own bugs: where it happened. */
  readonly stack?: string;
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EIO: 'the device reports an input/output error',
  EDQUOT: 'the disk quota is used up',
  ENXIO: 'there is nothing at the other end',
};

/** Names are anybody's text: one of a megabyte would bury what is said about it. */
const MAXIMUM_PART = 1000;

function abridged(text: string): string {
  return text.length <= MAXIMUM_PART ? text : `${text.slice(0, MAXIMUM_PART)}... (${text.length} characters)`;
}

function sentence(parts: readonly (string | undefined)[], hint: string | undefined): string {
  const text = parts
    .filter((part): part is string => part !== undefined && part !== '')
    .map(abridged)
    .join(': ');
  return printable(hint === undefined ? text : `${text}; ${hint}`);
}

/** More of them tell nothing new: one cause makes thousands. */
const MAXIMUM_TOLD = 50;

function linesOf(problems: InvalidModelError['problems']): string[] {
  const told = problems
    .slice(0, MAXIMUM_TOLD)
    .map(({ place, message, advice }) => sentence([describePlace(place), message], advice === '' ? undefined : advice));
  const rest = problems.length - told.length;
  return rest > 0 ? [...told, `and ${rest} more; onnx-preflight lint counts them by rule`] : told;
}

/** Puts any error into one line. `path` is the file at hand, as the user named it. */
export function failureOf(error: unknown, path?: string): Failure {
  if (error instanceof ModelError) {
    const { file, ...place } = error.place;
    const where = path ?? file;
    if (error instanceof InvalidModelError && error.problems.length > 1)
      return {
        line: sentence([where, `the model is not valid: ${error.problems.length} errors`], undefined),
        more: linesOf(error.problems),
        exitCode: exitCodes.badUse,
      };
    return { line: sentence([where, describePlace(place), error.message], error.hint), exitCode: exitCodes.badUse };
  }
  if (error instanceof UsageError)
    return { line: sentence([path, error.message], error.hint), exitCode: exitCodes.badUse };
  const known = systemErrors[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
  if (known !== undefined) {
    const where = path ?? (error as NodeJS.ErrnoException).path;
    return { line: sentence([where, known], undefined), exitCode: exitCodes.badUse };
  }
  const bug = error instanceof Error ? error : new InternalError(String(error));
  return {
    line: sentence(
      [path, `this is a bug of onnx-preflight: ${bug.message}`],
      'please report it with the command, `onnx-preflight --version` and, if you can, the model',
    ),
    exitCode: exitCodes.bug,
    ...(bug.stack !== undefined && { stack: bug.stack }),
  };
}

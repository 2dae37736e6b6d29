import { accessSync, constants, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { withoutFormExtension } from '../wire/forms/form.ts';
import { type Input, standardStream, withoutStreamName } from './inputs.ts';
import { exactStatusOf, linkStatusOf, statusOf } from './look.ts';

export interface OutputOptions {
  /** The current folder. */
  readonly folder: string;
  /** `-o`: a file for one input, else a folder. */
  readonly output: string | undefined;
  readonly inPlace: boolean;
  readonly force: boolean;
  /** Ends the names of outputs that nobody names. */
  readonly suffix: string;
}

/**
 * What `-o` names for each input, whether it could be written or not; undefined where that is stdout, or nothing is named.
 * UsageError for several inputs and one file.
 */
export function namedOutputs(
  inputs: readonly Input[],
  { folder, output }: Pick<OutputOptions, 'folder' | 'output'>,
): readonly (string | undefined)[] {
  const named = output === undefined ? undefined : withoutStreamName(output);
  if (named === undefined || named === standardStream) return [];
  const toFolder = isOutputFolder(inputs, named, resolve(folder, named));
  return inputs.map((input) => (toFolder ? join(named, placeInFolder(input)) : named));
}

/**
 * Where what is made of each input goes, in the order of the inputs, as the user would write it; `-` is stdout, the default
 * for what is piped in.
 * UsageError, before anything is written, when two inputs would land on one file, an output would overwrite an input,
 * a file or link exists and `force` is not set, or the folder cannot be written to. Folders below `-o` are still to be made.
 */
export function planOutputs(inputs: readonly Input[], options: OutputOptions): string[] {
  const { folder, inPlace, force, suffix } = options;
  const output = options.output === undefined ? undefined : withoutStreamName(options.output);
  if (inPlace && output !== undefined) throw new UsageError('--in-place and --output exclude each other');
  const readsStdin = inputs.some(({ path }) => path === standardStream);
  if (inPlace && readsStdin) throw new UsageError('what is piped in cannot be overwritten', 'leave out --in-place');
  if (readsStdin && inputs.length > 1)
    throw new UsageError('what is piped in has no name to go by beside others', 'name - alone');
  if (output === standardStream && inputs.length !== 1)
    throw new UsageError('stdout takes one model', 'for several models --output names a folder');
  if (output === standardStream || (output === undefined && readsStdin)) return [standardStream];
  const absolute = (path: string): string => resolve(folder, path);
  const toFolder = output !== undefined && isOutputFolder(inputs, output, absolute(output));
  const outputs = inputs.map((input) => {
    if (inPlace) return input.path;
    if (output === undefined) return `${withoutFormExtension(input.path)}${suffix}`;
    return toFolder ? join(output, placeInFolder(input)) : output;
  });
  // What cannot be read will not be written.
  const planned = outputs.filter((_, index) => inputs[index]?.error === undefined);
  checkDistinct(inputs, outputs, absolute);
  if (inPlace) return outputs;

  const identities = new Map<string, string>();
  for (const { path } of inputs) {
    const identity = identityOf(absolute(path));
    if (identity !== undefined) identities.set(identity, path);
  }
  const replacing: string[] = [];
  for (const path of planned) {
    checkEncoding(path);
    const identity = identityOf(absolute(path));
    const input = identity === undefined ? undefined : identities.get(identity);
    if (input !== undefined) throw new UsageError(`${path} is the input ${input}`, '--in-place overwrites inputs');
    if (isDevice(absolute(path))) continue;
    // A link that leads nowhere is there, too: following it would make a file that nobody named.
    const existing = linkStatusOf(absolute(path));
    if (existing !== undefined && !force)
      throw new UsageError(`${path} exists`, '--force overwrites it, --output names another');
    replacing.push(path);
  }
  for (const path of replacing) {
    const parent = dirname(absolute(path));
    checkWritable(path, toFolder ? nearestFolder(parent) : parent);
  }
  return outputs;
}

function checkDistinct(inputs: readonly Input[], outputs: readonly string[], absolute: (path: string) => string): void {
  const takenBy = new Map<string, string>();
  for (const [index, output] of outputs.entries()) {
    const input = inputs[index]?.path ?? '';
    const other = takenBy.get(absolute(output));
    if (other !== undefined)
      throw new UsageError(`${other} and ${input} would both be written to ${output}`, 'name them one by one');
    takenBy.set(absolute(output), input);
  }
}

/** `-o` is a folder for several inputs or a folder as input, and when it is one already or ends like one. */
function isOutputFolder(inputs: readonly Input[], output: string, absolute: string): boolean {
  const exists = statusOf(absolute);
  if (exists?.isDirectory() === true || output.endsWith('/') || output.endsWith(sep)) return true;
  const isMany = inputs.length > 1 || inputs.some(({ root }) => root !== undefined);
  if (isMany && exists !== undefined)
    throw new UsageError(`${output} is a file`, 'for several models --output names a folder');
  return isMany;
}

/** Models of a folder keep their place below it. */
function placeInFolder({ path, root }: Input): string {
  return root === undefined ? basename(path) : relative(root, path);
}

/** The first folder on the way up that is there. */
function nearestFolder(absolute: string): string {
  for (let folder = absolute; ; folder = dirname(folder)) {
    const exists = statusOf(folder);
    if (exists !== undefined || dirname(folder) === folder) return folder;
  }
}

/** Equal for two paths of one file, through links of either kind; undefined when there is none. */
function identityOf(absolute: string): string | undefined {
  const found = exactStatusOf(absolute);
  return found === undefined ? undefined : `${found.dev} ${found.ino}`;
}

/** A device or a pipe is written to and not replaced. */
function isDevice(absolute: string): boolean {
  const found = statusOf(absolute);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/** Node gives U+FFFD for bytes that are not UTF-8, and a file of that name would be another than the one that was named. */
function checkEncoding(path: string): void {
  if (path.includes('\uFFFD')) throw new UsageError(`${path} is not UTF-8`, 'choose another name');
}

function checkWritable(path: string, folder: string): void {
  const problem = folderProblem(folder);
  if (problem === undefined) return;
  const [what, remedy] = problem;
  throw new UsageError(`${path} cannot be written: its folder ${what}`, remedy);
}

function folderProblem(folder: string): readonly [what: string, remedy: string] | undefined {
  const elsewhere = 'name another --output';
  try {
    if (!statSync(folder).isDirectory()) return ['is a file', elsewhere];
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? ['does not exist', `make the folder, or ${elsewhere}`]
      : ['may not be written to', elsewhere];
  }
}

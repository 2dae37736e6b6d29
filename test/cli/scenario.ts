import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeModelFile } from '../../src/platform/node.ts';
import { parseModel } from '../../src/text/parse.ts';

/**
 * A scenario is text: files to begin with, then commands with what they must print and how they must end.
 * A section starts with `==== `; what follows is its kind and argument:
 *
 *     ==== model NAME          ONNX text, written as a model
 *     ==== truncated NAME      the same, of which the second half is missing
 *     ==== file NAME           text
 *     ==== gzip NAME           text, compressed
 *     ==== bytes NAME          bytes in hex
 *     ==== folder NAME         an empty folder
 *     ==== command             arguments, a line; quotes hold blanks together
 *     ==== stdin NAME          the file that is piped into the command before it; `<stdout>` is what the one before it wrote
 *     ==== stdout, stderr      what the command prints; nothing when left out. `[...]` stands for anything in a line,
 *                              a line of its own for any lines
 *     ==== exit N              how it ends; 0 when left out
 *     ==== files               all files there are in the end, a line each
 *
 * Every other section is the title of the next scenario.
 */
export interface Scenario {
  readonly title: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly kind: string;
  readonly argument: string;
  readonly body: string;
}

const kinds = [
  'stdin',
  'model',
  'truncated',
  'file',
  'gzip',
  'bytes',
  'folder',
  'command',
  'stdout',
  'stderr',
  'exit',
  'files',
];

export function parseScenarios(text: string): Scenario[] {
  const scenarios: { title: string; steps: Step[] }[] = [];
  for (const section of text.split(/^==== /m).slice(1)) {
    const end = section.indexOf('\n');
    const head = end < 0 ? section : section.slice(0, end);
    const [kind = '', ...rest] = head.split(' ');
    const body = end < 0 ? '' : section.slice(end + 1).replace(/\n+$/, '\n');
    if (kinds.includes(kind))
      scenarios.at(-1)?.steps.push({ kind, argument: rest.join(' '), body: body === '\n' ? '' : body });
    else scenarios.push({ title: head, steps: [] });
  }
  return scenarios;
}

/** What a command printed and how it ended; `files` are those of the folder afterwards. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
  readonly files?: string;
  /** The model on stdout; `stdout` shows it when it is text. */
  readonly piped?: Uint8Array;
}

/** What came of one command, beside what was to come of it. Patterns that fit are replaced by what they fit. */
export interface Comparison {
  readonly actual: Outcome & { readonly command: string };
  readonly expected: Outcome & { readonly command: string };
}

/** Plays a scenario in a folder of its own, which texts call `<folder>`. */
export async function play(
  { steps }: Scenario,
  runCommand: (argv: readonly string[], folder: string, input?: Uint8Array) => Promise<Outcome>,
): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  const comparisons: Comparison[] = [];
  let lastOutput: Uint8Array | undefined;
  try {
    for (const [at, step] of steps.entries()) {
      if (step.kind !== 'command') {
        if (!isCheck(step.kind)) await prepare(step, folder);
        continue;
      }
      const rest = steps.slice(at + 1);
      const end = rest.findIndex(({ kind }) => !isCheck(kind));
      const checks = end < 0 ? rest : rest.slice(0, end);
      const check = (kind: string): Step | undefined => checks.find((candidate) => candidate.kind === kind);

      const command = step.body.trim();
      const piped = check('stdin')?.argument;
      const input =
        piped === '<stdout>' ? lastOutput : piped === undefined ? undefined : readFileSync(join(folder, piped));
      const outcome = await runCommand(argumentsOf(command), folder, input);
      lastOutput = outcome.piped;
      const shown = (text: string): string => text.replaceAll(folder, '<folder>').replace(/\n+$/, '\n');
      const actual = { command, stdout: shown(outcome.stdout), stderr: shown(outcome.stderr), exit: outcome.exit };
      const expected = {
        command,
        stdout: fitted(check('stdout')?.body ?? '', actual.stdout),
        stderr: fitted(check('stderr')?.body ?? '', actual.stderr),
        exit: Number(check('exit')?.argument ?? 0),
      };
      const files = check('files')?.body;
      comparisons.push(
        files === undefined
          ? { actual, expected }
          : { actual: { ...actual, files: filesIn(folder) }, expected: { ...expected, files } },
      );
    }
    return comparisons;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isCheck(kind: string): boolean {
  return ['stdin', 'stdout', 'stderr', 'exit', 'files'].includes(kind);
}

async function prepare({ kind, argument, body }: Step, folder: string): Promise<void> {
  const path = join(folder, argument);
  mkdirSync(dirname(path), { recursive: true });
  if (kind === 'model' || kind === 'truncated') await writeModelFile(parseModel(body), path);
  if (kind === 'truncated') {
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.byteLength >> 1));
  }
  if (kind === 'file') writeFileSync(path, body);
  if (kind === 'gzip') writeFileSync(path, gzipSync(body));
  if (kind === 'bytes') writeFileSync(path, Buffer.from(body.replace(/\s/g, ''), 'hex'));
  if (kind === 'folder') mkdirSync(path, { recursive: true });
}

function argumentsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

/** The actual text when it fits the pattern, else the pattern. */
function fitted(pattern: string, actual: string): string {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/^\\\[\\\.\\\.\\\.\\\]\n/gm, '(?:.*\\n)*')
    .replaceAll('\\[\\.\\.\\.\\]', '.*');
  return new RegExp(`^${source}$`).test(actual) ? actual : pattern;
}

function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${relative(folder, join(entry.parentPath, entry.name))}\n`)
    .sort()
    .join('');
}

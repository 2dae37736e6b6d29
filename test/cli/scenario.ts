import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { writeModelFile } from '../../src/platform/node.ts';
import { parseModel } from '../../src/text/parse.ts';

/**
 * A scenario is text: files to begin with, then commands with what they must print and how they must end.
 * A section starts with `==== `; what follows is its kind and argument:
 *
 *     ==== model NAME          ONNX text, written as a model
 *     ==== truncated NAME      the same, of which the second half is missing
 *     ==== file NAME           text
 *     ==== bytes NAME          bytes in hex
 *     ==== folder NAME         an empty folder
 *     ==== command             arguments, a line; quotes hold blanks together
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

const kinds = ['model', 'truncated', 'file', 'bytes', 'folder', 'command', 'stdout', 'stderr', 'exit', 'files'];

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

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/** What came of one command, beside what was to come of it. */
export interface Comparison {
  readonly command: string;
  readonly actual: Outcome & { readonly files?: string };
  readonly expected: Outcome & { readonly files?: string };
}

/** Plays a scenario in a folder of its own; patterns that match are replaced by what they matched. */
export async function play(
  { steps }: Scenario,
  runCommand: (argv: readonly string[], folder: string) => Promise<Outcome>,
): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  const comparisons: Comparison[] = [];
  try {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as Step;
      if (step.kind !== 'command') {
        await prepare(step, folder);
        continue;
      }
      const command = step.body.trim();
      const actual: Comparison['actual'] = await runCommand(argumentsOf(command), folder);
      const checks = steps.slice(at + 1, steps.findIndex(({ kind }, index) => index > at && !isCheck(kind)) >>> 0);
      const bodyOf = (kind: string): string => checks.find((check) => check.kind === kind)?.body ?? '';
      const expected: Comparison['expected'] = {
        stdout: fitted(bodyOf('stdout'), actual.stdout.replaceAll(folder, '<folder>')),
        stderr: fitted(bodyOf('stderr'), actual.stderr.replaceAll(folder, '<folder>')),
        exit: Number(checks.find(({ kind }) => kind === 'exit')?.argument ?? 0),
      };
      const wantsFiles = checks.some(({ kind }) => kind === 'files');
      comparisons.push({
        command,
        actual: {
          stdout: actual.stdout.replaceAll(folder, '<folder>'),
          stderr: actual.stderr.replaceAll(folder, '<folder>'),
          exit: actual.exit,
          ...(wantsFiles && { files: filesIn(folder) }),
        },
        expected: { ...expected, ...(wantsFiles && { files: bodyOf('files') }) },
      });
      at += checks.length;
    }
    return comparisons;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isCheck(kind: string): boolean {
  return ['stdout', 'stderr', 'exit', 'files'].includes(kind);
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
  return new RegExp(`^${source}$`).test(actual.replace(/\n+$/, '\n')) ? actual : pattern;
}

function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${relative(folder, join(entry.parentPath, entry.name))}\n`)
    .sort()
    .join('');
}

/**
 * The fuzzer: `npm run fuzz -- --runs N --seed S` reads, lints, simplifies and writes N broken models; what comes of
 * each must be a result or an error of ours, within a second and 300 MB. The models are worked on in a child process that is watched, so
 * that a hang or a crash is a finding too. Every finding is written to a file; `npm run fuzz -- --replay FILE` tries it again.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Outcome, tryModel } from './try-model.ts';
import { generate } from './generate.ts';
import { collectSeeds } from './seeds.ts';

/** Processor time of a run. The clock says more where others use the machine too. */
const MAXIMUM_SECONDS = 1;
const MAXIMUM_RESIDENT_BYTES = 300 * 2 ** 20;
/** A run hangs when the watch has looked at it so often, twice a second: however busy the machine is, and however long it was asleep. */
const HANG_LOOKS = 40;
/** A process is kept for so many runs: its own memory grows a little with all that it compiles. */
const RUNS_PER_PROCESS = 5000;
const MAXIMUM_FINDINGS = 20;

interface Task {
  readonly seedsFile: string;
  readonly progressFile: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

interface Finding {
  readonly run: number;
  readonly why: string;
}

type Report =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'done'; readonly outcomes: Readonly<Record<Outcome, number>>; readonly peakBytes: number };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      replay: { type: 'string' },
    },
  });
  if (values.replay !== undefined) return replay(values.replay);
  const runs = Number(values.runs);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
    console.error('usage: npm run fuzz -- --runs N --seed S | --replay FILE');
    return 2;
  }
  return fuzz(runs, seed);
}

async function fuzz(runs: number, seed: number): Promise<number> {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-fuzz-'));
  const seedsFile = join(folder, 'seeds');
  const progressFile = join(folder, 'progress');
  try {
    const seeds = await collectSeeds();
    writeFileSync(seedsFile, JSON.stringify(seeds.map((bytes) => Buffer.from(bytes).toString('base64'))));
    // The first finding of each cause, and how many there were.
    const findings: Finding[] = [];
    const seen = new Map<string, number>();
    const totals: Record<Outcome, number> = { refused: 0, invalid: 0, read: 0, rewritten: 0 };
    let peakBytes = 0;
    for (let from = 0; from < runs && findings.length < MAXIMUM_FINDINGS;) {
      const to = Math.min(runs, from + RUNS_PER_PROCESS);
      const result = await runChild({ seedsFile, progressFile, seed, from, to });
      for (const finding of result.findings) {
        const cause = causeOf(finding);
        seen.set(cause, (seen.get(cause) ?? 0) + 1);
        if (seen.get(cause) !== 1) continue;
        findings.push(finding);
        const file = `fuzz-${seed}-${finding.run}.onnx`;
        writeFileSync(file, generate(seeds, seed, finding.run));
        console.log(`seed ${seed}, run ${finding.run}: ${finding.why}\n  npm run fuzz -- --replay ${file}`);
      }
      for (const [outcome, count] of Object.entries(result.outcomes)) totals[outcome as Outcome] += count;
      peakBytes = Math.max(peakBytes, result.peakBytes);
      from = result.next;
    }
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `fuzz: seed ${seed}, ${runs} runs on ${seeds.length} models in ${seconds.toFixed(0)} s: ${totals.refused} no models, ` +
        `${totals.invalid} invalid, ` +
        `${totals.read} read but not rewritten, ${totals.rewritten} rewritten, ${findings.length} findings; ` +
        `at most ${Math.round(peakBytes / 2 ** 20)} MB`,
    );
    for (const [cause, count] of seen) if (count > 1) console.log(`${count} times: ${cause}`);
    return findings.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The message without the numbers in it, and where it was thrown: one fault shows in many runs. */
function causeOf({ why }: Finding): string {
  const [message = '', ...frames] = why.split('\n');
  const frame = frames.find((line) => line.includes('.ts:')) ?? '';
  return frame === ''
    ? message.replaceAll(/[\d.]+/g, '#')
    : `${message.slice(0, 40).replaceAll(/\d+/g, '#')} ${frame.trim()}`;
}

interface ChildResult {
  readonly findings: readonly Finding[];
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly peakBytes: number;
  /** The run to go on with. */
  readonly next: number;
}

/** Runs a slice in a process of its own, until it is done, has failed or hangs. */
async function runChild(task: Task): Promise<ChildResult> {
  writeFileSync(task.progressFile, numberBytes(task.from));
  const child = fork(fileURLToPath(import.meta.url), [], {
    execArgv: ['--max-old-space-size=160', '--max-semi-space-size=4', '--enable-source-maps'],
    env: { ...process.env, ONNX_PREFLIGHT_FUZZ: JSON.stringify(task) },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const findings: Finding[] = [];
  let done: Extract<Report, { kind: 'done' }> | undefined;
  child.on('message', (report: Report) => {
    if (report.kind === 'finding') findings.push(report.finding);
    else done = report;
  });
  const hang = watch(child, task.progressFile);
  const exit = await new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve(signal ?? `exit code ${code}`);
    });
  });
  const hung = hang();
  if (done !== undefined) return { findings, outcomes: done.outcomes, peakBytes: done.peakBytes, next: task.to };
  const run = progressOf(task.progressFile);
  const why = hung ? `did not end within ${HANG_LOOKS / 2} s` : `the process died: ${exit}`;
  if (findings.at(-1)?.run !== run) findings.push({ run, why });
  return { findings, outcomes: {}, peakBytes: 0, next: run + 1 };
}

/** Kills a child that stays at one run for too long. The answer tells whether it did, and ends the watch. */
function watch(child: ChildProcess, progressFile: string): () => boolean {
  let last = -1;
  let looks = 0;
  let hung = false;
  const timer = setInterval(() => {
    const run = progressOf(progressFile);
    if (run !== last) {
      last = run;
      looks = 0;
    } else if (++looks > HANG_LOOKS) {
      hung = true;
      child.kill('SIGKILL');
    }
  }, 500);
  return () => {
    clearInterval(timer);
    return hung;
  };
}

async function runSlice({ seedsFile, progressFile, seed, from, to }: Task): Promise<void> {
  const seeds = (JSON.parse(readFileSync(seedsFile, 'utf8')) as string[]).map((text) => Buffer.from(text, 'base64'));
  const outcomes: Record<Outcome, number> = { refused: 0, invalid: 0, read: 0, rewritten: 0 };
  const progress = openSync(progressFile, 'r+');
  for (let run = from; run < to; run++) {
    writeSync(progress, numberBytes(run), 0, 8, 0);
    const bytes = generate(seeds, seed, run);
    const { outcome, why } = await judge(bytes);
    if (outcome !== undefined) outcomes[outcome]++;
    if (why === undefined) continue;
    await send({ kind: 'finding', finding: { run, why } });
    // The peak of a process never falls again.
    if (peakBytes() > MAXIMUM_RESIDENT_BYTES) process.exit(1);
  }
  closeSync(progress);
  await send({ kind: 'done', outcomes, peakBytes: peakBytes() });
  process.disconnect();
}

function send(report: Report): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(report, () => {
      resolve();
    });
  });
}

/** Tries the bytes; `why` says what is wrong. A run that was slow is tried again: it may have met a compiler or a collector at work. */
async function judge(bytes: Uint8Array): Promise<{ readonly outcome?: Outcome; readonly why?: string }> {
  let seconds = 0;
  for (let attempt = 0; attempt < 2; attempt++) {
    const before = process.cpuUsage();
    let outcome: Outcome;
    try {
      outcome = await tryModel(bytes);
    } catch (error) {
      return { why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    const { user, system } = process.cpuUsage(before);
    seconds = (user + system) / 1e6;
    if (peakBytes() > MAXIMUM_RESIDENT_BYTES)
      return { outcome, why: `took ${Math.round(peakBytes() / 2 ** 20)} MB of memory` };
    if (seconds <= MAXIMUM_SECONDS) return { outcome };
  }
  return { why: `took ${seconds.toFixed(1)} s` };
}

async function replay(file: string): Promise<number> {
  const started = performance.now();
  const { outcome, why } = await judge(readFileSync(file));
  console.log(
    `${file}: ${why ?? outcome} (${Math.round(performance.now() - started)} ms, ${Math.round(peakBytes() / 2 ** 20)} MB)`,
  );
  return why === undefined ? 0 : 1;
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function numberBytes(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

function progressOf(file: string): number {
  const bytes = new Float64Array(1);
  const handle = openSync(file, 'r');
  readSync(handle, new Uint8Array(bytes.buffer), 0, 8, 0);
  closeSync(handle);
  return bytes[0] ?? 0;
}

const task = process.env['ONNX_PREFLIGHT_FUZZ'];
if (task === undefined) process.exitCode = await main();
else await runSlice(JSON.parse(task) as Task);

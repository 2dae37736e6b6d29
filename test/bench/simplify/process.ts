import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Finished {
  readonly status: number | 'timeout';
  readonly seconds: number;
  /** The largest resident set in bytes, as GNU time tells it; undefined where there is none. */
  readonly peakBytes: number | undefined;
  readonly stdout: string;
  /** The last line of stderr that says something. */
  readonly complaint: string;
}

const timeProgram = '/usr/bin/time';

/** Runs a command to its end, or kills it and what it started after `timeout` seconds. */
export async function runProcess(command: readonly string[], timeout: number): Promise<Finished> {
  const measured = existsSync(timeProgram) ? [timeProgram, '-f', 'peak %M', ...command] : command;
  const [program = '', ...parameters] = measured;
  const started = performance.now();
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, timeout * 1000);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  const status = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      done(code ?? -1);
    });
  });
  clearTimeout(timer);
  const said = Buffer.concat(stderr).toString();
  const kibibytes = /^peak (\d+)$/m.exec(said)?.[1];
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('peak '));
  return {
    status: isLate ? 'timeout' : status,
    seconds: (performance.now() - started) / 1000,
    peakBytes: kibibytes === undefined ? undefined : Number(kibibytes) * 1024,
    stdout: Buffer.concat(stdout).toString(),
    complaint: (lines.findLast((line) => !line.startsWith('Command ')) ?? '').slice(0, 200),
  };
}

/** Seconds after which a command is not run again. */
const ENOUGH = 10;

/** Runs a command up to `rounds` times, and answers the median of their seconds; all else is of the first run. */
export async function runRounds(command: readonly string[], timeout: number, rounds: number): Promise<Finished> {
  const first = await runProcess(command, timeout);
  const all = [first.seconds];
  for (let sum = first.seconds; all.length < rounds && first.status === 0 && sum < ENOUGH;) {
    const { seconds } = await runProcess(command, timeout);
    all.push(seconds);
    sum += seconds;
  }
  return { ...first, seconds: all.sort((a, b) => a - b)[all.length >> 1] ?? first.seconds };
}

import type { ExitCode } from './exit-codes.ts';
import type { Host } from './host.ts';
import { versionText } from './version.ts';

/** Runs the process's command line. */
export async function main(): Promise<void> {
  // A reader that has seen enough (`| head`) is no error; what is still to be written to files is written.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw Object.assign(error, { path: 'stdout' });
  });
  process.stderr.on('error', () => undefined);

  const [first, ...rest] = process.argv.slice(2);
  if (first === '--version' && rest.length === 0) {
    process.stdout.write(`${versionText}\n`);
  } else {
    const { runProcess } = await import('./run-process.ts');
    await runProcess();
  }
}

/** Runs a command line in a host of the caller's; the build warms the code cache with it. */
export async function runCommand(argv: readonly string[], host: Host): Promise<ExitCode> {
  const { run } = await import('./run.ts');
  return run(argv, host);
}

import type { ExitCode } from './exit-codes.ts';
import { type Host, processHost } from './host.ts';
import { versionText } from './version.ts';

/** Runs the process's command line. */
export async function main(): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--version' && rest.length === 0) process.stdout.write(`${versionText}\n`);
  else process.exitCode = await runCommand(process.argv.slice(2), processHost());
}

/** Runs a command line in a host of the caller's; the build warms the code cache with it. */
export async function runCommand(argv: readonly string[], host: Host): Promise<ExitCode> {
  const { run } = await import('./run.ts');
  return run(argv, host);
}

import type { ExitCode } from './exit-codes.ts';
import { failureOf } from './failure.ts';
import { type Host, processHost } from './host.ts';
import type { UnfinishedFiles } from './unfinished-files.ts';
import { versionText } from './version.ts';

/** Runs the process's command line. However the process ends, it leaves no half-written file. */
export async function main(): Promise<void> {
  process.on('uncaughtException', endBy);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) is no error; what is still to be written to files is written.
    if (error.code !== 'EPIPE') endBy(Object.assign(error, { path: 'stdout' }));
  });
  process.stderr.on('error', () => undefined);

  const [first, ...rest] = process.argv.slice(2);
  if (first === '--version' && rest.length === 0) {
    process.stdout.write(`${versionText}\n`);
    return;
  }
  const { UnfinishedFiles } = await import('./unfinished-files.ts');
  process.exitCode = await runCommand(process.argv.slice(2), processHost(), new UnfinishedFiles());
  await Promise.all([process.stdout, process.stderr].map(written));
  // Left to itself, Node would first wait for what V8 is compiling in the background.
  process.exit();
}

/** Waits until all that was written has left the process, or never will. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()));
}

/** Runs a command line in a host of the caller's; the build warms the code cache with it. */
export async function runCommand(argv: readonly string[], host: Host, unfinished?: UnfinishedFiles): Promise<ExitCode> {
  const { run } = await import('./run.ts');
  const { libraryServicesWith } = await import('./library-services.ts');
  return run(argv, host, libraryServicesWith(unfinished));
}

/** An error that reached nobody, such as one of a stream. Ends the process as Node would, but in our words. */
function endBy(error: unknown): never {
  const { line, stack, exitCode } = failureOf(error);
  process.stderr.write(`onnx-preflight: ${line}\n${stack === undefined ? '' : `${stack}\n`}`);
  process.exit(exitCode);
}

import { failureOf } from './failure.ts';
import { processHost } from './host.ts';
import { libraryServicesWith } from './library-services.ts';
import { run } from './run.ts';
import { UnfinishedFiles } from './unfinished-files.ts';

/** Runs the command line of this process and sets how it ends. However it ends, it leaves no half-written file. */
export async function runProcess(): Promise<void> {
  process.on('uncaughtException', endBy);
  process.exitCode = await run(process.argv.slice(2), processHost(), libraryServicesWith(new UnfinishedFiles()));
}

/** An error that reached nobody, such as one of a stream. Ends the process, as Node would, but in our words. */
function endBy(error: unknown): never {
  const { line, stack, exitCode } = failureOf(error);
  process.stderr.write(`onnx-preflight: ${line}\n${stack === undefined ? '' : `${stack}\n`}`);
  process.exit(exitCode);
}

#!/usr/bin/env node
import { processHost } from './host.ts';
import { versionText } from './version.ts';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const [first, ...rest] = process.argv.slice(2);
if (first === '--version' && rest.length === 0) {
  process.stdout.write(`${versionText}\n`);
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2), processHost());
}

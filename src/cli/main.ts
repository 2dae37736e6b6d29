#!/usr/bin/env node
import { versionText } from './version.ts';

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

/**
 * The `bin`. The command line is one script beside this file, and V8's code cache of it saves compiling it anew at every
 * start, which takes longer than most commands do. A cache of another Node is turned down by V8, and the script compiled.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from './bundle.ts';

const path = join(__dirname, 'main.cjs');

/** Nobody holds it for longer than it is needed. */
function readCache(): Buffer | undefined {
  try {
    return readFileSync(`${path}.cache`);
  } catch {
    // It only saves time.
    return undefined;
  }
}

void openBundle(path, readCache()).main();

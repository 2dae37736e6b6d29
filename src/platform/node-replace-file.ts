import { type System, thisSystem } from './node-system.ts';

/** A virus scanner or an indexer holds a file that has just been written for a moment; who holds it longer goes on holding it. */
const PATIENCE_MILLISECONDS = 2000;
const FIRST_PAUSE_MILLISECONDS = 10;
const LONGEST_PAUSE_MILLISECONDS = 200;

/** What Windows says when another process has one of the files open. Elsewhere the same words mean what they say. */
const heldCodes: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY']);

/**
 * Renames a file over another. Windows refuses while somebody has one of them open: there the rename is tried again for up
 * to 2 s. Throws the system's last error.
 */
export function replaceFile(from: string, to: string, system: System = thisSystem): void {
  const end = system.now() + PATIENCE_MILLISECONDS;
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
    try {
      system.rename(from, to);
      return;
    } catch (error) {
      const isHeld = system.isWindows && heldCodes.has((error as NodeJS.ErrnoException).code ?? '');
      if (!isHeld || system.now() + pause > end) throw error;
      system.sleep(pause);
    }
  }
}

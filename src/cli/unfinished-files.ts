import type { Unfinished } from '../platform/node.ts';

type Discardable = Parameters<Unfinished['add']>[0];

/** What people and systems send to end a process and it can catch; SIGBREAK comes on Windows only. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const;

/**
 * Removes temporary files when the process is ended before they are complete. It listens only while there are some: a
 * process without them ends at once, even where it computes without a pause and would hear no signal.
 */
export class UnfinishedFiles implements Unfinished {
  readonly #files = new Set<Discardable>();

  add(file: Discardable): void {
    if (this.#files.size === 0) {
      for (const signal of endingSignals) process.on(signal, this.#endBySignal);
      // Also for process.exit() and exceptions that nobody catches.
      process.on('exit', this.#discardAll);
    }
    this.#files.add(file);
  }

  delete(file: Discardable): void {
    this.#files.delete(file);
    if (this.#files.size > 0) return;
    for (const signal of endingSignals) process.off(signal, this.#endBySignal);
    process.off('exit', this.#discardAll);
  }

  readonly #discardAll = (): void => {
    for (const file of [...this.#files]) file.discard();
  };

  /** Ends by the signal itself, so that a shell sees what happened: a loop around us stops, and `$?` is 128 and its number. */
  readonly #endBySignal = (signal: NodeJS.Signals): void => {
    this.#discardAll();
    for (const other of endingSignals) process.off(other, this.#endBySignal);
    process.kill(process.pid, signal);
  };
}

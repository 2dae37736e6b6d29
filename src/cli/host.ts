import { UsageError } from '../base/errors.ts';
import { type Palette, coloured, plain } from '../report/palette.ts';

/** What a command needs of the process it runs in; tests hand in their own. */
export interface Host {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly columns: number;
  /** True when stdout is read by a person. */
  readonly isTerminal: boolean;
  /** The result. */
  writeResult(text: string): void;
  /** A result that is a file: a model on stdout. Fulfilled when it is on its way. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** What is piped in. UsageError when nothing is. */
  readInput(): AsyncIterable<Uint8Array>;
  /** The talk: notes, progress, errors. */
  writeTalk(text: string): void;
}

export function processHost(): Host {
  return {
    folder: process.cwd(),
    environment: process.env,
    columns: process.stdout.columns ?? 80,
    isTerminal: process.stdout.isTTY === true,
    writeResult: (text) => void process.stdout.write(text),
    writeBytes: (bytes) =>
      new Promise((fulfil, reject) => {
        process.stdout.write(bytes, (error?: NodeJS.ErrnoException | null) => {
          // A reader that has seen enough is no error.
          if (error instanceof Error && error.code !== 'EPIPE') reject(error);
          else fulfil();
        });
      }),
    readInput() {
      if (process.stdin.isTTY) throw new UsageError('- reads what is piped in, and nothing is', 'name a file');
      return process.stdin;
    },
    writeTalk: (text) => void process.stderr.write(text),
  };
}

/** NO_COLOR (no-color.org) and FORCE_COLOR decide; else colours are for terminals that can. */
export function paletteOf({ environment, isTerminal }: Host): Palette {
  const { NO_COLOR: none, FORCE_COLOR: force, TERM: terminal } = environment;
  if (none !== undefined && none !== '') return plain;
  if (force !== undefined && force !== '') return force === '0' ? plain : coloured;
  return isTerminal && terminal !== 'dumb' ? coloured : plain;
}

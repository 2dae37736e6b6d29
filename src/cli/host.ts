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

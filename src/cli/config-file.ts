import { accessSync, closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Configuration, parseConfiguration } from '../api/config.ts';
import { UsageError } from '../base/errors.ts';

export const configurationFile = 'onnx-preflight.config.json';

/** A configuration is text that people write; what is larger, or never ends, is none. */
const MAXIMUM_CONFIGURATION_BYTES = 1024 * 1024;

/** `--config FILE`; false for `--no-config`; undefined to search. */
export type ConfigurationChoice = string | false | undefined;

export interface FoundConfiguration {
  readonly configuration: Configuration;
  /** The file, relative to the current folder; undefined when there is none. */
  readonly file: string | undefined;
}

const none: FoundConfiguration = { configuration: {}, file: undefined };

/**
 * Finds the configuration of each model: the nearest `onnx-preflight.config.json` from the model's folder upwards,
 * else from the current folder upwards. Each file is read once.
 */
export class ConfigurationFiles {
  readonly #folder: string;
  readonly #choice: ConfigurationChoice;
  readonly #byFolder = new Map<string, FoundConfiguration | undefined>();

  constructor(folder: string, choice: ConfigurationChoice) {
    this.#folder = folder;
    this.#choice = choice;
  }

  /** UsageError when the file holds what a configuration cannot hold. */
  async for(modelPath: string): Promise<FoundConfiguration> {
    return this.#at(dirname(resolve(this.#folder, modelPath)));
  }

  /** The configuration of the current folder, which decides what is not about one model: the format. */
  async forRun(): Promise<FoundConfiguration> {
    return this.#at(this.#folder);
  }

  #at(folder: string): FoundConfiguration {
    if (this.#choice === false) return none;
    if (this.#choice !== undefined) return this.#named(this.#choice);
    return this.#upwardsFrom(folder) ?? this.#upwardsFrom(this.#folder) ?? none;
  }

  #named(choice: string): FoundConfiguration {
    const file = resolve(this.#folder, choice);
    const found = this.#byFolder.get(file) ?? this.#read(file);
    if (found === undefined) throw new UsageError(`${choice}: there is no such file`, 'see --config');
    this.#byFolder.set(file, found);
    return found;
  }

  #upwardsFrom(start: string): FoundConfiguration | undefined {
    const passed: string[] = [];
    let found: FoundConfiguration | undefined;
    for (let folder = start; ; folder = dirname(folder)) {
      if (this.#byFolder.has(folder)) {
        found = this.#byFolder.get(folder);
        break;
      }
      passed.push(folder);
      found = this.#read(join(folder, configurationFile));
      if (found !== undefined || dirname(folder) === folder) break;
    }
    for (const folder of passed) this.#byFolder.set(folder, found);
    return found;
  }

  /** Undefined when there is no such file. */
  #read(path: string): FoundConfiguration | undefined {
    let text: string;
    try {
      // Most folders have none, and an error costs more than a look.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      text = readText(path, relative(this.#folder, path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      // In a folder that may not be looked into there is nothing to be read either, which is said of the model itself.
      if (code === 'EACCES' && !isOpen(dirname(path))) return undefined;
      throw error;
    }
    const shown = relative(this.#folder, path);
    return { configuration: parseConfiguration(text, shown), file: shown };
  }
}

/** True for a folder whose files may be looked for. */
function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The file may come with a model from anywhere: a link to a device, or a pipe, must not be read. */
function readText(path: string, shown: string): string {
  // Not to wait for somebody to open the other end of a pipe. Absent on Windows.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) throw new UsageError(`${shown} is a folder`);
    if (!stats.isFile()) throw new UsageError(`${shown} is not a regular file`);
    if (stats.size > MAXIMUM_CONFIGURATION_BYTES) throw new UsageError(`${shown} is too large for a configuration`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

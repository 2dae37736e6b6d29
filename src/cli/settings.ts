import { checkRules, type Configuration, mergeConfiguration } from '../api/config.ts';
import { type ConfigurationChoice, ConfigurationFiles } from './config-file.ts';
import { type CommandContext, note } from './command.ts';

/** The configuration of each model of a run: its file's, with the flags over it, and every rule name in it checked. */
export class Settings {
  readonly #flags: Configuration;
  readonly #files: ConfigurationFiles;
  readonly #context: CommandContext;
  readonly #known = new Map<string | undefined, Configuration>();

  constructor(flags: Configuration, choice: ConfigurationChoice, context: CommandContext) {
    this.#flags = flags;
    this.#files = new ConfigurationFiles(context.host.folder, choice);
    this.#context = context;
  }

  /** UsageError when a configuration file is wrong. */
  async for(modelPath: string): Promise<Configuration> {
    const { configuration, file } = await this.#files.for(modelPath);
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const merged = mergeConfiguration(configuration, this.#flags);
    await this.#check(merged);
    if (file !== undefined) note(this.#context, `configuration: ${file}`);
    this.#known.set(file, merged);
    return merged;
  }

  async forRun(): Promise<Configuration> {
    const { configuration } = await this.#files.forRun();
    return mergeConfiguration(configuration, this.#flags);
  }

  async #check(configuration: Configuration): Promise<void> {
    const { select, ignore, severities, simplify } = configuration;
    const named = [select, ignore, severities && Object.keys(severities), simplify?.enable, simplify?.disable];
    if (named.every((names) => names === undefined || names.length === 0)) return;
    const rules = await this.#context.services.rules();
    const idsOf = (isLint: boolean): string[] =>
      rules.filter(({ family }) => (family !== 'simplify') === isLint).map(({ id }) => id);
    checkRules(configuration, idsOf(true), idsOf(false));
  }
}

import yargs, { type Argv } from 'yargs';
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { type Command, type CommandContext, tellFailure } from './command.ts';
import * as compare from './commands/compare.ts';
import * as convert from './commands/convert.ts';
import * as diff from './commands/diff.ts';
import * as explain from './commands/explain.ts';
import * as inspect from './commands/inspect.ts';
import * as lint from './commands/lint.ts';
import * as rules from './commands/rules.ts';
import * as simplify from './commands/simplify.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Host, paletteOf } from './host.ts';
import { libraryServices } from './library-services.ts';
import type { Services } from './services.ts';
import { versionText } from './version.ts';

type Argument = readonly [name: string, description: string];

interface Entry {
  readonly synopsis: string;
  readonly summary: string;
  /** Describes the arguments of the synopsis. */
  readonly arguments?: readonly Argument[];
  readonly command: Command;
}

const models: readonly Argument[] = [['models', 'models, folders of models, or files of external data; - is stdin']];

const commands: Readonly<Record<string, Entry>> = {
  simplify: {
    synopsis: 'simplify <models..>',
    summary: 'write the smallest model that computes the same',
    arguments: models,
    command: simplify,
  },
  lint: {
    synopsis: 'lint <models..>',
    summary: 'say what TensorRT will reject, and what to do about it',
    arguments: models,
    command: lint,
  },
  inspect: {
    synopsis: 'inspect <models..>',
    summary: 'show what is in a model',
    arguments: models,
    command: inspect,
  },
  convert: {
    synopsis: 'convert <input> <output>',
    summary: 'write a model in another format: binary, ONNX text, textproto, JSON',
    arguments: [
      ['input', 'a model; - is stdin'],
      ['output', 'a file; - is stdout'],
    ],
    command: convert,
  },
  compare: {
    synopsis: 'compare <a> <b>',
    summary: 'run two models on the same inputs and tell how far their outputs are apart',
    arguments: [
      ['a', 'a model; - is stdin'],
      ['b', 'the model that is held against it'],
    ],
    command: compare,
  },
  diff: {
    synopsis: 'diff <before> <after>',
    summary: 'show what sets two models apart',
    arguments: [
      ['before', 'a model; - is stdin'],
      ['after', 'a model; - is stdin'],
    ],
    command: diff,
  },
  explain: {
    synopsis: 'explain <subject..>',
    summary: 'show the page of a rule, or of the rule behind an error of TensorRT',
    arguments: [['subject', 'a rule, or the text of an error']],
    command: explain,
  },
  rules: { synopsis: 'rules', summary: 'list all rules', command: rules },
};

/** Runs the command line `argv` (without node and script) and returns how the process shall end; throws nothing. */
export async function run(
  argv: readonly string[],
  host: Host,
  services: Services = libraryServices,
): Promise<ExitCode> {
  const context: CommandContext = { host, services, palette: paletteOf(host) };
  try {
    return await dispatch(argv, context);
  } catch (error) {
    return tellFailure(context, error).exitCode;
  }
}

async function dispatch(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [name] = argv;
  if (name === undefined || name.startsWith('-')) return outsideCommands(argv, context);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw unknownCommand(name);
  const { command } = entry;

  // Of a command by its name yargs writes the help, wanted or not, which takes longer than to read the command line.
  const isHelpWanted = argv.some((argument) => argument.includes('help'));
  const parser = parserFor(context.host)
    .command(
      isHelpWanted ? entry.synopsis : entry.synopsis.replace(name, '$0'),
      entry.summary,
      (builder) => {
        for (const [argument, describe] of entry.arguments ?? [])
          builder.positional(argument, { type: 'string', describe, defaultDescription: 'none' });
        return builder
          .usage(`$0 ${entry.synopsis} [options]\n\n${capitalized(entry.summary)}.`)
          .epilogue(command.remarks)
          .options({ ...command.options });
      },
      () => undefined,
    )
    .strict();
  const given = isHelpWanted ? argv : argv.slice(1);
  const { parsed, output } = await parse(parser, given, command.options, entry.synopsis);
  if (parsed === undefined) {
    context.host.writeResult(`${output}\n`);
    return exitCodes.clean;
  }
  return command.run(parsed, context);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `--help`, `--version`, nothing, or an option before the command. */
async function outsideCommands(argv: readonly string[], { host }: CommandContext): Promise<ExitCode> {
  const parser = parserFor(host).usage('$0 <command> [options]').strict();
  for (const { synopsis, summary } of Object.values(commands)) parser.command(synopsis, summary);
  parser.epilogue('`onnx-preflight <command> --help` shows the options of a command.');
  if (argv.length === 0) {
    host.writeTalk(`${await parser.getHelp()}\n`);
    return exitCodes.badUse;
  }
  const { parsed, output } = await parse(parser, argv, {});
  if (parsed !== undefined) throw new UsageError('name a command', `one of ${Object.keys(commands).join(', ')}`);
  host.writeResult(`${output}\n`);
  return exitCodes.clean;
}

function unknownCommand(name: string): UsageError {
  const names = Object.keys(commands);
  if (/\.onnx$|[\\/]/.test(name))
    return new UsageError(`'${name}' is not a command`, `try: onnx-preflight lint ${name}`);
  const near = suggest(name, names);
  return new UsageError(
    `there is no command '${name}'`,
    near === undefined ? `one of ${names.join(', ')}` : `did you mean ${near}?`,
  );
}

const widest = 110;

function parserFor({ columns }: Host): Argv {
  return yargs([])
    .scriptName('onnx-preflight')
    .locale('en')
    .version(versionText)
    .help()
    .wrap(Math.min(widest, columns))
    .exitProcess(false)
    .showHelpOnFail(false)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    });
}

interface Parsed {
  /** Undefined when yargs answered by itself, for --help and --version. */
  readonly parsed: object | undefined;
  readonly output: string;
}

/** UsageError, with a near option where one was misspelt, when the line is not right. */
async function parse(
  parser: Argv,
  argv: readonly string[],
  options: Command['options'],
  synopsis = '<command>',
): Promise<Parsed> {
  parser.fail((message, error) => {
    throw usageError(message ?? error.message, argv, options, synopsis);
  });
  let output = '';
  const parsed: Record<string, unknown> = await parser.parseAsync(plainArguments(argv), {}, (_error, _parsed, text) => {
    output = text;
  });
  if (output !== '') return { parsed: undefined, output };
  for (const [name, value] of Object.entries(parsed)) {
    if (value === dash) parsed[name] = '-';
    if (Array.isArray(value)) parsed[name] = value.map((item: unknown) => (item === dash ? '-' : item));
  }
  for (const [option, { type, array }] of Object.entries(options)) {
    const value = parsed[option];
    if (array !== true && Array.isArray(value))
      throw new UsageError(`--${option} is given ${value.length} times`, 'give it once');
    if (value === '') throw new UsageError(`--${option} needs a value`);
    // yargs reads any text but `true` as false.
    const given = argv.find((argument) => type === 'boolean' && argument.startsWith(`--${option}=`));
    if (given !== undefined && !/=(true|false)$/.test(given)) throw new UsageError(`--${option} takes no value`);
  }
  return { parsed, output };
}

/** What stands for `-` while yargs has it, which takes that for an option without a name; no path can hold it. */
const dash = '\0-';

/** After `--` everything is an argument, even what starts with a dash; yargs would keep it from the command. */
function plainArguments(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const before = (end < 0 ? argv : argv.slice(0, end)).map((argument) => (argument === '-' ? dash : argument));
  if (end < 0) return before;
  return [...before, ...argv.slice(end + 1).map((path) => (path.startsWith('-') ? `./${path}` : path))];
}

/** What yargs complains of, in one line that says what to do. */
function usageError(
  message: string,
  argv: readonly string[],
  options: Command['options'],
  synopsis: string,
): UsageError {
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1];
  if (unknown !== undefined && argv.includes(unknown))
    return new UsageError(`'${unknown}' is one argument too many`, 'see --help');
  if (unknown !== undefined) {
    const near = suggest(unknown, [...Object.keys(options), 'help', 'version']);
    const dashes = unknown.length === 1 ? '-' : '--';
    return new UsageError(
      `there is no option ${dashes}${unknown}`,
      near === undefined ? '--help lists them' : `did you mean --${near}?`,
    );
  }
  const incomplete = /^Not enough arguments following: (.+)$/.exec(message)?.[1];
  if (incomplete !== undefined) {
    const name = Object.entries(options).find(([, { alias }]) => alias === incomplete)?.[0] ?? incomplete;
    return new UsageError(`--${name} needs a value`);
  }
  if (message.startsWith('Not enough non-option arguments'))
    return new UsageError('an argument is missing', `write: onnx-preflight ${synopsis}`);
  return new UsageError(message);
}

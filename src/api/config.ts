import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import type { Severity } from '../lint/finding.ts';
import { type ExternalDataPolicy, externalDataPolicies } from './external-options.ts';
import type { Preset } from './presets.ts';
import type { ModelRequests } from './requests.ts';
import type { SpareOptions } from './spare.ts';
import { strippable } from './strippable.ts';

export const severityLevels = ['error', 'warning', 'info', 'off'] as const;
export const failLevels = ['error', 'warning', 'never'] as const;
export const lintFormats = ['text', 'json', 'github', 'sarif'] as const;
export const presets = ['default', 'exact', 'tensorrt', 'smallest'] as const satisfies readonly Preset[];
export const lfsPolicies = ['error', 'skip'] as const;

/** What a rule's findings count as, whatever the rule says; `off` drops them. */
export type SeverityLevel = (typeof severityLevels)[number];
/** The least severity that makes a run fail. */
export type FailLevel = (typeof failLevels)[number];
export type LintFormat = (typeof lintFormats)[number];
/** What a Git LFS pointer in place of a model is: an error, or a file to pass over. */
export type LfsPolicy = (typeof lfsPolicies)[number];

/** The keys of `onnx-preflight.config.json`; each is also an option of the command line, which wins. */
export interface Configuration {
  readonly target?: readonly string[];
  /** Rule ids or globs (`tensorrt/*`); only their findings are reported. */
  readonly select?: readonly string[];
  /** `RULE` or `RULE:NODE-GLOB`; their findings are not reported. */
  readonly ignore?: readonly string[];
  readonly severities?: Readonly<Record<string, SeverityLevel>>;
  readonly failOn?: FailLevel;
  readonly format?: LintFormat;
  readonly lfs?: LfsPolicy;
  readonly externalData?: ExternalDataPolicy;
  readonly externalThreshold?: number;
  readonly simplify?: {
    readonly preset?: Preset;
    readonly enable?: readonly string[];
    readonly disable?: readonly string[];
    readonly allowEmpty?: boolean;
    readonly foldQuantization?: boolean;
    readonly provenance?: boolean;
  } & SpareOptions &
    ModelRequests;
}

/** Says what is wrong with a value, or returns it as it shall be stored. `where` is the key's path in the file. */
type Reader = (value: unknown, where: string) => unknown;

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(value);
}

/** One of several words, or a UsageError that names the nearest. */
export function oneOf<Word extends string>(words: readonly Word[], value: unknown, where: string): Word {
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  const near = typeof value === 'string' ? suggest(value, words) : undefined;
  const hint = near === undefined ? undefined : `did you mean ${near}?`;
  throw new UsageError(`${where} is ${describe(value)}, but must be one of ${words.join(', ')}`, hint);
}

function wordReader(words: readonly string[]): Reader {
  return (value, where) => oneOf(words, value, where);
}

const readBoolean: Reader = (value, where) => {
  if (typeof value !== 'boolean') throw new UsageError(`${where} is ${describe(value)}, but must be true or false`);
  return value;
};

const readCount: Reader = (value, where) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`${where} is ${describe(value)}, but must be a number from 0 on`);
};

/** An array of strings; one string stands for an array of one. */
const readStrings: Reader = (value, where) => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const item of list)
    if (typeof item !== 'string') throw new UsageError(`${where} has ${describe(item)}, but must be made of strings`);
  return list;
};

function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${where} is ${describe(value)}, but must be an object`);
  return Object.entries(value);
}

function objectReader(readers: Readonly<Record<string, Reader>>): Reader {
  return (value, where) =>
    Object.fromEntries(
      entriesOf(value, where)
        .filter(([key]) => key !== '$schema')
        .map(([key, item]) => {
          const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
          if (reader === undefined) {
            const near = suggest(key, Object.keys(readers));
            const known = `known keys: ${Object.keys(readers).join(', ')}`;
            throw new UsageError(
              `${where} has the unknown key ${JSON.stringify(key)}`,
              near === undefined ? known : `did you mean ${near}?`,
            );
          }
          return [key, reader(item, `${where}: ${key}`)];
        }),
    );
}

/** An object of strings. */
const readNames: Reader = (value, where) =>
  Object.fromEntries(
    entriesOf(value, where).map(([key, item]) => {
      if (typeof item !== 'string') throw new UsageError(`${where}: ${key} is ${describe(item)}, but must be a string`);
      return [key, item];
    }),
  );

function wordsReader(words: readonly string[]): Reader {
  return (value, where) => (readStrings(value, where) as string[]).map((word) => oneOf(words, word, where));
}

const readSeverities: Reader = (value, where) =>
  Object.fromEntries(
    entriesOf(value, where).map(([rule, level]) => [rule, oneOf(severityLevels, level, `${where}: ${rule}`)]),
  );

const readConfiguration = objectReader({
  target: readStrings,
  select: readStrings,
  ignore: readStrings,
  severities: readSeverities,
  failOn: wordReader(failLevels),
  format: wordReader(lintFormats),
  lfs: wordReader(lfsPolicies),
  externalData: wordReader(externalDataPolicies),
  externalThreshold: readCount,
  simplify: objectReader({
    preset: wordReader(presets),
    enable: readStrings,
    disable: readStrings,
    allowEmpty: readBoolean,
    foldQuantization: readBoolean,
    provenance: readBoolean,
    skipNodes: readStrings,
    keep: readStrings,
    opset: readCount,
    inputs: readStrings,
    outputs: readStrings,
    rename: readNames,
    inferShapes: readBoolean,
    strip: wordsReader(strippable),
  }),
});

/** The configuration in `text`, which came from `file`; UsageError for JSON, keys and types that are not right. */
export function parseConfiguration(text: string, file: string): Configuration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  return readConfiguration(value, file) as Configuration;
}

/** Flags over file: each key of `flags` that is set takes the place of the file's. */
export function mergeConfiguration(file: Configuration, flags: Configuration): Configuration {
  return {
    ...file,
    ...definedOnly(flags),
    simplify: { ...file.simplify, ...definedOnly(flags.simplify ?? {}) },
  };
}

function definedOnly<Type extends object>(value: Type): Partial<Type> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<Type>;
}

/** `*` stands for any characters, `/` included, and `?` for one. */
export function globMatcher(glob: string): (text: string) => boolean {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  const expression = new RegExp(`^${source}$`);
  return (text) => expression.test(text);
}

/** The rule and the node glob of one `ignore`; a rule id holds no colon. */
export function splitIgnore(ignore: string): { readonly rule: string; readonly node: string | undefined } {
  const colon = ignore.indexOf(':');
  return colon < 0
    ? { rule: ignore, node: undefined }
    : { rule: ignore.slice(0, colon), node: ignore.slice(colon + 1) };
}

/** UsageError when a rule id or glob in `names` fits none of `rules`. `where` names the option or key. */
export function checkRuleNames(names: readonly string[], rules: readonly string[], where: string): void {
  for (const name of names) {
    if (rules.some(globMatcher(name))) continue;
    const near = suggest(name, rules) ?? rules.find((rule) => rule.endsWith(`/${name}`));
    throw new UsageError(
      `${where} names the rule '${name}', which there is not`,
      near === undefined ? '`onnx-preflight rules` lists them' : `did you mean ${near}?`,
    );
  }
}

/** UsageError when the configuration names a rule that is in neither list. */
export function checkRules(
  configuration: Configuration,
  lintRules: readonly string[],
  simplifyRules: readonly string[],
): void {
  checkRuleNames(configuration.select ?? [], lintRules, 'select');
  checkRuleNames(
    (configuration.ignore ?? []).map((ignore) => splitIgnore(ignore).rule),
    lintRules,
    'ignore',
  );
  checkRuleNames(Object.keys(configuration.severities ?? {}), lintRules, 'severities');
  checkRuleNames(configuration.simplify?.enable ?? [], simplifyRules, 'enable');
  checkRuleNames(configuration.simplify?.disable ?? [], simplifyRules, 'disable');
}

/** True when `severity` reaches the level at which a run fails. */
export function reaches(severity: Severity, level: FailLevel): boolean {
  if (level === 'never') return false;
  return severity === 'error' || (level === 'warning' && severity === 'warning');
}

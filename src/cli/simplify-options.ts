import type { InferredOptionTypes, Options } from 'yargs';
import { type Configuration, oneOf, presets } from '../api/config.ts';
import { strippable } from '../api/strippable.ts';
import { naturalNumber } from './options.ts';
import { UsageError } from '../base/errors.ts';

/** Options of `simplify` that say what is made of a model. */
export const transformOptions = {
  preset: { type: 'string', requiresArg: true, describe: `${presets.join(', ')} [default: default]` },
  enable: { type: 'string', array: true, requiresArg: true, describe: 'use this rule, whatever the preset' },
  disable: { type: 'string', array: true, requiresArg: true, describe: 'do not use this rule' },
  'skip-node': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'rewrite no node of this name, or that makes a value of this name; a glob',
  },
  keep: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'go on computing this value, under its name',
  },
  inputs: { type: 'string', array: true, requiresArg: true, describe: 'cut out the part that begins with this value' },
  outputs: { type: 'string', array: true, requiresArg: true, describe: 'cut out the part that ends with this value' },
  rename: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'rename an input or output: OLD=NEW',
  },
  opset: {
    type: 'string',
    requiresArg: true,
    describe: 'write the model in this opset of ai.onnx; refused where a node cannot be',
  },
  'infer-shapes': { type: 'boolean', describe: 'declare the type and shape of every value (value_info)' },
  strip: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: `leave out ${strippable.join(', ')}; commas separate several`,
  },
  provenance: { type: 'boolean', describe: 'write into metadata_props of new nodes of which nodes they were made' },
  'allow-empty': { type: 'boolean', describe: 'dynamic dims of graph inputs may be 0' },
  'fold-quantization': { type: 'boolean', describe: 'fold QuantizeLinear and DequantizeLinear of constants, too' },
} as const satisfies Record<string, Options>;

type Flags = Partial<InferredOptionTypes<typeof transformOptions>>;

/** What the options say; UsageError for what cannot be read. */
export function transformFlags(parsed: Flags): NonNullable<Configuration['simplify']> {
  const { enable, disable, keep, inputs, outputs, rename, strip, provenance } = parsed;
  return {
    ...(parsed.preset !== undefined && { preset: oneOf(presets, parsed.preset, '--preset') }),
    ...(enable !== undefined && { enable }),
    ...(disable !== undefined && { disable }),
    ...(parsed['skip-node'] !== undefined && { skipNodes: parsed['skip-node'] }),
    ...(keep !== undefined && { keep }),
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
    ...(rename !== undefined && { rename: renamesOf(rename) }),
    ...(parsed.opset !== undefined && { opset: naturalNumber(parsed.opset, '--opset', 0) }),
    ...(parsed['infer-shapes'] !== undefined && { inferShapes: parsed['infer-shapes'] }),
    ...(strip !== undefined && { strip: strip.flatMap(wordsOf).map((part) => oneOf(strippable, part, '--strip')) }),
    ...(provenance !== undefined && { provenance }),
    ...(parsed['allow-empty'] !== undefined && { allowEmpty: parsed['allow-empty'] }),
    ...(parsed['fold-quantization'] !== undefined && { foldQuantization: parsed['fold-quantization'] }),
  };
}

/** The same options again, to be shown in a command. */
export function transformWords(parsed: Flags): string[] {
  return Object.entries(transformOptions).flatMap(([name, { type }]) => {
    const value = parsed[name as keyof Flags];
    if (value === undefined || value === false) return [];
    if (type === 'boolean') return [`--${name}`];
    return (Array.isArray(value) ? value : [value]).map((item) => `--${name} ${String(item)}`);
  });
}

function wordsOf(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

/** Names may hold nearly anything: the first `=` counts that leaves something on both sides. */
function renamesOf(texts: readonly string[]): Record<string, string> {
  const renames = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=', 1);
    if (at < 0 || at === text.length - 1)
      throw new UsageError(`--rename is '${text}'`, 'write OLD=NEW, as in input.1=x');
    const old = text.slice(0, at);
    if (renames.has(old)) throw new UsageError(`--rename is given twice for '${old}'`);
    renames.set(old, text.slice(at + 1));
  }
  return Object.fromEntries(renames);
}

import type { Options } from 'yargs';
import type { BoundSize, ShapeBindings } from '../api/bind-dims.ts';
import { UsageError } from '../base/errors.ts';

/** Options that freeze or bound dims of a model's inputs. */
export const bindingOptions = {
  dim: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'freeze or bound a dynamic dim: batch=1, seq=1..512; may be given several times',
  },
  'input-shape': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'freeze or bound the dims of an input: x:1x3x224x224, x:1..8x3x?x? (? leaves one as it is)',
  },
} as const satisfies Record<string, Options>;

interface Flags {
  readonly dim?: readonly string[] | undefined;
  readonly 'input-shape'?: readonly string[] | undefined;
}

/** What the options say; undefined when none is given. UsageError for what cannot be read. */
export function bindingsOf({ dim = [], 'input-shape': shapes = [] }: Flags): ShapeBindings | undefined {
  if (dim.length === 0 && shapes.length === 0) return undefined;
  return {
    dims: distinct(dim.map(readDim), '--dim'),
    inputShapes: distinct(shapes.map(readShape), '--input-shape'),
  };
}

function distinct<T>(entries: readonly (readonly [string, T])[], option: string): Record<string, T> {
  const seen = new Map<string, T>();
  for (const [name, value] of entries) {
    if (seen.has(name)) throw new UsageError(`${option} is given twice for '${name}'`);
    seen.set(name, value);
  }
  return Object.fromEntries(seen);
}

/** A dim_param may hold nearly anything: the last `=` counts. */
function readDim(text: string): readonly [string, BoundSize] {
  const at = text.lastIndexOf('=');
  const size = at <= 0 ? undefined : readSize(text.slice(at + 1));
  if (size === undefined)
    throw new UsageError(`--dim is '${text}'`, 'write NAME=SIZE or NAME=LEAST..MOST, as in batch=1');
  return [text.slice(0, at), size];
}

/** Names of inputs may hold a colon: the last one counts. */
function readShape(text: string): readonly [string, readonly (BoundSize | null)[]] {
  const at = text.lastIndexOf(':');
  const sizes = at <= 0 ? [] : text.slice(at + 1).split(/[x,]/);
  const read = sizes.map((size) => (size === '?' ? null : readSize(size)));
  if (read.length === 0 || read.includes(undefined))
    throw new UsageError(
      `--input-shape is '${text}'`,
      'write INPUT:SIZExSIZE..., as in x:1x3x224x224; ? leaves a dim as it is',
    );
  return [text.slice(0, at), read.map((size) => size ?? null)];
}

function readSize(text: string): BoundSize | undefined {
  const [, low, high] = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text) ?? [];
  if (low === undefined) return undefined;
  return high === undefined ? Number(low) : [Number(low), Number(high)];
}

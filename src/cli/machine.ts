import type { Options } from 'yargs';
import type { BoundSize, ShapeBindings } from '../api/bind-dims.ts';
import { UsageError } from '../base/errors.ts';
import type { MachineOptions } from '../lint/machine.ts';

/** What the engine is built for, and how: our own options, and those of trtexec in its own spelling. */
export const machineOptions = {
  gpu: {
    type: 'string',
    requiresArg: true,
    describe: 'GPU: a compute capability (sm86) or a name (orin, l4, rtx4090)',
  },
  dla: { type: 'boolean', describe: 'the engine runs on the DLA of that GPU' },
  useDLACore: { type: 'string', requiresArg: true, describe: 'as trtexec has it: the number of the core' },
  precision: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'builder flags: fp16, bf16, fp8, int8, int4, fp4, tf32; the same as --fp16 and so on',
  },
  plugins: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'plugin creators that will be registered: names, or a text that lists those of a library',
  },
  fp16: { type: 'boolean', describe: 'as trtexec has it' },
  bf16: { type: 'boolean', describe: 'as trtexec has it' },
  fp8: { type: 'boolean', describe: 'as trtexec has it' },
  int8: { type: 'boolean', describe: 'as trtexec has it' },
  stronglyTyped: { type: 'boolean', describe: 'as trtexec has it' },
  minShapes: { type: 'string', requiresArg: true, describe: 'as trtexec has it: x:1x3x224x224,y:1x10' },
  optShapes: { type: 'string', requiresArg: true, describe: 'as trtexec has it' },
  maxShapes: { type: 'string', requiresArg: true, describe: 'as trtexec has it' },
} as const satisfies Record<string, Options>;

const flags = ['fp16', 'bf16', 'fp8', 'int8'] as const;

export interface MachineFlags {
  readonly gpu?: string | undefined;
  readonly dla?: boolean | undefined;
  readonly useDLACore?: string | undefined;
  readonly precision?: readonly string[] | undefined;
  readonly plugins?: readonly string[] | undefined;
  readonly fp16?: boolean | undefined;
  readonly bf16?: boolean | undefined;
  readonly fp8?: boolean | undefined;
  readonly int8?: boolean | undefined;
  readonly stronglyTyped?: boolean | undefined;
  readonly minShapes?: string | undefined;
  readonly optShapes?: string | undefined;
  readonly maxShapes?: string | undefined;
}

/** undefined when nothing is said of the machine. */
export function machineOf(parsed: MachineFlags): MachineOptions | undefined {
  const precision = [...(parsed.precision ?? []), ...flags.filter((flag) => parsed[flag] === true)];
  const machine: MachineOptions = {
    ...(parsed.gpu !== undefined && { gpu: parsed.gpu }),
    ...((parsed.dla === true || usesDlaCore(parsed.useDLACore)) && { dla: true }),
    ...(precision.length > 0 && { precision }),
    ...(parsed.plugins !== undefined && { plugins: parsed.plugins }),
    ...(parsed.stronglyTyped === true && { stronglyTyped: true }),
  };
  return Object.keys(machine).length === 0 ? undefined : machine;
}

/** trtexec's own way to say that the engine runs on the DLA; -1 is its default, and says that it does not. */
function usesDlaCore(core: string | undefined): boolean {
  if (core === undefined || core === '-1') return false;
  if (!/^\d{1,3}$/.test(core)) throw new UsageError(`--useDLACore is '${core}'`, 'write the number of a core, as in 0');
  return true;
}

/** The bindings with the profile that trtexec's options give; UsageError where the two speak of the same input. */
export function withProfile(bindings: ShapeBindings | undefined, parsed: MachineFlags): ShapeBindings | undefined {
  const least = shapesOf(parsed.minShapes, '--minShapes');
  const usual = shapesOf(parsed.optShapes, '--optShapes');
  const most = shapesOf(parsed.maxShapes, '--maxShapes');
  const names = new Set([...least.keys(), ...usual.keys(), ...most.keys()]);
  if (names.size === 0) return bindings;
  const inputShapes: Record<string, readonly (BoundSize | null)[]> = { ...bindings?.inputShapes };
  for (const name of names) {
    if (Object.hasOwn(inputShapes, name))
      throw new UsageError(`input '${name}' is in --input-shape and in a profile`, 'leave one of the two out');
    // Where one is left out, trtexec takes the next.
    const middle = usual.get(name) ?? most.get(name) ?? least.get(name) ?? [];
    const low = least.get(name) ?? middle;
    const high = most.get(name) ?? middle;
    if (low.length !== high.length || low.length !== middle.length)
      throw new UsageError(`input '${name}' has shapes of different ranks in --minShapes, --optShapes and --maxShapes`);
    inputShapes[name] = low.map((size, axis): BoundSize => {
      const [from, to, between] = [size, high[axis] ?? size, middle[axis] ?? size];
      if (from > to || between < from || between > to)
        throw new UsageError(
          `axis ${axis} of input '${name}' is at least ${from}, usually ${between} and at most ${to}`,
          'give --minShapes, --optShapes and --maxShapes in rising order',
        );
      if (from === to) return from;
      return usual.has(name) ? [from, to, between] : [from, to];
    });
  }
  return { ...bindings, inputShapes };
}

/** `x:1x3,y:1x10`; names may hold colons: the last one counts. */
function shapesOf(text: string | undefined, option: string): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const item of text?.split(',') ?? []) {
    const at = item.lastIndexOf(':');
    const sizes = item.slice(at + 1).split('x');
    if (at <= 0 || !sizes.every((size) => /^\d{1,10}$/.test(size)))
      throw new UsageError(`${option} is '${text ?? ''}'`, 'write INPUT:SIZExSIZE, as in x:1x3x224x224');
    shapes.set(item.slice(0, at).replace(/^['"]|['"]$/g, ''), sizes.map(Number));
  }
  return shapes;
}

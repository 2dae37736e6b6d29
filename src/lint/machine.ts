/** The machine a target stands on, and the flags its engine is built with: what can go together, and what cannot. */
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { type Gpu, hasDla, parseGpu } from './gpu.ts';
import { formatVersion, version, type Version } from './version.ts';

export const precisions = ['fp32', 'tf32', 'fp16', 'bf16', 'fp8', 'int8', 'int4', 'fp4'] as const;
export type Precision = (typeof precisions)[number];

/** As the user gives it. */
export interface MachineOptions {
  /** A compute capability or a name: `sm86`, `orin`. */
  readonly gpu?: string;
  readonly dla?: boolean;
  /** Builder flags for weak typing: `fp16`, `int8` ... */
  readonly precision?: readonly string[];
  readonly stronglyTyped?: boolean;
  /** Names of plugin creators that will be registered, separated by commas, spaces or lines. */
  readonly plugins?: readonly string[];
}

export interface Machine {
  readonly gpu: Gpu | undefined;
  readonly dla: boolean;
  readonly precisions: ReadonlySet<Precision>;
  readonly stronglyTyped: boolean;
  readonly plugins: ReadonlySet<string>;
}

export const anyMachine: Machine = {
  gpu: undefined,
  dla: false,
  precisions: new Set(),
  stronglyTyped: false,
  plugins: new Set(),
};

/** Least compute capability, and first release, of a precision: support matrix of the TensorRT documentation. */
const needs: Readonly<Partial<Record<Precision, readonly [capability: number, since: Version]>>> = {
  tf32: [80, version('7.1')],
  bf16: [80, version('9.0')],
  fp8: [89, version('8.6')],
  int4: [75, version('10.0')],
  fp4: [100, version('10.8')],
};

const WEAK_TYPING_UNTIL = version('10.16');

/** UsageError for an unknown GPU or precision, and for a GPU that does not have what is asked of it. */
export function parseMachine(options: MachineOptions | undefined): Machine {
  if (options === undefined) return anyMachine;
  const gpu = options.gpu === undefined ? undefined : parseGpu(options.gpu);
  const wanted = (options.precision ?? []).flatMap((text) => text.split(',')).map((text) => text.trim().toLowerCase());
  const machine: Machine = {
    gpu,
    dla: options.dla === true,
    precisions: new Set(wanted.filter((text) => text !== '').map(parsePrecision)),
    stronglyTyped: options.stronglyTyped === true,
    plugins: new Set((options.plugins ?? []).flatMap((text) => text.split(/[\s,]+/)).filter((name) => name !== '')),
  };
  if (machine.stronglyTyped && machine.precisions.size > 0)
    throw new UsageError(
      `--stronglyTyped and --${[...machine.precisions][0] ?? ''} exclude each other`,
      'a strongly typed network has the types of the model; leave one of the two out',
    );
  if (gpu !== undefined) checkGpu(gpu, machine);
  return machine;
}

function parsePrecision(text: string): Precision {
  const found = precisions.find((precision) => precision === text);
  if (found !== undefined) return found;
  const meant = suggest(text, precisions);
  throw new UsageError(
    `--precision is '${text}', but must be of ${precisions.join(', ')}`,
    meant === undefined ? undefined : `did you mean ${meant}?`,
  );
}

function checkGpu(gpu: Gpu, { precisions: wanted, dla }: Machine): void {
  const { name, computeCapability } = gpu;
  for (const precision of wanted) {
    const [least = 0] = needs[precision] ?? [];
    if (computeCapability < least)
      throw new UsageError(
        `${precision} does not go with --gpu ${name}: it needs compute capability ${capabilityText(least)} or higher, and that is ${capabilityText(computeCapability)}`,
        'leave the precision out, or name another GPU',
      );
  }
  if (dla && !hasDla(gpu))
    throw new UsageError(`--dla does not go with --gpu ${name}: it has no DLA`, 'only Xavier and Orin have one');
}

/** UsageError when a release that the user named cannot be built for the machine at all. */
export function checkRelease(name: string, release: Version, { precisions: wanted, dla }: Machine): void {
  const [flag] = [...wanted].filter((precision) => precision !== 'fp32' && precision !== 'tf32');
  if (release > WEAK_TYPING_UNTIL && flag !== undefined)
    throw new UsageError(
      `--${flag} does not go with ${name}: from 11.0 on networks are strongly typed, and there is no such builder flag`,
      `leave it out and give the model itself the type, or judge ${formatVersion(WEAK_TYPING_UNTIL)}`,
    );
  for (const precision of wanted) {
    const since = needs[precision]?.[1] ?? 0;
    if (release < since)
      throw new UsageError(`--${precision} does not go with ${name}: it came with TensorRT ${formatVersion(since)}`);
  }
  if (dla && release >= version('11.0') && release < version('11.4'))
    throw new UsageError(`--dla does not go with ${name}: 11.0 to 11.3 have no DLA`, 'judge 10.16 or 11.4');
}

export function capabilityText(capability: number): string {
  return `${Math.floor(capability / 10)}.${capability % 10}`;
}

/** GPUs by name and by compute capability. Source: developer.nvidia.com/cuda-gpus and the product pages of Jetson modules. */
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';

export interface Gpu {
  /** As the user named it. */
  readonly name: string;
  /** Compute capability without its dot: 75, 87, 120. */
  readonly computeCapability: number;
}

const namesByCapability: readonly (readonly [computeCapability: number, names: string])[] = [
  [53, 'nano tx1'],
  [60, 'p100'],
  [61, 'p4 p40 gtx1050 gtx1060 gtx1070 gtx1080'],
  [62, 'tx2'],
  [70, 'v100 titanv'],
  [72, 'xavier'],
  [75, 't4 gtx1650 gtx1660 rtx2060 rtx2070 rtx2080 rtx4000 rtx5000 rtx6000 rtx8000'],
  [80, 'a100 a30'],
  [86, 'a2 a10 a10g a16 a40 rtx3050 rtx3060 rtx3070 rtx3080 rtx3090 a2000 a4000 a5000 a6000'],
  [87, 'orin'],
  [89, 'l4 l40 l40s rtx4050 rtx4060 rtx4070 rtx4080 rtx4090 rtx6000ada'],
  [90, 'h100 h200 gh200 h20'],
  [100, 'b200 gb200'],
  [103, 'b300 gb300'],
  [110, 'thor'],
  [120, 'rtx5050 rtx5060 rtx5070 rtx5080 rtx5090 rtxpro6000'],
  [121, 'gb10 spark'],
];

const capabilities = new Map<string, number>(
  namesByCapability.flatMap(([capability, names]) => names.split(' ').map((name) => [name, capability] as const)),
);
const knownCapabilities: ReadonlySet<number> = new Set(namesByCapability.map(([capability]) => capability));

/** GPUs that have a DLA: Xavier and Orin (TensorRT Developer Guide, working with DLA). */
export function hasDla({ computeCapability }: Gpu): boolean {
  return computeCapability === 72 || computeCapability === 87;
}

/** `sm75`, `7.5`, `75`, or a name such as `orin`, `l4`, `RTX 5090`; UsageError for what is none. */
export function parseGpu(text: string): Gpu {
  const plain = text.toLowerCase().replace(/^(?:nvidia|geforce|tesla|jetson|quadro)[ _-]*|[ _-]/g, '');
  const named =
    capabilities.get(plain.replace(/^geforce/, '')) ?? capabilities.get(plain.replace(/^agx|nx$|super$|ti$/g, ''));
  if (named !== undefined) return { name: text, computeCapability: named };
  const [, major, minor] = /^(?:sm|cc)?(\d{1,2})\.?(\d)$/.exec(plain) ?? [];
  const capability = Number(`${major ?? ''}${minor ?? ''}`);
  if (knownCapabilities.has(capability)) return { name: text, computeCapability: capability };
  const meant = suggest(plain, [...capabilities.keys(), ...[...knownCapabilities].map((known) => `sm${known}`)]);
  throw new UsageError(
    `--gpu is '${text}', which is no GPU that is known here`,
    meant === undefined
      ? 'write a compute capability such as sm86, or a name such as orin, l4, rtx4090'
      : `did you mean ${meant}?`,
  );
}

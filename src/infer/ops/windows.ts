/** Sliding windows of convolutions and pools: their attributes, and how many of them fit. */
import { Dim } from '../dim.ts';
import type { LawContext } from '../law.ts';

export type AutoPad = 'NOTSET' | 'VALID' | 'SAME';

export interface Windows {
  /** Extent along each spatial axis, dilation counted in: (kernel - 1) * dilation + 1. Undefined where not known. */
  readonly extents: readonly (Dim | undefined)[];
  readonly strides: readonly bigint[];
  readonly dilations: readonly bigint[];
  readonly begins: readonly bigint[];
  readonly ends: readonly bigint[];
  /** SAME_UPPER and SAME_LOWER differ in where they pad, not in how much. Takes the place of `pads` when set. */
  readonly autoPad: AutoPad;
}

/** The attributes kernel_shape, strides, dilations, pads and auto_pad for `rank` spatial axes. */
export function windowsOf(context: LawContext, rank: number, kernel: readonly Dim[] | undefined): Windows {
  const sizes = context.attributes.ints('kernel_shape')?.map((size) => Dim.of(size)) ?? kernel;
  if (sizes !== undefined) checkLength(context, 'kernel_shape', sizes.length, rank);
  if (sizes?.some((size) => size.constant !== undefined && size.constant <= 0n) === true)
    context.contradiction(`${context.node.opType} has a kernel of size [${sizes.join(', ')}]`);
  const strides = listAttribute(context, 'strides', rank, 1n);
  const dilations = listAttribute(context, 'dilations', rank, 1n);
  const pads = listAttribute(context, 'pads', 2 * rank, 0n);
  return {
    extents: dilations.map((dilation, axis) => {
      const size = sizes?.[axis];
      return size?.minus(Dim.one).times(Dim.of(dilation)).plus(Dim.one);
    }),
    strides,
    dilations,
    begins: pads.slice(0, rank),
    ends: pads.slice(rank),
    autoPad: autoPadOf(context),
  };
}

/** An attribute with one value for each position, none below the least that is allowed, which is the default as well. */
export function listAttribute(context: LawContext, name: string, length: number, least: bigint): readonly bigint[] {
  const values = context.attributes.ints(name);
  if (values === undefined) return Array.from({ length }, () => least);
  checkLength(context, name, values.length, length);
  if (values.some((value) => value < least))
    context.contradiction(`${name} of ${context.node.opType} has a value below ${least}: [${values.join(', ')}]`);
  return values;
}

function checkLength(context: LawContext, name: string, length: number, wanted: number): void {
  if (length !== wanted)
    context.contradiction(`${name} of ${context.node.opType} must have ${wanted} values, but has ${length}`);
}

function autoPadOf(context: LawContext): AutoPad {
  const text = context.attributes.string('auto_pad') ?? 'NOTSET';
  if (text === 'SAME_UPPER' || text === 'SAME_LOWER') return 'SAME';
  return text === 'VALID' ? 'VALID' : 'NOTSET';
}

/**
 * How many windows fit where `span` is the padded input less one window: floor(span / stride) + 1.
 * Undefined where implementations differ: they round a negative span one way or the other.
 */
export function windowCount(context: LawContext, span: Dim, stride: bigint): Dim | undefined {
  const { high } = span.bounds();
  if (high !== undefined && high < 0n) {
    if (high < -stride) context.contradiction(`a window of ${context.node.opType} is larger than its padded input`);
    return stride === 1n ? span.plus(Dim.one) : undefined;
  }
  return span.floorDivide(Dim.of(stride)).plus(Dim.one);
}

/** The number of windows along one axis when the input is padded as far as it takes: ceil(input / stride). */
export function sameCount(input: Dim, stride: bigint): Dim {
  return input.ceilingDivide(Dim.of(stride));
}

/** [N, D..., C] as [N, C, D...]. */
export function channelsToFront(dims: readonly Dim[]): readonly Dim[] {
  return [...dims.slice(0, 1), ...dims.slice(-1), ...dims.slice(1, -1)];
}

/** [N, C, D...] as [N, D..., C]. */
export function channelsToBack<Entry>(dims: readonly Entry[]): readonly Entry[] {
  return [...dims.slice(0, 1), ...dims.slice(2), ...dims.slice(1, 2)];
}

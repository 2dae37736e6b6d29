/** Windows of Conv, ConvTranspose and the pools: kernel, strides, dilations and padding, as their attributes give them. */
import type { Window } from './contraction.ts';
import type { KernelContext } from './kernel.ts';
import { refuse } from './refusal.ts';

function perAxis(given: readonly number[] | undefined, rank: number, name: string, standard: number): number[] {
  const values = given === undefined || given.length === 0 ? new Array<number>(rank).fill(standard) : [...given];
  if (values.length !== rank) return refuse(`${name} has ${values.length} entries for ${rank} spatial axes`);
  return values;
}

export interface WindowAttributes {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly autoPad: string;
}

export function windowAttributes(context: KernelContext, rank: number): WindowAttributes {
  const strides = perAxis(context.ints('strides'), rank, 'strides', 1);
  const dilations = perAxis(context.ints('dilations'), rank, 'dilations', 1);
  if (strides.some((stride) => stride < 1) || dilations.some((dilation) => dilation < 1))
    return refuse('a stride or dilation below 1');
  const autoPad = context.attributes.string('auto_pad') ?? 'NOTSET';
  const given = context.ints('pads');
  const pads = autoPad === 'NOTSET' || autoPad === '' ? perAxis(given, 2 * rank, 'pads', 0) : undefined;
  return { strides, dilations, pads, autoPad: pads === undefined ? autoPad : 'NOTSET' };
}

export function kernelShape(context: KernelContext, rank: number): number[] {
  return perAxis(
    context.ints('kernel_shape') ?? refuse(`${context.opType} needs kernel_shape`),
    rank,
    'kernel_shape',
    1,
  );
}

/**
 * The window over an input of `dims`. SAME_*: out = ceil(in / stride), an odd pad at the end for UPPER, at the begin for LOWER.
 * With `ceil` a last window that would start in the padding after the input is dropped (MaxPool-22).
 */
export function windowOf(
  dims: readonly number[],
  kernel: readonly number[],
  attributes: WindowAttributes,
  ceil = false,
): Window {
  const { strides, dilations, pads, autoPad } = attributes;
  const rank = dims.length;
  const begin: number[] = [];
  const end: number[] = [];
  const output = dims.map((dim, axis) => {
    const [size, stride, dilation] = [kernel[axis], strides[axis], dilations[axis]] as [number, number, number];
    const extent = (size - 1) * dilation + 1;
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const out = Math.ceil(dim / stride);
      const total = Math.max(0, (out - 1) * stride + extent - dim);
      const small = Math.floor(total / 2);
      begin.push(autoPad === 'SAME_UPPER' ? small : total - small);
      end.push(autoPad === 'SAME_UPPER' ? total - small : small);
      return out;
    }
    const before = pads?.[axis] ?? 0;
    const after = pads?.[axis + rank] ?? 0;
    begin.push(before);
    end.push(after);
    const room = dim + before + after - extent;
    if (room < 0) return refuse('the window is larger than the padded input');
    const out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return ceil && (out - 1) * stride >= dim + before ? out - 1 : out;
  });
  return { kernel, strides, dilations, begin, end, output };
}

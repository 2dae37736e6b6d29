import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { WeightAxis } from './channel-scale.ts';
import type { RewriteContext } from './context.ts';
import { doublesOf } from './float-tensors.ts';

/** A node that is linear in its data, and whose weight is constant: what may be multiplied into the weight, may be taken from around it. */
export interface Linear {
  readonly node: Node;
  readonly data: Value;
  readonly weight: Value;
  readonly tensor: Tensor;
  /** Input slot of the weight, and of the data. */
  readonly weightIndex: number;
  readonly dataIndex: number;
  /** The bias that is there; undefined also for MatMul, which has none (`takesBias`). */
  readonly bias: Value | undefined;
  readonly takesBias: boolean;
  readonly outputs: Channels;
  readonly inputs: Channels;
}

export interface Channels {
  readonly count: number;
  /** Where a factor for each of them applies in the weight. */
  readonly at: WeightAxis;
  /** The axis of the result (for the inputs: of the data) that they lie along, counted from the end when negative. */
  readonly axis: number;
}

/** A weight of more than this is not stored a second time because something else reads it, too. */
const MAXIMUM_COPIED_BYTES = 1 << 20;

/** What `node` is as a linear operator; undefined when it is none, or its weight is not constant. */
export function linearOf(node: Node | undefined, context: RewriteContext): Linear | undefined {
  if (node === undefined || node.domain !== '' || !context.isReadable(node)) return undefined;
  if (node.opType === 'MatMul') return matMulOf(node, context);
  if (!['Conv', 'ConvTranspose', 'Gemm'].includes(node.opType)) return undefined;
  const [data, weight, bias] = node.inputs;
  const tensor = context.tensor(weight);
  const [rows, columns] = tensor?.dims ?? [];
  if (data === undefined || weight === undefined || tensor === undefined) return undefined;
  if (rows === undefined || columns === undefined) return undefined;
  const attributes = context.attributes(node);
  const common = { node, data, weight, tensor, weightIndex: 1, dataIndex: 0, bias, takesBias: true };
  if (node.opType === 'Gemm') {
    // transA makes the channels of the data its rows; alpha belongs to the weight; only a bias that is simply added is one.
    if (attributes.int('transA') !== 0n || (bias !== undefined && attributes.float('beta') !== 1)) return undefined;
    const isTransposed = attributes.int('transB') !== 0n;
    const first = { count: rows, at: { axis: 0, groups: 1 }, axis: 1 } as const;
    const second = { count: columns, at: { axis: 1, groups: 1 }, axis: 1 } as const;
    return { ...common, inputs: isTransposed ? second : first, outputs: isTransposed ? first : second };
  }
  const groups = attributes.number('group') ?? 1;
  if (groups < 1 || rows % groups !== 0) return undefined;
  const first = { count: rows, at: { axis: 0, groups: 1 }, axis: 1 } as const;
  const second = { count: columns * groups, at: { axis: 1, groups }, axis: 1 } as const;
  return node.opType === 'Conv'
    ? { ...common, inputs: second, outputs: first }
    : { ...common, inputs: first, outputs: second };
}

function matMulOf(node: Node, context: RewriteContext): Linear | undefined {
  const [data, weight] = node.inputs;
  const tensor = context.tensor(weight);
  if (data === undefined || weight === undefined || tensor?.dims.length !== 2) return undefined;
  // Of a vector there is no axis before the last one, but the last one is the channels all the same.
  const [rows = 0, columns = 0] = tensor.dims;
  return {
    ...{ node, data, weight, tensor, weightIndex: 1, dataIndex: 0, bias: undefined, takesBias: false },
    inputs: { count: rows, at: { axis: 0, groups: 1 }, axis: -1 },
    outputs: { count: columns, at: { axis: 1, groups: 1 }, axis: -1 },
  };
}

/** True when another version of a constant that `node` reads would mean to store much of it twice. */
export function sharedTensor(tensor: Tensor, value: Value, node: Node): boolean {
  return tensor.byteLength > MAXIMUM_COPIED_BYTES && (value.isGraphOutput || value.onlyUser !== node);
}

/**
 * The numbers of a constant that is combined with a value of rank `rank` elementwise, when there is one for each channel, or a
 * single one, and it broadcasts to the value without changing its shape. undefined when it does anything else.
 */
export function channelNumbers(
  tensor: Tensor | undefined,
  rank: number | undefined,
  { count, axis }: Pick<Channels, 'count' | 'axis'>,
): Float64Array | undefined {
  if (tensor === undefined || tensor.elementCount === 0) return undefined;
  const { dims } = tensor;
  // What is of unknown rank can be a vector, which no constant of one axis widens.
  if (dims.length > (rank ?? 1)) return undefined;
  const numbers = doublesOf(tensor);
  if (numbers === undefined || !numbers.every(Number.isFinite)) return undefined;
  if (numbers.length === 1) return numbers;
  if (numbers.length !== count || (axis >= 0 && rank === undefined)) return undefined;
  const fromEnd = axis < 0 ? -axis : (rank ?? 0) - axis;
  return dims.at(-fromEnd) === count && fromEnd <= dims.length ? numbers : undefined;
}

import { arrayOf, isStringData } from '../fold/array.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';

/**
 * The number that every element of a tensor in memory is, bool as 0 and 1; undefined when they differ, when there are none, and for
 * types that are no plain numbers. 0 and -0 are two numbers.
 */
export function uniformElement(tensor: Tensor | undefined): number | bigint | undefined {
  if (tensor?.isResident !== true || tensor.elementCount === 0) return undefined;
  if (tensor.dataType === 'string' || tensor.dataType.startsWith('complex')) return undefined;
  const { data } = arrayOf(tensor);
  if (isStringData(data)) return undefined;
  const first = data[0];
  if (first === undefined) return undefined;
  for (let index = 1; index < data.length; index++) if (!Object.is(data[index], first)) return undefined;
  return first;
}

/** Operators whose results the standard leaves open to the last bit, so that the sign of a zero among them says nothing. */
const ROUNDED = new Set([
  'MatMul',
  'Gemm',
  'Conv',
  'ConvTranspose',
  'ReduceSum',
  'ReduceMean',
  'AveragePool',
  'GlobalAveragePool',
  'BatchNormalization',
  'LayerNormalization',
  'InstanceNormalization',
  'GroupNormalization',
  'RMSNormalization',
  'Einsum',
  'Resize',
]);

/** Operators whose results are never below 0, nor a 0 with the sign of one. */
const POSITIVE = new Set(['Sigmoid', 'Softmax', 'Exp', 'Abs', 'Softplus', 'HardSigmoid']);

const MOVES = new Set([
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Slice',
  'Expand',
  'Gather',
  'Identity',
  'Split',
]);

/** Moves from a value to where its elements come from; longer chains are rare. */
const MAXIMUM_MOVES = 8;

/** False only when no element of the value can be a -0 that the standard asks for. */
export function mayBeNegativeZero(value: Value, isReadable: (node: Node) => boolean): boolean {
  let at: Value | undefined = value;
  for (let moves = 0; moves < MAXIMUM_MOVES; moves++) {
    const producer: Node | undefined = at?.producer;
    if (producer === undefined || !isReadable(producer)) return true;
    if (ROUNDED.has(producer.operator) || POSITIVE.has(producer.operator)) return false;
    if (!MOVES.has(producer.operator)) return true;
    at = producer.inputs[0];
  }
  return true;
}

/** Operators to which 0 and -0 are the same, or that leave the sign of a zero open. */
const BLIND = new Set([
  ...ROUNDED,
  ...POSITIVE,
  'LogSoftmax',
  'Cos',
  'Cosh',
  'Equal',
  'Greater',
  'Less',
  'GreaterOrEqual',
  'LessOrEqual',
]);

/** More readers than this are not looked at. */
const MAXIMUM_READERS = 8;

/** True when nobody who reads the value can tell 0 from -0. */
export function isZeroSignIgnored(value: Value, isReadable: (node: Node) => boolean): boolean {
  if (value.isGraphOutput || value.userCount > MAXIMUM_READERS) return false;
  return [...value.users].every((user) => BLIND.has(user.operator) && isReadable(user));
}

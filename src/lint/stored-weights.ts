/** Values that are stored, not computed. */
import { constantNodeTensor } from '../ir/constant-node.ts';
import type { Value } from '../ir/value.ts';
import type { Tensor } from '../ir/tensor.ts';

/**
 * The tensor the parser holds for a value: an initializer's or a Constant node's. An initializer is weights even when it is also an
 * input of the graph: the parser takes its default and drops the input.
 */
export function storedWeights(value: Value): Tensor | undefined {
  if (value.initializer !== undefined) return value.initializer;
  const { producer } = value;
  return producer?.opType === 'Constant' && !producer.hasReferences ? constantNodeTensor(producer) : undefined;
}

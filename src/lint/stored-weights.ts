/** Values that are stored, not computed. */
import { bytesOf, textOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { int64Tensor, Tensor } from '../ir/tensor.ts';

/**
 * The tensor the parser holds for a value: an initializer's or a Constant node's. An initializer is weights even when it is also an
 * input of the graph: the parser takes its default and drops the input.
 */
export function storedWeights(value: Value): Tensor | undefined {
  if (value.initializer !== undefined) return value.initializer;
  const { producer } = value;
  return producer?.opType === 'Constant' && !producer.hasReferences ? constantNodeTensor(producer) : undefined;
}

/** The tensor a Constant node holds, in whichever attribute; undefined for sparse_value and for a Constant without a known attribute. */
function constantNodeTensor(node: Node): Tensor | undefined {
  for (const attribute of node.attributes.values()) {
    switch (attribute.kind) {
      case 'tensor':
        return attribute.value;
      case 'int':
        return int64Tensor([attribute.value], { scalar: true });
      case 'ints':
        return int64Tensor(attribute.value);
      case 'float':
        return floatTensor([attribute.value], []);
      case 'floats':
        return floatTensor(attribute.value, [attribute.value.length]);
      case 'string':
        return new Tensor('string', [], [bytesOf(textOf(attribute.value))]);
      case 'strings':
        return new Tensor('string', [attribute.value.length], attribute.value);
      default:
    }
  }
  return undefined;
}

function floatTensor(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor('float', dims, new Uint8Array(Float32Array.from(values).buffer));
}

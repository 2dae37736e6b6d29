/** The tensor a Constant node holds, in whichever attribute. */
import { bytesOf, textOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import { int64Tensor, Tensor } from '../ir/tensor.ts';

/** undefined for sparse_value and for a Constant without a known attribute. */
export function constantNodeTensor(node: Node): Tensor | undefined {
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

import type { Node } from './node.ts';
import { int64Tensor, Tensor } from './tensor.ts';

/**
 * The tensor a Constant node holds, in whichever attribute; undefined for sparse_value, and for a Constant without a value
 * here (a reference to an attribute of the surrounding function). https://onnx.ai/onnx/operators/onnx__Constant.html
 */
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
        return new Tensor('string', [], [attribute.value]);
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

import { ModelError } from '../base/errors.ts';
import { FieldCursor, LENGTH_DELIMITED, VARINT, WireError } from './fields.ts';
import {
  MAXIMUM_DECODED_BYTES,
  MAXIMUM_MESSAGES,
  MAXIMUM_NESTING,
  MAXIMUM_VALUES,
  SMALLEST_MESSAGE_BYTES,
} from './limits.ts';
import type { Skeleton } from './skeleton.ts';

/** A message of onnx.proto, as far as it says how much memory its fields will take. */
interface Shape {
  /** The messages among the fields, by field number. */
  readonly children: Readonly<Record<number, Shape>>;
  /** Fields whose content is a list of varints, when they are packed. */
  readonly packed?: readonly number[];
  /** Fields that hold elements as varints, which become up to eight bytes each. */
  readonly elements?: readonly number[];
  /** True for the messages that become objects of the graph. */
  readonly isGraphPart?: boolean;
}

function makeShapes(): Shape {
  const leaf: Shape = { children: {} };
  const graph: { children: Record<number, Shape>; isGraphPart: true } = { children: {}, isGraphPart: true };
  const type: { children: Record<number, Shape> } = { children: {} };
  const tensorType: Shape = { children: { 2: { children: { 1: leaf } } } };
  const wrapped: Shape = { children: { 1: type } };
  type.children = { 1: tensorType, 4: wrapped, 5: { children: { 2: type } }, 7: leaf, 8: tensorType, 9: wrapped };
  const valueInfo: Shape = { children: { 2: type, 4: leaf }, isGraphPart: true };
  const tensor: Shape = { children: { 13: leaf, 16: leaf }, packed: [1], elements: [5, 7, 11], isGraphPart: true };
  const sparse: Shape = { children: { 1: tensor, 2: tensor }, packed: [3], isGraphPart: true };
  const attribute: Shape = {
    children: { 5: tensor, 6: graph, 10: tensor, 11: graph, 14: type, 15: type, 22: sparse, 23: sparse },
    packed: [8],
    isGraphPart: true,
  };
  const sharding: Shape = { children: { 3: { children: {}, packed: [2] }, 4: { children: { 2: leaf } } }, packed: [2] };
  const node: Shape = { children: { 5: attribute, 9: leaf, 10: { children: { 2: sharding } } }, isGraphPart: true };
  graph.children = {
    ...{ 1: node, 5: tensor, 11: valueInfo, 12: valueInfo, 13: valueInfo },
    ...{ 14: { children: { 2: leaf } }, 15: sparse, 16: leaf },
  };
  const definition: Shape = {
    children: { 7: node, 9: leaf, 11: attribute, 12: valueInfo, 14: leaf },
    isGraphPart: true,
  };
  const training: Shape = { children: { 1: graph, 2: graph, 3: leaf, 4: leaf } };
  return { children: { 7: graph, 8: leaf, 14: leaf, 20: training, 25: definition, 26: leaf } };
}

/** How much of a model is decoded at most; tests choose less. */
export interface SizeLimits {
  readonly messages: number;
  readonly values: number;
  readonly decodedBytes: number;
}

const sizeLimits: SizeLimits = {
  messages: MAXIMUM_MESSAGES,
  values: MAXIMUM_VALUES,
  decodedBytes: MAXIMUM_DECODED_BYTES,
};

/**
 * Refuses a model whose parts would take more memory than there may be: a message or a number of two bytes in the file becomes an
 * object of a hundred bytes and more. Small files cannot, and cost nothing here. What is not well-formed is left to the reader.
 */
export function checkSize(skeleton: Skeleton, limits: SizeLimits = sizeLimits): void {
  const { bytes } = skeleton;
  if (bytes.byteLength < SMALLEST_MESSAGE_BYTES * limits.messages) return;
  const cursor = new FieldCursor(bytes);
  let messages = 0;
  let values = 0;
  let decodedBytes = 0;
  const stack: { readonly shape: Shape; readonly end: number }[] = [{ shape: makeShapes(), end: bytes.byteLength }];
  let at = 0;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { shape, end } = frame;
    if (at >= end) {
      at = end;
      stack.pop();
      continue;
    }
    try {
      cursor.read(at, end);
      values++;
      const { number, wireType, valueStart, length } = cursor;
      if (wireType === LENGTH_DELIMITED) {
        const after = Math.min(end, skeleton.endOf(valueStart, length));
        const child = shape.children[number];
        at = after;
        if (child !== undefined && stack.length <= 3 * MAXIMUM_NESTING) {
          if (child.isGraphPart === true) messages++;
          stack.push({ shape: child, end: after });
          at = valueStart;
        } else if (shape.packed?.includes(number) === true) values += after - valueStart;
        else if (shape.elements?.includes(number) === true) decodedBytes += 8 * (after - valueStart);
        else decodedBytes += after - valueStart;
      } else {
        at = cursor.skip(end);
        if (wireType === VARINT && shape.elements?.includes(number) === true) {
          values--;
          decodedBytes += 8;
        }
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      at = end;
    }
    if (messages > limits.messages) throw tooMuch(skeleton, `${limits.messages} nodes, attributes and tensors`);
    if (values > limits.values) throw tooMuch(skeleton, `${limits.values} names, numbers and dimensions`);
    if (decodedBytes > limits.decodedBytes)
      throw tooMuch(skeleton, `${limits.decodedBytes} bytes of texts and small tensors`);
  }
}

function tooMuch({ source }: Skeleton, what: string): ModelError {
  return new ModelError(
    `the model has more than ${what}`,
    { file: source.name },
    'it would not fit into memory; no model that runs is so large',
  );
}

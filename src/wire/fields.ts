/** The protobuf wire format, as far as our own code looks at it: tags, lengths and which fields are messages of ONNX. */
import { MAXIMUM_GROUP_NESTING } from './limits.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

/** One of the messages that are opened field by field; all other messages are decoded whole by protobufjs. */
export interface Layout {
  readonly name: string;
  /** Layouts of the fields that are such messages, by field number. */
  readonly children: readonly (Layout | undefined)[];
  /** Field numbers that hold the elements of a tensor. */
  readonly payload: readonly boolean[];
}

/** Field numbers of child messages and payloads, as in onnx.proto. */
export const field = {
  model: { graph: 7, trainingInfo: 20, functions: 25 },
  graph: { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 },
  node: { attribute: 5 },
  attribute: { t: 5, g: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 },
  tensor: { floatData: 4, int32Data: 5, int64Data: 7, rawData: 9, doubleData: 10, uint64Data: 11 },
  sparseTensor: { values: 1, indices: 2 },
  function: { node: 7, attributeProto: 11, valueInfo: 12 },
  trainingInfo: { initialization: 1, algorithm: 2 },
} as const;

interface Draft {
  name: string;
  children: (Layout | undefined)[];
  payload: boolean[];
}

function draft(name: string): Draft {
  return { name, children: [], payload: [] };
}

function makeLayouts(): Record<
  'model' | 'graph' | 'node' | 'attribute' | 'tensor' | 'sparseTensor' | 'function' | 'trainingInfo' | 'valueInfo',
  Layout
> {
  const model = draft('ModelProto');
  const graph = draft('GraphProto');
  const node = draft('NodeProto');
  const attribute = draft('AttributeProto');
  const tensor = draft('TensorProto');
  const sparseTensor = draft('SparseTensorProto');
  const functionProto = draft('FunctionProto');
  const trainingInfo = draft('TrainingInfoProto');
  const valueInfo = draft('ValueInfoProto');

  model.children[field.model.graph] = graph;
  model.children[field.model.trainingInfo] = trainingInfo;
  model.children[field.model.functions] = functionProto;
  graph.children[field.graph.node] = node;
  graph.children[field.graph.initializer] = tensor;
  graph.children[field.graph.sparseInitializer] = sparseTensor;
  for (const list of [field.graph.input, field.graph.output, field.graph.valueInfo]) graph.children[list] = valueInfo;
  node.children[field.node.attribute] = attribute;
  attribute.children[field.attribute.t] = tensor;
  attribute.children[field.attribute.tensors] = tensor;
  attribute.children[field.attribute.g] = graph;
  attribute.children[field.attribute.graphs] = graph;
  attribute.children[field.attribute.sparseTensor] = sparseTensor;
  attribute.children[field.attribute.sparseTensors] = sparseTensor;
  sparseTensor.children[field.sparseTensor.values] = tensor;
  sparseTensor.children[field.sparseTensor.indices] = tensor;
  functionProto.children[field.function.node] = node;
  functionProto.children[field.function.attributeProto] = attribute;
  functionProto.children[field.function.valueInfo] = valueInfo;
  trainingInfo.children[field.trainingInfo.initialization] = graph;
  trainingInfo.children[field.trainingInfo.algorithm] = graph;
  for (const number of Object.values(field.tensor)) tensor.payload[number] = true;
  return { model, graph, node, attribute, tensor, sparseTensor, function: functionProto, trainingInfo, valueInfo };
}

export const layouts = makeLayouts();

/** A field that breaks the wire format, at a position of the bytes being read. */
export class WireError extends Error {
  readonly position: number;
  /** True when bytes are missing, and not wrong ones there. */
  readonly isCutOff: boolean;

  constructor(message: string, position: number, isCutOff = false) {
    super(message);
    this.position = position;
    this.isCutOff = isCutOff;
  }
}

/** Walks the fields of a message in memory. After `next()` the members describe the field at hand. */
export class FieldCursor {
  bytes: Uint8Array;
  number = 0;
  wireType = 0;
  /** First byte of the tag. */
  start = 0;
  /** Of the value; for a length-delimited field its content. */
  valueStart = 0;
  /** Length of a length-delimited field's content as the file says it; not checked against what is there. */
  length = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Reads the tag at `position` and, of a length-delimited field, the length. */
  read(position: number, end: number): void {
    this.start = position;
    const tag = this.#varint(position, end);
    if (tag > 0xffffffff || tag < 8) throw new WireError('a tag is wrong', position);
    this.number = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.wireType === LENGTH_DELIMITED) this.length = this.#varint(this.valueStart, end);
  }

  /** The position after a field that is not length-delimited; `valueStart` is no longer right afterwards. */
  skip(end: number): number {
    const after = this.#skipValue(this.wireType, this.number, this.valueStart, end, 0);
    if (after > end) throw new WireError('a field reaches beyond the end of its message', this.start, true);
    return after;
  }

  #skipValue(wireType: number, number: number, position: number, end: number, depth: number): number {
    switch (wireType) {
      case VARINT: {
        this.#varint(position, end);
        return this.valueStart;
      }
      case FIXED64:
        return position + 8;
      case FIXED32:
        return position + 4;
      case LENGTH_DELIMITED: {
        const length = this.#varint(position, end);
        return this.valueStart + length;
      }
      case START_GROUP:
        return this.#skipGroup(number, position, end, depth);
      default:
        throw new WireError(`a field has the wire type ${wireType}`, this.start);
    }
  }

  #skipGroup(number: number, position: number, end: number, depth: number): number {
    if (depth >= MAXIMUM_GROUP_NESTING) throw new WireError('groups are nested too deeply', position);
    let at = position;
    while (at < end) {
      const tag = this.#varint(at, end);
      const inner = Math.floor(tag / 8);
      if (tag % 8 === END_GROUP) {
        if (inner !== number) throw new WireError('a group ends that was not begun', at);
        return this.valueStart;
      }
      at = this.#skipValue(tag % 8, inner, this.valueStart, end, depth + 1);
    }
    throw new WireError('a group has no end', position);
  }

  /** The varint at `position` as an unsigned number (inexact above 2^53); `valueStart` becomes the position after it. */
  #varint(position: number, end: number): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (let at = position; at < end; at++) {
      const byte = bytes[at] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) {
        this.valueStart = at + 1;
        return value;
      }
      if (at - position >= 9) throw new WireError('a varint has more than ten bytes', position);
      scale *= 128;
    }
    throw new WireError('a varint has no end', position, true);
  }
}

/** Bytes of the varint of `value`, a whole number from 0 to 2^53. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** The tag of a length-delimited field and the length of its content. */
export function fieldHeader(number: number, length: number): Uint8Array {
  const tag = number * 8 + LENGTH_DELIMITED;
  const bytes = new Uint8Array(varintLength(tag) + varintLength(length));
  writeVarint(bytes, writeVarint(bytes, 0, tag), length);
  return bytes;
}

function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let at = position;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
  bytes[at++] = rest;
  return at;
}

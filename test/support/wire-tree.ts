/**
 * ONNX messages as trees of fields, with everything that the wire format leaves free: the order of fields, padded varints,
 * unknown fields, wrong wire types, lengths that lie. A reader and a writer of their own, so that tests of reading and
 * writing do not rest on the code they test.
 */

/** The fields of each message that are messages, as in onnx.proto. */
const childMessages = {
  Model: {
    7: 'Graph',
    8: 'OperatorSetId',
    14: 'Entry',
    20: 'TrainingInfo',
    25: 'Function',
    26: 'DeviceConfiguration',
  },
  Graph: {
    1: 'Node',
    5: 'Tensor',
    11: 'ValueInfo',
    12: 'ValueInfo',
    13: 'ValueInfo',
    14: 'Annotation',
    15: 'SparseTensor',
    16: 'Entry',
  },
  Node: { 5: 'Attribute', 9: 'Entry', 10: 'NodeDeviceConfiguration' },
  Attribute: {
    5: 'Tensor',
    6: 'Graph',
    10: 'Tensor',
    11: 'Graph',
    14: 'Type',
    15: 'Type',
    22: 'SparseTensor',
    23: 'SparseTensor',
  },
  Tensor: { 3: 'Segment', 13: 'Entry', 16: 'Entry' },
  SparseTensor: { 1: 'Tensor', 2: 'Tensor' },
  Function: { 7: 'Node', 9: 'OperatorSetId', 11: 'Attribute', 12: 'ValueInfo', 14: 'Entry' },
  TrainingInfo: { 1: 'Graph', 2: 'Graph', 3: 'Entry', 4: 'Entry' },
  ValueInfo: { 2: 'Type', 4: 'Entry' },
  Annotation: { 2: 'Entry' },
  Type: { 1: 'TensorType', 4: 'Sequence', 5: 'Map', 7: 'Opaque', 8: 'TensorType', 9: 'Sequence' },
  TensorType: { 2: 'Shape' },
  Shape: { 1: 'Dimension' },
  Sequence: { 1: 'Type' },
  Map: { 2: 'Type' },
  NodeDeviceConfiguration: { 2: 'ShardingSpec' },
  ShardingSpec: { 3: 'IntIntListEntry', 4: 'ShardedDim' },
  ShardedDim: { 2: 'SimpleShardedDim' },
  OperatorSetId: {},
  Entry: {},
  DeviceConfiguration: {},
  Segment: {},
  Opaque: {},
  Dimension: {},
  IntIntListEntry: {},
  SimpleShardedDim: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;

export type MessageName = keyof typeof childMessages;

export interface Message {
  readonly name: MessageName;
  readonly fields: Field[];
}

export interface Field {
  number: number;
  wireType: number;
  /** A varint, the bytes of a fixed or length-delimited field, or a message. A group holds its encoded fields as bytes. */
  value: bigint | Uint8Array | Message;
  /** Bytes that the tag, the length or the varint takes beyond the fewest. */
  tagPadding?: number;
  valuePadding?: number;
  /** What the length says, where that is not the truth. */
  length?: bigint;
}

export function childMessage(parent: MessageName, number: number): MessageName | undefined {
  const children: Readonly<Record<number, MessageName>> = childMessages[parent];
  return children[number];
}

/** Undefined when the bytes are not fields. */
export function parseMessage(name: MessageName, bytes: Uint8Array, depth = 0): Message | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const tag = readVarint(bytes, at);
    if (tag === undefined) return undefined;
    const number = Number(tag.value >> 3n);
    const wireType = Number(tag.value & 7n);
    const tagPadding = tag.end - at - varintBytes(tag.value).length;
    const head = { number, wireType, ...(tagPadding > 0 && { tagPadding }) };
    if (wireType === 0 || wireType === 2) {
      const read = readVarint(bytes, tag.end);
      if (read === undefined) return undefined;
      const valuePadding = read.end - tag.end - varintBytes(read.value).length;
      const padding = valuePadding > 0 ? { valuePadding } : {};
      at = wireType === 0 ? read.end : read.end + Number(read.value);
      if (at > bytes.byteLength) return undefined;
      fields.push({ ...head, ...padding, value: wireType === 0 ? read.value : valueOf(bytes.subarray(read.end, at)) });
    } else if (wireType === 1 || wireType === 5) {
      at = tag.end + (wireType === 1 ? 8 : 4);
      if (at > bytes.byteLength) return undefined;
      fields.push({ ...head, value: bytes.subarray(tag.end, at) });
    } else if (wireType === 3) {
      const end = endOfGroup(bytes, tag.end, number);
      if (end === undefined) return undefined;
      fields.push({ ...head, value: bytes.subarray(tag.end, end.start) });
      at = end.end;
    } else return undefined;

    function valueOf(content: Uint8Array): Uint8Array | Message {
      const child = childMessage(name, number);
      return (child !== undefined && depth < 60 && parseMessage(child, content, depth + 1)) || content;
    }
  }
  return { name, fields };
}

export function encodeTree(message: Message): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const field of message.fields) pieces.push(...encodeField(field));
  return Buffer.concat(pieces);
}

function encodeField({ number, wireType, value, tagPadding = 0, valuePadding = 0, length }: Field): Uint8Array[] {
  const tag = varintBytes((BigInt(number) << 3n) | BigInt(wireType), tagPadding);
  if (typeof value === 'bigint') return [tag, varintBytes(value, valuePadding)];
  const content = value instanceof Uint8Array ? value : encodeTree(value);
  if (wireType === 3) return [tag, content, varintBytes((BigInt(number) << 3n) | 4n)];
  if (wireType !== 2) return [tag, content];
  return [tag, varintBytes(length ?? BigInt(content.byteLength), valuePadding), content];
}

/** Where the tag lies that ends a group. */
function endOfGroup(
  bytes: Uint8Array,
  start: number,
  number: number,
): { readonly start: number; readonly end: number } | undefined {
  for (let at = start; at < bytes.byteLength;) {
    const tag = readVarint(bytes, at);
    if (tag === undefined) return undefined;
    const inner = Number(tag.value >> 3n);
    switch (Number(tag.value & 7n)) {
      case 4:
        return inner === number ? { start: at, end: tag.end } : undefined;
      case 3: {
        const end = endOfGroup(bytes, tag.end, inner);
        if (end === undefined) return undefined;
        at = end.end;
        break;
      }
      case 0:
      case 2: {
        const read = readVarint(bytes, tag.end);
        if (read === undefined) return undefined;
        at = read.end + (Number(tag.value & 7n) === 2 ? Number(read.value) : 0);
        break;
      }
      case 1:
        at = tag.end + 8;
        break;
      case 5:
        at = tag.end + 4;
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** The varint of a 64-bit number; padded with zeros that mean nothing, to at most ten bytes. */
export function varintBytes(value: bigint, padding = 0): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  for (let i = 0; i < padding && bytes.length < 10; i++) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128;
    bytes.push(0);
  }
  return Uint8Array.from(bytes);
}

function readVarint(bytes: Uint8Array, start: number): { readonly value: bigint; readonly end: number } | undefined {
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.byteLength && shift < 70n; at++, shift += 7n) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return { value: BigInt.asUintN(64, value), end: at + 1 };
  }
  return undefined;
}

export function isMessage(value: Field['value'] | undefined): value is Message {
  return typeof value === 'object' && 'fields' in value;
}

/** The message and all messages below it, outermost first. */
export function messagesIn(root: Message): Message[] {
  const messages = [root];
  for (const { fields } of messages) for (const { value } of fields) if (isMessage(value)) messages.push(value);
  return messages;
}

/** A copy that shares no message; bytes are never written to, and shared. */
export function copyField(field: Field): Field {
  const { value } = field;
  return { ...field, value: isMessage(value) ? copyMessage(value) : value };
}

export function copyMessage({ name, fields }: Message): Message {
  return { name, fields: fields.map(copyField) };
}

export function varintField(number: number, value: bigint): Field {
  return { number, wireType: 0, value };
}

export function bytesField(number: number, value: Uint8Array | string | Message): Field {
  return { number, wireType: 2, value: typeof value === 'string' ? Buffer.from(value) : value };
}

/** The last field of a number: by the rules of protobuf it is the one that counts. */
export function fieldOf(message: Message, number: number): Field | undefined {
  return message.fields.findLast((field) => field.number === number);
}

export function textIn(message: Message, number: number): string {
  const value = fieldOf(message, number)?.value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : '';
}

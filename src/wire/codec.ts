/**
 * The door to protobufjs: its generated code, with readers and writers that keep 64-bit integers and strings exact and
 * unknown fields in place. Only fields of a message itself pass here; fields.ts takes child messages and payloads apart.
 */
import protobuf from 'protobufjs/minimal.js';
import { onnx, type MessageType } from './generated/onnx.js';
import { decodeText, encodeText, hasEscapes } from './text.ts';

export * from './generated/messages.ts';
export { onnx, type MessageType };

const REPLACEMENT = '\ufffd';

/** Node's own decoder, where there is one: several times faster than building strings from bytes. */
const utf8Slice = (
  protobuf.util.Buffer as unknown as {
    prototype: { utf8Slice?(this: Uint8Array, start: number, end: number): string };
  } | null
)?.prototype.utf8Slice;

class ExactReader extends protobuf.Reader {
  constructor(bytes: Uint8Array) {
    super(bytes);
    this.discardUnknown = false;
  }

  // @ts-expect-error protobufjs declares Long; our message types say bigint.
  override int64(): bigint {
    return this.#varint64(true);
  }

  // @ts-expect-error protobufjs declares Long; our message types say bigint.
  override uint64(): bigint {
    return this.#varint64(false);
  }

  override string(): string {
    const length = this.size();
    const start = this.pos;
    const end = start + length;
    if (end > this.len) throw new RangeError('index out of range');
    this.pos = end;
    if (utf8Slice === undefined) return decodeText(this.buf.subarray(start, end));
    const text = utf8Slice.call(this.buf, start, end);
    return text.includes(REPLACEMENT) ? decodeText(this.buf.subarray(start, end)) : text;
  }

  #varint64(signed: boolean): bigint {
    const first = this.buf[this.pos] ?? 0;
    if (first < 128 && this.pos < this.len) {
      this.pos++;
      return BigInt(first);
    }
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.len) throw new RangeError('index out of range');
      const byte = this.buf[this.pos++] ?? 0;
      if (i < 4) low |= (byte & 127) << (7 * i);
      else if (i < 8) middle |= (byte & 127) << (7 * (i - 4));
      else high |= (byte & 127) << (7 * (i - 8));
      if (byte < 128) {
        if (high === 0 && middle < 1 << 24) return BigInt(low + middle * 2 ** 28);
        const bits = BigInt(low) | (BigInt(middle) << 28n) | (BigInt(high) << 56n);
        return signed ? BigInt.asIntN(64, bits) : BigInt.asUintN(64, bits);
      }
    }
    throw new Error('invalid varint encoding');
  }
}

class ExactWriter extends protobuf.Writer {
  // @ts-expect-error protobufjs declares Long; our message types say bigint.
  override int64(value: bigint): protobuf.Writer {
    return super.uint64(bitsOf(value));
  }

  // @ts-expect-error protobufjs declares Long; our message types say bigint.
  override uint64(value: bigint): protobuf.Writer {
    return super.uint64(bitsOf(value));
  }

  // @ts-expect-error protobufjs declares Long; our message types say bigint.
  override int64s(values: readonly bigint[]): protobuf.Writer {
    return super.uint64s(values.map(bitsOf));
  }

  // @ts-expect-error protobufjs declares Long; our message types say bigint.
  override uint64s(values: readonly bigint[]): protobuf.Writer {
    return super.uint64s(values.map(bitsOf));
  }

  override string(value: string): protobuf.Writer {
    return hasEscapes(value) ? this.bytes(encodeText(value)) : super.string(value);
  }
}

/** The two halves that protobufjs takes for a Long. */
function bitsOf(value: bigint): number {
  const low = Number(value & 0xffffffffn) | 0;
  const high = Number((value >> 32n) & 0xffffffffn) | 0;
  return { low, high, unsigned: true } as unknown as number;
}

type Decode = <Message>(type: MessageType<Message>, start: number, end: number) => Message;

/** A reader that decodes many messages out of one buffer. protobufjs' errors pass through; the caller knows the place. */
export function messageReader(bytes: Uint8Array): Decode {
  const reader = new ExactReader(bytes);
  return (type, start, end) => {
    reader.pos = start;
    reader.len = bytes.byteLength;
    return type.decode(reader as unknown as protobuf.Reader, end - start);
  };
}

/** Decodes the bytes [start, end). */
export function decodeMessage<Message>(
  type: MessageType<Message>,
  bytes: Uint8Array,
  start = 0,
  end = bytes.byteLength,
): Message {
  return messageReader(bytes)(type, start, end);
}

export function encodeMessage<Message>(type: MessageType<Message>, message: Message): Uint8Array {
  return type.encode(message, new ExactWriter() as unknown as protobuf.Writer).finish();
}

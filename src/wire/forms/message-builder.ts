import { fieldHeader, FIXED32, FIXED64, LENGTH_DELIMITED, VARINT } from '../fields.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';

/** From this size on, bytes are kept as they come and not copied together with what is around them. */
const OWN_PIECE_BYTES = 4096;
const FIRST_BYTES = 32;
const MAXIMUM_TAIL_BYTES = 64 * 1024;

/** Bytes that are put together from the front; long ones are never copied. */
export class ByteList {
  byteLength = 0;
  readonly #pieces: Uint8Array[] = [];
  #tail = new Uint8Array(0);
  #used = 0;

  bytes(bytes: Uint8Array): void {
    this.byteLength += bytes.byteLength;
    if (bytes.byteLength >= OWN_PIECE_BYTES) {
      this.#closeTail();
      this.#pieces.push(bytes);
      return;
    }
    this.#reserve(bytes.byteLength);
    this.#tail.set(bytes, this.#used);
    this.#used += bytes.byteLength;
  }

  /** All of another list, which is not used any more. */
  list(list: ByteList): void {
    for (const piece of list.pieces()) this.bytes(piece);
  }

  /** A whole number in 64 bits, negative ones as two's complement. */
  varint(value: bigint | number): void {
    this.#reserve(10);
    const start = this.#used;
    if (typeof value === 'bigint' && (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))) {
      let rest = BigInt.asUintN(64, value);
      for (; rest >= 128n; rest >>= 7n) this.#tail[this.#used++] = Number(rest & 127n) | 128;
      this.#tail[this.#used++] = Number(rest);
    } else {
      let rest = Number(value);
      for (; rest >= 128; rest = Math.floor(rest / 128)) this.#tail[this.#used++] = (rest % 128) | 128;
      this.#tail[this.#used++] = rest;
    }
    this.byteLength += this.#used - start;
  }

  float(value: number): void {
    this.#fixed(4, (view) => view.setFloat32(0, value, true));
  }

  double(value: number): void {
    this.#fixed(8, (view) => view.setFloat64(0, value, true));
  }

  pieces(): readonly Uint8Array[] {
    this.#closeTail();
    return this.#pieces;
  }

  #fixed(length: number, write: (view: DataView) => void): void {
    this.#reserve(length);
    write(new DataView(this.#tail.buffer, this.#used, length));
    this.#used += length;
    this.byteLength += length;
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#tail.byteLength) return;
    const size = Math.max(FIRST_BYTES, this.#tail.byteLength * 2, this.#used + length);
    if (size > MAXIMUM_TAIL_BYTES) {
      this.#closeTail();
      this.#tail = new Uint8Array(MAXIMUM_TAIL_BYTES);
      return;
    }
    const tail = new Uint8Array(size);
    tail.set(this.#tail.subarray(0, this.#used));
    this.#tail = tail;
  }

  #closeTail(): void {
    if (this.#used > 0) this.#pieces.push(this.#tail.subarray(0, this.#used));
    this.#tail = new Uint8Array(0);
    this.#used = 0;
  }
}

/** A message that is filled field by field, in any order, and comes out in the canonical one: by field number. */
export class MessageBuilder {
  readonly schema: MessageSchema;
  /** By field number; of packed fields the run without its header. */
  readonly #fields: (ByteList | undefined)[] = [];
  #oneofs: Map<string, FieldSchema> | undefined;

  constructor(schema: MessageSchema) {
    this.schema = schema;
  }

  /** The field that stands in the way of setting `field`: itself, or another one of its oneof. */
  conflict(field: FieldSchema): FieldSchema | undefined {
    if (field.isRepeated) return undefined;
    if (this.#fields[field.number] !== undefined) return field;
    return field.oneof === undefined ? undefined : this.#oneofs?.get(field.oneof);
  }

  /** An int32, int64, uint64 or enum. */
  integer(field: FieldSchema, value: bigint | number): void {
    const list = this.#listOf(field);
    if (!field.isPacked) list.varint(field.number * 8 + VARINT);
    list.varint(value);
  }

  /** A float or double. */
  fraction(field: FieldSchema, value: number): void {
    const list = this.#listOf(field);
    const isDouble = field.type.kind === 'scalar' && field.type.scalar === 'double';
    if (!field.isPacked) list.varint(field.number * 8 + (isDouble ? FIXED64 : FIXED32));
    if (isDouble) list.double(value);
    else list.float(value);
  }

  /** A string or bytes; the bytes are not to be changed afterwards. */
  bytes(field: FieldSchema, value: Uint8Array): void {
    const list = this.#listOf(field);
    list.varint(field.number * 8 + LENGTH_DELIMITED);
    list.varint(value.byteLength);
    list.bytes(value);
  }

  message(field: FieldSchema, value: MessageBuilder): void {
    const content = value.finish();
    const list = this.#listOf(field);
    list.varint(field.number * 8 + LENGTH_DELIMITED);
    list.varint(content.byteLength);
    list.list(content);
  }

  finish(): ByteList {
    const all = new ByteList();
    for (const { number, isPacked } of this.schema.fields) {
      const list = this.#fields[number];
      if (list === undefined) continue;
      if (isPacked) all.bytes(fieldHeader(number, list.byteLength));
      all.list(list);
    }
    return all;
  }

  #listOf(field: FieldSchema): ByteList {
    if (field.oneof !== undefined) (this.#oneofs ??= new Map()).set(field.oneof, field);
    return (this.#fields[field.number] ??= new ByteList());
  }
}

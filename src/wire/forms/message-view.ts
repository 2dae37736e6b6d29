import { FieldCursor, FIXED32, FIXED64, LENGTH_DELIMITED, VARINT, WireError } from '../fields.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';

/** What a field holds: integers and enums as bigint, float and double as number, strings and bytes as bytes. */
export type FieldValue = bigint | number | Uint8Array | MessageView;

/** A field that is set, with its values; a singular one has exactly one. */
export interface ViewedField {
  readonly schema: FieldSchema;
  readonly values: Iterable<FieldValue>;
}

/** What was met in the values that were looked at so far, of a message and all below it. */
export interface ViewTally {
  /** NaNs of other bits than those that any text of a NaN reads back as. */
  oddNaNs: number;
}

/** Occurrences of one field: wire type, start and end of the value, three numbers each. */
type Occurrences = number[];

/**
 * A message in its binary form, read by the rules of protobuf: of a singular field the last value counts, parts of one
 * singular message are one message, of a oneof the last field counts, and repeated numbers come packed or not.
 */
export class MessageView {
  readonly schema: MessageSchema;
  /** Numbers of the fields that the schema does not have, or has with another wire type, once per occurrence. */
  readonly unknown: number[] = [];
  readonly tally: ViewTally;
  readonly #bytes: Uint8Array;
  readonly #fields: (Occurrences | undefined)[] = [];

  /** `spans` are starts and ends, in turn; what lies in them is one message. Throws a WireError when it is broken. */
  constructor(
    schema: MessageSchema,
    bytes: Uint8Array,
    spans: readonly number[] = [0, bytes.byteLength],
    tally: ViewTally = { oddNaNs: 0 },
  ) {
    this.schema = schema;
    this.tally = tally;
    this.#bytes = bytes;
    const cursor = new FieldCursor(bytes);
    const oneofs = new Map<string, FieldSchema>();
    for (let span = 0; span < spans.length; span += 2) {
      const end = spans[span + 1] ?? 0;
      for (let at = spans[span] ?? 0; at < end;) {
        cursor.read(at, end);
        const { number, wireType, valueStart } = cursor;
        at = wireType === LENGTH_DELIMITED ? valueStart + cursor.length : cursor.skip(end);
        if (at > end) throw new WireError('a field reaches beyond the end of its message', cursor.start, true);
        const field = schema.byNumber[number];
        if (field === undefined || !fits(field, wireType)) {
          this.unknown.push(number);
          continue;
        }
        const other = field.oneof === undefined ? undefined : oneofs.get(field.oneof);
        if (other !== undefined && other !== field) this.#fields[other.number] = undefined;
        if (field.oneof !== undefined) oneofs.set(field.oneof, field);
        (this.#fields[number] ??= []).push(wireType, valueStart, at);
      }
    }
  }

  /** By number. */
  *fields(): IterableIterator<ViewedField> {
    for (const schema of this.schema.fields) {
      const occurrences = this.#fields[schema.number];
      if (occurrences === undefined) continue;
      yield {
        schema,
        values: schema.isRepeated ? this.#repeated(schema, occurrences) : [this.#singular(schema, occurrences)],
      };
    }
  }

  #singular(field: FieldSchema, occurrences: Occurrences): FieldValue {
    if (field.type.kind === 'message') {
      const spans = occurrences.filter((_, index) => index % 3 !== 0);
      return new MessageView(field.type.message, this.#bytes, spans, this.tally);
    }
    return this.#value(field, occurrences.at(-2) ?? 0, occurrences.at(-1) ?? 0);
  }

  *#repeated(field: FieldSchema, occurrences: Occurrences): IterableIterator<FieldValue> {
    const own = wireTypeOf(field);
    for (let index = 0; index < occurrences.length; index += 3) {
      const [wireType, start = 0, end = 0] = occurrences.slice(index, index + 3);
      if (wireType === own) yield this.#value(field, start, end);
      else
        for (let at = start; at < end;) {
          const after = own === VARINT ? this.#varintEnd(at, end) : at + (own === FIXED32 ? 4 : 8);
          yield this.#value(field, at, after);
          at = after;
        }
    }
  }

  #value({ type }: FieldSchema, start: number, end: number): FieldValue {
    if (type.kind === 'message') return new MessageView(type.message, this.#bytes, [start, end], this.tally);
    if (type.kind === 'enum') return BigInt.asIntN(32, this.#varint(start));
    switch (type.scalar) {
      case 'string':
      case 'bytes':
        return this.#bytes.subarray(start, end);
      case 'float': {
        const view = this.#dataView(start, 4);
        const value = view.getFloat32(0, true);
        if (Number.isNaN(value) && view.getUint32(0, true) !== 0x7fc00000) this.tally.oddNaNs++;
        return value;
      }
      case 'double': {
        const view = this.#dataView(start, 8);
        const value = view.getFloat64(0, true);
        if (Number.isNaN(value) && view.getBigUint64(0, true) !== 0x7ff8000000000000n) this.tally.oddNaNs++;
        return value;
      }
      case 'int32':
        return BigInt.asIntN(32, this.#varint(start));
      case 'int64':
        return BigInt.asIntN(64, this.#varint(start));
      case 'uint64':
        return BigInt.asUintN(64, this.#varint(start));
    }
  }

  #dataView(start: number, length: number): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  /** A varint ends where the cursor found its end, or the run it is in. */
  #varintEnd(start: number, end: number): number {
    let at = start;
    while (at < end && (this.#bytes[at] ?? 0) >= 128) at++;
    return Math.min(at + 1, end);
  }

  #varint(start: number): bigint {
    let low = 0;
    let scale = 1;
    let at = start;
    // Seven bytes are 49 bits, which a double holds.
    for (; at < start + 7; at++) {
      const byte = this.#bytes[at] ?? 0;
      low += (byte & 127) * scale;
      if (byte < 128) return BigInt(low);
      scale *= 128;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n, at++) {
      const byte = this.#bytes[at] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    return value;
  }
}

function wireTypeOf({ type }: FieldSchema): number {
  if (type.kind === 'message') return LENGTH_DELIMITED;
  if (type.kind === 'enum') return VARINT;
  if (type.scalar === 'float') return FIXED32;
  if (type.scalar === 'double') return FIXED64;
  return type.scalar === 'string' || type.scalar === 'bytes' ? LENGTH_DELIMITED : VARINT;
}

function fits(field: FieldSchema, wireType: number): boolean {
  return (
    wireType === wireTypeOf(field) ||
    (wireType === LENGTH_DELIMITED && field.isRepeated && field.type.kind !== 'message')
  );
}

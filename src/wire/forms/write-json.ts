/**
 * The JSON form of a ModelProto, spelt as the onnx package spells it (names as in onnx.proto), and ended by a line break.
 * See read-json.ts.
 */
import { ModelError } from '../../base/errors.ts';
import { isUtf8 } from '../text.ts';
import { encodeBase64 } from './base64.ts';
import type { FieldValue, MessageView } from './message-view.ts';
import { formatFraction } from './numbers.ts';
import type { FieldSchema } from './schema.ts';

/** Bytes that are encoded in one go: a multiple of three, so that no padding comes in between. */
const SLICE_BYTES = 48 * 1024;

/** The text in pieces, which end anywhere. */
export function* modelJsonOf(model: MessageView): IterableIterator<string> {
  yield* object(model, '\n');
  yield '\n';
}

/** `line` is the line break with the indentation of the object. */
function* object(message: MessageView, line: string): IterableIterator<string> {
  const inner = `${line}  `;
  let separator = '{';
  for (const { schema, values } of message.fields()) {
    yield `${separator}${inner}"${schema.name}": `;
    separator = ',';
    if (schema.isRepeated) yield* list(schema, values, inner);
    else for (const each of values) yield* value(schema, each, inner);
  }
  yield separator === '{' ? '{}' : `${line}}`;
}

function* list(field: FieldSchema, values: Iterable<FieldValue>, line: string): IterableIterator<string> {
  let separator = '[';
  for (const each of values) {
    yield `${separator}${line}  `;
    separator = ',';
    yield* value(field, each, `${line}  `);
  }
  // A run of packed numbers may be empty.
  yield separator === '[' ? '[]' : `${line}]`;
}

function* value(field: FieldSchema, each: FieldValue, line: string): IterableIterator<string> {
  const { type } = field;
  if (typeof each === 'number') yield fraction(each, type.kind === 'scalar' && type.scalar === 'double');
  else if (typeof each === 'bigint') yield integer(field, each);
  else if (!(each instanceof Uint8Array)) yield* object(each, line);
  else if (type.kind === 'scalar' && type.scalar === 'string') yield text(field, each);
  else {
    yield '"';
    for (let start = 0; start < each.byteLength; start += SLICE_BYTES)
      yield encodeBase64(each.subarray(start, start + SLICE_BYTES));
    yield '"';
  }
}

function fraction(number: number, isDouble: boolean): string {
  if (Number.isNaN(number)) return '"NaN"';
  if (!Number.isFinite(number)) return number > 0 ? '"Infinity"' : '"-Infinity"';
  return formatFraction(number, isDouble);
}

/** 64-bit integers are strings, so that no reader makes doubles of them. */
function integer({ type }: FieldSchema, number: bigint): string {
  if (type.kind === 'enum') for (const [name, known] of type.values) if (BigInt(known) === number) return `"${name}"`;
  return type.kind === 'scalar' && type.scalar !== 'int32' ? `"${number}"` : String(number);
}

function text({ name }: FieldSchema, bytes: Uint8Array): string {
  if (!isUtf8(bytes))
    throw new ModelError(
      `${name} '${new TextDecoder().decode(bytes.subarray(0, 40))}' is not UTF-8, and JSON holds no other text`,
      {},
      'write textproto or the binary format',
    );
  const quoted = JSON.stringify(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  return quoted.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

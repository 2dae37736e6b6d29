/** The protobuf text format of a ModelProto, spelt as google.protobuf.text_format spells it. See read-textproto.ts. */
import { isUtf8 } from '../text.ts';
import type { FieldValue, MessageView } from './message-view.ts';
import { formatFraction } from './numbers.ts';
import type { FieldSchema } from './schema.ts';

/** Bytes that are escaped in one go. */
const SLICE_BYTES = 16 * 1024;

const special: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 39: "\\'", 92: '\\\\' };
const escapes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const isPrintable = byte >= 32 && byte < 127;
  return special[byte] ?? (isPrintable ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`);
});

/** The text in pieces, which end anywhere. */
export function* textProtoOf(message: MessageView, indent = ''): IterableIterator<string> {
  for (const { schema, values } of message.fields()) {
    for (const value of values) {
      if (isMessage(schema, value)) {
        yield `${indent}${schema.name} {\n`;
        yield* textProtoOf(value, `${indent}  `);
        yield `${indent}}\n`;
      } else if (value instanceof Uint8Array) {
        yield `${indent}${schema.name}: "`;
        yield* quoted(schema, value);
        yield '"\n';
      } else yield `${indent}${schema.name}: ${scalar(schema, value)}\n`;
    }
  }
}

function isMessage({ type }: FieldSchema, value: FieldValue): value is MessageView {
  return type.kind === 'message' && typeof value === 'object';
}

function scalar({ type }: FieldSchema, value: bigint | number | MessageView): string {
  if (typeof value === 'number') return formatFraction(value, type.kind === 'scalar' && type.scalar === 'double');
  if (type.kind === 'enum') for (const [name, number] of type.values) if (BigInt(number) === value) return name;
  return String(value);
}

/** Text keeps its letters; of bytes, and of text that is not UTF-8, only ASCII does. */
function* quoted({ type }: FieldSchema, bytes: Uint8Array): IterableIterator<string> {
  if (type.kind === 'scalar' && type.scalar === 'string' && isUtf8(bytes)) {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

    yield text.replace(/[\x00-\x1f"'\\\x7f]/g, (character) => escapes[character.charCodeAt(0)] ?? '');
    return;
  }
  for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
    let text = '';
    for (const byte of bytes.subarray(start, start + SLICE_BYTES)) text += escapes[byte] ?? '';
    yield text;
  }
}

/**
 * The protobuf text format (https://protobuf.dev/reference/protobuf/textformat-spec/) of a ModelProto, as
 * google.protobuf.text_format writes and reads it. onnx.proto has no extensions, groups, maps and booleans, so those parts of
 * the format are not here. Beyond it, an enum may have a number that onnx.proto does not know.
 */
import { suggest } from '../../base/suggest.ts';
import { MAXIMUM_NESTING } from '../limits.ts';
import { MessageBuilder, type ByteList } from './message-builder.ts';
import { integerFrom, integerTypeOf } from './numbers.ts';
import { Scanner } from './scanner.ts';
import { type FieldSchema, type MessageSchema, modelSchema } from './schema.ts';
import { readQuoted } from './quoted.ts';

const code = (character: string): number => character.charCodeAt(0);
const [OPEN, CLOSE, OPEN_ANGLE, CLOSE_ANGLE] = [code('{'), code('}'), code('<'), code('>')];
const [OPEN_LIST, COLON, COMMA, SEMICOLON] = [code('['), code(':'), code(','), code(';')];
const [HASH, MINUS, QUOTE, APOSTROPHE, LINE_FEED] = [code('#'), code('-'), code('"'), code("'"), 10];

/** The bytes of the model, fields in the order of their numbers. ModelError with line and column. */
export function readTextProto(bytes: Uint8Array): ByteList {
  const reader = new TextProtoReader(bytes);
  return reader.message(modelSchema, undefined, 0).finish();
}

class TextProtoReader {
  readonly #scanner: Scanner;

  constructor(bytes: Uint8Array) {
    this.#scanner = new Scanner(bytes);
  }

  /** Fields up to `close`, which is read too, or to the end of the file. Messages nest at most MAXIMUM_NESTING deep. */
  message(schema: MessageSchema, close: number | undefined, depth: number): MessageBuilder {
    const scanner = this.#scanner;
    const opened = scanner.at - 1;
    if (depth > MAXIMUM_NESTING) scanner.fail(`messages are nested more than ${MAXIMUM_NESTING} deep`, opened);
    const builder = new MessageBuilder(schema);
    for (;;) {
      this.#skipSpace();
      if (scanner.byte < 0) {
        if (close !== undefined) scanner.fail(`this message has no closing '${String.fromCharCode(close)}'`, opened);
        return builder;
      }
      if (close !== undefined && scanner.accept(close)) return builder;
      this.#field(builder, depth);
      this.#skipSpace();
      if (!scanner.accept(COMMA)) scanner.accept(SEMICOLON);
    }
  }

  #field(builder: MessageBuilder, depth: number): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    const field = this.#fieldName(builder.schema);
    this.#checkConflict(builder, field, start);
    this.#skipSpace();
    const hasColon = scanner.accept(COLON);
    if (!hasColon && field.type.kind !== 'message') scanner.fail(`expected ':' but found ${scanner.describeNext()}`);
    this.#skipSpace();
    if (scanner.byte !== OPEN_LIST) return this.#value(builder, field, depth);
    if (!field.isRepeated) scanner.fail(`${field.name} holds one value, not a list`);
    scanner.at++;
    scanner.list(
      () => this.#skipSpace(),
      () => this.#value(builder, field, depth),
    );
  }

  #fieldName(schema: MessageSchema): FieldSchema {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (scanner.byte === OPEN_LIST) scanner.fail('an extension in brackets; ONNX messages have none');
    const name = this.#word();
    if (name === '') scanner.fail(`expected the name of a field but found ${scanner.describeNext()}`);
    if (/^[0-9]/.test(name))
      scanner.fail(
        `field ${name} of ${schema.name} is given by its number; only fields with a name can be read`,
        start,
      );
    const field = schema.byName.get(name);
    if (field !== undefined) return field;
    const near = suggest(name, schema.byName.keys());
    return scanner.fail(
      `${schema.name} has no field '${name}'`,
      start,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }

  #checkConflict(builder: MessageBuilder, field: FieldSchema, start: number): void {
    const other = builder.conflict(field);
    if (other === undefined) return;
    const message =
      other === field
        ? `${field.name} is given twice`
        : `${field.name} is given beside ${other.name}, but only one of them may be`;
    this.#scanner.fail(message, start);
  }

  #value(builder: MessageBuilder, field: FieldSchema, depth: number): void {
    const scanner = this.#scanner;
    const { type } = field;
    if (type.kind === 'message') {
      const close = scanner.accept(OPEN) ? CLOSE : scanner.accept(OPEN_ANGLE) ? CLOSE_ANGLE : undefined;
      if (close === undefined)
        return scanner.fail(`${field.name} is a message: expected '{' but found ${scanner.describeNext()}`);
      return builder.message(field, this.message(type.message, close, depth + 1));
    }
    if (type.kind === 'enum') return this.#enum(builder, field, type.values);
    switch (type.scalar) {
      case 'string':
      case 'bytes':
        return builder.bytes(field, this.#strings(field));
      case 'float':
      case 'double':
        return builder.fraction(field, this.#fraction(field));
      default:
        return builder.integer(field, this.#integer(field));
    }
  }

  /** One string or several side by side, which are one. */
  #strings(field: FieldSchema): Uint8Array {
    const scanner = this.#scanner;
    const isQuote = (byte: number): boolean => byte === QUOTE || byte === APOSTROPHE;
    if (!isQuote(scanner.byte))
      scanner.fail(`${field.name} is a ${fieldKind(field)}: expected '"' but found ${scanner.describeNext()}`);
    const parts: Uint8Array[] = [];
    for (; isQuote(scanner.byte); this.#skipSpace()) parts.push(readQuoted(scanner));
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) return first;
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.byteLength;
    }
    return joined;
  }

  #enum(builder: MessageBuilder, field: FieldSchema, values: ReadonlyMap<string, number>): void {
    const scanner = this.#scanner;
    if (!/[A-Za-z_]/.test(String.fromCharCode(Math.max(scanner.byte, 0))))
      return builder.integer(field, this.#integer(field));
    const start = scanner.at;
    const word = this.#word();
    const value = values.get(word);
    if (value !== undefined) return builder.integer(field, value);
    const near = suggest(word, values.keys());
    return scanner.fail(
      `${field.name} cannot be ${word}`,
      start,
      near === undefined ? `one of ${[...values.keys()].join(', ')}` : `did you mean ${near}?`,
    );
  }

  #integer(field: FieldSchema): bigint | number {
    const scanner = this.#scanner;
    const start = scanner.at;
    const isNegative = this.#minus();
    const word = this.#word();
    const isOctal = /^0[0-7]+$/.test(word);
    if (!isOctal && !/^(?:0|[1-9]\d*|0[xX][0-9a-fA-F]+)$/.test(word))
      return scanner.fail(`${field.name} is a whole number, but ${found(word, scanner)} is none`, start);
    const type = integerTypeOf(field);
    const value = integerFrom(isOctal ? `0o${word.slice(1)}` : word, isNegative, type);
    return value ?? scanner.fail(`${isNegative ? '-' : ''}${word} is no ${type}`, start);
  }

  #fraction(field: FieldSchema): number {
    const scanner = this.#scanner;
    const start = scanner.at;
    const sign = this.#minus() ? -1 : 1;
    const word = this.#word();
    if (/^inf(?:inity)?$/i.test(word)) return sign * Infinity;
    if (/^nan$/i.test(word)) return sign * NaN;
    if (/^(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fF]?$/.test(word))
      return sign * Number(word.replace(/[fF]$/, ''));
    return scanner.fail(`${field.name} is a number, but ${found(word, scanner)} is none`, start);
  }

  /** Blanks and comments may follow the sign. */
  #minus(): boolean {
    const isNegative = this.#scanner.accept(MINUS);
    if (isNegative) this.#skipSpace();
    return isNegative;
  }

  /** The identifier or number that comes next; '' when there is neither. */
  #word(): string {
    const { bytes } = this.#scanner;
    const start = this.#scanner.at;
    const isNumber = /[0-9.]/.test(String.fromCharCode(bytes[start] ?? 0));
    let at = start;
    for (; at < bytes.byteLength; at++) {
      const byte = bytes[at] ?? 0;
      if (isWordByte(byte)) continue;
      if (!isNumber) break;
      // The point and the sign of an exponent.
      const isSign = byte === MINUS || byte === 0x2b;
      if (byte !== 0x2e && !(isSign && ((bytes[at - 1] ?? 0) | 32) === 0x65)) break;
    }
    this.#scanner.at = at;
    return this.#scanner.since(start);
  }

  #skipSpace(): void {
    const { bytes } = this.#scanner;
    let { at } = this.#scanner;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte === HASH) while (at < bytes.byteLength && bytes[at] !== LINE_FEED) at++;
      else if (byte !== 32 && !(byte !== undefined && byte >= 9 && byte <= 13)) break;
    }
    this.#scanner.at = Math.min(at, bytes.byteLength);
  }
}

function isWordByte(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 122) || byte === 95;
}

function found(word: string, scanner: Scanner): string {
  return word === '' ? scanner.describeNext() : `'${word.slice(0, 40)}'`;
}

function fieldKind({ type }: FieldSchema): string {
  return type.kind === 'scalar' && type.scalar === 'bytes' ? 'string of bytes' : 'string';
}

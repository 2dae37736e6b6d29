/**
 * The JSON form of a ModelProto (https://protobuf.dev/programming-guides/json/), as google.protobuf.json_format writes and
 * reads it: names as in onnx.proto or in camelCase, 64-bit integers as strings or numbers, bytes as base64, enums by name or
 * number. Numbers are read from their text, since a double would lose part of an int64.
 */
import { suggest } from '../../base/suggest.ts';
import { MAXIMUM_NESTING } from '../limits.ts';
import { decodeText } from '../text.ts';
import { decodeBase64 } from './base64.ts';
import { readJsonString } from './json-string.ts';
import { type ByteList, MessageBuilder } from './message-builder.ts';
import { jsonNameOf } from './names.ts';
import { integerFrom, integerTypeOf } from './numbers.ts';
import { Scanner } from './scanner.ts';
import { type FieldSchema, type MessageSchema, modelSchema } from './schema.ts';

const code = (character: string): number => character.charCodeAt(0);
const [OPEN, CLOSE, OPEN_LIST] = [code('{'), code('}'), code('[')];
const [COLON, COMMA, QUOTE] = [code(':'), code(','), code('"')];

const LARGEST_FLOAT = 2 ** 128 - 2 ** 103;

/** The bytes of the model, fields in the order of their numbers. ModelError with line and column. */
export function readModelJson(bytes: Uint8Array): ByteList {
  const reader = new JsonReader(bytes);
  return reader.model().finish();
}

class JsonReader {
  readonly #scanner: Scanner;
  /** Fields by their name in JSON and by their own, of each kind of message met so far. */
  readonly #names = new Map<MessageSchema, ReadonlyMap<string, FieldSchema>>();

  constructor(bytes: Uint8Array) {
    this.#scanner = new Scanner(bytes);
  }

  model(): MessageBuilder {
    this.#skipSpace();
    if (this.#scanner.byte !== OPEN) this.#scanner.fail(`expected '{' but found ${this.#scanner.describeNext()}`);
    const model = this.#message(modelSchema, 0);
    this.#skipSpace();
    if (this.#scanner.byte >= 0)
      this.#scanner.fail(`expected the end of the file but found ${this.#scanner.describeNext()}`);
    return model;
  }

  /** An object, from its brace on. Messages nest at most MAXIMUM_NESTING deep. */
  #message(schema: MessageSchema, depth: number): MessageBuilder {
    const scanner = this.#scanner;
    if (depth > MAXIMUM_NESTING) scanner.fail(`messages are nested more than ${MAXIMUM_NESTING} deep`);
    const builder = new MessageBuilder(schema);
    const seen = new Set<FieldSchema>();
    scanner.at++;
    this.#skipSpace();
    if (scanner.accept(CLOSE)) return builder;
    for (;;) {
      this.#skipSpace();
      const start = scanner.at;
      const field = this.#key(schema);
      if (seen.has(field)) scanner.fail(`${field.name} is given twice`, start);
      seen.add(field);
      this.#expect(COLON);
      this.#skipSpace();
      if (!this.#acceptWord('null')) {
        const other = builder.conflict(field);
        if (other !== undefined)
          scanner.fail(`${field.name} is given beside ${other.name}, but only one of them may be`, start);
        this.#fieldValue(builder, field, depth);
      }
      this.#skipSpace();
      if (scanner.accept(CLOSE)) return builder;
      if (!scanner.accept(COMMA)) scanner.fail(`expected ',' or '}' but found ${scanner.describeNext()}`);
    }
  }

  #key(schema: MessageSchema): FieldSchema {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (scanner.byte !== QUOTE) scanner.fail(`expected a name in quotes but found ${scanner.describeNext()}`);
    const name = decodeText(readJsonString(scanner));
    const names = this.#namesOf(schema);
    const field = names.get(name);
    if (field !== undefined) return field;
    const near = suggest(name, names.keys());
    return scanner.fail(
      `${schema.name} has no field '${name.slice(0, 40)}'`,
      start,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }

  #namesOf(schema: MessageSchema): ReadonlyMap<string, FieldSchema> {
    let names = this.#names.get(schema);
    if (names === undefined) {
      names = new Map(
        schema.fields.flatMap((field) => [[field.name, field] as const, [jsonNameOf(field.name), field] as const]),
      );
      this.#names.set(schema, names);
    }
    return names;
  }

  #fieldValue(builder: MessageBuilder, field: FieldSchema, depth: number): void {
    const scanner = this.#scanner;
    if (!field.isRepeated) return this.#value(builder, field, depth);
    if (!scanner.accept(OPEN_LIST))
      return scanner.fail(`${field.name} is a list: expected '[' but found ${scanner.describeNext()}`);
    scanner.list(
      () => this.#skipSpace(),
      () => this.#value(builder, field, depth),
    );
  }

  #value(builder: MessageBuilder, field: FieldSchema, depth: number): void {
    const scanner = this.#scanner;
    const { type } = field;
    if (type.kind === 'message') {
      if (scanner.byte !== OPEN)
        return scanner.fail(`${field.name} is a message: expected '{' but found ${scanner.describeNext()}`);
      return builder.message(field, this.#message(type.message, depth + 1));
    }
    if (type.kind === 'enum') return this.#enum(builder, field, type.values);
    switch (type.scalar) {
      case 'string':
        return builder.bytes(field, this.#string(field, 'a string'));
      case 'bytes': {
        const start = scanner.at;
        const bytes = decodeBase64(this.#string(field, 'bytes as base64 in quotes'));
        return builder.bytes(field, bytes ?? scanner.fail(`${field.name} holds bytes, and this is no base64`, start));
      }
      case 'float':
      case 'double':
        return builder.fraction(field, this.#fraction(field, type.scalar === 'double'));
      default:
        return builder.integer(field, this.#integer(field, this.#literal(field, 'a whole number')));
    }
  }

  #string(field: FieldSchema, what: string): Uint8Array {
    const scanner = this.#scanner;
    if (scanner.byte !== QUOTE) scanner.fail(`${field.name} is ${what}, but found ${scanner.describeNext()}`);
    return readJsonString(scanner);
  }

  /** A number, or a string that is to be one. */
  #literal(
    field: FieldSchema,
    what: string,
  ): { readonly text: string; readonly start: number; readonly isQuoted: boolean } {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (scanner.byte === QUOTE) return { text: decodeText(readJsonString(scanner)), start, isQuoted: true };
    while (isNumberByte(scanner.byte)) scanner.at++;
    const text = scanner.since(start);
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return { text, start, isQuoted: false };
    scanner.at = start;
    const isBare = /^'-?(NaN|Inf)/i.test(scanner.describeNext());
    return scanner.fail(
      `${field.name} is ${what}, but found ${scanner.describeNext()}`,
      start,
      isBare ? 'write "NaN", "Infinity" and "-Infinity" in quotes' : undefined,
    );
  }

  #enum(builder: MessageBuilder, field: FieldSchema, values: ReadonlyMap<string, number>): void {
    const literal = this.#literal(field, 'a name in quotes or a number');
    const value = literal.isQuoted ? values.get(literal.text) : undefined;
    if (value !== undefined) return builder.integer(field, value);
    if (!literal.isQuoted || /^-?\d+$/.test(literal.text)) return builder.integer(field, this.#integer(field, literal));
    const near = suggest(literal.text, values.keys());
    return this.#scanner.fail(
      `${field.name} cannot be '${literal.text.slice(0, 40)}'`,
      literal.start,
      near === undefined ? `one of ${[...values.keys()].join(', ')}` : `did you mean ${near}?`,
    );
  }

  #integer(field: FieldSchema, { text, start }: { readonly text: string; readonly start: number }): bigint | number {
    const scanner = this.#scanner;
    const type = integerTypeOf(field);
    // 1.0 and 1e3 are whole as well.
    const value = /^-?\d+$/.test(text)
      ? integerFrom(text.replace('-', ''), text.startsWith('-'), type)
      : /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) && Number.isSafeInteger(Number(text))
        ? integerFrom(String(Math.abs(Number(text))), Number(text) < 0, type)
        : scanner.fail(`${field.name} is a whole number, but '${text.slice(0, 40)}' is none`, start);
    return value ?? scanner.fail(`${text.slice(0, 40)} is no ${type}`, start);
  }

  #fraction(field: FieldSchema, isDouble: boolean): number {
    const { text, start, isQuoted } = this.#literal(field, 'a number');
    if (isQuoted) {
      if (text === 'NaN') return NaN;
      if (text === 'Infinity') return Infinity;
      if (text === '-Infinity') return -Infinity;
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text))
        return this.#scanner.fail(`${field.name} is a number, but '${text.slice(0, 40)}' is none`, start);
    }
    const value = Number(text);
    const isTooLarge = isDouble ? !Number.isFinite(value) : Math.abs(value) >= LARGEST_FLOAT + 2 ** 103;
    if (isTooLarge)
      this.#scanner.fail(`${text.slice(0, 40)} is too large for a ${isDouble ? 'double' : 'float'}`, start);
    return value;
  }

  #acceptWord(word: string): boolean {
    const { bytes, at } = this.#scanner;
    for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word.charCodeAt(index)) return false;
    this.#scanner.at += word.length;
    return true;
  }

  #expect(mark: number): void {
    this.#skipSpace();
    if (this.#scanner.accept(mark)) return;
    this.#scanner.fail(`expected '${String.fromCharCode(mark)}' but found ${this.#scanner.describeNext()}`);
  }

  #skipSpace(): void {
    const scanner = this.#scanner;
    for (; ; scanner.at++) {
      const { byte } = scanner;
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return;
    }
  }
}

/** Digits, signs, point and the letter of an exponent. */
function isNumberByte(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === 43 || byte === 45 || byte === 46 || (byte | 32) === 101;
}

import { encodeText } from '../text.ts';
import type { Scanner } from './scanner.ts';

const BACKSLASH = 92;
const LINE_FEED = 10;

/** Escapes of one character in the text format. */
const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "'": 39,
  '?': 63,
  '\\': BACKSLASH,
};
const simpleByCode: readonly (number | undefined)[] = Array.from(
  { length: 128 },
  (_, byte) => simple[String.fromCharCode(byte)],
);

/** A string of the text format, from its opening quote on, as bytes. It ends on its line. */
export function readQuoted(scanner: Scanner): Uint8Array {
  const { bytes } = scanner;
  const open = scanner.at;
  const quote = bytes[open];
  let hasEscapes = false;
  let close = open + 1;
  for (; bytes[close] !== quote; close++) {
    if (close >= bytes.byteLength) return scanner.fail('this string has no closing quote', open);
    if (bytes[close] === LINE_FEED)
      return scanner.fail('this string has no closing quote on its line', open, 'write a line break as \\n');
    if (bytes[close] !== BACKSLASH) continue;
    hasEscapes = true;
    close++;
  }
  scanner.at = close + 1;
  return hasEscapes ? unescape(scanner, open + 1, close) : bytes.slice(open + 1, close);
}

/** No escape is shorter than what it stands for, so the length as written is enough. */
function unescape(scanner: Scanner, start: number, end: number): Uint8Array {
  const { bytes } = scanner;
  const out = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at++] ?? 0;
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      continue;
    }
    const escape = bytes[at] ?? 0;
    if (isOctal(escape)) {
      // One to three digits, of which only eight bits count.
      const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
      const digits = !isOctal(second) ? 1 : !isOctal(third) ? 2 : 3;
      let value = escape - 48;
      if (digits > 1) value = value * 8 + second - 48;
      if (digits > 2) value = value * 8 + third - 48;
      out[length++] = value & 255;
      at += digits;
      continue;
    }
    const character = simpleByCode[escape];
    at++;
    if (character !== undefined) out[length++] = character;
    else if (escape === 0x78 || escape === 0x58) {
      const digits = hexDigits(bytes, at, 1, 2);
      if (digits === '') scanner.fail('an \\x without hexadecimal digits', at - 2);
      out[length++] = parseInt(digits, 16);
      at += digits.length;
    } else if (escape === 0x75 || escape === 0x55) {
      const [text, after] = codePoint(scanner, at - 2);
      const encoded = encodeText(text);
      out.set(encoded, length);
      length += encoded.byteLength;
      at = after;
    } else scanner.fail(`the escape \\${String.fromCharCode(escape)} is not known`, at - 2);
  }
  // What was written with many escapes would keep four times its size.
  return length === out.byteLength ? out : out.slice(0, length);
}

function isOctal(byte: number): boolean {
  return (byte & 0xf8) === 48;
}

/** `\uXXXX`, a surrogate pair of those, or `\UXXXXXXXX` at `start`: the character, and the position after it. */
function codePoint(scanner: Scanner, start: number): [text: string, after: number] {
  const { bytes } = scanner;
  const width = bytes[start + 1] === 0x75 ? 4 : 8;
  const digits = hexDigits(bytes, start + 2, width, width);
  const value = digits === '' ? Infinity : parseInt(digits, 16);
  let after = start + 2 + width;
  if (value > 0x10ffff) scanner.fail('this is no character of Unicode', start);
  if (value < 0xd800 || value > 0xdfff) return [String.fromCodePoint(value), after];
  const isPair = bytes[after] === BACKSLASH && bytes[after + 1] === 0x75 && value < 0xdc00 && width === 4;
  const second = isPair ? parseInt(hexDigits(bytes, after + 2, 4, 4) || '0', 16) : 0;
  if (second < 0xdc00 || second > 0xdfff) scanner.fail('half of a surrogate pair is no character', start);
  after += 6;
  return [String.fromCharCode(value, second), after];
}

/** From `least` to `most` hexadecimal digits, or ''. */
function hexDigits(bytes: Uint8Array, start: number, least: number, most: number): string {
  const text = String.fromCharCode(...bytes.subarray(start, start + most));
  const digits = /^[0-9a-fA-F]*/.exec(text)?.[0] ?? '';
  return digits.length < least ? '' : digits;
}

import { encodeText } from '../text.ts';
import type { Scanner } from './scanner.ts';

const BACKSLASH = 92;
const QUOTE = 34;

const simple: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** A string of JSON, from its opening quote on, as bytes of UTF-8. */
export function readJsonString(scanner: Scanner): Uint8Array {
  const { bytes } = scanner;
  const open = scanner.at;
  let hasEscapes = false;
  let close = open + 1;
  for (; bytes[close] !== QUOTE; close++) {
    const byte = bytes[close];
    if (byte === undefined) return scanner.fail('this string has no closing quote', open);
    if (byte < 32)
      return scanner.fail('a control character in a string', close, 'write it as an escape, \\n or \\u0000');
    if (byte !== BACKSLASH) continue;
    hasEscapes = true;
    close++;
  }
  scanner.at = close + 1;
  return hasEscapes ? unescape(scanner, open + 1, close) : bytes.slice(open + 1, close);
}

/** No escape is shorter than what it stands for. */
function unescape(scanner: Scanner, start: number, end: number): Uint8Array {
  const { bytes } = scanner;
  const out = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      at++;
      continue;
    }
    const [text, after] = readEscape(scanner, at);
    const encoded = encodeText(text);
    out.set(encoded, length);
    length += encoded.byteLength;
    at = after;
  }
  return out.slice(0, length);
}

function readEscape(scanner: Scanner, at: number): [text: string, after: number] {
  const letter = String.fromCharCode(scanner.bytes[at + 1] ?? 0);
  if (letter !== 'u') {
    const text = simple[letter];
    if (text === undefined) return scanner.fail(`the escape \\${letter} is not known`, at);
    return [text, at + 2];
  }
  const first = codeUnit(scanner, at);
  if (first < 0xd800 || first > 0xdfff) return [String.fromCharCode(first), at + 6];
  const second = first < 0xdc00 && scanner.bytes[at + 6] === BACKSLASH ? codeUnit(scanner, at + 6) : 0;
  if (second < 0xdc00 || second > 0xdfff) return scanner.fail('half of a surrogate pair is no character', at);
  return [String.fromCharCode(first, second), at + 12];
}

/** The number of `\uXXXX`. */
function codeUnit(scanner: Scanner, at: number): number {
  const text = String.fromCharCode(...scanner.bytes.subarray(at, at + 6));
  return /^\\u[0-9a-fA-F]{4}$/.test(text)
    ? parseInt(text.slice(2), 16)
    : scanner.fail('an escape of \\u and four hexadecimal digits is broken', at);
}

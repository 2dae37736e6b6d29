/**
 * Strings of the format, exactly. Protobuf strings should be UTF-8, but exporters also wrote names and texts in other
 * encodings; a byte that is not part of UTF-8 becomes the lone surrogate U+DC80..U+DCFF of its value and is written
 * back as that byte (the idea of Python's PEP 383), so that distinct names stay distinct and nothing is lost.
 */
const loose = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

const ESCAPE = 0xdc00;
const REPLACEMENT = '\ufffd';
/** An escaped byte: a low surrogate in range that no high surrogate precedes. */
const escaped = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

export function decodeText(bytes: Uint8Array): string {
  const text = loose.decode(bytes);
  return text.includes(REPLACEMENT) ? decodeWithEscapes(bytes) : text;
}

export function hasEscapes(text: string): boolean {
  return escaped.test(text);
}

export function encodeText(text: string): Uint8Array {
  if (!hasEscapes(text)) return encoder.encode(text);
  const pieces: Uint8Array[] = [];
  for (let rest = text; rest !== '';) {
    const at = rest.search(escaped);
    if (at < 0) {
      pieces.push(encoder.encode(rest));
      break;
    }
    pieces.push(encoder.encode(rest.slice(0, at)), Uint8Array.of(rest.charCodeAt(at) - ESCAPE));
    rest = rest.slice(at + 1);
  }
  return joinBytes(pieces);
}

/** True for well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  const text = loose.decode(bytes);
  return !text.includes(REPLACEMENT) || !hasEscapes(decodeWithEscapes(bytes));
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}

function decodeWithEscapes(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) parts.push(String.fromCharCode(ESCAPE + (bytes[at] ?? 0)));
    else parts.push(loose.decode(bytes.subarray(at, at + length)));
    at += Math.max(length, 1);
  }
  return parts.join('');
}

/** Bytes of the well-formed UTF-8 sequence at `at` (Unicode, table 3-7), or 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.byteLength) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}

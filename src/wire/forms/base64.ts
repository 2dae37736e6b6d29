const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const sextets = new Int8Array(256).fill(-1);
for (const [value, character] of [...alphabet].entries()) sextets[character.charCodeAt(0)] = value;
// The alphabet for URLs, which readers of JSON take as well.
sextets['-'.charCodeAt(0)] = 62;
sextets['_'.charCodeAt(0)] = 63;

const PADDING = '='.charCodeAt(0);

/** The bytes of base64 text, padded or not; undefined when it is none. */
export function decodeBase64(text: Uint8Array): Uint8Array | undefined {
  let end = text.byteLength;
  for (let padding = 0; padding < 2 && text[end - 1] === PADDING; padding++) end--;
  if (end % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let length = 0;
  let bits = 0;
  for (let at = 0; at < end; at++) {
    const sextet = sextets[text[at] ?? 0] ?? -1;
    if (sextet < 0) return undefined;
    bits = (bits << 6) | sextet;
    const phase = at & 3;
    if (phase > 0) bytes[length++] = (bits >> (6 - 2 * phase)) & 255;
  }
  return bytes;
}

/** Base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.byteLength / 3) * 4).fill(PADDING);
  let length = 0;
  const put = (sextet: number): void => {
    out[length++] = alphabet.charCodeAt(sextet & 63);
  };
  for (let at = 0; at < bytes.byteLength; at += 3) {
    const [first = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    put(first >> 2);
    put((first << 4) | (second >> 4));
    if (at + 1 < bytes.byteLength) put((second << 2) | (third >> 6));
    if (at + 2 < bytes.byteLength) put(third);
  }
  return new TextDecoder('latin1').decode(out);
}

const PRIME = 0x0000000001000000000000000000013bn;
const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const MASK = (1n << 128n) - 1n;

/**
 * FNV-1a with 128 bits over UTF-16 code units, in hexadecimal: a short name for a long text, where two texts of one name
 * would need an accident of 2^-128.
 */
export function hashOf(text: string): string {
  let hash = OFFSET_BASIS;
  for (let index = 0; index < text.length; index++) hash = ((hash ^ BigInt(text.charCodeAt(index))) * PRIME) & MASK;
  return hash.toString(16).padStart(32, '0');
}

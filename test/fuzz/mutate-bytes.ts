/** Mutations of a file that know nothing of what the bytes mean. */
import type { Random } from '../support/random.ts';
import { varintBytes } from '../support/wire-tree.ts';

/** Numbers where lengths, counts and offsets go wrong. */
export const oddNumbers: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 16n, 127n, 128n, 255n, 256n, 1000n, 65535n, 65536n, 1n << 20n],
  ...[(1n << 31n) - 1n, 1n << 31n, (1n << 32n) - 1n, 1n << 32n, 1n << 40n, (1n << 53n) - 1n, 1n << 53n, 1n << 62n],
  ...[(1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, -2n, -3n, -128n, -(1n << 31n), -(1n << 31n) - 1n],
];

type BytesMutation = (random: Random, bytes: Uint8Array, donor: Uint8Array) => Uint8Array;

const mutations: readonly BytesMutation[] = [
  function flipBits(random, bytes) {
    const result = new Uint8Array(bytes);
    for (let count = 1 + random.below(8); count > 0; count--) {
      const at = random.below(result.byteLength);
      result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
    }
    return result;
  },
  function setBytes(random, bytes) {
    const result = new Uint8Array(bytes);
    for (let count = 1 + random.below(4); count > 0; count--)
      result[random.below(result.byteLength)] = random.below(256);
    return result;
  },
  function truncate(random, bytes) {
    return bytes.subarray(0, random.below(bytes.byteLength));
  },
  function insertNumber(random, bytes) {
    const at = random.below(bytes.byteLength);
    const number = varintBytes(random.pick(oddNumbers), random.chance(0.3) ? random.below(10) : 0);
    return Buffer.concat([bytes.subarray(0, at), number, bytes.subarray(at + random.below(3))]);
  },
  function insertNoise(random, bytes) {
    const at = random.below(bytes.byteLength);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(16)), bytes.subarray(at)]);
  },
  function removeRange(random, bytes) {
    const [start, end] = range(random, bytes);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  function repeatRange(random, bytes) {
    const [start, end] = range(random, bytes);
    const copies = Array.from({ length: 1 + random.below(20) }, () => bytes.subarray(start, end));
    return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
  },
  function spliceOther(random, bytes, donor) {
    const [start, end] = range(random, donor);
    const at = random.below(bytes.byteLength);
    const rest = random.chance(0.5) ? at : Math.min(bytes.byteLength, at + end - start);
    return Buffer.concat([bytes.subarray(0, at), donor.subarray(start, end), bytes.subarray(rest)]);
  },
  function crossOver(random, bytes, donor) {
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.byteLength)),
      donor.subarray(random.below(donor.byteLength)),
    ]);
  },
  function appendOther(_random, bytes, donor) {
    // Protobuf merges what is concatenated.
    return Buffer.concat([bytes, donor]);
  },
];

function range(random: Random, bytes: Uint8Array): readonly [start: number, end: number] {
  const start = random.below(bytes.byteLength);
  return [start, Math.min(bytes.byteLength, start + 1 + random.below(random.chance(0.5) ? 8 : 200))];
}

export function mutateBytes(random: Random, bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  if (bytes.byteLength === 0) return random.bytes(16);
  return random.pick(mutations)(random, bytes, donor);
}

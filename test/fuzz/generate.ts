import { Random } from '../support/random.ts';
import { encodeTree, parseMessage } from '../support/wire-tree.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateTree } from './mutate-tree.ts';

/** Some mutations multiply; what is larger than this would make runs slow and say no more. */
const LARGEST_FILE = 256 * 1024;

/** The file of one run: the same for the same seeds and numbers. */
export function generate(seeds: readonly Uint8Array[], seed: number, run: number): Uint8Array {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(run, 0x85ebca6b));
  let bytes = random.pick(seeds);
  const donor = random.pick(seeds);
  if (random.chance(0.75)) {
    const root = parseMessage('Model', bytes);
    const other = parseMessage('Model', donor);
    if (root !== undefined && other !== undefined) {
      for (let count = 1 + random.below(4); count > 0; count--) mutateTree({ root, donor: other, random });
      bytes = encodeTree(root);
    }
    if (random.chance(0.8)) return bytes.subarray(0, LARGEST_FILE);
  }
  for (let count = 1 + random.below(2); count > 0; count--) bytes = mutateBytes(random, bytes, donor);
  return bytes.subarray(0, LARGEST_FILE);
}

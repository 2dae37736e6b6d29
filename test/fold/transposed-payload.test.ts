import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrayOf, bytesOfArray } from '../../src/fold/array.ts';
import { transposed } from '../../src/fold/move.ts';
import { transposedPayload } from '../../src/fold/transposed-payload.ts';
import { byteLengthOf, type DataType } from '../../src/ir/data-type.ts';
import { type Payload, Tensor } from '../../src/ir/tensor.ts';

/** Bytes that lie elsewhere; `longest` is the longest read so far. */
class Elsewhere implements Payload {
  readonly bytes = undefined;
  longest = 0;
  readonly #content: Uint8Array;

  constructor(content: Uint8Array) {
    this.#content = content;
  }

  get byteLength(): number {
    return this.#content.byteLength;
  }

  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    this.longest = Math.max(this.longest, length);
    const bytes = this.#content.subarray(offset, offset + length);
    if (into === undefined) return Promise.resolve(bytes.slice());
    into.set(bytes);
    return Promise.resolve(into.subarray(0, length));
  }
}

function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0, state = 1; at < words.length; at++)
    words[at] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return new Uint8Array(words.buffer, 0, length);
}

function expectedOf(
  dataType: DataType,
  dims: readonly number[],
  content: Uint8Array,
  perm: readonly number[],
): Uint8Array {
  return bytesOfArray(transposed(arrayOf(new Tensor(dataType, dims, content)), perm));
}

const types: readonly DataType[] = ['int8', 'uint16', 'float', 'int64', 'complex128'];

test('any range of the result is what the kernel makes of the whole', async () => {
  const cases = fc
    .record({
      dataType: fc.constantFrom(...types),
      dims: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    })
    .chain(({ dataType, dims }) =>
      fc.record({
        dataType: fc.constant(dataType),
        dims: fc.constant(dims),
        perm: fc.shuffledSubarray([...dims.keys()], { minLength: dims.length }),
        from: fc.double({ min: 0, max: 1, noNaN: true }),
        to: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(cases, async ({ dataType, dims, perm, from, to }) => {
      const width = byteLengthOf(dataType, 1);
      const count = dims.reduce((product, dim) => product * dim, 1);
      const content = noise(count * width);
      const payload = transposedPayload(new Elsewhere(content), dataType, dims, perm);
      const expected = expectedOf(dataType, dims, content, perm);
      const [start = 0, end = 0] = [from, to].map((part) => Math.round(part * count) * width).sort((a, b) => a - b);
      expect(await payload?.read(start, end - start)).toEqual(expected.slice(start, end));
      expect(await payload?.read(0, count * width, new Uint8Array(count * width + 3))).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test.each([
  { dims: [5000, 4001], perm: [1, 0] },
  { dims: [3, 90, 70_001], perm: [2, 0, 1] },
  { dims: [70_001, 2, 140], perm: [0, 2, 1] },
])('a large tensor of $dims is read in pieces and made in blocks', async ({ dims, perm }) => {
  const content = noise(dims.reduce((product, dim) => product * dim, 1));
  const source = new Elsewhere(content);
  const payload = transposedPayload(source, 'uint8', dims, perm);
  const pieceBytes = payload?.pieceBytes ?? 0;
  expect(pieceBytes).toBeLessThanOrEqual(16 << 20);
  expect(pieceBytes).toBeGreaterThan(8 << 20);
  const made = new Uint8Array(content.byteLength);
  for (let at = 0; at < made.byteLength; at += pieceBytes)
    made.set((await payload?.read(at, Math.min(pieceBytes, made.byteLength - at))) ?? [], at);
  expect(Buffer.compare(made, expectedOf('uint8', dims, content, perm))).toBe(0);
  expect(source.longest).toBeLessThanOrEqual(128 << 10);
});

test('packed elements and what is no permutation are left to others', () => {
  const source = new Elsewhere(noise(12));
  expect(transposedPayload(source, 'int4', [4, 6], [1, 0])).toBeUndefined();
  expect(transposedPayload(source, 'uint8', [3, 4], [1, 1])).toBeUndefined();
  expect(transposedPayload(source, 'uint8', [3, 4], [0])).toBeUndefined();
});

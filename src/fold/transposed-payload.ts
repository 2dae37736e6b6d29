/**
 * A transposed tensor that is made block by block while the model is saved: neither the tensor nor its result is ever in
 * memory as a whole.
 */
import { byteLengthOf, type DataType } from '../ir/data-type.ts';
import { ComputedPayload, type Payload, Tensor } from '../ir/tensor.ts';
import { arrayOf } from './array.ts';
import { copyBlock } from './move.ts';
import { product, stridesOf } from './strided.ts';

/** What is made of the result at once. Each block may take a pass over the whole source. */
const BLOCK_BYTES = 16 * 1024 * 1024;

/** What is read of the source at once: a processor's cache holds it. */
const PIECE_BYTES = 128 * 1024;

/** To read over so many bytes that are not wanted takes no longer than to begin another read. */
const GAP_BYTES = 16 * 1024;

/** Rows of fewer elements than this cost more than the elements do. */
const SHORT_ROW = 16;

/** Types that stand for any of their width: elements are moved, not looked at. */
const typesByWidth: Readonly<Record<number, DataType>> = {
  1: 'uint8',
  2: 'uint16',
  4: 'uint32',
  8: 'uint64',
  16: 'complex128',
};

/**
 * Axis i of the result is axis perm[i] of `source`, whose dims have no 0. undefined where elements are packed into less than a
 * byte, and when `perm` is no permutation.
 */
export function transposedPayload(
  source: Payload,
  dataType: DataType,
  sourceDims: readonly number[],
  perm: readonly number[],
): ComputedPayload | undefined {
  const [width, packed] = [byteLengthOf(dataType, 1), byteLengthOf(dataType, 8)];
  const wordType = typesByWidth[width];
  if (packed !== width * 8 || wordType === undefined || sourceDims.length === 0) return undefined;
  if (sourceDims.some((_, axis) => !perm.includes(axis))) return undefined;
  const dims = perm.map((axis) => sourceDims[axis] as number);
  const strides = stridesOf(dims);
  const sourceStrides = stridesOf(sourceDims);
  const arrayOn = (bytes: Uint8Array) => arrayOf(new Tensor(wordType, [bytes.byteLength / width], bytes));

  const compute = async (offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> => {
    const isUsable = into !== undefined && into.byteOffset % width === 0;
    const block = isUsable ? into.subarray(0, length) : new Uint8Array(length);
    const target = arrayOn(block);
    const scratch = new Uint8Array(Math.min(PIECE_BYTES, source.byteLength));
    const start = offset / width;
    for (const box of boxesOf(dims, start, start + length / width)) {
      for (const piece of piecesOf(sourceDims, permuted(box, perm), width)) {
        const bytes = await source.read(piece.start * width, piece.count * width, scratch);
        const { starts, sizes } = piece.box;
        // Along the axis that is longer here; the other order of the two walks through memory in leaps.
        const lastSize = sizes[perm.at(-1) as number] as number;
        const order = lastSize < SHORT_ROW ? [...perm].sort((a, b) => a - b) : perm;
        copyBlock(
          order.map((axis) => sizes[axis] as number),
          arrayOn(bytes),
          order.map((axis) => sourceStrides[axis] as number),
          positionOf(starts, sourceStrides) - piece.start,
          target,
          order.map((axis) => strides[perm.indexOf(axis)] as number),
          positionOf(
            perm.map((axis) => starts[axis] as number),
            strides,
          ) - start,
        );
      }
    }
    return block;
  };
  return new ComputedPayload(source.byteLength, width, compute, blockBytesOf(dims, width));
}

/** Part of a tensor: a range on each axis. */
interface Box {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

/** The box of the source that a box of the result is made of. */
function permuted(box: Box, perm: readonly number[]): Box {
  const starts = new Array<number>(perm.length);
  const sizes = new Array<number>(perm.length);
  perm.forEach((axis, index) => {
    starts[axis] = box.starts[index] as number;
    sizes[axis] = box.sizes[index] as number;
  });
  return { starts, sizes };
}

function positionOf(indices: readonly number[], strides: readonly number[]): number {
  return indices.reduce((sum, index, axis) => sum + index * (strides[axis] as number), 0);
}

/** As many whole slices along one axis as fit into a block, so that a block is one box. */
function blockBytesOf(dims: readonly number[], width: number): number {
  for (const stride of stridesOf(dims)) {
    const bytes = stride * width;
    if (bytes <= BLOCK_BYTES) return bytes * Math.max(1, Math.floor(BLOCK_BYTES / bytes));
  }
  return width;
}

/** The elements [start, end) of a tensor as few boxes, in order. */
function* boxesOf(dims: readonly number[], start: number, end: number): Generator<Box> {
  const strides = stridesOf(dims);
  const last = dims.length - 1;
  for (let at = start; at < end;) {
    const isWhole = (axis: number): boolean => {
      const stride = strides[axis] as number;
      return at % stride === 0 && stride <= end - at;
    };
    let axis = 0;
    while (axis < last && !isWhole(axis)) axis++;
    const stride = strides[axis] as number;
    const indices = dims.map((dim, index) => Math.floor(at / (strides[index] as number)) % dim);
    const count = Math.min((dims[axis] as number) - (indices[axis] as number), Math.floor((end - at) / stride));
    yield { starts: indices, sizes: dims.map((dim, index) => (index < axis ? 1 : index === axis ? count : dim)) };
    at += count * stride;
  }
}

/** A range of elements, and the box of those that are wanted of it. */
interface Piece {
  readonly start: number;
  readonly count: number;
  readonly box: Box;
}

/** The ranges of the tensor that hold a box, in order, each of at most PIECE_BYTES. */
function* piecesOf(dims: readonly number[], box: Box, width: number): Generator<Piece> {
  const strides = stridesOf(dims);
  const { starts, sizes } = box;
  // The axis along which slices are read whole: the first whose slices are short enough and hold little else.
  const isReadWhole = (axis: number): boolean => {
    const bytes = (strides[axis] as number) * width;
    const wanted = product(sizes.slice(axis + 1)) * width;
    return bytes <= PIECE_BYTES && bytes - wanted <= GAP_BYTES;
  };
  const last = dims.length - 1;
  let axis = 0;
  while (axis < last && !isReadWhole(axis)) axis++;
  const stride = strides[axis] as number;
  const step = Math.max(1, Math.floor(PIECE_BYTES / (stride * width)));
  const first = starts[axis] as number;
  const stop = first + (sizes[axis] as number);
  const outer = sizes.slice(0, axis);
  for (let slice = 0; slice < product(outer); slice++) {
    const indices = [...starts];
    for (let rest = slice, a = axis - 1; a >= 0; rest = Math.floor(rest / (outer[a] as number)), a--)
      indices[a] = (starts[a] as number) + (rest % (outer[a] as number));
    const base = positionOf(indices.slice(0, axis), strides);
    for (let at = first; at < stop; at += step) {
      const count = Math.min(step, stop - at);
      indices[axis] = at;
      const own = { starts: [...indices], sizes: sizes.map((size, a) => (a < axis ? 1 : a === axis ? count : size)) };
      yield { start: base + at * stride, count: count * stride, box: own };
    }
  }
}

/** Moves elements without looking at them: bit patterns survive, NaN payloads included. */
import { createData, isStringData, lanesOf, type NDArray } from './array.ts';
import { broadcastStrides, eachRow, product, stridesOf } from './strided.ts';

type Words = Uint8Array | Uint16Array | Uint32Array | Uint8Array[];

/** The elements as machine words; 64-bit elements are two. Few kinds of array keep the copying loops fast. */
function wordsOf(array: NDArray): { readonly words: Words; readonly perElement: number } {
  const { data, dataType } = array;
  if (isStringData(data)) return { words: data as Uint8Array[], perElement: 1 };
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = data;
  const lanes = lanesOf(dataType);
  if (BYTES_PER_ELEMENT === 1) return { words: new Uint8Array(buffer, byteOffset, byteLength), perElement: lanes };
  if (BYTES_PER_ELEMENT === 2) return { words: new Uint16Array(buffer, byteOffset, byteLength / 2), perElement: lanes };
  return { words: new Uint32Array(buffer, byteOffset, byteLength / 4), perElement: (lanes * BYTES_PER_ELEMENT) / 4 };
}

/** An array of the same type, zeros or empty strings. */
export function emptyLike(array: NDArray, dims: readonly number[]): NDArray {
  const count = product(dims);
  const data = isStringData(array.data)
    ? Array.from({ length: count }, () => new Uint8Array(0))
    : createData(array.dataType, count);
  return { dataType: array.dataType, dims, data };
}

/** Copies a block of `dims` elements; offsets and strides count elements. */
export function copyBlock(
  dims: readonly number[],
  from: NDArray,
  fromStrides: readonly number[],
  fromOffset: number,
  to: NDArray,
  toStrides: readonly number[],
  toOffset: number,
): void {
  const source = wordsOf(from);
  const target = wordsOf(to);
  const width = source.perElement;
  const blockDims = width === 1 ? dims : [...dims, width];
  const widen = (strides: readonly number[]): readonly number[] =>
    width === 1 ? strides : [...strides.map((stride) => stride * width), 1];
  const read = source.words as Uint32Array;
  const write = target.words as Uint32Array;
  const readBase = fromOffset * width;
  const writeBase = toOffset * width;
  const contiguous = !Array.isArray(read);
  eachRow(blockDims, [widen(fromStrides), widen(toStrides)], (offsets, length, steps) => {
    let at = readBase + (offsets[0] as number);
    let put = writeBase + (offsets[1] as number);
    const readStep = steps[0] as number;
    const writeStep = steps[1] as number;
    if (contiguous && length > 16 && writeStep === 1) {
      if (readStep === 1) return write.set(read.subarray(at, at + length), put);
      if (readStep === 0) return void write.fill(read[at] as number, put, put + length);
    }
    for (let i = 0; i < length; i++, at += readStep, put += writeStep) write[put] = read[at] as number;
  });
}

/** A new array whose element at each index lies in `from` at `offset` plus the index times `strides`. */
export function gatherStrided(from: NDArray, dims: readonly number[], strides: readonly number[], offset = 0): NDArray {
  const to = emptyLike(from, dims);
  copyBlock(dims, from, strides, offset, to, stridesOf(dims), 0);
  return to;
}

/** The elements of `from` at these positions, in order; `run` neighbouring elements each. */
export function gatherRuns(from: NDArray, positions: ArrayLike<number>, run: number, dims: readonly number[]): NDArray {
  const to = emptyLike(from, dims);
  const source = wordsOf(from);
  const length = run * source.perElement;
  const read = source.words as Uint32Array;
  const write = wordsOf(to).words as Uint32Array;
  const contiguous = !Array.isArray(read);
  for (let i = 0, put = 0; i < positions.length; i++) {
    const at = (positions[i] as number) * length;
    if (contiguous && length > 16) {
      write.set(read.subarray(at, at + length), put);
      put += length;
    } else {
      for (let k = 0; k < length; k++) write[put++] = read[at + k] as number;
    }
  }
  return to;
}

/** Writes runs of `values` to these positions of `to`, which the caller owns. */
export function scatterRuns(to: NDArray, positions: ArrayLike<number>, run: number, values: NDArray): void {
  const target = wordsOf(to);
  const length = run * target.perElement;
  const write = target.words as Uint32Array;
  const read = wordsOf(values).words as Uint32Array;
  for (let i = 0; i < positions.length; i++) {
    const put = (positions[i] as number) * length;
    for (let k = 0; k < length; k++) write[put + k] = read[i * length + k] as number;
  }
}

/** A copy the caller may write to. */
export function cloneArray(array: NDArray): NDArray {
  const { dataType, dims, data } = array;
  return { dataType, dims, data: data.slice() };
}

export function reshaped(array: NDArray, dims: readonly number[]): NDArray {
  return { dataType: array.dataType, dims, data: array.data };
}

/** Axes permuted: axis i of the result is axis perm[i] of the array. */
export function transposed(array: NDArray, perm: readonly number[]): NDArray {
  const strides = stridesOf(array.dims);
  return gatherStrided(
    array,
    perm.map((axis) => array.dims[axis] as number),
    perm.map((axis) => strides[axis] as number),
  );
}

/** Elements of `whenTrue` where the condition is not 0, else of `whenFalse`; both have one type, all broadcast to `dims`. */
export function chosen(condition: NDArray, whenTrue: NDArray, whenFalse: NDArray, dims: readonly number[]): NDArray {
  const to = emptyLike(whenTrue, dims);
  const { words, perElement } = wordsOf(whenTrue);
  const first = words as Uint32Array;
  const second = wordsOf(whenFalse).words as Uint32Array;
  const write = wordsOf(to).words as Uint32Array;
  const test = condition.data as Uint8Array;
  const wide = (strides: readonly number[]): number[] => [...strides.map((stride) => stride * perElement), 1];
  const strides = [
    wide(stridesOf(dims)),
    [...broadcastStrides(condition.dims, dims), 0],
    wide(broadcastStrides(whenTrue.dims, dims)),
    wide(broadcastStrides(whenFalse.dims, dims)),
  ];
  eachRow([...dims, perElement], strides, (offsets, length, steps) => {
    let [put, at, a, b] = offsets as [number, number, number, number];
    const [putStep, atStep, aStep, bStep] = steps as [number, number, number, number];
    for (let i = 0; i < length; i++, put += putStep, at += atStep, a += aStep, b += bStep)
      write[put] = (test[at] !== 0 ? first[a] : second[b]) as number;
  });
  return to;
}

/** Arrays as numpy writes them: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
import { ModelError } from '../base/errors.ts';
import type { NDArray } from '../fold/array.ts';
import type { DataType } from '../ir/data-type.ts';
import { elementCountOf } from '../ir/tensor.ts';
import { arrayOfBytes } from './runner.ts';

/** Kind and bytes of an element, behind the byte order. */
const dataTypes: Readonly<Record<string, DataType>> = {
  f2: 'float16',
  f4: 'float',
  f8: 'double',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
  c8: 'complex64',
  c16: 'complex128',
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/** ModelError when it is cut off, or of elements that no ONNX type is the same as. `file` is what messages call it. */
export function readNpy(bytes: Uint8Array, file: string): NDArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isOld = bytes[6] === 1;
  const start = isOld ? 10 : 12;
  if (!isNpy(bytes) || bytes.byteLength < start) throw new ModelError('it is no array of numpy', { file });
  const end = start + (isOld ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.byteLength) throw cutOff(file);
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const [, order = '', type = ''] = /'descr':\s*'([<>|=])([a-zA-Z]\d+)'/.exec(header) ?? [];
  const isFortran = /'fortran_order':\s*True/.test(header);
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (type === '' || shape === undefined)
    throw new ModelError(`its elements are no numbers that can be read: ${header.trim()}`, { file });
  const dims = [...shape.matchAll(/\d+/g)].map(Number);
  const data = bytes.subarray(end);
  if (type.startsWith('U') || type.startsWith('S')) {
    if (order === '>' || (isFortran && dims.length > 1))
      throw new ModelError('texts are read in C order and little-endian only', { file });
    return textsOf(data, dims, type, file);
  }
  const dataType = dataTypes[type];
  if (dataType === undefined)
    throw new ModelError(`there is no ONNX type for elements of ${type}`, { file }, 'save it as another type');
  const count = elementCountOf(dims);
  const width = Number(type.slice(1));
  if (data.byteLength < count * width) throw cutOff(file);
  // A copy, for typed arrays want aligned bytes.
  const own = data.slice(0, count * width);
  if (order === '>') swapBytes(own, dataType.startsWith('complex') ? width / 2 : width);
  return arrayOfBytes(dataType, dims, isFortran ? rowMajor(own, dims, width) : own);
}

function cutOff(file: string): ModelError {
  return new ModelError('it is cut off', { file });
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.byteLength; at += width) bytes.subarray(at, at + width).reverse();
}

/** Fortran order has the first axis run fastest. */
function rowMajor(bytes: Uint8Array, dims: readonly number[], width: number): Uint8Array {
  const result = new Uint8Array(bytes.byteLength);
  const count = elementCountOf(dims);
  const strides: number[] = [];
  let stride = 1;
  for (const dim of dims) {
    strides.push(stride);
    stride *= dim;
  }
  for (let index = 0; index < count; index++) {
    let from = 0;
    let rest = index;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const dim = dims[axis] as number;
      from += (rest % dim) * (strides[axis] as number);
      rest = Math.floor(rest / dim);
    }
    result.set(bytes.subarray(from * width, (from + 1) * width), index * width);
  }
  return result;
}

/** `U` are code points of four bytes, `S` bytes; both are padded with zeros. */
function textsOf(data: Uint8Array, dims: readonly number[], type: string, file: string): NDArray {
  const isUnicode = type.startsWith('U');
  const width = Number(type.slice(1)) * (isUnicode ? 4 : 1);
  const count = elementCountOf(dims);
  if (data.byteLength < count * width) throw cutOff(file);
  const encoder = new TextEncoder();
  const texts = Array.from({ length: count }, (_, index) => {
    const own = data.slice(index * width, (index + 1) * width);
    if (!isUnicode) return own.subarray(0, own.findLastIndex((byte) => byte !== 0) + 1);
    const codes = [...new Uint32Array(own.buffer)];
    return encoder.encode(
      codes
        .slice(0, codes.findLastIndex((code) => code !== 0) + 1)
        .map((code) => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)))
        .join(''),
    );
  });
  return { dataType: 'string', dims, data: texts };
}

/** Tensors as typed arrays: what kernels compute on. All hosts that run JavaScript today are little-endian, as raw_data is. */
import { invariant, ModelError } from '../base/errors.ts';
import { byteLengthOf, type DataType, dataTypeInfo } from '../ir/data-type.ts';
import { elementCountOf, Tensor, type TensorOptions } from '../ir/tensor.ts';
import { codeOfFloatBits, floatBitsOf, isNarrowFloat } from './float-formats.ts';

export type NumberData =
  Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;
export type BigData = BigInt64Array | BigUint64Array;
export type StringData = readonly Uint8Array[];
export type ArrayData = NumberData | BigData | StringData;

/**
 * A tensor in memory, row-major. Immutable by convention: kernels share the data of their inputs where they can.
 * Types narrower than a byte are unpacked, narrow floats are floats that hold representable values only,
 * bool is 0 and 1, and a complex element is two numbers in a row.
 */
export interface NDArray {
  readonly dataType: DataType;
  readonly dims: readonly number[];
  readonly data: ArrayData;
}

type TypedArray = NumberData | BigData;
interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
}

const constructors: Partial<Record<DataType, TypedArrayConstructor>> = {
  float: Float32Array,
  double: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  complex64: Float32Array,
  complex128: Float64Array,
};

function constructorOf(dataType: DataType): TypedArrayConstructor {
  const native = constructors[dataType];
  if (native !== undefined) return native;
  invariant(dataType !== 'string', 'strings have no typed array');
  return isNarrowFloat(dataType) ? Float32Array : dataTypeInfo(dataType).kind === 'int' ? Int8Array : Uint8Array;
}

/** Numbers in a row that make one element: 2 for complex types. */
export function lanesOf(dataType: DataType): number {
  return dataTypeInfo(dataType).kind === 'complex' ? 2 : 1;
}

/** Zeros for `count` elements of a type other than string. */
export function createData(dataType: DataType, count: number): TypedArray {
  return new (constructorOf(dataType))(count * lanesOf(dataType));
}

/** Zeros for `count` elements of a type that fits a double: not int64, uint64 or string. */
export function createNumbers(dataType: DataType, count: number): NumberData {
  const data = createData(dataType, count);
  invariant(!isBigData(data), `${dataType} needs bigints`);
  return data;
}

export function isBigData(data: ArrayData): data is BigData {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

export function isStringData(data: ArrayData): data is StringData {
  return Array.isArray(data);
}

export function countOf(array: NDArray): number {
  return elementCountOf(array.dims);
}

export function ndarray(dataType: DataType, dims: readonly number[], data: ArrayData): NDArray {
  return { dataType, dims, data };
}

/** An int64 array of rank 1, or a scalar. */
export function int64Array(values: readonly (bigint | number)[], dims: readonly number[] = [values.length]): NDArray {
  return { dataType: 'int64', dims, data: BigInt64Array.from(values, (value) => BigInt(value)) };
}

/** The elements of a resident tensor; nothing is copied when they lie as typed arrays want them. ModelError when bytes are missing. */
export function arrayOf(tensor: Tensor): NDArray {
  const { dataType, dims, strings } = tensor;
  const count = tensor.elementCount;
  if (strings !== undefined) {
    if (strings.length !== count) throw missingData(tensor);
    return { dataType, dims, data: strings };
  }
  if (!tensor.isResident) throw new ModelError(`the elements of tensor '${tensor.name}' are not in memory`);
  const needed = byteLengthOf(dataType, count);
  const { bytes } = tensor;
  if (bytes.byteLength < needed) throw missingData(tensor);
  return { dataType, dims, data: dataOf(dataType, count, bytes) };
}

function missingData(tensor: Tensor): ModelError {
  return new ModelError(
    `tensor '${tensor.name}' of ${tensor.dataType}[${tensor.dims.join(', ')}] has fewer elements than its dims say`,
    { value: tensor.name },
  );
}

function dataOf(dataType: DataType, count: number, bytes: Uint8Array): ArrayData {
  const native = constructors[dataType];
  if (native !== undefined) {
    const length = count * lanesOf(dataType);
    if (bytes.byteOffset % native.BYTES_PER_ELEMENT === 0) return new native(bytes.buffer, bytes.byteOffset, length);
    const copy = bytes.slice(0, length * native.BYTES_PER_ELEMENT);
    return new native(copy.buffer, copy.byteOffset, length);
  }
  const { bits, kind } = dataTypeInfo(dataType);
  const codes = unpack(bytes, bits, count);
  if (isNarrowFloat(dataType)) {
    const data = new Float32Array(count);
    const words = new Uint32Array(data.buffer);
    const table =
      bits > 8 ? undefined : Uint32Array.from({ length: 1 << bits }, (_, code) => floatBitsOf(dataType, code));
    for (let i = 0; i < count; i++) {
      const code = codes[i] as number;
      words[i] = table === undefined ? floatBitsOf(dataType, code) : (table[code] as number);
    }
    return data;
  }
  if (kind === 'uint') return codes as Uint8Array;
  const signed = new Int8Array(count);
  const shift = 32 - bits;
  for (let i = 0; i < count; i++) signed[i] = ((codes[i] as number) << shift) >> shift;
  return signed;
}

/** Bit patterns of elements of 2, 4, 6, 8 or 16 bits; the first element is in the lowest bits. */
function unpack(bytes: Uint8Array, bits: number, count: number): Uint8Array | Uint16Array {
  if (bits === 8) return bytes.subarray(0, count);
  if (bits === 16) {
    const codes = new Uint16Array(count);
    for (let i = 0; i < count; i++) codes[i] = (bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8);
    return codes;
  }
  const codes = new Uint8Array(count);
  const mask = (1 << bits) - 1;
  for (let i = 0, bit = 0; i < count; i++, bit += bits) {
    const at = bit >>> 3;
    const pair = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8);
    codes[i] = (pair >>> (bit & 7)) & mask;
  }
  return codes;
}

function pack(codes: Uint8Array | Uint16Array, bits: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  if (bits === 16) {
    for (let i = 0; i < codes.length; i++) {
      bytes[2 * i] = codes[i] as number;
      bytes[2 * i + 1] = (codes[i] as number) >>> 8;
    }
    return bytes;
  }
  const mask = (1 << bits) - 1;
  for (let i = 0, bit = 0; i < codes.length; i++, bit += bits) {
    const at = bit >>> 3;
    const pair = ((codes[i] as number) & mask) << (bit & 7);
    bytes[at] = (bytes[at] as number) | pair;
    if (pair > 0xff) bytes[at + 1] = pair >>> 8;
  }
  return bytes;
}

/** The array as raw bytes of its type, sub-byte types packed. Native types share the array's memory. */
export function bytesOfArray({ dataType, dims, data }: NDArray): Uint8Array {
  invariant(!isStringData(data), 'strings have no raw bytes');
  if (constructors[dataType] !== undefined) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const { bits } = dataTypeInfo(dataType);
  const count = elementCountOf(dims);
  const codes = bits === 16 ? new Uint16Array(count) : new Uint8Array(count);
  if (isNarrowFloat(dataType)) {
    const words = new Uint32Array(data.buffer, data.byteOffset, count);
    for (let i = 0; i < count; i++) codes[i] = codeOfFloatBits(dataType, words[i] as number);
  } else {
    for (let i = 0; i < count; i++) codes[i] = data[i] as number;
  }
  return bits === 8 ? (codes as Uint8Array) : pack(codes, bits, byteLengthOf(dataType, count));
}

export function tensorOf(array: NDArray, name = ''): Tensor {
  const options: TensorOptions = { name };
  const { dataType, dims, data } = array;
  return new Tensor(dataType, dims, isStringData(data) ? data : bytesOfArray(array), options);
}

/** Elements of resident tensors, for the small constants that checks look at. */
import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';

type IntegerReader = (view: DataView, offset: number) => bigint;
type FloatReader = (view: DataView, offset: number) => number;

const integerReaders: Partial<Record<DataType, readonly [width: number, read: IntegerReader]>> = {
  int64: [8, (view, offset) => view.getBigInt64(offset, true)],
  uint64: [8, (view, offset) => view.getBigUint64(offset, true)],
  int32: [4, (view, offset) => BigInt(view.getInt32(offset, true))],
  uint32: [4, (view, offset) => BigInt(view.getUint32(offset, true))],
  int16: [2, (view, offset) => BigInt(view.getInt16(offset, true))],
  uint16: [2, (view, offset) => BigInt(view.getUint16(offset, true))],
  int8: [1, (view, offset) => BigInt(view.getInt8(offset))],
  uint8: [1, (view, offset) => BigInt(view.getUint8(offset))],
  bool: [1, (view, offset) => BigInt(view.getUint8(offset))],
};

const floatReaders: Partial<Record<DataType, readonly [width: number, read: FloatReader]>> = {
  float: [4, (view, offset) => view.getFloat32(offset, true)],
  double: [8, (view, offset) => view.getFloat64(offset, true)],
  float16: [2, (view, offset) => halfToNumber(view.getUint16(offset, true))],
  bfloat16: [2, (view, offset) => bfloat16ToNumber(view.getUint16(offset, true))],
};

/** Elements of an integer or bool tensor (bool as 0 and 1); undefined for other types and when not resident. */
export function integersOf(tensor: Tensor): bigint[] | undefined {
  if (tensor.dataType === 'int4' || tensor.dataType === 'uint4') return nibblesOf(tensor);
  return read(tensor, integerReaders[tensor.dataType]);
}

/** Elements of a float tensor as doubles; undefined for other types and when not resident. */
export function floatsOf(tensor: Tensor): number[] | undefined {
  return read(tensor, floatReaders[tensor.dataType]);
}

/** 4-bit elements lie two to a byte, the first in the low half (onnx.proto, TensorProto.raw_data). */
function nibblesOf(tensor: Tensor): bigint[] | undefined {
  if (!tensor.isResident) return undefined;
  const { bytes } = tensor;
  return Array.from({ length: Math.min(tensor.elementCount, bytes.length * 2) }, (_, index) => {
    const nibble = ((bytes[index >> 1] ?? 0) >> (4 * (index & 1))) & 15;
    return BigInt(tensor.dataType === 'int4' && nibble > 7 ? nibble - 16 : nibble);
  });
}

function read<Element>(
  tensor: Tensor,
  reader: readonly [width: number, read: (view: DataView, offset: number) => Element] | undefined,
): Element[] | undefined {
  if (reader === undefined || !tensor.isResident) return undefined;
  const [width, readElement] = reader;
  const { bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A payload that is shorter than its dims say is reported elsewhere; here it must not throw.
  const count = Math.min(tensor.elementCount, Math.floor(bytes.byteLength / width));
  return Array.from({ length: count }, (_, index) => readElement(view, index * width));
}

function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function bfloat16ToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

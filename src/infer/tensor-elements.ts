/** Elements of resident constants as numbers: integers exactly, floats as doubles. */
import { dataTypeInfo } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';
import { Dim } from './dim.ts';
import { MAXIMUM_KNOWN_ELEMENTS } from './fact.ts';

/** The elements of a small resident integer or bool tensor; undefined for any other. */
export function knownElements(tensor: Tensor): readonly Dim[] | undefined {
  const { kind, bits } = dataTypeInfo(tensor.dataType);
  if ((kind !== 'int' && kind !== 'uint' && kind !== 'bool') || !tensor.isResident) return undefined;
  const count = tensor.elementCount;
  const { bytes } = tensor;
  if (count > MAXIMUM_KNOWN_ELEMENTS || bytes.byteLength < tensor.byteLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const element = bits >= 8 ? wholeElement(view, index, bits) : packedElement(bytes, index, bits);
    if (kind === 'bool') return element === 0n ? Dim.zero : Dim.one;
    return Dim.of(kind === 'int' ? BigInt.asIntN(bits, element) : element);
  });
}

function wholeElement(view: DataView, index: number, bits: number): bigint {
  switch (bits) {
    case 64:
      return view.getBigUint64(index * 8, true);
    case 32:
      return BigInt(view.getUint32(index * 4, true));
    case 16:
      return BigInt(view.getUint16(index * 2, true));
    default:
      return BigInt(view.getUint8(index));
  }
}

/** Elements of 4 and 2 bits are packed from the low bits on. */
function packedElement(bytes: Uint8Array, index: number, bits: number): bigint {
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(index / perByte)] ?? 0;
  return BigInt((byte >> ((index % perByte) * bits)) & ((1 << bits) - 1));
}

/** The elements of a small resident float, double, float16 or bfloat16 tensor; undefined for any other. */
export function knownFloats(tensor: Tensor): readonly number[] | undefined {
  if (!tensor.isResident || tensor.elementCount > MAXIMUM_KNOWN_ELEMENTS) return undefined;
  const read = floatReaders[tensor.dataType];
  if (read === undefined || tensor.bytes.byteLength < tensor.byteLength) return undefined;
  const { bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: tensor.elementCount }, (_, index) => read(view, index));
}

const floatReaders: Partial<Record<string, (view: DataView, index: number) => number>> = {
  double: (view, index) => view.getFloat64(index * 8, true),
  float: (view, index) => view.getFloat32(index * 4, true),
  bfloat16: (view, index) => floatOfBits(view.getUint16(index * 2, true) << 16),
  float16: (view, index) => halfOfBits(view.getUint16(index * 2, true)),
};

function floatOfBits(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, bits);
  return view.getFloat32(0);
}

function halfOfBits(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

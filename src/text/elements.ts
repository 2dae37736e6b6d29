/**
 * Elements of tensors, as literals and as bytes.
 *
 * As in onnx's parser, elements of float16, bfloat16 and the 8-bit floats are written as their bit patterns (in float16,
 * 15360 is 1.0), bool as 0 and 1, complex numbers as real part then imaginary part. For the 2-, 4- and 6-bit types onnx's
 * printer has no form; here each literal is one element: a number for the integers, a bit pattern for the floats.
 * (onnx's parser takes the literals of 2- and 4-bit types for bytes that are packed already.)
 */
import { byteLengthOf, type DataType, dataTypeInfo } from '../ir/data-type.ts';
import { formatFloat32, formatFloat64, parseFloat32, parseFloat64 } from '../base/decimal.ts';

/** Literals that one element takes. */
export function literalsPerElement(dataType: DataType): number {
  return dataTypeInfo(dataType).kind === 'complex' ? 2 : 1;
}

/** Whether elements are written as decimal fractions; every other type but string is written in whole numbers. */
export function isWrittenAsFloat(dataType: DataType): boolean {
  return dataType === 'float' || dataType === 'double' || dataTypeInfo(dataType).kind === 'complex';
}

/** Least and greatest number that an element written as a whole number can be. */
function rangeOf(dataType: DataType): readonly [bigint, bigint] {
  const { bits, kind } = dataTypeInfo(dataType);
  const width = BigInt(bits);
  return kind === 'int' ? [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n] : [0n, (1n << width) - 1n];
}

/** Puts literals, in order, into the bytes that raw_data would hold. */
export class ElementWriter {
  readonly bytes: Uint8Array;
  readonly #dataType: DataType;
  readonly #bits: number;
  readonly #view: DataView;
  readonly #range: readonly [bigint, bigint];
  #index = 0;

  constructor(dataType: DataType, elementCount: number) {
    this.bytes = new Uint8Array(byteLengthOf(dataType, elementCount));
    this.#view = new DataView(this.bytes.buffer);
    this.#dataType = dataType;
    this.#bits = dataTypeInfo(dataType).bits / literalsPerElement(dataType);
    this.#range = rangeOf(dataType);
  }

  /** Writes one literal; answers what is wrong with it, or undefined. */
  write(text: string): string | undefined {
    const index = this.#index++;
    if (isWrittenAsFloat(this.#dataType)) return this.#writeFloat(index, text);
    const value = BigInt(text);
    const [least, greatest] = this.#range;
    if (value < least || value > greatest)
      return `${text} is not an element of ${this.#dataType}, which is written as ${least} to ${greatest}`;
    if (this.#bits === 64) this.#view.setBigUint64(index * 8, BigInt.asUintN(64, value), true);
    else if (this.#bits === 32) this.#view.setUint32(index * 4, Number(BigInt.asUintN(32, value)), true);
    else if (this.#bits === 16) this.#view.setUint16(index * 2, Number(BigInt.asUintN(16, value)), true);
    else this.#writeBits(index, Number(BigInt.asUintN(this.#bits, value)));
    return undefined;
  }

  #writeFloat(index: number, text: string): string | undefined {
    const value = this.#bits === 32 ? parseFloat32(text) : parseFloat64(text);
    if (value === undefined) return `${text} is too large for ${this.#dataType}`;
    // The bits that JavaScript gives to a NaN are not specified, so the quiet NaN is written as such.
    const sign = text.startsWith('-') ? 1n : 0n;
    if (this.#bits === 64) {
      if (Number.isNaN(value)) this.#view.setBigUint64(index * 8, (sign << 63n) | 0x7ff8000000000000n, true);
      else this.#view.setFloat64(index * 8, value, true);
    } else if (Number.isNaN(value)) this.#view.setUint32(index * 4, Number((sign << 31n) | 0x7fc00000n), true);
    else this.#view.setFloat32(index * 4, value, true);
    return undefined;
  }

  /** Elements of at most 8 bits lie one after the other, from the least significant bit on. */
  #writeBits(index: number, value: number): void {
    const first = index * this.#bits;
    const byte = first >> 3;
    const shifted = value << (first & 7);
    this.bytes[byte] = (this.bytes[byte] ?? 0) | (shifted & 0xff);
    if (shifted > 0xff) this.bytes[byte + 1] = shifted >> 8;
  }
}

/** The literals of `count` elements held in `bytes`, from the element `start` on. */
export function literalsOf(dataType: DataType, bytes: Uint8Array, count: number, start = 0): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { bits, kind } = dataTypeInfo(dataType);
  const at = literalAt(dataType, view, bits / literalsPerElement(dataType), kind === 'int');
  const perElement = literalsPerElement(dataType);
  return Array.from({ length: count * perElement }, (_, index) => at(start * perElement + index));
}

function literalAt(dataType: DataType, view: DataView, bits: number, isSigned: boolean): (index: number) => string {
  if (isWrittenAsFloat(dataType)) {
    const width = bits / 8;
    const format = (value: number, index: number): string => {
      if (Number.isNaN(value)) return view.getUint8((index + 1) * width - 1) > 0x7f ? '-nan' : 'nan';
      return bits === 32 ? formatFloat32(value) : formatFloat64(value);
    };
    if (bits === 32) return (index) => format(view.getFloat32(index * 4, true), index);
    return (index) => format(view.getFloat64(index * 8, true), index);
  }
  switch (bits) {
    case 64:
      return (index) => String(isSigned ? view.getBigInt64(index * 8, true) : view.getBigUint64(index * 8, true));
    case 32:
      return (index) => String(isSigned ? view.getInt32(index * 4, true) : view.getUint32(index * 4, true));
    case 16:
      return (index) => String(isSigned ? view.getInt16(index * 2, true) : view.getUint16(index * 2, true));
    default:
      return (index) => String(bitsAt(view, index * bits, bits, isSigned));
  }
}

function bitsAt(view: DataView, first: number, bits: number, isSigned: boolean): number {
  const byte = first >> 3;
  const low = view.getUint8(byte);
  const high = (first & 7) + bits > 8 ? view.getUint8(byte + 1) : 0;
  const value = ((low | (high << 8)) >> (first & 7)) & ((1 << bits) - 1);
  return isSigned && value >= 1 << (bits - 1) ? value - (1 << bits) : value;
}

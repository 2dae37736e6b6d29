/**
 * The typed fields of TensorProto and what an entry of each stands for (onnx.proto, TensorProto; which field a data
 * type uses is stated there beside each field).
 */
import { byteLengthOf, type DataType, dataTypeInfo } from '../ir/data-type.ts';
import { field } from '../wire/fields.ts';

const { floatData, int32Data, int64Data, doubleData, uint64Data } = field.tensor;

export interface TypedField {
  /** Field number in TensorProto. */
  readonly number: number;
  readonly wire: 'varint' | 'fixed32' | 'fixed64';
  /** Low bytes of an entry that are kept. */
  readonly entryBytes: number;
  /** Entries that `count` elements take. */
  readonly entries: (count: number) => number;
  /** True when entries are 6-bit elements that still have to be packed. */
  readonly packsSixBits: boolean;
}

const each = (count: number): number => count;
const pairs = (count: number): number => count * 2;

/** The field that holds the elements of a data type when raw_data does not; undefined for strings. */
export function typedFieldOf(dataType: DataType): TypedField | undefined {
  const { bits } = dataTypeInfo(dataType);
  switch (dataType) {
    case 'string':
      return undefined;
    case 'float':
      return { number: floatData, wire: 'fixed32', entryBytes: 4, entries: each, packsSixBits: false };
    case 'complex64':
      return { number: floatData, wire: 'fixed32', entryBytes: 4, entries: pairs, packsSixBits: false };
    case 'double':
      return { number: doubleData, wire: 'fixed64', entryBytes: 8, entries: each, packsSixBits: false };
    case 'complex128':
      return { number: doubleData, wire: 'fixed64', entryBytes: 8, entries: pairs, packsSixBits: false };
    case 'int64':
      return { number: int64Data, wire: 'varint', entryBytes: 8, entries: each, packsSixBits: false };
    case 'uint64':
      return { number: uint64Data, wire: 'varint', entryBytes: 8, entries: each, packsSixBits: false };
    case 'uint32':
      return { number: uint64Data, wire: 'varint', entryBytes: 4, entries: each, packsSixBits: false };
    default:
      return {
        number: int32Data,
        wire: 'varint',
        entryBytes: Math.ceil(bits / 8),
        // An entry of a 4- or 2-bit type is one byte of raw_data, with its two or four elements.
        entries: bits < 6 ? (count) => byteLengthOf(dataType, count) : each,
        packsSixBits: bits === 6,
      };
  }
}

/** Elements of 6 bits, one a byte, as the stream raw_data holds: four elements in three bytes, lowest bits first. */
export function packSixBits(elements: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil((elements.byteLength * 6) / 8));
  elements.forEach((element, index) => {
    const bit = index * 6;
    const at = bit >> 3;
    const shifted = (element & 63) << (bit & 7);
    packed[at] = (packed[at] ?? 0) | (shifted & 255);
    if (shifted > 255) packed[at + 1] = (packed[at + 1] ?? 0) | (shifted >> 8);
  });
  return packed;
}

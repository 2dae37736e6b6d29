/**
 * Element types of tensors, by their names in the ONNX textual syntax.
 * Codes and bit widths: onnx.proto TensorProto.DataType (IR 14).
 */

interface DataTypeInfo {
  /** TensorProto.DataType. */
  readonly code: number;
  /** Bits of one element in raw_data; 0 for strings. */
  readonly bits: number;
  readonly kind: 'float' | 'int' | 'uint' | 'bool' | 'string' | 'complex';
}

const table = {
  float: { code: 1, bits: 32, kind: 'float' },
  uint8: { code: 2, bits: 8, kind: 'uint' },
  int8: { code: 3, bits: 8, kind: 'int' },
  uint16: { code: 4, bits: 16, kind: 'uint' },
  int16: { code: 5, bits: 16, kind: 'int' },
  int32: { code: 6, bits: 32, kind: 'int' },
  int64: { code: 7, bits: 64, kind: 'int' },
  string: { code: 8, bits: 0, kind: 'string' },
  bool: { code: 9, bits: 8, kind: 'bool' },
  float16: { code: 10, bits: 16, kind: 'float' },
  double: { code: 11, bits: 64, kind: 'float' },
  uint32: { code: 12, bits: 32, kind: 'uint' },
  uint64: { code: 13, bits: 64, kind: 'uint' },
  complex64: { code: 14, bits: 64, kind: 'complex' },
  complex128: { code: 15, bits: 128, kind: 'complex' },
  bfloat16: { code: 16, bits: 16, kind: 'float' },
  float8e4m3fn: { code: 17, bits: 8, kind: 'float' },
  float8e4m3fnuz: { code: 18, bits: 8, kind: 'float' },
  float8e5m2: { code: 19, bits: 8, kind: 'float' },
  float8e5m2fnuz: { code: 20, bits: 8, kind: 'float' },
  uint4: { code: 21, bits: 4, kind: 'uint' },
  int4: { code: 22, bits: 4, kind: 'int' },
  float4e2m1: { code: 23, bits: 4, kind: 'float' },
  float8e8m0: { code: 24, bits: 8, kind: 'float' },
  uint2: { code: 25, bits: 2, kind: 'uint' },
  int2: { code: 26, bits: 2, kind: 'int' },
  float6e2m3: { code: 27, bits: 6, kind: 'float' },
  float6e3m2: { code: 28, bits: 6, kind: 'float' },
} as const satisfies Record<string, DataTypeInfo>;

export type DataType = keyof typeof table;

export const dataTypes = Object.keys(table) as readonly DataType[];

const byCode = new Map<number, DataType>(dataTypes.map((name) => [table[name].code, name]));

export function dataTypeInfo(dataType: DataType): DataTypeInfo {
  return table[dataType];
}

/** The data type with this TensorProto.DataType code; undefined for 0 (UNDEFINED) and for codes this schema does not know. */
export function dataTypeOfCode(code: number): DataType | undefined {
  return byCode.get(code);
}

export function isDataType(name: string): name is DataType {
  return Object.hasOwn(table, name);
}

/** Bytes that `count` elements occupy in raw_data; sub-byte types are packed. Strings have no raw form: 0. */
export function byteLengthOf(dataType: DataType, count: number): number {
  return Math.ceil((count * table[dataType].bits) / 8);
}

/** Whole-number types, bool excluded. */
export function isIntegerType(dataType: DataType): boolean {
  const { kind } = table[dataType];
  return kind === 'int' || kind === 'uint';
}

export function isFloatType(dataType: DataType): boolean {
  return table[dataType].kind === 'float';
}

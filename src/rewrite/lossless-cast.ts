import { type DataType, isFloatType } from '../ir/data-type.ts';

/** Types by the whole numbers that they hold without loss: bits, and whether negative ones are among them. */
const WHOLE: Partial<Record<DataType, readonly [bits: number, signed: boolean]>> = {
  bool: [1, false],
  uint8: [8, false],
  uint16: [16, false],
  uint32: [32, false],
  uint64: [64, false],
  int8: [7, true],
  int16: [15, true],
  int32: [31, true],
  int64: [63, true],
  bfloat16: [8, true],
  float16: [11, true],
  float: [24, true],
  double: [53, true],
};

const WIDER_FLOATS: Partial<Record<DataType, readonly DataType[]>> = {
  float16: ['float', 'double'],
  bfloat16: ['float', 'double'],
  float: ['double'],
};

/** True when every value of `from` is one of `to`, so that a Cast there and back changes nothing. */
export function isLosslessCast(from: DataType, to: DataType): boolean {
  if (from === to || WIDER_FLOATS[from]?.includes(to) === true) return true;
  const source = WHOLE[from];
  const target = WHOLE[to];
  if (isFloatType(from) || source === undefined || target === undefined || to === 'bool') return false;
  return source[0] <= target[0] && (target[1] || !source[1]);
}

/** Numbers whose casts the standard lays down for every value: no 8-bit floats, nor narrower ones. */
export function isPlainNumber(type: DataType): boolean {
  return WHOLE[type] !== undefined;
}

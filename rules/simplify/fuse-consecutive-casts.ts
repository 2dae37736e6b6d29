import {
  attribute,
  type DataType,
  dataTypeCode,
  isFloatType,
  isIntegerType,
  op,
  refuse,
  rewrite,
  value,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

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

/** True when every value of `from` is one of `to`. */
function isLossless(from: DataType, to: DataType): boolean {
  if (from === to || WIDER_FLOATS[from]?.includes(to) === true) return true;
  const source = WHOLE[from];
  const target = WHOLE[to];
  if (isFloatType(from) || source === undefined || target === undefined || to === 'bool') return false;
  return source[0] <= target[0] && (target[1] || !source[1]);
}

export default rewrite({
  id: 'fuse-consecutive-casts',
  summary: 'Cast once where the first of two Casts loses nothing.',
  why: 'Mixed precision casts up before each block and down after it; masks go from bool to float and back.',
  exact: true,

  pattern: op('Cast', 'outer', op('Cast', 'inner', value('x'))),

  rewrite({ outer, inner, x }, context) {
    const [from, between, to] = [x, inner.output, outer.output].map((each) => context.dataType(each));
    if (from === undefined || between === undefined || to === undefined || between === to) return undefined;
    if (!isLossless(from, between)) return refuse(`a Cast of ${from} to ${between} may lose something`);
    if (from === to)
      return wouldKeepIdentity(outer.output, x) && inner.output.onlyUser !== outer
        ? undefined
        : context.replace(outer, x);
    if (WHOLE[to] === undefined) return refuse(`how ${to} is rounded depends on where it comes from`);
    // Out of range, a float becomes any integer, and which one depends on its type; integers wrap.
    const wraps = isIntegerType(from) && isIntegerType(between);
    if (isIntegerType(to) && !wraps && !isLossless(from, to)) return refuse(`${to} does not hold all of ${from}`);
    return context.replace(outer, context.like(outer, [x], { to: attribute.int('to', dataTypeCode(to)) }));
  },

  examples: [
    {
      title: 'up and down again',
      before: `agraph (float16[2] x) => (float16[2] y) {
        a = Cast <to = 1> (x)
        b = Cast <to = 10> (a)
        y = Neg (b)
      }`,
      after: `agraph (float16[2] x) => (float16[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a mask by way of int64',
      before: `agraph (bool[2] x) => (float[2] y) {
        a = Cast <to = 7> (x)
        y = Cast <to = 1> (a)
      }`,
      after: `agraph (bool[2] x) => (float[2] y) {
        y = Cast <to = 1> (x)
      }`,
    },
    {
      title: 'down and up again rounds',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Cast <to = 10> (x)
        y = Cast <to = 1> (a)
      }`,
      after: 'unchanged',
      because: 'a Cast of float to float16 may lose something',
    },
    {
      title: 'a float of 32 bits does not hold every int32',
      before: `agraph (int32[2] x) => (double[2] y) {
        a = Cast <to = 1> (x)
        y = Cast <to = 11> (a)
      }`,
      after: 'unchanged',
      because: 'a Cast of int32 to float may lose something',
    },
  ],
});

import {
  attribute,
  dataTypeCode,
  isIntegerType,
  isLosslessCast,
  isPlainNumber,
  op,
  refuse,
  rewrite,
  value,
  wouldSaveNothing,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-consecutive-casts',
  summary: 'Cast once where the first of two Casts loses nothing.',
  why: 'Mixed precision casts up before each block and down after it; masks go from bool to float and back.',
  exact: true,

  pattern: op('Cast', 'outer', op('Cast', 'inner', value('x'))),

  rewrite({ outer, inner, x }, context) {
    const [from, between, to] = [x, inner.output, outer.output].map((each) => context.dataType(each));
    if (from === undefined || between === undefined || to === undefined || between === to) return undefined;
    if (!isLosslessCast(from, between)) return refuse(`a Cast of ${from} to ${between} may lose something`);
    if (from === to) return wouldSaveNothing(outer, inner, x) ? undefined : context.replace(outer, x);
    if (!isPlainNumber(to)) return refuse(`how ${to} is rounded depends on where it comes from`);
    // Out of range, a float becomes any integer, and which one depends on its type; integers wrap.
    const wraps = isIntegerType(from) && isIntegerType(between);
    if (isIntegerType(to) && !wraps && !isLosslessCast(from, to)) return refuse(`${to} does not hold all of ${from}`);
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

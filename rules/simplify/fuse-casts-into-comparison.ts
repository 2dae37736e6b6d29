import {
  castBack,
  type DataType,
  isLosslessCast,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  takesType,
  type Value,
} from '../../src/rule-kit.ts';

const COMPARISONS = ['Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'];

/** Types that runtimes compare wherever they compare what these are cast to. */
const COMPARED: readonly DataType[] = ['int32', 'float16', 'float'];

/** What a lossless Cast casts. */
function uncast(operand: Value, context: RewriteContext): Value | undefined {
  const cast = operand.producer;
  const x = cast?.inputs[0];
  if (cast?.operator !== 'Cast' || x === undefined || !context.isReadable(cast)) return undefined;
  const [from, to] = [context.dataType(x), context.dataType(operand)];
  return from !== undefined && to !== undefined && isLosslessCast(from, to) ? x : undefined;
}

export default rewrite({
  id: 'fuse-casts-into-comparison',
  summary: 'Compare values as they are, and not after the same Cast, or with a constant of their own type.',
  why: 'Positions are cast to int64 to be compared with lengths that were cast to int64.',
  exact: true,

  pattern: op(COMPARISONS, 'comparison'),

  rewrite({ comparison }, context) {
    const operands = comparison.inputs.filter((input) => input !== undefined);
    if (operands.length !== 2) return undefined;
    const bare = operands.map((operand) => uncast(operand, context));
    const type = bare.map((x) => x && context.dataType(x)).find((each) => each !== undefined);
    if (type === undefined || bare.some((x) => x !== undefined && context.dataType(x) !== type)) return undefined;
    if (!COMPARED.includes(type) || !takesType(comparison.opType, type, context))
      return refuse(`${type} is not compared everywhere`);
    const isLast = operands.some((operand, index) => bare[index] !== undefined && operand.onlyUser === comparison);
    if (!isLast) return refuse('the Casts are used elsewhere, too');
    const inputs: Value[] = [];
    for (const [index, operand] of operands.entries()) {
      const x = bare[index];
      if (x !== undefined) {
        inputs.push(x);
        continue;
      }
      const tensor = context.tensor(operand);
      if (tensor === undefined) return undefined;
      const narrow = castBack(tensor, type);
      if (narrow === undefined) return refuse(`the constant is no ${type}`);
      inputs.push(context.constant(narrow, operand.name));
    }
    return context.replace(comparison, context.like(comparison, inputs));
  },

  examples: [
    {
      title: 'both operands are cast',
      before: `agraph (int32[N,1] x, int32[3] z) => (bool[N,3] y) {
        a = Cast <to = 7> (x)
        b = Cast <to = 7> (z)
        y = Less (a, b)
      }`,
      after: `agraph (int32[N,1] x, int32[3] z) => (bool[N,3] y) {
        y = Less (x, z)
      }`,
    },
    {
      title: 'the other operand is a constant',
      before: `agraph (float16[N] x) => (bool[N] y) <float half = {0.5}> {
        a = Cast <to = 1> (x)
        y = GreaterOrEqual (half, a)
      }`,
      after: `agraph (float16[N] x) => (bool[N] y) <float16 half = {14336}> {
        y = GreaterOrEqual (half, x)
      }`,
    },
    {
      title: 'a constant that the narrower type does not hold',
      before: `agraph (int32[N] x) => (bool[N] y) <int64 large = {2147483648}> {
        a = Cast <to = 7> (x)
        y = Equal (a, large)
      }`,
      after: 'unchanged',
      because: 'the constant is no int32',
    },
    {
      title: 'a Cast that makes different values equal',
      before: `agraph (float[N] x, float[N] z) => (bool[N] y) {
        a = Cast <to = 6> (x)
        b = Cast <to = 6> (z)
        y = Equal (a, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'before opset 11 floats are not equal or unequal',
      opset: 9,
      before: `agraph (float16[N] x, float16[N] z) => (bool[N] y) {
        a = Cast <to = 1> (x)
        b = Cast <to = 1> (z)
        y = Equal (a, b)
      }`,
      after: 'unchanged',
      because: 'float16 is not compared everywhere',
    },
    {
      title: 'the Casts stay in any case',
      before: `agraph (int32[N] x, int32[N] z) => (bool[N] y, int64[N] a, int64[N] b) {
        a = Cast <to = 7> (x)
        b = Cast <to = 7> (z)
        y = Less (a, b)
      }`,
      after: 'unchanged',
      because: 'the Casts are used elsewhere, too',
    },
  ],
});

import { isIntegerType, op, refuse, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

const ROUNDINGS = ['Ceil', 'Floor', 'Round'];

/** For each function those whose results it gives back as they are. */
const KEEPS: Readonly<Record<string, readonly string[]>> = {
  Ceil: [...ROUNDINGS, 'Sign'],
  Floor: [...ROUNDINGS, 'Sign'],
  Round: [...ROUNDINGS, 'Sign'],
  Relu: ['Relu', 'Abs', 'Exp', 'Sigmoid', 'Softmax', 'HardSigmoid'],
  Abs: ['Abs', 'Exp', 'Sigmoid', 'Softmax', 'HardSigmoid'],
  Sign: ['Sign'],
};

export default rewrite({
  id: 'eliminate-repeated-function',
  summary:
    'Remove a function of values that it leaves as they are: a Relu of a Relu, a Floor of a Round, an Abs of an Exp.',
  why: 'Blocks guard their inputs although the block before did.',
  exact: true,

  pattern: op(Object.keys(KEEPS), 'outer'),

  rewrite({ outer }, context) {
    const x = outer.inputs[0];
    const inner = x?.producer;
    if (x === undefined || inner === undefined || !context.isReadable(inner)) return undefined;
    const source = inner.operator === 'Cast' ? inner.inputs[0] : undefined;
    const type = source === undefined ? undefined : context.dataType(source);
    const isWhole = ROUNDINGS.includes(outer.opType) && type !== undefined && isIntegerType(type);
    if (!isWhole && KEEPS[outer.opType]?.includes(inner.operator) !== true) return undefined;
    return wouldKeepIdentity(outer.output, x)
      ? refuse('it gives a graph output a name of its own')
      : context.replace(outer, x);
  },

  examples: [
    {
      title: 'a Relu of a Relu',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Relu (x)
        y = Relu (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Relu (x)
      }`,
    },
    {
      title: 'an integer is whole',
      before: `agraph (int64[2] x) => (float[2] y) {
        a = Cast <to = 1> (x)
        b = Floor (a)
        y = Sqrt (b)
      }`,
      after: `agraph (int64[2] x) => (float[2] y) {
        a = Cast <to = 1> (x)
        y = Sqrt (a)
      }`,
    },
    {
      title: 'a function that is not its own',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Sqrt (x)
        y = Sqrt (a)
      }`,
      after: 'unchanged',
    },
    {
      title: 'both results are wanted by name',
      before: `agraph (float[2] x) => (float[2] a, float[2] y) {
        a = Relu (x)
        y = Relu (a)
      }`,
      after: 'unchanged',
      because: 'it gives a graph output a name of its own',
    },
  ],
});

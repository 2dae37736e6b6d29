import {
  isFloatType,
  isZeroSignIgnored,
  mayBeNegativeZero,
  type Node,
  op,
  refuse,
  rewrite,
  sameShape,
  uniformElement,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

/** The second operand that changes nothing; -0 for Add, since 0 turns a -0 into 0. */
const NEUTRAL: Readonly<Record<string, number>> = {
  Add: -0,
  Sub: 0,
  Mul: 1,
  Div: 1,
  Pow: 1,
  And: 1,
  Or: 0,
  Xor: 0,
  BitwiseOr: 0,
  BitwiseXor: 0,
  BitShift: 0,
};
const COMMUTATIVE = ['Add', 'Mul', 'And', 'Or', 'Xor', 'BitwiseOr', 'BitwiseXor'];

export default rewrite({
  id: 'eliminate-nop-arithmetic',
  summary: 'Remove an addition of 0, a multiplication by 1, a power of 1, an And with true and their like.',
  why: 'A bias that was never trained, a scale of 1 and a mask of ones are exported like any other.',
  exact: true,

  pattern: op(Object.keys(NEUTRAL), 'node'),

  rewrite({ node }, context) {
    const positions = COMMUTATIVE.includes(node.opType) ? [1, 0] : [1];
    for (const position of positions) {
      const x = node.inputs[1 - position];
      const element = uniformElement(context.tensor(node.inputs[position]));
      if (x === undefined || element === undefined || Number(element) !== NEUTRAL[node.opType]) continue;
      if (!sameShape(context.shape(x), context.shape(node.output))) continue;
      const type = context.dataType(x);
      if (type === undefined || type !== context.dataType(node.output)) continue;
      // -0 + 0 is 0.
      const changesSign = !Object.is(Number(element), NEUTRAL[node.opType]) && isFloatType(type);
      if (changesSign && node.opType === 'Sub') continue;
      const isReadable = (other: Node): boolean => context.isReadable(other);
      if (changesSign && mayBeNegativeZero(x, isReadable) && !isZeroSignIgnored(node.output, isReadable))
        return refuse('a -0 in its operand becomes 0');
      if (wouldKeepIdentity(node.output, x)) continue;
      return context.replace(node, x);
    }
    return undefined;
  },

  examples: [
    {
      title: 'a scale of ones',
      before: `agraph (float[N,3] x) => (float[N,3] y) <float[3] ones = {1, 1, 1}> {
        a = Mul (ones, x)
        y = Neg (a)
      }`,
      after: `agraph (float[N,3] x) => (float[N,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a bias of zeros after a MatMul',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] zeros = {0, 0}> {
        a = MatMul (x, w)
        y = Add (a, zeros)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1, 2, 3, 4}> {
        y = MatMul (x, w)
      }`,
    },
    {
      title: 'a subtraction of 0 keeps every bit',
      before: `agraph (float[2] x) => (float[2] y) <float zero = {0}> {
        a = Sub (x, zero)
        y = Reciprocal (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Reciprocal (x)
      }`,
    },
    {
      title: 'an addition of 0 to what may be -0',
      before: `agraph (float[2] x) => (float[2] y) <float zero = {0}> {
        a = Add (x, zero)
        y = Reciprocal (a)
      }`,
      after: 'unchanged',
      because: 'a -0 in its operand becomes 0',
    },
    {
      title: 'a mask of zeros before a Softmax',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float zero = {0}> {
        a = Add (x, zero)
        y = Softmax (a)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) {
        y = Softmax (x)
      }`,
    },
    {
      title: 'ones that broadcast are an Expand',
      before: `agraph (float[3] x) => (float[2,3] y) <float[2,1] ones = {1, 1}> {
        y = Mul (x, ones)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a mask that is always true',
      before: `agraph (bool[2] x) => (bool[2] y) <bool yes = {1}> {
        a = And (x, yes)
        y = Not (a)
      }`,
      after: `agraph (bool[2] x) => (bool[2] y) {
        y = Not (x)
      }`,
    },
  ],
});

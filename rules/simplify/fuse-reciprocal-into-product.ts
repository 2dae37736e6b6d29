import { near, type Node, oneOf, oneOfNodes, op, refuse, rewrite, sameShape, value } from '../../src/rule-kit.ts';

const inverse = oneOf(op('Reciprocal', 'inverse', value('divisor')), op('Div', 'inverse', near(1), value('divisor')));

export default rewrite({
  id: 'fuse-reciprocal-into-product',
  summary: 'Divide by a value where its reciprocal is multiplied with, and multiply where it is divided by.',
  why: 'Normalizations and attention scores are written as a product with one over something.',
  exact:
    'rounded once and not twice: a relative error of about 1e-7 for float; more where the reciprocal itself lies outside the normal range',
  since: 7,
  isLate: true,

  pattern: oneOfNodes(op('Mul', 'product', value('x'), inverse), op('Div', 'quotient', value('x'), inverse)),

  rewrite({ product, quotient, x, inverse, divisor }, context) {
    const root: Node | undefined = product ?? quotient;
    if (root === undefined || x === undefined || inverse === undefined || divisor === undefined) return undefined;
    const type = context.dataType(x);
    if (type !== 'float' && type !== 'double' && type !== 'bfloat16')
      return refuse('the reciprocal of a float16 is easily out of its range');
    if (inverse.opType === 'Div' && !sameShape(context.shape(inverse.output), context.shape(divisor)))
      return refuse('the reciprocal is not proved to have the shape of what it is of');
    if (inverse.output.onlyUser !== root || x === inverse.output)
      return refuse('the reciprocal is used elsewhere, too');
    return context.replace(root, context.node(product === undefined ? 'Mul' : 'Div', [x, divisor], { from: root }));
  },

  examples: [
    {
      title: 'a product with a reciprocal',
      before: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) {
        r = Reciprocal (d)
        y = Mul (r, x)
      }`,
      after: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) {
        y = Div (x, d)
      }`,
    },
    {
      title: 'one over a value',
      before: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) <float one = {1}> {
        r = Div (one, d)
        y = Mul (x, r)
      }`,
      after: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) {
        y = Div (x, d)
      }`,
    },
    {
      title: 'a division by a reciprocal',
      before: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) {
        r = Reciprocal (d)
        y = Div (x, r)
      }`,
      after: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) {
        y = Mul (x, d)
      }`,
    },
    {
      title: 'half precision',
      before: `agraph (float16[N,4] x, float16[N,1] d) => (float16[N,4] y) {
        r = Reciprocal (d)
        y = Mul (x, r)
      }`,
      after: 'unchanged',
      because: 'the reciprocal of a float16 is easily out of its range',
    },
    {
      title: 'the reciprocal is wanted, too',
      before: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y, float[N,1] r) {
        r = Reciprocal (d)
        y = Mul (x, r)
      }`,
      after: 'unchanged',
      because: 'the reciprocal is used elsewhere, too',
    },
    {
      title: 'a number of higher rank',
      before: `agraph (float[N,4] x, float[N,1] d) => (float[1,N,4] y) <float[1,1,1] one = {1}> {
        r = Div (one, d)
        y = Mul (x, r)
      }`,
      after: 'unchanged',
      because: 'the reciprocal is not proved to have the shape of what it is of',
    },
    {
      title: 'ones that broadcast',
      before: `agraph (float[N,4] x, float[N,1] d) => (float[N,4] y) <float[4] ones = {1, 1, 1, 1}> {
        r = Div (ones, d)
        y = Mul (x, r)
      }`,
      after: 'unchanged',
    },
  ],
});

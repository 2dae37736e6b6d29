import {
  attribute,
  constant,
  near,
  numberOf,
  oneOfNodes,
  op,
  partProblem,
  refuse,
  rewrite,
  value,
} from '../../src/rule-kit.ts';

const x = value('x');
const scaled = op('Mul', 'scaled', x, constant('slope'));

export default rewrite({
  id: 'fuse-leaky-relu',
  summary: 'Put a LeakyRelu back together.',
  why: 'It is written as the larger of a value and a fraction of it, or as a choice between the two.',
  exact: true,
  since: 6,

  pattern: oneOfNodes(
    op('Max', 'larger', x, scaled),
    op('Max', 'larger', scaled, x),
    op('Where', 'chosen', op(['Greater', 'GreaterOrEqual'], 'comparison', x, near(0)), x, scaled),
    op('Where', 'chosen', op(['Less', 'LessOrEqual'], 'comparison', x, near(0)), scaled, x),
  ),

  rewrite(captures, context) {
    const { larger, chosen, x, slope } = captures;
    const root = larger ?? chosen;
    if (root === undefined || x === undefined || slope === undefined) return undefined;
    const alpha = numberOf(context.tensor(slope));
    // Infinity makes NaN of 0, a negative slope -0 of it; the larger of the two is the fraction only below 1.
    if (alpha === undefined || !(alpha >= 0 && alpha < Infinity)) return refuse('the slope is not one positive number');
    if (larger !== undefined && !(alpha > 0 && alpha < 1)) return refuse('the slope is not between 0 and 1');
    if (Math.fround(alpha) !== alpha) return refuse('the slope has more digits than the attribute holds');
    if (context.opset < 16 && context.dataType(x) === 'bfloat16') return refuse('before opset 16 it takes no bfloat16');
    const problem = partProblem(root, x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const attributes = [attribute.float('alpha', alpha)];
    return context.replace(root, context.node('LeakyRelu', [x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'the larger of the two',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float slope = {0.1}> {
        s = Mul (x, slope)
        y = Max (s, x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = LeakyRelu <alpha = 0.1> (x)
      }`,
    },
    {
      title: 'a choice by the sign',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float zero = {0}, float[1] slope = {1.5}> {
        c = Greater (x, zero)
        s = Mul (slope, x)
        y = Where (c, x, s)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = LeakyRelu <alpha = 1.5> (x)
      }`,
    },
    {
      title: 'a choice by the opposite sign',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float zero = {0}, float slope = {0.25}> {
        c = Less (x, zero)
        s = Mul (slope, x)
        y = Where (c, s, x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = LeakyRelu <alpha = 0.25> (x)
      }`,
    },
    {
      title: 'the larger of a value and a multiple of it is another function',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float slope = {1.5}> {
        s = Mul (x, slope)
        y = Max (x, s)
      }`,
      after: 'unchanged',
      because: 'the slope is not between 0 and 1',
    },
    {
      title: 'a slope that a double holds alone',
      before: `agraph (double[N,4] x) => (double[N,4] y) <double slope = {0.1}> {
        s = Mul (x, slope)
        y = Max (x, s)
      }`,
      after: 'unchanged',
      because: 'the slope has more digits than the attribute holds',
    },
    {
      title: 'a slope for each channel',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float[2] slope = {0.1, 0.2}> {
        s = Mul (x, slope)
        y = Max (x, s)
      }`,
      after: 'unchanged',
      because: 'the slope is not one positive number',
    },
    {
      title: 'a comparison with another number',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float one = {1}, float slope = {0.25}> {
        c = Greater (x, one)
        s = Mul (slope, x)
        y = Where (c, x, s)
      }`,
      after: 'unchanged',
    },
  ],
});

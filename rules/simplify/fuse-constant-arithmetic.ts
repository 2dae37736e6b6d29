import { affineChain, op, refuse, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-constant-arithmetic',
  summary:
    'Join the constants of additions and multiplications that follow one another: one Mul and one Add are left at most.',
  why: 'Pictures are scaled, shifted and scaled again before the first layer; scales of attention come in several factors.',
  exact:
    'constants are joined first, and what is in between is not rounded: a relative error of about 1e-6 for float, of the largest term; none for integers',
  since: 7,
  isLate: true,

  pattern: op(['Add', 'Sub', 'Mul', 'Div'], 'root'),

  rewrite({ root }, context) {
    const chain = affineChain(root, context);
    if (chain === undefined || chain.length < 2) return undefined;
    const { data, factor, shift, length } = chain;
    if (length <= (factor === undefined ? 0 : 1) + (shift === undefined ? 0 : 1))
      return refuse('a factor and a shift are left, which are as many nodes');
    let result = data;
    const { name } = root.output;
    if (factor !== undefined) {
      const by = context.constant(factor, `${name}_factor`);
      result = context.node('Mul', [result, by], shift === undefined ? { from: root } : {});
    }
    if (shift !== undefined)
      result = context.node('Add', [result, context.constant(shift, `${name}_shift`)], { from: root });
    return context.replace(root, result);
  },

  examples: [
    {
      title: 'two factors',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float a = {3}, float[4] b = {1, 2, 4, 5}> {
        s = Mul (x, a)
        y = Mul (b, s)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) <float[4] y_factor = {3, 6, 12, 15}> {
        y = Mul (x, y_factor)
      }`,
    },
    {
      title: 'a picture is scaled, shifted and scaled',
      before: `agraph (float[N,2,H,W] x) => (float[N,2,H,W] y) <
        float size = {256}, float[2,1,1] mean = {0.5, 0.25}, float[2,1,1] deviation = {0.25, 0.5}> {
        a = Div (x, size)
        b = Sub (a, mean)
        y = Div (b, deviation)
      }`,
      after: `agraph (float[N,2,H,W] x) => (float[N,2,H,W] y) <
        float[2,1,1] y_factor = {0.015625, 0.0078125}, float[2,1,1] y_shift = {-2, -0.5}> {
        a = Mul (x, y_factor)
        y = Add (a, y_shift)
      }`,
    },
    {
      title: 'integers',
      before: `agraph (int64[N] x) => (int64[N] y) <int64 a = {9223372036854775807}, int64 b = {3}> {
        s = Add (x, a)
        y = Sub (s, b)
      }`,
      after: `agraph (int64[N] x) => (int64[N] y) <int64 y_shift = {9223372036854775804}> {
        y = Add (x, y_shift)
      }`,
    },
    {
      title: 'a factor and a shift',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float a = {3}, float b = {2}> {
        s = Add (x, a)
        y = Mul (s, b)
      }`,
      after: 'unchanged',
      because: 'a factor and a shift are left, which are as many nodes',
    },
    {
      title: 'shifts that cancel, but for what rounding to a million leaves',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float a = {1000000}, float b = {-1000000}> {
        s = Add (x, a)
        y = Add (s, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a factor that makes infinities',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float a = {1e30}, float b = {1e-30}> {
        s = Mul (x, a)
        y = Mul (s, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'constants that are larger together',
      before: `agraph (float[N,4] x) => (float[4,4] y) <float[4,1] a = {1, 2, 3, 4}, float[1,4] b = {1, 2, 3, 4}> {
        s = Mul (x, a)
        y = Mul (s, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the value in between is wanted',
      before: `agraph (float[N,4] x) => (float[N,4] y, float[N,4] s) <float a = {3}, float b = {2}> {
        s = Mul (x, a)
        y = Mul (s, b)
      }`,
      after: 'unchanged',
    },
    {
      title: 'half precision keeps the order of its products',
      before: `agraph (float16[N,4] x) => (float16[N,4] y) <float16 a = {15360}, float16 b = {16384}> {
        s = Mul (x, a)
        y = Mul (s, b)
      }`,
      after: 'unchanged',
    },
  ],
});

import { attribute, near, oneOf, oneOfNodes, op, partProblem, refuse, rewrite, value } from '../../src/rule-kit.ts';

const x = value('x');

/** 1 + erf(x / sqrt(2)) */
const erfGate = op(
  'Add',
  'gate',
  op('Erf', 'erf', oneOf(op('Div', 'inner', x, near(Math.SQRT2)), op('Mul', 'inner', x, near(Math.SQRT1_2)))),
  near(1),
);

const square = oneOf(op('Mul', 'square', x, x), op('Pow', 'square', x, near(2)));
const cube = oneOf(op('Pow', 'cube', x, near(3)), op('Mul', 'cube', square, x));
/** x + 0.044715 x^3, or x (1 + 0.044715 x^2) */
const polynomial = oneOf(
  op('Add', 'polynomial', x, op('Mul', 'cubic', cube, near(0.044715))),
  op('Add', 'polynomial', x, op('Mul', 'cubic', op('Mul', 'linear', x, near(0.044715)), square)),
  op('Add', 'polynomial', x, op('Mul', 'cubic', op('Mul', 'linear', square, near(0.044715)), x)),
  op('Mul', 'polynomial', x, op('Add', 'even', op('Mul', 'quadratic', square, near(0.044715)), near(1))),
);
/** 1 + tanh(sqrt(2 / pi) times the polynomial) */
const tanhGate = op(
  'Add',
  'gate',
  op('Tanh', 'tanh', op('Mul', 'inner', polynomial, near(Math.sqrt(2 / Math.PI)))),
  near(1),
);

/** The half of x times a gate, multiplied in any order. */
function halved<Gate extends typeof erfGate | typeof tanhGate>(gate: Gate) {
  return oneOfNodes(
    op('Mul', 'root', op('Mul', 'product', x, gate), near(0.5)),
    op('Div', 'root', op('Mul', 'product', x, gate), near(2)),
    op('Mul', 'root', op('Mul', 'product', x, near(0.5)), gate),
    op('Mul', 'root', op('Div', 'product', x, near(2)), gate),
    op('Mul', 'root', x, op('Mul', 'product', gate, near(0.5))),
  );
}

export default rewrite({
  id: 'fuse-gelu',
  summary: 'Put a Gelu back together, of erf or of tanh.',
  why: 'Before opset 20 there was no Gelu, so exporters write it as five to nine nodes.',
  exact:
    'rounded once and not five times; constants count as the numbers they stand for when they are right to 2e-5 (float16: 1e-3, bfloat16: 8e-3), by which, relative to x, the result may be off',
  since: 20,

  pattern: oneOfNodes(halved(erfGate), halved(tanhGate)),

  rewrite(captures, context) {
    const { root } = captures;
    if (root === undefined || captures.x === undefined) return undefined;
    const problem = partProblem(root, captures.x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const attributes = 'tanh' in captures ? [attribute.string('approximate', 'tanh')] : [];
    return context.replace(root, context.node('Gelu', [captures.x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'of erf',
      opset: 20,
      before: `agraph (float[N,4] x) => (float[N,4] y) <float root = {1.4142135}, float one = {1}, float half = {0.5}> {
        d = Div (x, root)
        e = Erf (d)
        a = Add (e, one)
        m = Mul (x, a)
        y = Mul (m, half)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Gelu (x)
      }`,
    },
    {
      title: 'of erf, the half first, factors exchanged',
      opset: 20,
      before: `agraph (float[N,4] x) => (float[N,4] y) <float[1] root = {0.70710677}, float one = {1}, float half = {0.5}> {
        h = Mul (half, x)
        d = Mul (x, root)
        e = Erf (d)
        a = Add (one, e)
        y = Mul (a, h)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Gelu (x)
      }`,
    },
    {
      title: 'of tanh',
      opset: 20,
      before: `agraph (float[N,4] x) => (float[N,4] y) <
        float three = {3}, float c = {0.044715}, float k = {0.7978846}, float one = {1}, float half = {0.5}> {
        h = Mul (x, half)
        p = Pow (x, three)
        c3 = Mul (p, c)
        s = Add (x, c3)
        i = Mul (s, k)
        t = Tanh (i)
        a = Add (t, one)
        y = Mul (h, a)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Gelu <approximate = "tanh"> (x)
      }`,
    },
    {
      title: 'of tanh, with products for powers',
      opset: 20,
      before: `agraph (float[N,4] x) => (float[N,4] y) <float c = {0.044715}, float k = {0.7978846}, float one = {1}, float half = {0.5}> {
        q = Mul (x, x)
        c2 = Mul (c, q)
        e = Add (one, c2)
        s = Mul (x, e)
        i = Mul (k, s)
        t = Tanh (i)
        a = Add (one, t)
        g = Mul (half, a)
        y = Mul (x, g)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Gelu <approximate = "tanh"> (x)
      }`,
    },
    {
      title: 'the gate of another value',
      opset: 20,
      before: `agraph (float[N,4] x, float[N,4] z) => (float[N,4] y) <float root = {1.4142135}, float one = {1}, float half = {0.5}> {
        d = Div (z, root)
        e = Erf (d)
        a = Add (e, one)
        m = Mul (x, a)
        y = Mul (m, half)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a part is a graph output',
      opset: 20,
      before: `agraph (float[N,4] x) => (float[N,4] e, float[N,4] y) <float root = {1.4142135}, float one = {1}, float half = {0.5}> {
        d = Div (x, root)
        e = Erf (d)
        a = Add (e, one)
        m = Mul (x, a)
        y = Mul (m, half)
      }`,
      after: 'unchanged',
      because: 'a part of it is used elsewhere, too',
    },
    {
      title: 'another constant',
      opset: 20,
      before: `agraph (float[N,4] x) => (float[N,4] y) <float root = {1.5}, float one = {1}, float half = {0.5}> {
        d = Div (x, root)
        e = Erf (d)
        a = Add (e, one)
        m = Mul (x, a)
        y = Mul (m, half)
      }`,
      after: 'unchanged',
    },
  ],
});

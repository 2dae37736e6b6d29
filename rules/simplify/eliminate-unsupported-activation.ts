import {
  attribute,
  type DataType,
  type Node,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  type Value,
  WrittenOut,
} from '../../src/rule-kit.ts';

/** What each of them is in operators that all releases have. */
const WRITTEN: Readonly<Record<string, (x: Value, out: WrittenOut, node: Node, context: RewriteContext) => Value>> = {
  HardSwish: (x, out) => {
    const attributes = [attribute.float('alpha', Math.fround(1 / 6)), attribute.float('beta', 0.5)];
    return out.last('Mul', [x, out.node('HardSigmoid', [x], ...attributes)]);
  },
  Mish: (x, out) => out.last('Mul', [x, out.node('Tanh', [out.node('Softplus', [x])])]),
  Swish: (x, out, node, context) => {
    const alpha = context.attributes(node).float('alpha') ?? 1;
    return out.last('Mul', [x, out.node('Sigmoid', [alpha === 1 ? x : out.node('Mul', [x, out.number(alpha)])])]);
  },
  Gelu: (x, out, node, context) => {
    const half = out.node('Mul', [x, out.number(0.5)]);
    const isTanh = context.attributes(node).string('approximate') === 'tanh';
    const bent = isTanh
      ? out.node('Tanh', [out.node('Mul', [cubic(x, out), out.number(Math.sqrt(2 / Math.PI))])])
      : out.node('Erf', [out.node('Mul', [x, out.number(Math.SQRT1_2)])]);
    return out.last('Mul', [half, out.node('Add', [bent, out.number(1)])]);
  },
};

/** x + 0.044715 x^3 */
function cubic(x: Value, out: WrittenOut): Value {
  const cube = out.node('Mul', [out.node('Mul', [x, x]), x]);
  return out.node('Add', [x, out.node('Mul', [cube, out.number(0.044715)])]);
}

/** What large numbers make of the parts of a half, they do not make of the operator. */
const WIDE: readonly DataType[] = ['float', 'double', 'bfloat16'];

export default rewrite({
  id: 'eliminate-unsupported-activation',
  summary: 'Write out a HardSwish, Gelu, Mish or Swish that the target does not have.',
  why: 'TensorRT knows HardSwish from 8.4 on, Gelu and Mish from 10.0 on, Swish from 11.0 on; before, their parts have to do.',
  exact: 'rounded at each of the parts: a relative error of about 1e-6 for float',
  costs: 'nodes',
  isForTarget: true,

  pattern: op(Object.keys(WRITTEN), 'node'),

  rewrite({ node }, context) {
    const [x] = node.inputs;
    const dataType = x === undefined ? undefined : context.dataType(x);
    const write = WRITTEN[node.opType];
    if (x === undefined || dataType === undefined || write === undefined) return undefined;
    const isCubic = node.opType === 'Gelu' && context.attributes(node).string('approximate') === 'tanh';
    if (isCubic && !WIDE.includes(dataType)) return refuse('the cube of a float16 is easily out of its range');
    return context.replace(node, write(x, new WrittenOut(node, dataType, context), node, context));
  },

  examples: [
    {
      title: 'HardSwish',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        y = HardSwish (x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        h = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)
        y = Mul (x, h)
      }`,
    },
    {
      title: 'Gelu',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Gelu (x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) <float half = {0.5}, float root = {0.70710677}, float one = {1}> {
        h = Mul (x, half)
        s = Mul (x, root)
        e = Erf (s)
        a = Add (e, one)
        y = Mul (h, a)
      }`,
    },
    {
      title: 'Gelu by tanh',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Gelu <approximate = "tanh"> (x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) <
        float half = {0.5}, float bend = {0.044715}, float root = {0.7978846}, float one = {1}> {
        h = Mul (x, half)
        q = Mul (x, x)
        c = Mul (q, x)
        b = Mul (c, bend)
        i = Add (x, b)
        s = Mul (i, root)
        t = Tanh (s)
        a = Add (t, one)
        y = Mul (h, a)
      }`,
    },
    {
      title: 'Mish',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Mish (x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        s = Softplus (x)
        t = Tanh (s)
        y = Mul (x, t)
      }`,
    },
    {
      title: 'Swish with a slope',
      opset: 24,
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Swish <alpha = 1.5> (x)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) <float slope = {1.5}> {
        m = Mul (x, slope)
        s = Sigmoid (m)
        y = Mul (x, s)
      }`,
    },
    {
      title: 'the cube of a half',
      before: `agraph (float16[N,4] x) => (float16[N,4] y) {
        y = Gelu <approximate = "tanh"> (x)
      }`,
      after: 'unchanged',
      because: 'the cube of a float16 is easily out of its range',
    },
  ],
});

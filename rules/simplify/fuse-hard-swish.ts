import { near, oneOf, oneOfNodes, op, partProblem, refuse, rewrite, value } from '../../src/rule-kit.ts';

const shifted = op('Add', 'shifted', value('x'), near(3));
const clipped = oneOf(
  op('Clip', 'clip', shifted, near(0), near(6)),
  op('Min', 'clip', op('Relu', 'relu', shifted), near(6)),
);
const product = op('Mul', 'product', value('x'), clipped);

export default rewrite({
  id: 'fuse-hard-swish',
  summary: 'Put a HardSwish back together.',
  why: 'Before opset 14 there was no HardSwish; it is x times a HardSigmoid, or written out.',
  exact: 'rounded in another order: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 14,

  pattern: oneOfNodes(
    op('Mul', 'root', value('x'), op('HardSigmoid', 'gate', value('x'))),
    op('Div', 'root', product, near(6)),
    op('Mul', 'root', product, near(1 / 6)),
    op('Mul', 'root', op('Div', 'sixth', value('x'), near(6)), clipped),
    op('Mul', 'root', op('Mul', 'sixth', value('x'), near(1 / 6)), clipped),
  ),

  rewrite(captures, context) {
    const { root, x, gate } = captures;
    if (root === undefined || x === undefined) return undefined;
    if (gate !== undefined) {
      const attributes = context.attributes(gate);
      const [alpha, beta] = [attributes.float('alpha') ?? 0, attributes.float('beta') ?? 0];
      if (Math.abs(alpha - 1 / 6) > 1e-6 || beta !== 0.5) return refuse('the HardSigmoid has another slope or offset');
    }
    const problem = partProblem(root, x, captures, context);
    return problem === undefined
      ? context.replace(root, context.node('HardSwish', [x], { from: root }))
      : refuse(problem);
  },

  examples: [
    {
      title: 'of a HardSigmoid',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        h = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)
        y = Mul (x, h)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = HardSwish (x)
      }`,
    },
    {
      title: 'written out',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float three = {3}, float zero = {0}, float six = {6}> {
        a = Add (x, three)
        c = Clip (a, zero, six)
        m = Mul (c, x)
        y = Div (m, six)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = HardSwish (x)
      }`,
    },
    {
      title: 'the slope that HardSigmoid has by itself',
      before: `agraph (float[N,4] x) => (float[N,4] y) {
        h = HardSigmoid (x)
        y = Mul (x, h)
      }`,
      after: 'unchanged',
      because: 'the HardSigmoid has another slope or offset',
    },
  ],
});

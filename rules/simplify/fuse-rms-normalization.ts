import {
  attribute,
  constant,
  filledTensor,
  near,
  numberOf,
  oneOf,
  oneOfNodes,
  op,
  partProblem,
  reducedAxes,
  refuse,
  rewrite,
  tailAxis,
  value,
} from '../../src/rule-kit.ts';

const x = value('x');
const squares = oneOf(op('Mul', 'square', x, x), op('Pow', 'square', x, near(2)));
const sum = op('Add', 'sum', op('ReduceMean', 'mean', squares, value('axes')), constant('epsilon'));
const root = oneOf(op('Sqrt', 'sqrt', sum), op('Pow', 'sqrt', sum, near(0.5)));
const inverse = oneOf(
  op('Reciprocal', 'inverse', root),
  op('Div', 'inverse', near(1), root),
  op('Pow', 'inverse', sum, near(-0.5)),
);

export default rewrite({
  id: 'fuse-rms-normalization',
  summary: 'Put an RMSNormalization back together.',
  why: 'Before opset 23 there was no RMSNormalization, so language models are exported with five nodes for each.',
  exact: 'means are summed up in another order: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 23,

  pattern: oneOfNodes(op('Div', 'root', x, root), op('Mul', 'root', x, inverse)),

  rewrite(captures, context) {
    const { root, mean, epsilon } = captures;
    if (root === undefined || mean === undefined || captures.x === undefined) return undefined;
    if (context.attributes(mean).int('keepdims') === 0n) return refuse('the mean drops its axes');
    const shape = context.shape(captures.x);
    const axes = reducedAxes(mean, context);
    if (shape === undefined || axes === undefined) return refuse('its axes are not known');
    const axis = tailAxis(axes, shape.length);
    if (axis === undefined) return refuse('the axes are not the last ones');
    const small = numberOf(context.tensor(epsilon));
    if (small === undefined || !(small >= 0) || !Number.isFinite(small)) return refuse('epsilon is no number');
    const type = context.dataType(captures.x);
    if (type !== 'float' && type !== 'double' && type !== 'float16' && type !== 'bfloat16') return undefined;
    const problem = partProblem(root, captures.x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const dims = shape.slice(axis).map(({ constant: size }) => Number(size ?? 0n));
    const scale = filledTensor(type, dims, 1);
    if (scale === undefined) return refuse('the dims that are normalized are not known, or too many');
    const ones = context.constant(scale, `${root.output.name}_scale`);
    const attributes = [attribute.int('axis', axis - shape.length), attribute.float('epsilon', small)];
    return context.replace(root, context.node('RMSNormalization', [captures.x, ones], { attributes, from: root }));
  },

  examples: [
    {
      title: 'as Llama is exported',
      opset: 23,
      before: `agraph (float[N,3,4] x) => (float[N,3,4] y) <float two = {2}, float epsilon = {1e-6}, int64[1] axes = {-1}> {
        p = Pow (x, two)
        m = ReduceMean (p, axes)
        a = Add (m, epsilon)
        s = Sqrt (a)
        r = Reciprocal (s)
        y = Mul (x, r)
      }`,
      after: `agraph (float[N,3,4] x) => (float[N,3,4] y) <float[4] scale = {1, 1, 1, 1}> {
        y = RMSNormalization <axis = -1, epsilon = 1e-6> (x, scale)
      }`,
    },
    {
      title: 'the squares of another value',
      opset: 23,
      before: `agraph (float[N,4] x, float[N,4] z) => (float[N,4] y) <float two = {2}, float epsilon = {1e-6}, int64[1] axes = {-1}> {
        p = Pow (z, two)
        m = ReduceMean (p, axes)
        a = Add (m, epsilon)
        s = Sqrt (a)
        y = Div (x, s)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the first axis of two',
      opset: 23,
      before: `agraph (float[N,4] x) => (float[N,4] y) <float two = {2}, float epsilon = {1e-6}, int64[1] axes = {0}> {
        p = Pow (x, two)
        m = ReduceMean (p, axes)
        a = Add (m, epsilon)
        s = Sqrt (a)
        y = Div (x, s)
      }`,
      after: 'unchanged',
      because: 'the axes are not the last ones',
    },
  ],
});

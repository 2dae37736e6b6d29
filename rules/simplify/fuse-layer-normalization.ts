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
const deviation = op('Sub', 'deviation', x, op('ReduceMean', 'mean', x, value('axes')));
const deviationOld = op('Sub', 'deviation', x, op('ReduceMean', 'mean', x));

/** d / sqrt(mean(d^2) + epsilon), in the ways to write the division. */
function normalized<D extends typeof deviation | typeof deviationOld>(d: D, isOld: boolean) {
  const squares = oneOf(op('Mul', 'square', d, d), op('Pow', 'square', d, near(2)));
  const variance = isOld
    ? op('ReduceMean', 'variance', squares)
    : op('ReduceMean', 'variance', squares, value('otherAxes'));
  const sum = op('Add', 'sum', variance, constant('epsilon'));
  const root = oneOf(op('Sqrt', 'sqrt', sum), op('Pow', 'sqrt', sum, near(0.5)));
  const inverse = oneOf(
    op('Reciprocal', 'inverse', root),
    op('Div', 'inverse', near(1), root),
    op('Pow', 'inverse', sum, near(-0.5)),
  );
  return oneOfNodes(op('Div', 'root', d, root), op('Mul', 'root', d, inverse));
}

export default rewrite({
  id: 'fuse-layer-normalization',
  summary: 'Put a LayerNormalization back together, or an InstanceNormalization.',
  why: 'Before opset 17 there was no LayerNormalization, so exporters write it as seven nodes or more; TensorRT computes the fused one in float where it must.',
  exact: 'means are summed up in another order: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 17,

  pattern: oneOfNodes(normalized(deviation, false), normalized(deviationOld, true)),

  rewrite(captures, context) {
    const { root, mean, variance, epsilon } = captures;
    if (root === undefined || captures.x === undefined || mean === undefined || variance === undefined)
      return undefined;
    for (const reduce of [mean, variance])
      if (context.attributes(reduce).int('keepdims') === 0n) return refuse('a mean drops its axes');
    const shape = context.shape(captures.x);
    const axes = reducedAxes(mean, context);
    if (shape === undefined || axes === undefined) return refuse('its axes are not known');
    if (String(reducedAxes(variance, context)) !== String(axes)) return refuse('mean and variance are over other axes');
    const small = numberOf(context.tensor(epsilon));
    if (small === undefined || !(small >= 0) || !Number.isFinite(small)) return refuse('epsilon is no number');
    const type = context.dataType(captures.x);
    if (type !== 'float' && type !== 'double' && type !== 'float16' && type !== 'bfloat16') return undefined;
    const problem = partProblem(root, captures.x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const axis = tailAxis(axes, shape.length);
    if (axis === undefined) return refuse('the axes are not the last ones');
    const dims = shape.slice(axis).map(({ constant: size }) => Number(size ?? 0n));
    const stem = `${root.output.name}_scale`;
    const scale = filledTensor(type, dims, 1);
    if (scale !== undefined) {
      const ones = context.constant(scale, stem);
      const attributes = [attribute.int('axis', axis - shape.length), attribute.float('epsilon', small)];
      return context.replace(root, context.node('LayerNormalization', [captures.x, ones], { attributes, from: root }));
    }
    const channels = Number(shape[1]?.constant ?? 0n);
    const isTyped = type !== 'bfloat16' || context.opset >= 22;
    const [each, none] = [filledTensor(type, [channels], 1), filledTensor(type, [channels], 0)];
    if (axis !== 2 || each === undefined || none === undefined || !isTyped)
      return refuse('the dims that are normalized are not known, or too many');
    const [ones, zeros] = [context.constant(each, stem), context.constant(none, `${root.output.name}_shift`)];
    const attributes = [attribute.float('epsilon', small)];
    return context.replace(
      root,
      context.node('InstanceNormalization', [captures.x, ones, zeros], { attributes, from: root }),
    );
  },

  examples: [
    {
      title: 'as PyTorch exports it',
      opset: 17,
      before: `agraph (float[N,3,4] x) => (float[N,3,4] y) <float two = {2}, float epsilon = {1e-5}> {
        m = ReduceMean <axes = [-1]> (x)
        d = Sub (x, m)
        s = Pow (d, two)
        v = ReduceMean <axes = [-1]> (s)
        a = Add (v, epsilon)
        r = Sqrt (a)
        y = Div (d, r)
      }`,
      after: `agraph (float[N,3,4] x) => (float[N,3,4] y) <float[4] scale = {1, 1, 1, 1}> {
        y = LayerNormalization <axis = -1, epsilon = 1e-5> (x, scale)
      }`,
    },
    {
      title: 'two axes, a product for the square and a reciprocal',
      before: `agraph (float[N,2,2] x) => (float[N,2,2] y) <float epsilon = {1e-6}, int64[2] axes = {1, 2}, int64[2] others = {-1, -2}> {
        m = ReduceMean (x, axes)
        d = Sub (x, m)
        s = Mul (d, d)
        v = ReduceMean (s, others)
        a = Add (epsilon, v)
        r = Sqrt (a)
        i = Reciprocal (r)
        y = Mul (i, d)
      }`,
      after: `agraph (float[N,2,2] x) => (float[N,2,2] y) <float[2,2] scale = {1, 1, 1, 1}> {
        y = LayerNormalization <axis = -2, epsilon = 1e-6> (x, scale)
      }`,
    },
    {
      title: 'over a picture of any size',
      before: `agraph (float[N,2,H,W] x) => (float[N,2,H,W] y) <float epsilon = {1e-5}, int64[2] axes = {2, 3}, float two = {2}> {
        m = ReduceMean (x, axes)
        d = Sub (x, m)
        s = Pow (d, two)
        v = ReduceMean (s, axes)
        a = Add (v, epsilon)
        r = Sqrt (a)
        y = Div (d, r)
      }`,
      after: `agraph (float[N,2,H,W] x) => (float[N,2,H,W] y) <float[2] scale = {1, 1}, float[2] shift = {0, 0}> {
        y = InstanceNormalization <epsilon = 1e-5> (x, scale, shift)
      }`,
    },
    {
      title: 'epsilon outside of the root',
      opset: 17,
      before: `agraph (float[N,3,4] x) => (float[N,3,4] y) <float two = {2}, float epsilon = {1e-5}> {
        m = ReduceMean <axes = [-1]> (x)
        d = Sub (x, m)
        s = Pow (d, two)
        v = ReduceMean <axes = [-1]> (s)
        r = Sqrt (v)
        a = Add (r, epsilon)
        y = Div (d, a)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the channels of a picture are not its last axis',
      opset: 17,
      before: `agraph (float[N,3,2,2] x) => (float[N,3,2,2] y) <float two = {2}, float epsilon = {1e-5}> {
        m = ReduceMean <axes = [1]> (x)
        d = Sub (x, m)
        s = Pow (d, two)
        v = ReduceMean <axes = [1]> (s)
        a = Add (v, epsilon)
        r = Sqrt (a)
        y = Div (d, r)
      }`,
      after: 'unchanged',
      because: 'the axes are not the last ones',
    },
    {
      title: 'the variance is wanted, too',
      opset: 17,
      before: `agraph (float[N,3,4] x) => (float[N,3,1] v, float[N,3,4] y) <float two = {2}, float epsilon = {1e-5}> {
        m = ReduceMean <axes = [-1]> (x)
        d = Sub (x, m)
        s = Pow (d, two)
        v = ReduceMean <axes = [-1]> (s)
        a = Add (v, epsilon)
        r = Sqrt (a)
        y = Div (d, r)
      }`,
      after: 'unchanged',
      because: 'a part of it is used elsewhere, too',
    },
    {
      title: 'another exponent',
      opset: 17,
      before: `agraph (float[N,3,4] x, float p) => (float[N,3,4] y) <float epsilon = {1e-5}> {
        m = ReduceMean <axes = [-1]> (x)
        d = Sub (x, m)
        s = Pow (d, p)
        v = ReduceMean <axes = [-1]> (s)
        a = Add (v, epsilon)
        r = Sqrt (a)
        y = Div (d, r)
      }`,
      after: 'unchanged',
    },
  ],
});

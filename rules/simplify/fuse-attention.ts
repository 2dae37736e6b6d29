import {
  attribute,
  constant,
  numberOf,
  oneOf,
  op,
  permutationOf,
  refuse,
  rewrite,
  sameShape,
  strayValue,
  value,
} from '../../src/rule-kit.ts';

const product = op('MatMul', 'product', value('query'), op('Transpose', 'turned', value('keys')));
const scores = oneOf(
  op('Mul', 'scaled', product, constant('factor')),
  op('Div', 'scaled', product, constant('divisor')),
  product,
);

export default rewrite({
  id: 'fuse-attention',
  summary:
    'Put an Attention back together: scaled products of queries and keys, their Softmax, and the values it weighs.',
  why: 'Before opset 23 there was no Attention; the operator lets a runtime compute it without writing the scores.',
  exact:
    'the factor is applied to queries and keys beforehand: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 23,

  pattern: op(
    'MatMul',
    'root',
    op('Softmax', 'softmax', oneOf(op('Add', 'masked', scores, value('mask')), scores)),
    value('values'),
  ),

  rewrite(captures, context) {
    const { root, softmax, query, keys, values, turned, factor, divisor, mask } = captures;
    if (query === undefined || keys === undefined || turned === undefined) return undefined;
    const [q, k, v] = [query, turned.output, values].map((input) => context.shape(input));
    if (q?.length !== 4 || k?.length !== 4 || v?.length !== 4) return undefined;
    const axis = context.attributes(softmax).int('axis') ?? -1n;
    if (axis !== -1n && axis !== 3n) return refuse('the Softmax is not over the keys');
    const type = context.dataType(query);
    if (type !== 'float' && type !== 'double' && type !== 'float16' && type !== 'bfloat16') return undefined;
    // Batch and heads must be the same for all three: the operator repeats heads, where MatMul would repeat a single one.
    if (!sameShape(q.slice(0, 2), k.slice(0, 2)) || !sameShape(q.slice(0, 2), v.slice(0, 2)))
      return refuse('queries, keys and values are not proved to have the same batch and heads');
    const [number] = [factor ?? divisor].map((input) => (input === undefined ? 1 : numberOf(context.tensor(input))));
    const scale = number === undefined ? undefined : divisor === undefined ? number : 1 / number;
    if (scale === undefined || !Number.isFinite(scale) || scale <= 0)
      return refuse('the factor is not one positive number');
    const rankOf = (input: typeof factor): number =>
      input === undefined ? 0 : (context.tensor(input)?.dims.length ?? 5);
    if (rankOf(factor ?? divisor) > 4) return undefined;
    if (mask !== undefined) {
      const shape = context.shape(mask);
      const wanted = [q[0], q[1], q[2], k[3]];
      const fits =
        shape !== undefined &&
        (shape.length === 2 || shape.length === 4) &&
        shape.every((dim, at) => {
          const other = wanted[at + 4 - shape.length];
          const isLast = at === shape.length - 1;
          return other?.equals(dim) === true || (!isLast && dim.constant === 1n);
        });
      // A mask that ends early would be filled up by the operator, and repeated by Add.
      if (!fits) return refuse('the mask is not proved to be as wide as the keys');
    }
    const perm = permutationOf(turned, context);
    if (strayValue(root, captures) !== undefined) return refuse('a part of it is used elsewhere, too');
    if (perm === undefined) return undefined;
    const straight = [0, 1, 3, 2].map((at) => perm[at] ?? 0);
    const isPlain = straight.every((at, index) => at === index);
    const key = isPlain ? keys : context.like(turned, [keys], { perm: attribute.ints('perm', straight) });
    const attributes = [attribute.float('scale', Math.fround(scale))];
    return context.replace(root, context.node('Attention', [query, key, values, mask], { attributes, from: root }));
  },

  examples: [
    {
      title: 'with a factor and a mask',
      opset: 23,
      before: `agraph (float[N,2,3,4] q, float[N,2,5,4] k, float[N,2,5,4] v, float[3,5] mask) => (float[N,2,3,4] y) <float half = {0.5}> {
        t = Transpose <perm = [0, 1, 3, 2]> (k)
        p = MatMul (q, t)
        s = Mul (p, half)
        m = Add (s, mask)
        w = Softmax <axis = -1> (m)
        y = MatMul (w, v)
      }`,
      after: `agraph (float[N,2,3,4] q, float[N,2,5,4] k, float[N,2,5,4] v, float[3,5] mask) => (float[N,2,3,4] y) {
        y = Attention <scale = 0.5> (q, k, v, mask)
      }`,
    },
    {
      title: 'keys that are turned together with their heads',
      opset: 23,
      before: `agraph (float[N,2,3,4] q, float[N,5,2,4] k, float[N,2,5,4] v) => (float[N,2,3,4] y) <float two = {2}> {
        t = Transpose <perm = [0, 2, 3, 1]> (k)
        p = MatMul (q, t)
        s = Div (p, two)
        w = Softmax (s)
        y = MatMul (w, v)
      }`,
      after: `agraph (float[N,2,3,4] q, float[N,5,2,4] k, float[N,2,5,4] v) => (float[N,2,3,4] y) {
        t = Transpose <perm = [0, 2, 1, 3]> (k)
        y = Attention <scale = 0.5> (q, t, v)
      }`,
    },
    {
      title: 'a mask that is repeated along the keys',
      opset: 23,
      before: `agraph (float[N,2,3,4] q, float[N,2,5,4] k, float[N,2,5,4] v, float[3,1] mask) => (float[N,2,3,4] y) {
        t = Transpose <perm = [0, 1, 3, 2]> (k)
        p = MatMul (q, t)
        m = Add (p, mask)
        w = Softmax (m)
        y = MatMul (w, v)
      }`,
      after: 'unchanged',
      because: 'the mask is not proved to be as wide as the keys',
    },
    {
      title: 'the weights are wanted, too',
      opset: 23,
      before: `agraph (float[N,2,3,4] q, float[N,2,5,4] k, float[N,2,5,4] v) => (float[N,2,3,5] w, float[N,2,3,4] y) {
        t = Transpose <perm = [0, 1, 3, 2]> (k)
        p = MatMul (q, t)
        w = Softmax (p)
        y = MatMul (w, v)
      }`,
      after: 'unchanged',
      because: 'a part of it is used elsewhere, too',
    },
  ],
});

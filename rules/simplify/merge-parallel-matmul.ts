import {
  attribute,
  constant,
  doublesOf,
  floatTensor,
  joinedColumns,
  type Node,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  type Tensor,
  type Value,
  value,
} from '../../src/rule-kit.ts';

/** More readers than this are looked through by none; queries, keys and values are three. */
const MAXIMUM_READERS = 16;

interface Layer {
  readonly matmul: Node;
  readonly weight: Tensor;
  readonly bias: Float64Array | undefined;
  /** What the layer puts out, bias included. */
  readonly output: Value;
}

function layerOf(matmul: Node, x: Value, context: RewriteContext): Layer | undefined {
  const [data, weight] = matmul.inputs;
  const tensor = context.tensor(weight);
  if (matmul.operator !== 'MatMul' || data !== x || matmul.graph !== context.graph || tensor === undefined)
    return undefined;
  if (tensor.dims.length !== 2 || weight?.onlyUser !== matmul || !context.isReadable(matmul)) return undefined;
  const sum = matmul.output.onlyUser;
  const summand = sum?.operator === 'Add' ? sum.inputs.find((input) => input !== matmul.output) : undefined;
  const bias = context.tensor(summand);
  const isBias = bias?.dims.length === 1 && bias.dims[0] === tensor.dims[1] && sum?.graph === context.graph;
  const numbers = isBias ? doublesOf(bias) : undefined;
  const output = numbers === undefined || sum === undefined ? matmul.output : sum.output;
  return { matmul, weight: tensor, bias: numbers, output };
}

export default rewrite({
  id: 'merge-parallel-matmul',
  summary: 'Compute linear layers of one value as a single one, and split its result.',
  why: 'Queries, keys and values are three products of one matrix; one wide product does more at a time, and is fewer nodes.',
  exact:
    'the same sums, which a library may round in another order for a wider matrix: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 13,
  isLate: true,

  pattern: op('MatMul', 'matmul', value('x'), constant('weight')),

  rewrite({ matmul, x }, context) {
    if (x.userCount < 2 || x.userCount > MAXIMUM_READERS || !context.graph.allowsInitializers) return undefined;
    const found: Layer[] = [];
    for (const user of x.users) {
      const layer = layerOf(user, x, context);
      if (layer !== undefined) found.push(layer);
    }
    const layers = found.sort((a, b) => a.matmul.position - b.matmul.position);
    // New nodes go before the first layer; all that reads any of them comes later.
    if (layers[0]?.matmul !== matmul) return undefined;
    const withBias = layers.filter(({ bias }) => bias !== undefined).length;
    if (layers.length + withBias <= (withBias > 0 ? 3 : 2)) return undefined;
    const weight = joinedColumns(layers.map((layer) => layer.weight));
    if (weight === undefined) return refuse('the weights are of different types or heights');
    const sizes = layers.map((layer) => layer.weight.dims[1] ?? 0);
    const base = matmul.inputs[1]?.name ?? 'weight';
    let whole = context.node('MatMul', [x, context.constant(weight, `${base}_joined`)]);
    if (withBias > 0) {
      const numbers = layers.flatMap(({ bias }, index) => [...(bias ?? new Float64Array(sizes[index] ?? 0))]);
      const bias = floatTensor(weight.dataType, [numbers.length], Float64Array.from(numbers));
      whole = context.node('Add', [whole, context.constant(bias, `${base}_bias`)]);
    }
    const parts = context.vector(sizes.map(BigInt), `${base}_sizes`);
    const attributes = [attribute.int('axis', -1)];
    const first = context.node('Split', [whole, parts], { attributes, outputs: layers.length });
    const outputs = first.producer?.outputs ?? [];
    return context.replaceAll(
      layers.flatMap((layer, index) => {
        const by = outputs[index];
        return by === undefined ? [] : [{ old: layer.output, by }];
      }),
    );
  },

  examples: [
    {
      title: 'queries, keys and values, of which the keys have no bias',
      before: `agraph (float[N,4,2] x) => (float[N,4,2] q, float[N,4,1] k, float[N,4,2] v) <
        float[2,2] wq = {1, 2, 3, 4}, float[2,1] wk = {5, 6}, float[2,2] wv = {7, 8, 9, 10}, float[2] bq = {1, 2}, float[2] bv = {3, 4}> {
        mq = MatMul (x, wq)
        q = Add (mq, bq)
        k = MatMul (x, wk)
        mv = MatMul (x, wv)
        v = Add (bv, mv)
      }`,
      after: `agraph (float[N,4,2] x) => (float[N,4,2] q, float[N,4,1] k, float[N,4,2] v) <
        float[2,5] w = {1, 2, 5, 7, 8, 3, 4, 6, 9, 10}, float[5] b = {1, 2, 0, 3, 4}, int64[3] sizes = {2, 1, 2}> {
        m = MatMul (x, w)
        a = Add (m, b)
        q, k, v = Split <axis = -1> (a, sizes)
      }`,
    },
    {
      title: 'two products without a bias are as few nodes as one and a Split',
      before: `agraph (float[N,2] x) => (float[N,2] y, float[N,2] z) <float[2,2] w = {1, 2, 3, 4}, float[2,2] v = {5, 6, 7, 8}> {
        y = MatMul (x, w)
        z = MatMul (x, v)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a weight that is used elsewhere, too',
      before: `agraph (float[N,2] x) => (float[N,2] a, float[N,2] b, float[N,2] c, float[2,2] w) <
        float[2,2] w = {1, 2, 3, 4}, float[2,2] v = {5, 6, 7, 8}> {
        a = MatMul (x, w)
        b = MatMul (x, v)
        c = MatMul (a, v)
      }`,
      after: 'unchanged',
    },
  ],
});

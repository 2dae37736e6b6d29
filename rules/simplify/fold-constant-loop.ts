import {
  attribute,
  type Graph,
  int64Tensor,
  MAXIMUM_UNROLLED_NODES,
  op,
  outputReplacements,
  refuse,
  type RewriteContext,
  rewrite,
  type Value,
} from '../../src/rule-kit.ts';

/** True when the body says "go on" in every round: its condition is a constant, or the one that it was given. */
function goesOn(body: Graph, context: RewriteContext): boolean {
  let condition = body.outputs[0];
  while (condition?.producer?.operator === 'Identity') condition = condition.producer.inputs[0];
  if (condition === undefined) return false;
  return condition === body.inputs[1] || context.boolean(context.tensor(condition)) === true;
}

function sizeOf(body: Graph): number {
  let count = body.nodeCount;
  for (const node of body.nodes) for (const graph of node.subgraphs) count += sizeOf(graph);
  return count;
}

/** Values of one shape along a new first axis. */
function stacked(values: readonly Value[], context: RewriteContext): Value {
  const axes = context.opset >= 13 ? context.vector([0n], 'axes') : undefined;
  const rows = values.map((value) =>
    axes === undefined
      ? context.node('Unsqueeze', [value], { attributes: [attribute.ints('axes', [0])] })
      : context.node('Unsqueeze', [value, axes]),
  );
  return context.concat(rows, 0);
}

export default rewrite({
  id: 'fold-constant-loop',
  summary: 'Write out a Loop of few rounds, when their number is known and the body is small.',
  why: 'A Loop over a fixed number of layers or axes hides from everyone what it computes.',
  exact: true,

  pattern: op('Loop', 'loop'),

  rewrite({ loop }, context) {
    const [limit, start, ...initial] = loop.inputs;
    const body = loop.attributes.get('body');
    if (body?.kind !== 'graph' || body.value.outputs.length <= loop.outputs.length) return undefined;
    const isEntered = start === undefined ? true : context.boolean(context.knownTensor(start) ?? context.tensor(start));
    const given = limit === undefined ? undefined : context.integers(limit)?.[0];
    if (isEntered === undefined || (isEntered && given === undefined)) return undefined;
    const trips = isEntered && given !== undefined && given > 0n ? Number(given) : 0;
    if (trips > 1 && !goesOn(body.value, context)) return refuse('the body may end the Loop earlier');
    if (trips * sizeOf(body.value) > MAXIMUM_UNROLLED_NODES)
      return refuse(`${trips} rounds of ${sizeOf(body.value)} nodes are more than ${MAXIMUM_UNROLLED_NODES}`);
    if (initial.includes(undefined)) return undefined;
    const scanned = loop.outputs.slice(initial.length);
    if (trips === 0 && scanned.some((output) => output !== undefined && (output.isUsed || output.isGraphOutput)))
      return refuse('no round runs, and what it would collect has no known shape');
    let carried = initial as Value[];
    const collected: Value[][] = scanned.map(() => []);
    const condition = (): Value => context.constant(context.booleanTensor(true), 'condition');
    for (let trip = 0; trip < trips; trip++) {
      const index = (): Value => context.constant(int64Tensor([BigInt(trip)], { scalar: true }), 'iteration');
      // The body's condition is known.
      const outputs = context.inlined(body.value, [index, condition, ...carried], (output) => output > 0);
      if (outputs === undefined) return refuse('the body holds a sparse initializer');
      carried = outputs.slice(1, 1 + carried.length);
      collected.forEach((list, at) => {
        const row = outputs[1 + carried.length + at];
        if (row !== undefined) list.push(row);
      });
    }
    const results = [...carried, ...collected.map((list) => (list.length === 0 ? undefined : stacked(list, context)))];
    return context.replaceAll(outputReplacements(loop, results));
  },

  examples: [
    {
      title: 'two rounds',
      before: `agraph (float[2] x) => (float[2] y) <int64 two = {2}> {
        y = Loop (two, , x) <
          body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w) { d = Identity (c)  w = Neg (v) }
        >
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        w = Neg (x)
        y = Neg (w)
      }`,
    },
    {
      title: 'what each round hands out is stacked',
      before: `agraph (float[2] x) => (float[2] y, float[2,2] z) <int64 two = {2}, bool yes = {1}> {
        y, z = Loop (two, yes, x) <
          body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w, float[2] s) <bool d = {1}> { w = Neg (v)  s = Exp (v) }
        >
      }`,
      after: `agraph (float[2] x) => (float[2] y, float[2,2] z) <int64[1] axes = {0}> {
        w = Neg (x)
        s = Exp (x)
        y = Neg (w)
        s_1 = Exp (w)
        a = Unsqueeze (s, axes)
        b = Unsqueeze (s_1, axes)
        z = Concat <axis = 0> (a, b)
      }`,
    },
    {
      title: 'many rounds stay a Loop',
      before: `agraph (float[2] x) => (float[2] y) <int64 many = {1000}> {
        y = Loop (many, , x) <
          body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w) { d = Identity (c)  w = Neg (v) }
        >
      }`,
      after: 'unchanged',
      because: '1000 rounds of 2 nodes are more than 64',
    },
    {
      title: 'a body that may stop stays a Loop',
      before: `agraph (float[2] x) => (float[2] y) <int64 two = {2}, float zero = {0}> {
        y = Loop (two, , x) <
          body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w) {
            w = Neg (v)
            s = ReduceSum <keepdims = 0> (w)
            d = Greater (s, zero)
          }
        >
      }`,
      after: 'unchanged',
      because: 'the body may end the Loop earlier',
    },
  ],
});

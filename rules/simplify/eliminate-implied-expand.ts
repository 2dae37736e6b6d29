import { BROADCASTING, broadcastsTo, op, refuse, rewrite, type Value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-implied-expand',
  summary:
    'Skip an Expand, or a Tile of axes of size 1, in front of an operator that broadcasts to the same result without it.',
  why: 'Masks and positions are expanded to the full size before they are added or compared.',
  exact: true,
  since: 8,

  pattern: op(BROADCASTING, 'node'),

  rewrite({ node }, context) {
    const wanted = context.shape(node.output);
    if (wanted === undefined) return undefined;
    // The second operand of an Expand is its shape.
    const positions = node.operator === 'Expand' ? [0] : [...node.inputs.keys()];
    let isNear = false;
    for (const index of positions) {
      const expand = node.inputs[index]?.producer;
      if ((expand?.operator !== 'Expand' && expand?.operator !== 'Tile') || !context.isReadable(expand)) continue;
      const x = expand.inputs[0];
      const from = x === undefined ? undefined : context.shape(x);
      const to = context.shape(expand.output);
      if (x === undefined || from === undefined || to === undefined) continue;
      // A Tile of more than one element is no broadcast.
      if (expand.operator === 'Tile' && from.some((dim, axis) => dim.constant !== 1n && to[axis]?.equals(dim) !== true))
        continue;
      isNear = true;
      const others = node.inputs.map((input, at) => (at === index ? x : input));
      const shapes = others.map((input: Value | undefined) => (input === undefined ? undefined : context.shape(input)));
      if (node.operator === 'Expand') {
        const target = context.fact(node.inputs[1] ?? x).elements;
        if (target === undefined || !broadcastsTo([from, target], wanted)) continue;
      } else if (!shapes.every((shape) => shape !== undefined) || !broadcastsTo(shapes, wanted)) continue;
      return context.changeInputs([{ node, index, by: x }]);
    }
    return isNear ? refuse('nothing else is known to have the dims that it expands to') : undefined;
  },

  examples: [
    {
      title: 'a mask that the other operand broadcasts',
      before: `agraph (float[N,4] x, float[1,4] m) => (float[N,4] y) {
        s = Shape (x)
        e = Expand (m, s)
        y = Add (x, e)
      }`,
      after: `agraph (float[N,4] x, float[1,4] m) => (float[N,4] y) {
        y = Add (x, m)
      }`,
    },
    {
      title: 'a Tile of one row',
      before: `agraph (float[3,4] x, float[1,4] m) => (float[3,4] y) <int64[2] repeats = {3, 1}> {
        e = Tile (m, repeats)
        y = Mul (e, x)
      }`,
      after: `agraph (float[3,4] x, float[1,4] m) => (float[3,4] y) {
        y = Mul (m, x)
      }`,
    },
    {
      title: 'an Expand of an Expand',
      before: `agraph (float[1,1,4] m) => (float[2,3,4] y) <int64[3] rows = {1, 3, 4}, int64[3] all = {2, 3, 4}> {
        e = Expand (m, rows)
        y = Expand (e, all)
      }`,
      after: `agraph (float[1,1,4] m) => (float[2,3,4] y) <int64[3] all = {2, 3, 4}> {
        y = Expand (m, all)
      }`,
    },
    {
      title: 'both operands need it',
      before: `agraph (float[1,4] x, float[1,4] m) => (float[3,4] y) <int64[2] shape = {3, 4}> {
        e = Expand (m, shape)
        y = Add (x, e)
      }`,
      after: 'unchanged',
      because: 'nothing else is known to have the dims that it expands to',
    },
  ],
});

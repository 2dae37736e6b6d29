import { BROADCASTING, broadcastsTo, type Dim, fillOf, op, refuse, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-filled-operand',
  summary:
    'Take one number for a ConstantOfShape, or what is made of one, where the operator broadcasts to the same result.',
  why: '`full_like` and `masked_fill` make a tensor of the size of the other operand, from its Shape, for a single number.',
  exact: true,
  since: 8,

  pattern: op(
    BROADCASTING.filter((opType) => opType !== 'Expand'),
    'node',
  ),

  rewrite({ node }, context) {
    const wanted = context.shape(node.output);
    if (wanted === undefined) return undefined;
    let isNear = false;
    for (const [index, input] of node.inputs.entries()) {
      if (input?.producer === undefined || context.tensor(input) !== undefined) continue;
      const fill = fillOf(input, context);
      if (fill === undefined) continue;
      isNear = true;
      const shapes = node.inputs.map((other, at): readonly Dim[] | undefined =>
        at === index ? [] : other === undefined ? undefined : context.shape(other),
      );
      if (shapes.every((shape) => shape !== undefined) && broadcastsTo(shapes, wanted))
        return context.changeInputs([{ node, index, by: context.constant(fill, `${input.name}_element`) }]);
    }
    return isNear ? refuse('no other operand is known to have the dims that it is made for') : undefined;
  },

  examples: [
    {
      title: 'a fill of the size of the other operand',
      before: `agraph (bool[N,M] m, float[N,M] x) => (float[N,M] y) {
        s = Shape (x)
        f = ConstantOfShape <value = float[1] {-10000}> (s)
        y = Where (m, x, f)
      }`,
      after: `agraph (bool[N,M] m, float[N,M] x) => (float[N,M] y) <float f = {-10000}> {
        y = Where (m, x, f)
      }`,
    },
    {
      title: 'ones with an axis added',
      before: `agraph (float[N,M] x) => (float[1,N,M] y) <int64[1] axis = {0}> {
        s = Shape (x)
        f = ConstantOfShape <value = float[1] {1}> (s)
        u = Unsqueeze (f, axis)
        v = Unsqueeze (x, axis)
        y = Sub (u, v)
      }`,
      after: `agraph (float[N,M] x) => (float[1,N,M] y) <float one = {1}, int64[1] axis = {0}> {
        v = Unsqueeze (x, axis)
        y = Sub (one, v)
      }`,
    },
    {
      title: 'the fill brings in a dim',
      before: `agraph (int64[2] s, float[1,4] x) => (float[N,4] y) {
        f = ConstantOfShape <value = float[1] {2}> (s)
        y = Mul (x, f)
      }`,
      after: 'unchanged',
      because: 'no other operand is known to have the dims that it is made for',
    },
  ],
});

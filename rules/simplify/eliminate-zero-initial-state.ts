import { fillOf, op, outputReplacements, rewrite, uniformElement, type Value } from '../../src/rule-kit.ts';

/** Where the states stand that are 0 when they are left out: initial_h, and initial_c of an LSTM. */
const STATES: Readonly<Record<string, readonly number[]>> = { GRU: [5], LSTM: [5, 6], RNN: [5] };

export default rewrite({
  id: 'eliminate-zero-initial-state',
  summary: 'Leave out the initial state of an LSTM, GRU or RNN that is all zeros.',
  why: 'Exporters build zeros of the size of the batch from its Shape, although the operator starts from zeros by itself.',
  exact: true,
  since: 7,

  pattern: op(Object.keys(STATES), 'node'),

  rewrite({ node }, context) {
    const isZero = (state: Value | undefined): boolean =>
      state !== undefined && Object.is(Number(uniformElement(fillOf(state, context)) ?? 1), 0);
    const dropped = (STATES[node.opType] ?? []).filter((index) => isZero(node.inputs[index]));
    if (dropped.length === 0) return undefined;
    const inputs = node.inputs.map((input, index) => (dropped.includes(index) ? undefined : input));
    return context.replaceAll(outputReplacements(node, context.like(node, inputs).producer?.outputs ?? []));
  },

  examples: [
    {
      title: 'zeros of the size of the batch',
      before: `agraph (float[T,N,3] x) => (float[T,1,N,2] y) <
        float[1,8,3] w = {1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6}, float[1,8,2] r = {1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7},
        int64[1] one = {1}, int64[1] two = {2}> {
        n = Shape <start = 1, end = 2> (x)
        s = Concat <axis = 0> (one, n, two)
        zeros = ConstantOfShape (s)
        y = LSTM <hidden_size = 2> (x, w, r, , , zeros, zeros)
      }`,
      after: `agraph (float[T,N,3] x) => (float[T,1,N,2] y) <
        float[1,8,3] w = {1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6}, float[1,8,2] r = {1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7}> {
        y = LSTM <hidden_size = 2> (x, w, r)
      }`,
    },
    {
      title: 'only one of the two states is zero',
      before: `agraph (float[4,1,1] x, float[1,1,1] h) => (float[4,1,1,1] y) <
        float[1,4,1] w = {1, 2, 3, 4}, float[1,4,1] r = {4, 3, 2, 1}, float[1,1,1] c = {0}> {
        y = LSTM <hidden_size = 1> (x, w, r, , , h, c)
      }`,
      after: `agraph (float[4,1,1] x, float[1,1,1] h) => (float[4,1,1,1] y) <
        float[1,4,1] w = {1, 2, 3, 4}, float[1,4,1] r = {4, 3, 2, 1}> {
        y = LSTM <hidden_size = 1> (x, w, r, , , h)
      }`,
    },
    {
      title: 'a state of ones',
      before: `agraph (float[4,1,1] x) => (float[4,1,1,1] y) <
        float[1,3,1] w = {1, 2, 3}, float[1,3,1] r = {4, 3, 2}, float[1,1,1] h = {1}> {
        y = GRU <hidden_size = 1> (x, w, r, , , h)
      }`,
      after: 'unchanged',
    },
  ],
});

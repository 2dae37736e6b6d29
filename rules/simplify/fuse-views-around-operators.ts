import { changeAround, op, rewrite, sameShape, viewChange } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-views-around-operators',
  summary: 'Compute a group of operators in the shape of their neighbours where that leaves fewer Reshapes.',
  why: 'Linear layers flatten their input to a matrix and unflatten the result, and what is in between works in any shape.',
  // Operators whose last bits depend on the shape are left out in preset `exact`.
  exact: true,
  since: 5,

  pattern: op(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'], 'view'),

  rewrite({ view }, context) {
    const [x] = view.inputs;
    const from = x === undefined ? undefined : context.shape(x);
    const to = context.shape(view.output);
    if (from === undefined || to === undefined || sameShape(from, to)) return undefined;
    const change = viewChange(from, to, context);
    const back = viewChange(to, from, context);
    return change === undefined || back === undefined ? undefined : changeAround(view, change, back, context);
  },

  examples: [
    {
      title: 'flattened for a Gemm, unflattened, and flattened again',
      before: `agraph (float[2,3,4] x) => (float[6,4] y) <int64[2] flat = {6, 4}, int64[3] full = {2, 3, 4}, float[4,4] w = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, float[4] b = {1, 2, 3, 4}> {
        f = Reshape (x, flat)
        g = Gemm (f, w)
        u = Reshape (g, full)
        a = Add (u, b)
        r = Relu (a)
        m = Mul (a, r)
        y = Reshape (m, flat)
      }`,
      after: `agraph (float[2,3,4] x) => (float[6,4] y) <int64[2] flat = {6, 4}, float[4,4] w = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, float[4] b = {1, 2, 3, 4}> {
        f = Reshape (x, flat)
        g = Gemm (f, w)
        a = Add (g, b)
        r = Relu (a)
        y = Mul (a, r)
      }`,
    },
    {
      title: 'a mask for each window of a picture',
      before: `agraph (float[4,2,3] x) => (float[4,2,3] y) <
        int64[4] windows = {2, 2, 2, 3}, int64[3] flat = {4, 2, 3}, float[1,2,1,3] mask = {1, 2, 3, 4, 5, 6}> {
        u = Reshape (x, windows)
        a = Add (u, mask)
        y = Reshape (a, flat)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a mask for all windows',
      before: `agraph (float[2,2,3] x) => (float[2,2,3] y) <
        int64[4] windows = {1, 2, 2, 3}, int64[3] flat = {2, 2, 3}, float[1,2,1,3] mask = {1, 2, 3, 4, 5, 6}> {
        u = Reshape (x, windows)
        a = Add (u, mask)
        y = Reshape (a, flat)
      }`,
      after: `agraph (float[2,2,3] x) => (float[2,2,3] y) <float[2,1,3] mask = {1, 2, 3, 4, 5, 6}> {
        y = Add (x, mask)
      }`,
    },
    {
      title: 'a softmax along an axis that is split stays',
      before: `agraph (float[2,6] x) => (float[2,6] y) <int64[3] split = {2, 3, 2}, int64[2] flat = {2, 6}> {
        u = Reshape (x, split)
        a = Softmax <axis = 1> (u)
        y = Reshape (a, flat)
      }`,
      after: 'unchanged',
    },
  ],
});

import { changeAround, op, permutationChange, permutationOf, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-transposes-around-operators',
  summary: 'Compute a group of operators in the layout of their neighbours where that leaves fewer Transposes.',
  why: 'Models of TensorFlow, and blocks with channels last, transpose in front of and behind every group of elementwise operators.',
  // Operators whose last bits depend on the order of elements are left out in preset `exact`.
  exact: true,

  pattern: op('Transpose', 'transpose', value('x')),

  rewrite({ transpose }, context) {
    const perm = permutationOf(transpose, context);
    if (perm === undefined || perm.every((from, to) => from === to)) return undefined;
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return changeAround(transpose, permutationChange(perm, context), permutationChange(inverse, context), context);
  },

  examples: [
    {
      title: 'there, an addition and a Relu, and back again',
      before: `agraph (float[N,2,4,4] x) => (float[N,2,4,4] y) <float[2] b = {1, 2}> {
        t = Transpose <perm = [0, 2, 3, 1]> (x)
        a = Add (t, b)
        r = Relu (a)
        y = Transpose <perm = [0, 3, 1, 2]> (r)
      }`,
      after: `agraph (float[N,2,4,4] x) => (float[N,2,4,4] y) <float[1,2,1,1] b = {1, 2}> {
        a = Add (x, b)
        y = Relu (a)
      }`,
    },
    {
      title: 'two branches that meet, with axes to be moved',
      before: `agraph (float[N,2,4,4] x, float[N,3,4,4] z) => (float[N,5,1,4] y) <int64[1] axes = {1}> {
        s = Transpose <perm = [0, 2, 3, 1]> (x)
        t = Transpose <perm = [0, 2, 3, 1]> (z)
        c = Concat <axis = 3> (s, t)
        m = ReduceMax (c, axes)
        y = Transpose <perm = [0, 3, 1, 2]> (m)
      }`,
      after: `agraph (float[N,2,4,4] x, float[N,3,4,4] z) => (float[N,5,1,4] y) <int64[1] axes = {2}> {
        c = Concat <axis = 1> (x, z)
        y = ReduceMax (c, axes)
      }`,
    },
    {
      title: 'what somebody else reads in the middle is transposed for him',
      before: `agraph (float[2,3] x, float[2,3] z) => (float[2,3] y, float[3,2] r) {
        s = Transpose <perm = [1, 0]> (x)
        t = Transpose <perm = [1, 0]> (z)
        r = Add (s, t)
        e = Exp (r)
        y = Transpose <perm = [1, 0]> (e)
      }`,
      after: `agraph (float[2,3] x, float[2,3] z) => (float[2,3] y, float[3,2] r) {
        a = Add (x, z)
        r = Transpose <perm = [1, 0]> (a)
        y = Exp (a)
      }`,
    },
    {
      title: 'nothing is gained when a Transpose only moves',
      before: `agraph (float[2,3] x, float[3,2] z) => (float[3,2] y) {
        s = Transpose <perm = [1, 0]> (x)
        e = Exp (s)
        y = Add (e, z)
      }`,
      after: 'unchanged',
    },
  ],
});

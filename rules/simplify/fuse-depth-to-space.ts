import { Dim, attribute, op, permutationOf, refuse, rewrite, value } from '../../src/rule-kit.ts';

/** Axes of [batch, ..., ...] in the order of the second Reshape: block rows follow rows, block columns follow columns. */
const MODES = [
  { mode: 'DCR', perm: [0, 3, 4, 1, 5, 2], block: [1, 2], channels: 3, rows: 4, columns: 5 },
  { mode: 'CRD', perm: [0, 1, 4, 2, 5, 3], block: [2, 3], channels: 1, rows: 4, columns: 5 },
];

export default rewrite({
  id: 'fuse-depth-to-space',
  summary: 'Put a DepthToSpace (PixelShuffle) back together.',
  why: 'It is exported as a Reshape to six axes, a Transpose and a Reshape to four.',
  exact: true,
  since: 11,
  costs: 'layers',

  pattern: op(
    'Reshape',
    'outer',
    op('Transpose', 'transpose', op('Reshape', 'inner', value('x'), value('split'))),
    value('join'),
  ),

  rewrite({ outer, transpose, inner, x }, context) {
    const perm = permutationOf(transpose, context);
    const found = MODES.find((candidate) => String(candidate.perm) === String(perm));
    if (found === undefined) return undefined;
    const from = context.shape(x);
    const split = context.shape(inner.output);
    const to = context.shape(outer.output);
    if (from?.length !== 4 || split?.length !== 6 || to?.length !== 4) return undefined;
    if (transpose.output.onlyUser !== outer || inner.output.onlyUser !== transpose)
      return refuse('a part of it is used elsewhere, too');
    const [down, across] = found.block.map((axis) => split[axis]);
    const block = down?.constant;
    if (down === undefined || across === undefined || block === undefined || !down.equals(across))
      return refuse('the blocks are not square, or of unknown size');
    const channels = split[found.channels] ?? Dim.one;
    const rows = split[found.rows] ?? Dim.one;
    const columns = split[found.columns] ?? Dim.one;
    const batch = split[0] ?? Dim.one;
    const wanted = [batch, channels.times(down).times(down), rows, columns];
    const result = [batch, channels, rows.times(down), columns.times(down)];
    const fits =
      wanted.every((dim, axis) => from[axis]?.equals(dim)) && result.every((dim, axis) => to[axis]?.equals(dim));
    if (!fits) return refuse('the Reshapes do not split the channels into blocks, and join them');
    const attributes = [attribute.int('blocksize', block), attribute.string('mode', found.mode)];
    return context.replace(outer, context.node('DepthToSpace', [x], { attributes, from: outer }));
  },

  examples: [
    {
      title: 'pixel shuffle of PyTorch',
      before: `agraph (float[N,8,3,2] x) => (float[N,2,6,4] y) <int64[6] split = {-1, 2, 2, 2, 3, 2}, int64[4] join = {-1, 2, 6, 4}> {
        s = Reshape (x, split)
        t = Transpose <perm = [0, 1, 4, 2, 5, 3]> (s)
        y = Reshape (t, join)
      }`,
      after: `agraph (float[N,8,3,2] x) => (float[N,2,6,4] y) {
        y = DepthToSpace <blocksize = 2, mode = "CRD"> (x)
      }`,
    },
    {
      title: 'depth to space of TensorFlow',
      before: `agraph (float[1,8,3,2] x) => (float[1,2,6,4] y) <int64[6] split = {1, 2, 2, 2, 3, 2}, int64[4] join = {1, 2, 6, 4}> {
        s = Reshape (x, split)
        t = Transpose <perm = [0, 3, 4, 1, 5, 2]> (s)
        y = Reshape (t, join)
      }`,
      after: `agraph (float[1,8,3,2] x) => (float[1,2,6,4] y) {
        y = DepthToSpace <blocksize = 2, mode = "DCR"> (x)
      }`,
    },
    {
      title: 'blocks that are not square',
      before: `agraph (float[1,6,3,2] x) => (float[1,1,6,6] y) <int64[6] split = {1, 1, 2, 3, 3, 2}, int64[4] join = {1, 1, 6, 6}> {
        s = Reshape (x, split)
        t = Transpose <perm = [0, 1, 4, 2, 5, 3]> (s)
        y = Reshape (t, join)
      }`,
      after: 'unchanged',
      because: 'the blocks are not square, or of unknown size',
    },
  ],
});
